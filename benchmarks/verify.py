"""Checking a webhook's token, against PyJWT with the other claims checked by hand; their verdicts must be the same."""

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

import jwt

from benchmarks.table import Figure, show
from botkit.channels.vonage.verify import LEEWAY_SECONDS, OLDEST_SECONDS, Verifier
from botkit.errors import Unauthorized, Unverifiable
from botkit.settings import Account

ROUNDS: Final = 7
TIMES: Final = 4_000
KEY, SECRET = "a1b2c3d4", "a secret for measuring, thirty-two bytes and more"
BODY: Final = b'{"channel":"messenger","message_type":"text","text":"%s"}' % (b"x" * 440)
CLAIMS: Final = {
    "iss": "Vonage",
    "payload_hash": hashlib.sha256(BODY).hexdigest(),
    "api_key": KEY,
    "application_id": str(uuid4()),
}

Check = Callable[[str], bool]


def ours() -> Check:
    """The check that botkit makes."""
    verifier = Verifier([Account(api_key=KEY, signature_secrets=(SECRET,))])

    def check(token: str) -> bool:
        try:
            verifier.verify(f"Bearer {token}", BODY, datetime.now(UTC))
        except (Unauthorized, Unverifiable):
            return False
        return True

    return check


def by_pyjwt() -> Check:
    """The same with PyJWT, which knows neither the hash nor the age of a token."""

    def check(token: str) -> bool:
        try:
            claims = jwt.decode(token, SECRET, algorithms=["HS256"], leeway=LEEWAY_SECONDS)
        except jwt.InvalidTokenError:
            return False
        fresh: bool = claims["iat"] >= time.time() - OLDEST_SECONDS
        return fresh and claims["api_key"] == KEY and claims["payload_hash"] == hashlib.sha256(BODY).hexdigest()

    return check


def _token(secret: str = SECRET, age_seconds: int = 0) -> str:
    claims = {**CLAIMS, "iat": int(time.time()) - age_seconds, "jti": str(uuid4())}
    return jwt.encode(claims, secret, algorithm="HS256")


def _microseconds(check: Check, tokens: list[str]) -> float:
    started = time.process_time()
    for token in tokens:
        check(token)
    return (time.process_time() - started) / len(tokens) * 1e6


def _agree(checks: list[Check]) -> None:
    good = _token()
    odd = [_token(SECRET[::-1]), _token(age_seconds=2 * OLDEST_SECONDS), _token(age_seconds=-3_600), good[:-4], "a.b.c"]
    for check in checks:
        assert [check(token) for token in (good, *odd)] == [True] + [False] * len(odd)


def main() -> None:
    """Print the ratios."""
    own, theirs = ours(), by_pyjwt()
    _agree([own, theirs])
    good, forged = [], []
    tokens = [_token() for _ in range(TIMES)]
    strangers = [_token(SECRET[::-1]) for _ in range(TIMES)]
    for _ in range(ROUNDS):
        good.append((_microseconds(own, tokens), _microseconds(theirs, tokens)))
        forged.append((_microseconds(own, strangers), _microseconds(theirs, strangers)))
    show(
        "verify: the token of a webhook of 500 bytes",
        [
            Figure(name="CPU of our check / PyJWT's, a good token", ratios=[a / b for a, b in good], most=0.5),
            Figure(name="CPU of our check / PyJWT's, a forged token", ratios=[a / b for a, b in forged], most=0.6),
        ],
        [f"a good token: ours {min(a for a, _ in good):.1f} us, PyJWT's {min(b for _, b in good):.1f} us"],
    )


if __name__ == "__main__":
    main()
