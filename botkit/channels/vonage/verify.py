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
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from attrs import frozen

from botkit.channels.vonage.bearer import Token, check_signature, read_token, refuse, written
from botkit.errors import ConfigError, Unverifiable
from botkit.settings import Account

#: Vonage tries a webhook again for 24 hours, perhaps with the token it had first.
OLDEST_SECONDS: Final = 25 * 3600
LEEWAY_SECONDS: Final = 60
_SHOWN_KEY: Final = 32


@frozen
class _Signer:
    """Whoever signs with one api_key: with any of *keys*, for any of *applications* (empty: for every one).

    A key is an HMAC that has taken in its secret and nothing else: to begin with a copy of it takes a third of the time
    that a new one takes.
    """

    keys: tuple[hmac.HMAC, ...] = ()
    applications: frozenset[str] = frozenset()

    def signed(self, token: Token) -> bool:
        """Whether *token* is signed with one of the keys.

        Signatures are compared as they are written: there is one way to write each, which may be padded.
        """
        signature = token.signature.removesuffix(b"=")
        for key in self.keys:
            expected = key.copy()
            expected.update(token.signed)
            if hmac.compare_digest(written(expected.digest()), signature):
                return True
        return False


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
        keys = (*known.keys, *(hmac.new(secret.encode(), digestmod="sha256") for secret in account.signature_secrets))
        self._signers[account.api_key] = _Signer(keys, known.applications | frozenset(account.applications))

    def verify(self, authorization: str | None, body: bytes, now: datetime) -> None:
        """Return if *body* comes from Vonage; raises Unverifiable or Unauthorized, whose reasons are stable words."""
        if not self._checking:
            return
        token = read_token(authorization or "")
        signer = self._signer(token)
        _check_times(token, now.timestamp())
        _check_hash(token, body)
        if token.application is not None and signer.applications and token.application not in signer.applications:
            refuse("other_application", "The webhook is for an application that is not among vonage.applications.")

    def _signer(self, token: Token) -> _Signer:
        signer = self._signers.get(token.api_key)
        if signer is not None and signer.signed(token):
            return signer
        check_signature(token)
        if signer is None:
            shown = token.api_key[:_SHOWN_KEY]
            raise Unverifiable(
                f"The webhook is signed for api_key {shown!r}, which no account has: add it to bots.yaml.",
                reason="unknown_api_key",
            )
        raise Unverifiable(
            "No signature_secret verifies the webhook: compare it with the Vonage dashboard.",
            reason="bad_signature",
        )


def _check_times(token: Token, now: float) -> None:
    """Times are compared and never subtracted, because a whole number may be greater than any float."""
    if token.issued_at < now - OLDEST_SECONDS:
        refuse("too_old", "The webhook's token is older than 25 hours.")
    if token.expires_at is not None and token.expires_at <= now - LEEWAY_SECONDS:
        refuse("too_old", "The webhook's token has expired.")
    if token.issued_at > now + LEEWAY_SECONDS or (token.not_before or 0) > now + LEEWAY_SECONDS:
        refuse("from_the_future", "The webhook's token is from the future: compare this machine's clock.")


def _check_hash(token: Token, body: bytes) -> None:
    claimed = token.payload_hash.lower().encode("utf-8", "replace")
    if not hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), claimed):
        refuse("wrong_hash", "The webhook's token was made for another body.")
