"""Our own check of tokens against PyJWT's: the same verdict on thousands of tokens, good, odd and damaged."""

import base64
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from string import ascii_letters, digits
from typing import Any, Final

import jwt
import pytest

from botkit.channels.vonage.verify import Verifier
from botkit.errors import Unauthorized, Unverifiable
from botkit.settings import Account

KEY, SECRET, OTHER_SECRET = "b4k3ry01", "a secret of more than thirty-two bytes", "another one of more than 32 bytes"
BODY = b'{"status":"read"}'
HASH = hashlib.sha256(BODY).hexdigest()
TOKENS: Final = 12_000
ALPHABET: Final = ascii_letters + digits + "-_=+/.,!~é"
DAY: Final = 86_400

#: Seconds from now: far enough from every limit that both clocks see the same.
OFFSETS: Final = (0, -5, -3_600, -DAY, -25 * 3_600 + 30, -25 * 3_600 - 30, -40 * DAY, -100 * 365 * DAY, 30, 45, 90, DAY)
GOOD_HEADER: Final = {"alg": "HS256", "typ": "JWT"}
HEADERS: Final[tuple[dict[str, Any], ...]] = (
    {},
    *(
        {"alg": algorithm}
        for algorithm in ("none", "", None, "hs256", "HS384", "HS512", "RS256", "ES256", 256, ["HS256"])
    ),
    *({**GOOD_HEADER, "kid": kid} for kid in ("1", "", 1, None)),
    *({**GOOD_HEADER, "crit": critical} for critical in ([], ["exp"], None, "exp")),
    *({**GOOD_HEADER, "b64": flag} for flag in (True, False)),
    *({**GOOD_HEADER, name: value} for name, value in (("typ", 5), ("zip", "DEF"), ("jwk", {"kty": "oct"}))),
)
NUMBERS: Final = (0, -1, 1.5, 10**30, 10**400, float("nan"), float("inf"), -float("inf"))
ODD_VALUES: Final[tuple[Any, ...]] = (None, True, False, "", "1", "now", [], [1], {}, *NUMBERS)


def encoded(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def by_pyjwt(token: str, now: float) -> bool:
    """PyJWT's verdict, and in plain words what Vonage's tokens must say besides."""
    options: Any = {
        "require": ["iat", "api_key", "payload_hash"],
        "verify_aud": False,
        "verify_sub": False,
        "verify_jti": False,
    }
    try:
        said = jwt.decode(token, SECRET, algorithms=["HS256"], leeway=60, options=options)
    except (jwt.InvalidTokenError, RecursionError):
        return False
    times = [said[name] for name in ("iat", "exp", "nbf") if name in said]
    if any(isinstance(moment, bool) or not isinstance(moment, (int, float)) for moment in times):
        return False
    return bool(said["api_key"] == KEY and said["payload_hash"] == HASH and said["iat"] >= now - 25 * 3_600)


def by_us(token: str, now: datetime) -> bool:
    try:
        Verifier((Account(api_key=KEY, signature_secrets=(SECRET,)),)).verify(f"Bearer {token}", BODY, now)
    except (Unauthorized, Unverifiable):
        return False
    return True


def random_claims(rng: Random, now: float) -> dict[str, Any]:
    claims: dict[str, Any] = {
        "iat": int(now) + rng.choice(OFFSETS),
        "jti": str(rng.random()),
        "api_key": KEY,
        "payload_hash": HASH,
    }
    if rng.random() < 0.2:
        claims["iat"] += 0.25
    if rng.random() < 0.2:
        claims[rng.choice(["exp", "nbf"])] = int(now) + rng.choice(OFFSETS)
    if rng.random() < 0.3:
        name = rng.choice(["iat", "exp", "nbf", "api_key", "payload_hash", "jti", "iss", "aud", "sub"])
        claims[name] = rng.choice(ODD_VALUES)
    if rng.random() < 0.1:
        del claims[rng.choice(["iat", "api_key", "payload_hash"])]
    return claims


def random_token(rng: Random, now: float) -> str:
    """A token that is good about one time in five."""
    header = GOOD_HEADER if rng.random() < 0.8 else rng.choice(HEADERS)
    claims: Any = random_claims(rng, now)
    if rng.random() < 0.03:
        claims = rng.choice([[claims], "text", 5, None])
    plain = json.dumps(claims, ensure_ascii=rng.random() < 0.5).encode(rng.choice(["utf-8"] * 20 + ["utf-16"]))
    signed = f"{encoded(json.dumps(header).encode())}.{encoded(plain)}"
    if rng.random() < 0.05:
        signed = damaged(rng, signed)
    secret = SECRET if rng.random() < 0.9 else OTHER_SECRET
    digest = {"HS512": "sha512", "HS384": "sha384"}.get(str(header.get("alg")), "sha256")
    return f"{signed}.{encoded(hmac.digest(secret.encode(), signed.encode(), digest))}"


def damaged(rng: Random, token: str) -> str:
    """One small change somewhere."""
    at = rng.randrange(len(token))
    changes: list[Callable[[], str]] = [
        lambda: token[:at] + rng.choice(ALPHABET) + token[at + 1 :],
        lambda: token[:at] + rng.choice(ALPHABET) + token[at:],
        lambda: token[:at] + token[at + 1 :],
        lambda: token[:at],
        lambda: token[:at] + token[at:].swapcase(),
        lambda: token + rng.choice(["=", "==", "===", ".", "A", "AA", "."]),
        lambda: token[:-1] + rng.choice(ascii_letters + digits),
        lambda: token.replace(".", rng.choice(["..", "", ":", "=."]), 1),
        lambda: ".".join(rng.sample(token.split("."), token.count(".") + 1)),
    ]
    return rng.choice(changes)()


def random_tokens(rng: Random, now: float) -> Iterator[str]:
    for _ in range(TOKENS):
        token = random_token(rng, now)
        yield damaged(rng, token) if rng.random() < 0.3 else token


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_ours_and_pyjwts_verdict_are_the_same() -> None:
    """Over 12,000 tokens from one seed, both take the same and refuse the same, and there are plenty of each."""
    verdicts = Counter[bool]()
    # One seed, so that what fails once fails again.
    for token in random_tokens(Random(20261123), datetime.now(UTC).timestamp()):
        now = datetime.now(UTC)
        ours = by_us(token, now)
        assert ours is by_pyjwt(token, now.timestamp()), token
        verdicts[ours] += 1

    assert min(verdicts[True], verdicts[False]) >= 2_000
    assert verdicts.total() >= 10_000


def test_the_reference_knows_a_good_token() -> None:
    """It takes what Vonage sends, so that the comparison means something; and the clock of both is the same."""
    now = datetime.now(UTC)
    claims = {"iat": int(now.timestamp()), "api_key": KEY, "payload_hash": HASH}
    good = jwt.encode(claims, SECRET, algorithm="HS256")

    assert (by_pyjwt(good, now.timestamp()), by_us(good, now)) == (True, True)
    assert by_us(good, now + timedelta(hours=26)) is False
