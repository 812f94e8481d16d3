"""Who may send: a token of the application, or the account's key and secret, and never both.

Written with PyJWT and apart from botkit's own tokens, so that one cannot hide a mistake of the other.
Source: https://developer.vonage.com/en/getting-started/concepts/authentication
"""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from botkit.simulator.problems import problem

if TYPE_CHECKING:
    from jwt.types import Options

#: A token without ``exp`` is good for this long, and no token may be good for less or more than that.
DEFAULT_SECONDS: Final = 900
LEAST_SECONDS: Final = 30
MOST_SECONDS: Final = 86_400
#: A sender's clock may be ahead by this much.
AHEAD_SECONDS: Final = 60

_OPTIONS: Final["Options"] = {
    "require": ["iat", "jti", "application_id"],
    # Times are checked below: by the simulator's clock, not by the machine's.
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
}


class Doorkeeper:
    """Checks the ``Authorization`` of requests; without a *public_key* no token is good.

    A token may be used until it expires. It is verified once and then recognised; another token with the same ``jti``
    is refused.
    """

    def __init__(self, *, public_key: RSAPublicKey | None, application_id: str, api_key: str, api_secret: str) -> None:
        self._public_key = public_key
        self._application_id = application_id
        self._basic = f"{api_key}:{api_secret}"
        self._tokens: dict[str, float] = {}
        self._ids: dict[str, float] = {}
        self._forget_at = 1024

    def check(self, authorizations: Sequence[str], now: float) -> Literal["jwt", "basic"]:
        """Say how a request is authorised at *now*, in seconds since the epoch; raises Problem with status 401."""
        if len(authorizations) > 1:
            raise problem("multiple_auth_methods")
        scheme, _, given = "".join(authorizations).partition(" ")
        if scheme.lower() == "bearer":
            self._check_token(given.strip(), now)
            return "jwt"
        if scheme.lower() == "basic" and _decoded(given.strip()) == self._basic:
            return "basic"
        raise problem("unauthorized")

    def _check_token(self, token: str, now: float) -> None:
        if self._tokens.get(token, 0.0) > now:
            return
        claims = self._claims(token)
        expires = _expiry(claims, now)
        identity = str(claims["jti"])
        known = not identity or self._ids.get(identity, 0.0) > now
        if expires is None or known or claims["application_id"] != self._application_id:
            raise problem("unauthorized")
        self._forget(now)
        self._tokens[token] = self._ids[identity] = expires

    def _claims(self, token: str) -> Mapping[str, object]:
        if self._public_key is None:
            raise problem("unauthorized")
        import jwt  # noqa: PLC0415 - slow to import, and nobody has use for it who sends with Basic

        try:
            claims: Mapping[str, object] = jwt.decode(token, self._public_key, algorithms=["RS256"], options=_OPTIONS)
        except jwt.InvalidTokenError:
            raise problem("unauthorized") from None
        return claims

    def _forget(self, now: float) -> None:
        """Drop what has expired, each time as much again has come: a fresh token for each request stays cheap."""
        if len(self._tokens) < self._forget_at:
            return
        self._tokens = {token: expires for token, expires in self._tokens.items() if expires > now}
        self._ids = {identity: expires for identity, expires in self._ids.items() if expires > now}
        self._forget_at = max(1024, 2 * len(self._tokens))


def _decoded(given: str) -> str | None:
    try:
        return b64decode(given, validate=True).decode()
    except ValueError:
        return None


def _expiry(claims: Mapping[str, object], now: float) -> float | None:
    """When a token ends that is good at *now*, else None."""
    issued = _seconds(claims["iat"])
    if issued is None:
        return None
    expires = _seconds(claims.get("exp", issued + DEFAULT_SECONDS))
    begins = _seconds(claims.get("nbf", issued))
    if expires is None or begins is None or not LEAST_SECONDS <= expires - issued <= MOST_SECONDS:
        return None
    return expires if max(issued, begins) - AHEAD_SECONDS <= now < expires else None


def _seconds(claim: object) -> float | None:
    good = isinstance(claim, int | float) and not isinstance(claim, bool)
    return float(claim) if good else None  # type: ignore[arg-type]  # it is a number
