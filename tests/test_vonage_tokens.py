"""How botkit signs in to the Messages API: application tokens, Basic, and keys in every form."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from vonage_jwt import JwtClient

from botkit.channels.vonage.tokens import LIFETIME_SECONDS, Credentials, application_token, private_key
from botkit.errors import ConfigError
from botkit.settings import Account

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHOP = "11111111-2222-4333-8444-555555555555"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC_KEY = KEY.public_key()


def pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = KEY,
    form: PrivateFormat = PrivateFormat.PKCS8,
    encryption: KeySerializationEncryption | None = None,
) -> str:
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption()).decode()


PKCS1 = pem(form=PrivateFormat.TraditionalOpenSSL)


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


def rng(seed: int = 1) -> Random:
    """A source of ids that gives the same ones every time."""
    return Random(seed)


def claims_of(authorization: str) -> dict[str, Any]:
    """The claims of a bearer token, once its signature is found to be right."""
    scheme, _, token = authorization.partition(" ")
    assert scheme == "Bearer"
    checked: dict[str, Any] = jwt.decode(token, PUBLIC_KEY, algorithms=["RS256"], options={"verify_exp": False})
    return checked


def same(text: str) -> str:
    return text


@pytest.mark.parametrize("key", [pem(), PKCS1], ids=["PKCS#8", "PKCS#1"])
@pytest.mark.parametrize(
    "written",
    [
        same,
        lambda text: text.replace("\n", "\\n"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\\r\\n"),
        lambda text: text.replace("\n", "\\n\n    "),
        lambda text: f"\n  {text}\n\n",
        str.strip,
    ],
    ids=[
        "as it is",
        "literal newlines",
        "Windows",
        "literal Windows",
        "both kinds, indented",
        "white space around",
        "no last newline",
    ],
)
def test_a_key_is_read_however_it_is_written(key: str, written: Callable[[str], str]) -> None:
    """An environment variable, a YAML block and a file hold the same key."""
    assert private_key(written(key)).private_numbers() == KEY.private_numbers()


@pytest.mark.parametrize("name", ["private.key", "key", "a key with spaces", "schlüssel.PEM", ".key.2026-11"])
def test_a_key_is_read_from_a_file_of_any_name(tmp_path: Path, name: str) -> None:
    """The official SDK wants a suffix; botkit does not."""
    (tmp_path / name).write_text(PKCS1)

    assert private_key(str(tmp_path / name)).private_numbers() == KEY.private_numbers()


BODY_LINE = pem().splitlines()[5]
ENCRYPTED = pem(encryption=BestAvailableEncryption(b"password"))


def forged() -> str:
    """A key in good form whose private half is not that of its public one."""
    der, numbers = KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()), KEY.private_numbers()
    for number in (numbers.d, numbers.dmp1):
        size = (number.bit_length() + 7) // 8
        der = der.replace(number.to_bytes(size), (number ^ 2).to_bytes(size))
    lines = base64.encodebytes(der).decode()
    return f"-----BEGIN PRIVATE KEY-----\n{lines}-----END PRIVATE KEY-----\n"


PUBLIC = PUBLIC_KEY.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("/no/such/file", "No such file or directory"),
        ("", "neither a key in PEM nor a file"),
        ("/", "neither a key in PEM nor a file"),
        ("nul\0byte", "neither a key in PEM nor a file"),
        (BODY_LINE, "neither a key in PEM nor a file"),
        ("".join(pem().splitlines()[1:-1]), "neither a key in PEM nor a file"),
        (pem().replace(BODY_LINE, BODY_LINE[:-1]), "no private key in PEM"),
        ("-----BEGIN PRIVATE KEY-----\n" + BODY_LINE, "no private key in PEM"),
        (ENCRYPTED, "locked with a passphrase, and nobody is there to type it: take the key without one"),
        (PUBLIC, "no private key in PEM"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "no RSA key"),
        (forged(), "private_key is damaged"),
    ],
    ids=str.split("missing empty folder NUL line body damaged cut encrypted public elliptic forged"),
)
def test_a_key_that_cannot_be_used_is_refused_without_being_shown(given: str, says: str) -> None:
    """The sentence says what is wrong; of the key, however badly it was copied, it says nothing."""
    with pytest.raises(ConfigError, match=says) as refused:
        private_key(given)

    shown = f"{refused.value!r} {refused.value.__cause__!r}"
    assert not any(line in shown for line in given.splitlines() if len(line) > 8 and "PRIVATE KEY" not in line)
    assert len(refused.value.problems) == 1


def test_a_file_that_is_not_there_is_named_where_that_cannot_be_the_key() -> None:
    """A key has no dot in it: what ends in .key is a file, and whoever misses it sees where it was sought."""
    with pytest.raises(ConfigError, match=r'the file "conf/private\.key" cannot be read \(No such file or directory\)'):
        private_key("conf/private.key")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """A key in DER is no PEM."""
    (tmp_path / "key.der").write_bytes(b"\x30\x82\xff\xfe")

    with pytest.raises(ConfigError, match="it is no text"):
        private_key(str(tmp_path / "key.der"))


def test_an_application_token_says_who_and_until_when() -> None:
    """RS256, with application, time, end and an id of its own."""
    token = application_token(SHOP, KEY, clock=SetClock(), rng=rng())
    claims = claims_of(f"Bearer {token}")

    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT"}
    assert claims == {
        "application_id": SHOP,
        "iat": int(NOON.timestamp()),
        "exp": int(NOON.timestamp()) + 900,
        "jti": claims["jti"],
    }
    assert len(claims["jti"]) == 36


def test_an_application_token_has_the_claims_of_the_official_package() -> None:
    """Vonage's own package and botkit make the same kind of token."""
    theirs = claims_of(f"Bearer {JwtClient(SHOP, pem()).generate_application_jwt().decode()}")
    ours = claims_of(f"Bearer {application_token(SHOP, KEY, clock=SetClock(), rng=rng())}")

    assert {name: type(value) for name, value in ours.items()} == {name: type(value) for name, value in theirs.items()}
    assert ours["exp"] - ours["iat"] == theirs["exp"] - theirs["iat"]


