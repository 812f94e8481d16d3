"""Webhook tokens: whether a request comes from Vonage, decided on its raw body.

Vonage signs webhooks with a JWT in ``Authorization: Bearer`` (HS256, the account's signature secret, chosen by the
``api_key`` claim) whose ``payload_hash`` is the SHA-256 of the body, in hex. It sends an event again only after 429 and
5xx: a fault that time or an operator can cure is Unverifiable (503), one that nothing can cure Unauthorized (401).
Source: https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks

The check is our own because PyJWT's costs several times as much as everything else in an intake; a test shows that both
come to the same verdict.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from math import isfinite
from typing import Final, NoReturn

from attrs import frozen

from botkit.errors import ConfigError, Unauthorized, Unverifiable
from botkit.settings import Account

#: Vonage tries a webhook again for 24 hours, perhaps with the token it had first.
OLDEST_SECONDS: Final = 25 * 3600
LEEWAY_SECONDS: Final = 60
TOKEN_LIMIT: Final = 8_192
_SHOWN_KEY: Final = 32


@frozen
class _Signer:
    """Whoever signs with one api_key: any of *secrets*, for any of *applications* (empty: for every one)."""

    secrets: tuple[bytes, ...] = ()
    applications: frozenset[str] = frozenset()


class Verifier:
    """Verifies webhooks against the signature secrets of several accounts.

    Accounts with the same api_key are taken together. Nothing is checked where every account has ``verify_signatures``
    off. Raises ConfigError for a secret that is empty (anybody could sign with it), for one without an api_key (it
    could never be chosen), and where some accounts verify and others do not (no webhook would say which it is for).
    """

    def __init__(self, accounts: Sequence[Account]) -> None:
        wanted = {account.verify_signatures for account in accounts}
        if len(wanted) > 1:
            raise ConfigError(
                "verify_signatures is false for one account only: webhooks are verified for all or for none."
            )
        self._checking = wanted != {False}
        self._signers: dict[str, _Signer] = {}
        for account in accounts:
            self._add(account)

    def _add(self, account: Account) -> None:
        if not all(secret.strip() for secret in account.signature_secrets):
            raise ConfigError("A signature_secret is empty: copy it from the settings page of the Vonage dashboard.")
        if account.api_key is None:
            if account.signature_secrets:
                raise ConfigError("An account has a signature_secret but no api_key: webhooks name the secret by it.")
            return
        known = self._signers.get(account.api_key, _Signer())
        secrets = (*known.secrets, *(secret.encode() for secret in account.signature_secrets))
        self._signers[account.api_key] = _Signer(secrets, known.applications | frozenset(account.applications))

    def verify(self, authorization: str | None, body: bytes, now: datetime) -> None:
        """Return if *body* comes from Vonage; raises Unverifiable or Unauthorized, whose reasons are stable words."""
        if not self._checking:
            return
        token = _read(authorization or "")
        signer = self._signer(token)
        _check_times(token, now.timestamp())
        _check_hash(token, body)
        if token.application is not None and signer.applications and token.application not in signer.applications:
            _refuse("other_application", "The webhook is for an application that is not among vonage.applications.")

    def _signer(self, token: "_Token") -> _Signer:
        signer = self._signers.get(token.api_key)
        if signer is None:
            shown = token.api_key[:_SHOWN_KEY]
            raise Unverifiable(
                f"The webhook is signed for api_key {shown!r}, which no account has: add it to bots.yaml.",
                reason="unknown_api_key",
            )
        expected = (hmac.digest(secret, token.signed, "sha256") for secret in signer.secrets)
        if not any(hmac.compare_digest(signature, token.signature) for signature in expected):
            raise Unverifiable(
                "No signature_secret verifies the webhook: compare it with the Vonage dashboard.", reason="bad_signature"
            )
        return signer


@frozen
class _Token:
    """A token taken apart and well formed; whether it is to be trusted is another question."""

    signed: bytes
    signature: bytes
    api_key: str
    payload_hash: str
    issued_at: float
    not_before: float | None
    expires_at: float | None
    application: str | None


def _refuse(reason: str, message: str) -> NoReturn:
    raise Unauthorized(message, reason=reason)


def _read(authorization: str) -> _Token:
    """Take a bearer token apart; raises Unauthorized where it is malformed.

    A header without a bearer token may be the work of a proxy on the way, which somebody can cure: Unverifiable.
    """
    scheme, *rest = authorization.split(maxsplit=2) or [""]
    if scheme.lower() != "bearer" or not rest:
        raise Unverifiable("The webhook carries no bearer token.", reason="no_token")
    token = rest[0]
    if len(rest) > 1 or len(token) > TOKEN_LIMIT or not token.isascii() or token.count(".") != 2:
        _refuse("malformed_token", "The webhook's Authorization is not Bearer and one token of three parts.")
    signed, _, signature = token.encode().rpartition(b".")
    header, _, encoded_claims = signed.partition(b".")
    _check_header(header)
    claims = _json_object(encoded_claims)
    application = claims.get("application_id")
    return _Token(
        signed=signed,
        signature=_decoded(signature),
        api_key=_text(claims, "api_key"),
        payload_hash=_text(claims, "payload_hash"),
        issued_at=_time(claims, "iat"),
        # Vonage's tokens have neither of these; should one have them, they mean what they always mean.
        not_before=_time(claims, "nbf") if "nbf" in claims else None,
        expires_at=_time(claims, "exp") if "exp" in claims else None,
        application=None if application is None else str(application),
    )


@lru_cache(maxsize=64)
def _check_header(encoded: bytes) -> None:
    """Accept HS256 and nothing else; every token of Vonage has the same header, so that one look is enough."""
    header = _json_object(encoded)
    if header.get("alg") != "HS256":
        _refuse("wrong_algorithm", "The webhook's token is not signed with HS256.")
    if "crit" in header or header.get("b64") is False:
        _refuse("malformed_token", "The webhook's token asks for extensions that are not supported.")
    if not isinstance(header.get("kid", ""), str):
        _refuse("malformed_token", "The key id of the webhook's token is no text.")


def _text(claims: Mapping[str, object], name: str) -> str:
    claim = claims.get(name)
    if not isinstance(claim, str):
        _refuse("bad_claims", f"The webhook's token has no {name}.")
    return claim


def _time(claims: Mapping[str, object], name: str) -> float:
    claim = claims.get(name)
    if isinstance(claim, bool) or not isinstance(claim, (int, float)) or (isinstance(claim, float) and not isfinite(claim)):
        _refuse("bad_claims", f"The {name} of the webhook's token is no time.")
    return claim


def _check_times(token: _Token, now: float) -> None:
    """Times are compared and never subtracted, because a whole number may be greater than any float."""
    if token.issued_at < now - OLDEST_SECONDS:
        _refuse("too_old", "The webhook's token is older than 25 hours.")
    if token.expires_at is not None and token.expires_at <= now - LEEWAY_SECONDS:
        _refuse("too_old", "The webhook's token has expired.")
    if token.issued_at > now + LEEWAY_SECONDS or (token.not_before or 0) > now + LEEWAY_SECONDS:
        _refuse("from_the_future", "The webhook's token is from the future: compare this machine's clock.")


def _check_hash(token: _Token, body: bytes) -> None:
    claimed = token.payload_hash.lower().encode("utf-8", "replace")
    if not hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), claimed):
        _refuse("wrong_hash", "The webhook's token was made for another body.")


def _decoded(encoded: bytes) -> bytes:
    """Decode base64url in the one way in which it can be written; padding is taken where it is right."""
    bare = encoded.rstrip(b"=")
    try:
        decoded = urlsafe_b64decode(bare + b"==")
    except ValueError:
        _refuse("malformed_token", "The webhook's token is not in base64url.")
    again = urlsafe_b64encode(decoded)
    if not bare or encoded not in (again, again.rstrip(b"=")):
        _refuse("malformed_token", "The webhook's token is not in base64url.")
    return decoded


def _json_object(encoded: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(_decoded(encoded))
    except (ValueError, RecursionError):
        _refuse("malformed_token", "The webhook's token holds no JSON.")
    if not isinstance(found, dict):
        _refuse("malformed_token", "The webhook's token holds no JSON object.")
    return found
