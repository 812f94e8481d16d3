"""Who we are to the Messages API: an application's JWT (RS256), made rarely and used often, or Basic.

Source: https://developer.vonage.com/en/getting-started/concepts/authentication (claims application_id, iat, jti, exp;
15 minutes by default, at most 24 hours).
"""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from botkit.errors import ConfigError
from botkit.observe import Clock
from botkit.settings import Account

LIFETIME_SECONDS: Final = 900
RENEW_BEFORE_SECONDS: Final = 60


def private_key(given: str) -> RSAPrivateKey:
    r"""Read a key: PEM (PKCS#8 or PKCS#1) with line ends as they are or as ``\n``, or the path to a file that holds one.

    Raises ConfigError, which never shows the key.
    """
    text = given if "-----BEGIN" in given else _file(given)
    pem = text.replace("\\n", "\n").strip().encode()
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigError(
            "private_key is no private key in PEM: it begins with -----BEGIN PRIVATE KEY----- and has no password."
        ) from None
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError("private_key is no RSA key; download the one of the Vonage application.")
    return key


def _file(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, ValueError):
        # What cannot be opened may be a key pasted without its first line: it is not shown.
        raise ConfigError("private_key is neither a key in PEM nor a file that can be read.") from None


def application_token(
    application_id: str, key: RSAPrivateKey, *, clock: Clock, rng: Random, claims: Mapping[str, object] | None = None
) -> str:
    """A fresh JWT for *application_id*, valid for 15 minutes unless *claims* say otherwise."""
    now = int(clock.now().timestamp())
    token_id = str(UUID(int=rng.getrandbits(128), version=4))
    standard = {"application_id": application_id, "iat": now, "exp": now + LIFETIME_SECONDS, "jti": token_id}
    return jwt.encode({**standard, **(claims or {})}, key, algorithm="RS256")


class Credentials:
    """The ``Authorization`` header of one account; raises ConfigError for an account that has no way to sign in."""

    def __init__(self, account: Account, *, clock: Clock, rng: Random) -> None:
        self._clock = clock
        self._rng = rng
        self._application_id = account.application_id
        self._key = private_key(account.private_key) if account.private_key and account.application_id else None
        self._basic = f"{account.api_key}:{account.api_secret}" if account.api_key and account.api_secret else None
        if self._key is None and self._basic is None:
            raise ConfigError("An account needs application_id and private_key, or api_key and api_secret.")
        self._token = ""
        self._renew_at = 0.0

    def authorization(self) -> str:
        """The header's value: a token that is good for another minute at least, else Basic; never both."""
        if self._key is None or self._application_id is None:
            assert self._basic is not None
            return f"Basic {b64encode(self._basic.encode()).decode()}"
        now = self._clock.now().timestamp()
        # A clock that was set back must not keep a token that Vonage would find to be from the future.
        if now >= self._renew_at or now < self._renew_at - LIFETIME_SECONDS:
            self._token = application_token(self._application_id, self._key, clock=self._clock, rng=self._rng)
            self._renew_at = now + LIFETIME_SECONDS - RENEW_BEFORE_SECONDS
        return f"Bearer {self._token}"