def test_a_token_lives_as_long_as_it_is_wanted() -> None:
    """To the second, for those who need another end."""
    claims = claims_of(f"Bearer {application_token(SHOP, KEY, clock=SetClock(), rng=rng(), lifetime_seconds=60)}")

    assert claims["exp"] - claims["iat"] == 60


def credentials(clock: SetClock, **changed: str | None) -> Credentials:
    given: dict[str, Any] = {"application_id": SHOP, "private_key": pem(), **changed}
    return Credentials(Account(**given), clock=clock, rng=rng())


def test_a_token_is_used_until_a_minute_before_its_end() -> None:
    """Signing costs more than sending: one token serves 14 minutes."""
    clock = SetClock()
    ours = credentials(clock)
    first = ours.authorization()

    clock.time = NOON + timedelta(seconds=LIFETIME_SECONDS - 61)
    assert ours.authorization() == first
    clock.time = NOON + timedelta(seconds=LIFETIME_SECONDS - 60)
    second = ours.authorization()
    assert claims_of(second)["iat"] == int(clock.time.timestamp())
    assert claims_of(second)["jti"] != claims_of(first)["jti"]


def test_no_token_is_kept_when_the_clock_goes_back() -> None:
    """Vonage would find it to be from the future."""
    clock = SetClock()
    ours = credentials(clock)
    ours.authorization()

    clock.time = NOON - timedelta(minutes=5)
    assert claims_of(ours.authorization())["iat"] == int(clock.time.timestamp())


def test_every_token_has_an_id_of_its_own() -> None:
    """However many are made from one source of randomness."""
    source = rng()
    tokens = [application_token(SHOP, KEY, clock=SetClock(), rng=source) for _ in range(20)]

    assert len({claims_of(f"Bearer {token}")["jti"] for token in tokens}) == 20


def test_without_a_key_it_is_basic() -> None:
    """The API key and secret, as RFC 7617 writes them."""
    ours = credentials(SetClock(), application_id=None, private_key=None, api_key="b4k3ry01", api_secret="pässword")

    assert ours.authorization() == "Basic " + base64.b64encode("b4k3ry01:pässword".encode()).decode()


def test_with_both_it_is_the_token_alone() -> None:
    """Two ways to sign in at once are refused by Vonage."""
    assert credentials(SetClock(), api_key="b4k3ry01", api_secret="secret").authorization().startswith("Bearer ")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"application_id": None, "private_key": None}, "needs application_id and private_key, or api_key"),
        ({"private_key": None}, "needs application_id and private_key, or api_key"),
        ({"private_key": None, "api_key": "k"}, "needs application_id and private_key, or api_key"),
        ({"private_key": "", "api_secret": "s"}, "needs application_id and private_key, or api_key"),
        ({"application_id": None}, "private_key but no application_id"),
        ({"application_id": None, "api_key": "k", "api_secret": "s"}, "private_key but no application_id"),
    ],
)
def test_an_account_that_cannot_sign_in_is_refused(changed: dict[str, str | None], says: str) -> None:
    """What is missing is said before the first message is sent."""
    with pytest.raises(ConfigError, match=says):
        credentials(SetClock(), **changed)


def test_credentials_show_nothing() -> None:
    """Whoever logs them by mistake logs no secret."""
    ours = credentials(SetClock(), api_key="b4k3ry01", api_secret="very secret")

    assert "secret" not in repr(ours)
    assert "PRIVATE" not in repr(ours)
