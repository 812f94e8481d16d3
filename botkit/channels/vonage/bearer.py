"""The token of a webhook, taken apart. Whether to trust one is `verify`'s business.

It is a JWT in ``Authorization: Bearer``, signed with HS256.
Source: https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks
"""

import json
from binascii import a2b_base64, b2a_base64
from collections.abc import Mapping
from functools import lru_cache
from math import isfinite
from typing import Final, NamedTuple, NoReturn

from botkit.compact import read_json
from botkit.errors import Unauthorized, Unverifiable

TOKEN_LIMIT: Final = 8_192
_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = bytes.maketrans(b"-_", b"+/")


class Token(NamedTuple):
    """A token taken apart and well formed; whether it is to be trusted is another question.

    Times are seconds since 1970. *signature* is as it was written, *application* empty where the claim is there and no
    text.
    """

    signed: bytes
    signature: bytes
    api_key: str
    payload_hash: str
    issued_at: float
    not_before: float | None
    expires_at: float | None
    application: str | None


def refuse(reason: str, message: str) -> NoReturn:
    """Answer 401: this token can never become right."""
    raise Unauthorized(message, reason=reason)


def read_token(authorization: str) -> Token:
    """Take a bearer token apart; raises Unauthorized where it is malformed.

    A header without a bearer token may be the work of a proxy on the way, which somebody can cure: Unverifiable.
    """
    words = authorization.split(maxsplit=2)
    if len(words) < 2 or words[0].lower() != "bearer":
        raise Unverifiable("The webhook carries no bearer token.", reason="no_token")
    token = words[1]
    if len(words) > 2 or len(token) > TOKEN_LIMIT or not token.isascii() or token.count(".") != 2:
        refuse("malformed_token", "The webhook's Authorization is not Bearer and one token of three parts.")
    signed, _, signature = token.encode().rpartition(b".")
    header, _, encoded_claims = signed.partition(b".")
    _check_header(header)
    claims = _json_object(encoded_claims)
    application = claims.get("application_id")
    return Token(
        signed=signed,
        signature=signature,
        api_key=_text(claims, "api_key"),
        payload_hash=_text(claims, "payload_hash"),
        issued_at=_time(claims, "iat"),
        # Vonage's tokens have neither of these; should one have them, they mean what they always mean.
        not_before=_time(claims, "nbf") if "nbf" in claims else None,
        expires_at=_time(claims, "exp") if "exp" in claims else None,
        application=application if application is None or isinstance(application, str) else "",
    )


def written(signature: bytes) -> bytes:
    """*signature* as a token has it, without padding."""
    return b2a_base64(signature, newline=False).translate(_TO_URL).rstrip(b"=")


def check_signature(token: Token) -> None:
    """Refuse a signature that is none of anybody's: no base64url."""
    _decoded(token.signature)


@lru_cache(maxsize=64)
def _check_header(encoded: bytes) -> None:
    """Accept HS256 and nothing else; every token of Vonage has the same header, so that one look is enough."""
    header = _json_object(encoded)
    if header.get("alg") != "HS256":
        refuse("wrong_algorithm", "The webhook's token is not signed with HS256.")
    if "crit" in header or header.get("b64") is False:
        refuse("malformed_token", "The webhook's token asks for extensions that are not supported.")
    if not isinstance(header.get("kid", ""), str):
        refuse("malformed_token", "The key id of the webhook's token is no text.")


def _text(claims: Mapping[str, object], name: str) -> str:
    claim = claims.get(name)
    if not isinstance(claim, str):
        refuse("bad_claims", f"The webhook's token has no {name}.")
    return claim


def _time(claims: Mapping[str, object], name: str) -> float:
    claim = claims.get(name)
    if type(claim) is int or (type(claim) is float and isfinite(claim)):
        return claim
    refuse("bad_claims", f"The {name} of the webhook's token is no time.")


def _decoded(encoded: bytes) -> bytes:
    """Decode base64url in the one way in which it can be written; padding is taken where it is right."""
    bare = encoded.rstrip(b"=")
    try:
        decoded = a2b_base64(bare.translate(_FROM_URL) + b"==")
    except ValueError:
        refuse("malformed_token", "The webhook's token is not in base64url.")
    again = b2a_base64(decoded, newline=False).translate(_TO_URL)
    if not bare or encoded not in (again, again.rstrip(b"=")):
        refuse("malformed_token", "The webhook's token is not in base64url.")
    return decoded


def _json_object(encoded: bytes) -> Mapping[str, object]:
    plain = _decoded(encoded)
    try:
        # What begins like this is in UTF-8 and nothing else that JSON may be in.
        found = read_json(plain.decode("utf-8", "surrogatepass")) if plain.startswith(b'{"') else json.loads(plain)
    except (ValueError, RecursionError):
        refuse("malformed_token", "The webhook's token holds no JSON.")
    if not isinstance(found, dict):
        refuse("malformed_token", "The webhook's token holds no JSON object.")
    return found
