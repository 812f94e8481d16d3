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
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from math import isfinite
from typing import Final, NoReturn

from botkit.errors import Unauthorized, Unverifiable
from botkit.settings import Account

#: Vonage tries a webhook again for 24 hours, perhaps with the token it had first.
OLDEST_SECONDS: Final = 25 * 3600
LEEWAY_SECONDS: Final = 60
_TOKEN_LIMIT: Final = 8_192
_ALPHABET: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


class Verifier:
    """Verifies webhooks against the signature secrets of several accounts.

    Raises ValueError at construction for a secret that is empty: anybody could sign with it.
    """

    def __init__(self, accounts: Sequence[Account]) -> None:
        self._secrets: dict[str, tuple[bytes, ...]] = {}
        self._applications: dict[str, frozenset[str]] = {}
        self._checking = all(account.verify_signatures for account in accounts)
        for account in accounts:
            if account.api_key is None:
                continue
            secrets = tuple(secret.encode() for secret in account.signature_secrets)
            if not all(secrets):
                raise ValueError("A signature secret is empty; copy it from the settings page of the Vonage dashboard.")
            known = self._secrets.get(account.api_key, ())
            self._secrets[account.api_key] = tuple(dict.fromkeys((*known, *secrets)))
            allowed = self._applications.get(account.api_key, frozenset())
            self._applications[account.api_key] = allowed | frozenset(account.applications)

    def verify(self, authorization: str | None, body: bytes, now: datetime) -> None:
        """Return if *body* comes from Vonage; raises Unverifiable or Unauthorized."""
        if not self._checking:
            return
        if not authorization or not authorization.strip():
            raise Unverifiable("The webhook carries no token.", reason="no_token")
        signed, signature, claims = _read(authorization)
        api_key = self._signed_by(signed, signature, claims)
        _check_age(claims["iat"], now)
        _check_hash(claims["payload_hash"], body)
        self._check_application(api_key, claims)

    def _signed_by(self, signed: bytes, signature: bytes, claims: Mapping[str, object]) -> str:
        api_key = str(claims["api_key"])
        secrets = self._secrets.get(api_key)
        if secrets is None:
            raise Unverifiable(
                "The webhook is signed for an api_key that no account has: add it to bots.yaml.",
                reason="unknown_api_key",
            )
        for secret in secrets:
            if hmac.compare_digest(hmac.digest(secret, signed, "sha256"), signature):
                return api_key
        raise Unverifiable(
            "No signature secret verifies the webhook: compare signature_secret with the Vonage dashboard.",
            reason="bad_signature",
        )

    def _check_application(self, api_key: str, claims: Mapping[str, object]) -> None:
        application, allowed = claims.get("application_id"), self._applications[api_key]
        if application is not None and allowed and application not in allowed:
            _refuse("other_application", "The webhook is another application's.")


def _refuse(reason: str, message: str) -> NoReturn:
    raise Unauthorized(message, reason=reason)


def _read(authorization: str) -> tuple[bytes, bytes, Mapping[str, object]]:
    """Split a bearer token into what is signed, the signature and the claims; raises Unauthorized."""
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.isascii() or len(token) > _TOKEN_LIMIT:
        _refuse("malformed_token", "The webhook's token is no bearer token.")
    pieces = token.encode().split(b".")
    if len(pieces) != 3:
        _refuse("malformed_token", "The webhook's token does not have three parts.")
    _check_header(pieces[0])
    claims = _json_object(pieces[1])
    _check_claims(claims)
    return pieces[0] + b"." + pieces[1], _decoded(pieces[2]), claims


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


def _check_claims(claims: Mapping[str, object]) -> None:
    issued_at = claims.get("iat")
    if isinstance(issued_at, bool) or not isinstance(issued_at, (int, float)) or not isfinite(issued_at):
        _refuse("bad_claims", "The webhook's token does not say when it was issued.")
    for name in ("api_key", "payload_hash"):
        if not isinstance(claims.get(name), str):
            _refuse("bad_claims", f"The webhook's token has no {name}.")


def _check_age(issued_at: object, now: datetime) -> None:
    assert isinstance(issued_at, (int, float))
    age = now.timestamp() - issued_at
    if age > OLDEST_SECONDS:
        _refuse("too_old", "The webhook's token is older than 25 hours.")
    if age < -LEEWAY_SECONDS:
        _refuse("from_the_future", "The webhook's token is issued in the future: compare this machine's clock.")


def _check_hash(payload_hash: object, body: bytes) -> None:
    assert isinstance(payload_hash, str)
    if not hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), payload_hash.lower().encode("utf-8", "replace")):
        _refuse("wrong_hash", "The webhook's token was made for another body.")


def _decoded(encoded: bytes) -> bytes:
    if not encoded or not _ALPHABET.issuperset(encoded):
        _refuse("malformed_token", "The webhook's token is not in base64url.")
    try:
        return urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4))
    except (Base64Error, ValueError):
        _refuse("malformed_token", "The webhook's token is not in base64url.")


def _json_object(encoded: bytes) -> dict[str, object]:
    try:
        found = json.loads(_decoded(encoded))
    except (ValueError, RecursionError):
        _refuse("malformed_token", "The webhook's token holds no JSON.")
    if not isinstance(found, dict):
        _refuse("malformed_token", "The webhook's token holds no JSON object.")
    return found
