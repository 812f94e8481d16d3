"""Who we are to the Messages API: an application's JWT (RS256), made rarely and used often, or Basic.

Source: https://developer.vonage.com/en/getting-started/concepts/authentication (claims application_id, iat, jti, exp;
15 minutes by default, at most 24 hours).

The token is put together here because importing PyJWT takes longer than reading bots.yaml; in the tests PyJWT and the
official package verify it.
"""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from botkit.errors import ConfigError
from botkit.observe import Clock
from botkit.settings import Account

LIFETIME_SECONDS: Final = 900
RENEW_BEFORE_SECONDS: Final = 60

#: How the name of a file ends, and no key, in which there is no dot.
_FILE_NAME: Final = re.compile(r"\.\w{1,8}")
_HEADER: Final = {"alg": "RS256", "typ": "JWT"}


def private_key(given: str) -> RSAPrivateKey:
    r"""Read a key: PEM (PKCS#8 or PKCS#1), its line ends as they are or written ``\n``; or the path to such a file.

    A key is tried out and not examined: whether its factors are primes takes forty times as long to find out, and
    nobody but its owner is hurt by a bad one. Raises ConfigError, which never shows what was given: it may be the key
    itself, only badly copied.
    """
    text = given if "-----BEGIN" in given else _file(given)
    lines = (line.strip() for line in text.replace("\\r", "").replace("\\n", "\n").splitlines())
    try:
        pem = "\n".join(filter(None, lines)).encode()
        key = load_pem_private_key(pem, password=None, unsafe_skip_rsa_key_validation=True)
    except TypeError:
        raise ConfigError(
            "private_key is locked with a passphrase, and nobody is there to type it: take the key without one, as"
            " `openssl pkey -in KEY -out NEW` writes it."
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigError("private_key is no private key in PEM: it begins with -----BEGIN PRIVATE KEY-----.") from None
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError("private_key is no RSA key; use the one of the Vonage application.")
    if not _signs(key):
        raise ConfigError("private_key is damaged: what it signs is not what its public half verifies. Copy it again.")
    return key


def key_of(account: Account) -> RSAPrivateKey:
    """The private key of *account*; raises ConfigError that says which account it is."""
    try:
        return private_key(account.private_key or "")
    except ConfigError as error:
        where = account.place or f"application {account.application_id}"
        raise ConfigError(f"{where}: {error}") from None


def _signs(key: RSAPrivateKey) -> bool:
    try:
        key.public_key().verify(key.sign(b"tried", PKCS1v15(), SHA256()), b"tried", PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _file(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except OSError as error:
        why = error.strerror
    except ValueError:
        why = "it is no text"
    if _FILE_NAME.fullmatch(Path(path).suffix):
        raise ConfigError(
            f'private_key: the file "{path}" cannot be read ({why}); name the one that the Vonage dashboard gave you.'
        )
    raise ConfigError(
        f"private_key is neither a key in PEM nor a file that can be read ({why}); write the path to the file that the"
        " Vonage dashboard gave you, or what stands in it."
    )


def application_token(
    application_id: str, key: RSAPrivateKey, *, clock: Clock, rng: Random, lifetime_seconds: int = LIFETIME_SECONDS
) -> str:
    """A fresh JWT for *application_id*, with an id of its own."""
    now = int(clock.now().timestamp())
    token_id = str(UUID(int=rng.getrandbits(128), version=4))
    claims = {"application_id": application_id, "iat": now, "exp": now + lifetime_seconds, "jti": token_id}
    signed = b".".join(_encoded(json.dumps(part).encode()) for part in (_HEADER, claims))
    return b".".join((signed, _encoded(key.sign(signed, PKCS1v15(), SHA256())))).decode()


def _encoded(part: bytes) -> bytes:
    return urlsafe_b64encode(part).rstrip(b"=")


class Credentials:
    """The ``Authorization`` header of one account: a JWT where it has a private key, else Basic, never both.

    Raises ConfigError for an account that has no way to sign in, or a key that cannot be used.
    """

    def __init__(self, account: Account, *, clock: Clock, rng: Random) -> None:
        self._clock = clock
        self._rng = rng
        self._application_id = account.application_id or ""
        self._key = key_of(account) if account.private_key else None
        if self._key is not None and not self._application_id:
            raise ConfigError("An account has a private_key but no application_id: the key belongs to an application.")
        if self._key is None and not (account.api_key and account.api_secret):
            raise ConfigError("An account needs application_id and private_key, or api_key and api_secret, to send.")
        basic = "" if self._key else f"{account.api_key}:{account.api_secret}"
        self._basic = f"Basic {b64encode(basic.encode()).decode()}"
        self._bearer = ""
        self._made_at = float("-inf")

    def authorization(self) -> str:
        """The header's value; a token is used until a minute before it expires, and then a new one is made."""
        if self._key is None:
            return self._basic
        age_seconds = self._clock.now().timestamp() - self._made_at
        # A clock that was set back must not keep a token that Vonage would find to be from the future.
        if not 0 <= age_seconds < LIFETIME_SECONDS - RENEW_BEFORE_SECONDS:
            token = application_token(self._application_id, self._key, clock=self._clock, rng=self._rng)
            self._bearer = f"Bearer {token}"
            self._made_at = self._clock.now().timestamp()
        return self._bearer
