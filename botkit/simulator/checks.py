"""What the Messages API refuses, and how it says so.

Written against its documentation, apart from botkit's own client, so that one cannot hide a mistake of the other.
Source: https://developer.vonage.com/en/api/messages and https://developer.vonage.com/en/api-errors
"""

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Final, Literal
from uuid import uuid4

import jwt
from attrs import frozen
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

API = Literal["v1", "v0.1"]
Invalid = tuple[str, str]

_MEDIA: Final = ("image", "audio", "video", "file")
_CATEGORIES: Final = ("response", "update", "message_tag")

#: Status -> the slug of its page, title and detail.
_PROBLEMS: Final[Mapping[int, tuple[str, str, str]]] = {
    400: ("InvalidParams", "Invalid Parameters", "Your request parameters did not validate."),
    401: (
        "unauthorized",
        "You did not provide correct credentials.",
        "Check that you're using the correct credentials.",
    ),
    402: ("low-balance", "Low balance", "This request could not be performed due to your account balance being low."),
    403: ("forbidden", "Forbidden", "Your account does not have permission to perform this action."),
    404: ("not-found", "Not Found", "There is nothing here."),
    422: ("invalid-params", "Invalid params", "The value of one or more parameters is invalid."),
    429: ("throttled", "Rate Limit Hit", "Please wait, then retry your request"),
    500: ("internal", "An error occurred", "Something went wrong."),
}


@frozen
class Problem(Exception):
    """An answer that is not 202."""

    status: int
    invalid: tuple[Invalid, ...] = ()
    title: str | None = None

    def body(self) -> dict[str, object]:
        """The problem as the API writes it (RFC 7807)."""
        slug, title, detail = _PROBLEMS.get(self.status, ("unavailable", "Service Unavailable", "Try again."))
        body: dict[str, object] = {
            "type": f"https://developer.vonage.com/api-errors#{slug}",
            "title": self.title or title,
            "detail": detail,
            "instance": uuid4().hex,
        }
        if self.invalid:
            body["invalid_parameters"] = [{"name": name, "reason": reason} for name, reason in self.invalid]
        return body


class Doorkeeper:
    """Checks who sends: a JWT of the application, or the account's key and secret, and never both."""

    def __init__(self, *, public_key: RSAPublicKey, application_id: str, api_key: str, api_secret: str) -> None:
        self._public_key = public_key
        self._application_id = application_id
        self._basic = f"{api_key}:{api_secret}"
        self._known: dict[str, float] = {}

    def check(self, authorizations: list[str], now: float) -> Literal["jwt", "basic"]:
        """Say how the request is authorised; raises Problem(401)."""
        if len(authorizations) != 1:
            raise Problem(401)
        scheme, _, credentials = authorizations[0].partition(" ")
        if scheme.lower() == "basic":
            self._check_basic(credentials)
            return "basic"
        if scheme.lower() != "bearer":
            raise Problem(401)
        self._check_token(credentials.strip(), now)
        return "jwt"

    def _check_basic(self, credentials: str) -> None:
        try:
            given = b64decode(credentials, validate=True).decode()
        except ValueError:
            raise Problem(401) from None
        if given != self._basic:
            raise Problem(401)

    def _check_token(self, token: str, now: float) -> None:
        if self._known.get(token, 0.0) > now:
            return
        try:
            claims = jwt.decode(
                token,
                self._public_key,
                algorithms=["RS256"],
                options={"require": ["iat", "jti", "application_id"], "verify_exp": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            raise Problem(401) from None
        expires = claims.get("exp", claims["iat"] + 900)
        if claims["application_id"] != self._application_id or not claims["iat"] - 60 <= now < expires:
            raise Problem(401)
        if expires - claims["iat"] > 86_400:
            raise Problem(401)
        self._known = {known: until for known, until in self._known.items() if until > now} | {token: expires}


def read(body: bytes, api: API) -> dict[str, object]:
    """The request as a JSON object; raises Problem for what is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem(_status(api), title="The request body did not contain valid JSON") from None
    if not isinstance(found, dict):
        raise Problem(_status(api), title="The request body did not contain valid JSON")
    return found


def _status(api: API) -> int:
    return 422 if api == "v1" else 400


def check_body(body: dict[str, object], api: API, *, custom_on_v1: bool) -> None:
    """Refuse what the documentation says is refused; raises Problem."""
    invalid = _v1(body, custom_on_v1=custom_on_v1) if api == "v1" else _v01(body)
    if invalid:
        raise Problem(_status(api), tuple(invalid))


def _v1(body: dict[str, object], *, custom_on_v1: bool) -> list[Invalid]:
    invalid = [(name, "is required.") for name in ("message_type", "to", "from", "channel") if name not in body]
    if invalid:
        return invalid
    if body["channel"] != "messenger":
        return [("channel", "The specified channel is not supported.")]
    kinds = ("text", *_MEDIA, *(("custom",) if custom_on_v1 else ()))
    kind = body["message_type"]
    if kind not in kinds:
        return [("message_type", f"Must be one of {', '.join(kinds)}.")]
    parties = [_id(name, body[name]) for name in ("to", "from")]
    optional = [
        _messenger(body.get("messenger")),
        _length("client_ref", body.get("client_ref"), 100),
        _version(body.get("webhook_version")),
        _url("webhook_url", body.get("webhook_url", "https://example.com")),
    ]
    unknown = set(body) - {"message_type", "to", "from", "channel", "messenger", "client_ref", "webhook_url"}
    unknown -= {"webhook_version", "failover", str(kind)}
    extra = [(name, "is not allowed.") for name in sorted(unknown)]
    return [one for one in (*parties, _content(str(kind), body.get(str(kind))), *optional) if one] + extra


def _v01(body: dict[str, object]) -> list[Invalid]:
    invalid: list[Invalid | None] = []
    for name in ("to", "from"):
        party = body.get(name)
        if not isinstance(party, dict) or party.get("type") != "messenger":
            invalid.append((name, "is required."))
        else:
            invalid.append(_id(f"{name}.id", party.get("id")))
    message = body.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(content, dict):
        return [*(one for one in invalid if one), ("message.content", "is required.")]
    kind = content.get("type")
    if kind not in ("text", *_MEDIA, "custom"):
        return [("message.content.type", "is not supported.")]
    invalid += [_content(str(kind), content.get(str(kind))), _messenger(message.get("messenger"))]
    invalid.append(_length("client_ref", body.get("client_ref"), 40))
    return [one for one in invalid if one]


def _id(name: str, value: object) -> Invalid | None:
    good = isinstance(value, str) and 1 <= len(value) <= 50
    return None if good else (name, "must be between 1 and 50 characters.")


def _content(kind: str, value: object) -> Invalid | None:
    if kind == "text":
        good = isinstance(value, str) and 1 <= len(value) <= 640
        return None if good else ("text", "must be between 1 and 640 characters.")
    if kind == "custom":
        return None if isinstance(value, dict) and value else ("custom", "is required.")
    url = value.get("url") if isinstance(value, dict) else None
    return _url(f"{kind}.url", url)


def _url(name: str, value: object) -> Invalid | None:
    good = isinstance(value, str) and value.startswith(("http://", "https://")) and 10 <= len(value) <= 2000
    return None if good else (name, "is required.")


def _messenger(value: object) -> Invalid | None:
    if value is None:
        return None
    category = value.get("category") if isinstance(value, dict) else None
    if category is not None and category not in _CATEGORIES:
        return "messenger.category", "Must be one of `response`, `update` or `message_tag`."
    if category == "message_tag" and isinstance(value, dict) and not value.get("tag"):
        return "messenger.tag", "is required."
    return None if isinstance(value, dict) else ("messenger", "must be an object.")


def _length(name: str, value: object, most: int) -> Invalid | None:
    good = value is None or (isinstance(value, str) and len(value) <= most)
    return None if good else (name, f"can be a string of up to {most} characters.")


def _version(value: object) -> Invalid | None:
    return None if value in (None, "v1", "v0.1") else ("webhook_version", "Must be one of `v0.1` or `v1`.")
