"""What the simulator's webhooks say, and how they are signed."""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

import jwt
import pytest
from vonage_jwt import verify_signature

from botkit.simulator.accepted import API, Accepted
from botkit.simulator.webhooks import Signer, Signing, inbound, page_of, parse_state, read_payload, status, written

NOON = datetime(2026, 11, 23, 12, 0, 5, 999, tzinfo=UTC)
STAMP = "2026-11-23T12:00:05Z"
SECRET = "a secret of the account, longer than 32 bytes"
SIGNER = Signer("4e7d", SECRET, "5f0c6d2a")
#: The machine's clock checks these tokens.
NOW = datetime.now(UTC)
URL = "https://pictures.example/a"


def taken(client_ref: str | None = "c1") -> Accepted:
    """A message that was accepted."""
    return Accepted(
        message_uuid="u1",
        page="9107",
        user="61",
        kind="text",
        text="Rye?",
        url=None,
        client_ref=client_ref,
        api="v1",
        authorised_by="jwt",
        at=NOON,
        raw={},
    )


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("text", {"message_type": "text", "text": "Rye?"}),
        ("image", {"message_type": "image", "image": {"url": URL}}),
        ("audio", {"message_type": "audio", "audio": {"url": URL}}),
        ("video", {"message_type": "video", "video": {"url": URL}}),
        ("file", {"message_type": "file", "file": {"url": URL}}),
        ("unsupported", {"message_type": "unsupported"}),
        ("sticker", {"message_type": "unsupported"}),
        ("thumbs_up", {"message_type": "unsupported"}),
    ],
)
def test_v1_writes_what_users_send(kind: str, said: dict[str, object]) -> None:
    """Each kind of message has its form of v1; stickers, and so the thumbs-up, have none."""
    payload = inbound("v1", page="9107", user="61", now=NOON, kind=kind, text="Rye?", url=URL)
    identity = payload.pop("message_uuid")

    assert payload == {"channel": "messenger", "to": "9107", "from": "61", "timestamp": STAMP, **said}
    assert UUID(str(identity)).version == 4


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("text", {"type": "text", "text": "Rye?"}),
        ("image", {"type": "image", "image": {"url": URL}}),
        ("audio", {"type": "audio", "audio": {"url": URL}}),
        ("video", {"type": "video", "video": {"url": URL}}),
        ("file", {"type": "file", "file": {"url": URL}}),
        ("thumbs_up", {"type": "unsupported"}),
    ],
)
def test_v01_writes_what_users_send(kind: str, content: dict[str, object]) -> None:
    """Each kind of message has its form of v0.1."""
    payload = inbound("v0.1", page="9107", user="61", now=NOON, kind=kind, text="Rye?", url=URL)
    del payload["message_uuid"]

    assert payload == {
        "to": {"type": "messenger", "id": "9107"},
        "from": {"type": "messenger", "id": "61"},
        "timestamp": STAMP,
        "message": {"content": content},
    }


def test_every_message_has_an_id_of_its_own() -> None:
    """Saying the same twice is two messages."""
    first, second = (inbound("v1", page="1", user="2", now=NOON, text="hi")["message_uuid"] for _ in range(2))

    assert first != second


@pytest.mark.parametrize(("kind", "url"), [("carousel", URL), ("image", None)])
def test_what_users_do_not_send_is_refused(kind: str, url: str | None) -> None:
    """A mistake in a test is found there, not in the bot."""
    with pytest.raises(ValueError, match="Users send text, image"):
        inbound("v1", page="1", user="2", now=NOON, kind=kind, url=url)


V1_STATUS = {"message_uuid": "u1", "timestamp": STAMP, "channel": "messenger", "to": "61", "from": "9107"}
V01_STATUS = {
    "message_uuid": "u1",
    "timestamp": STAMP,
    "to": {"type": "messenger", "id": "61"},
    "from": {"type": "messenger", "id": "9107"},
}


@pytest.mark.parametrize(
    ("api", "state", "expected"),
    [
        ("v1", "delivered", {**V1_STATUS, "status": "delivered", "client_ref": "c1"}),
        ("v1", "read", {**V1_STATUS, "status": "read", "client_ref": "c1"}),
        ("v0.1", "delivered", {**V01_STATUS, "status": "delivered", "client_ref": "c1"}),
        (
            "v0.1",
            "rejected:1340",
            {
                **V01_STATUS,
                "status": "rejected",
                "client_ref": "c1",
                "error": {"code": 1340, "reason": "Outside of the allowed window"},
            },
        ),
        (
            "v0.1",
            "undeliverable:9",
            {**V01_STATUS, "status": "undeliverable", "client_ref": "c1", "error": {"code": 9, "reason": "Simulated"}},
        ),
    ],
)
def test_a_status_says_what_became_of_a_message(api: API, state: str, expected: dict[str, object]) -> None:
    """A status goes the way of the message: from the page to the user, with the sender's reference."""
    assert status(api, taken(), state, NOON) == expected


def test_a_failure_of_v1_has_its_code_as_a_title() -> None:
    """v1 writes the code as text, and twice."""
    error = status("v1", taken(), "rejected:1300", NOON)["error"]
    assert isinstance(error, dict)
    del error["instance"]

    assert error == {
        "type": "https://developer.vonage.com/api-errors/messages#1300",
        "title": "1300",
        "detail": "Not part of the provider network",
    }


def test_what_was_submitted_has_a_price_as_text() -> None:
    """A price is no number in JSON, for it must not be rounded."""
    assert status("v1", taken(), "submitted", NOON)["usage"] == {"currency": "EUR", "price": "0.0001"}


def test_no_reference_is_no_key() -> None:
    """What the sender did not say is not echoed."""
    assert status("v1", taken(client_ref=None), "read", NOON) == {**V1_STATUS, "status": "read"}


@pytest.mark.parametrize("text", ["", "Rejected", "rejected:", "rejected:x", "rejected:1340:2", ":1340", "a" * 33])
def test_what_is_no_status_is_refused(text: str) -> None:
    """A status is a word, perhaps with a code."""
    with pytest.raises(ValueError, match="is no status"):
        parse_state(text)


@pytest.mark.parametrize(
    ("payload", "page"),
    [
        ({"to": "9107"}, "9107"),
        ({"to": {"type": "messenger", "id": "9107"}}, "9107"),
        ({"to": {"type": "sms", "number": "44"}}, ""),
        ({"to": 9107}, ""),
        ({}, ""),
    ],
)
def test_a_payload_is_for_a_page(payload: dict[str, object], page: str) -> None:
    """The page is found in either form, and its absence is no error: odd payloads are delivered too."""
    assert page_of(payload) == page


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_malformed_bytes_hold_no_payload(raw: bytes) -> None:
    """Whatever is to be delivered can be looked at."""
    assert read_payload(raw) == {}


# Signatures


def token(body: bytes, signing: Signing = "right") -> str:
    """The token that *body* is signed with."""
    authorization = SIGNER.authorization(body, NOW, signing)
    assert authorization is not None
    scheme, _, found = authorization.partition(" ")
    assert scheme == "Bearer"
    return found


def test_the_official_package_takes_the_signature() -> None:
    """Whoever verifies with Vonage's own code takes what the simulator sends."""
    assert verify_signature(token(b"{}"), SECRET) is True


def test_the_official_package_refuses_a_wrong_signature() -> None:
    """What is signed with another secret is refused there."""
    assert verify_signature(token(b"{}", "wrong_secret"), SECRET) is False


def test_a_token_says_what_the_documentation_says() -> None:
    """It names issuer, account and application, and binds the body by its hash; it never expires."""
    body = written({"text": "Grüße"})
    claims = jwt.decode(token(body), SECRET, algorithms=["HS256"])
    identity = claims.pop("jti")

    assert jwt.get_unverified_header(token(body)) == {"alg": "HS256", "typ": "JWT"}
    assert UUID(identity).version == 4
    assert claims == {
        "iss": "Vonage",
        "iat": int(NOW.timestamp()),
        "payload_hash": hashlib.sha256(body).hexdigest(),
        "api_key": "4e7d",
        "application_id": "5f0c6d2a",
    }


def test_every_token_has_an_id_of_its_own() -> None:
    """A webhook that is tried again is signed again."""
    ids = {jwt.decode(token(b"{}"), SECRET, algorithms=["HS256"])["jti"] for _ in range(2)}

    assert len(ids) == 2


def test_a_wrong_hash_is_signed_rightly() -> None:
    """A body that was changed on its way has a good signature and another hash."""
    claims = jwt.decode(token(b"{}", "wrong_hash"), SECRET, algorithms=["HS256"])

    assert claims["payload_hash"] != hashlib.sha256(b"{}").hexdigest()


def test_an_unsigned_webhook_has_no_token() -> None:
    """There is no header at all, not an empty one."""
    assert SIGNER.authorization(b"{}", NOW, "none") is None


def test_the_body_is_compact() -> None:
    """What is hashed is sent as it is, without a space."""
    assert written({"to": "1", "text": "a b"}) == b'{"to":"1","text":"a b"}'


def test_a_signer_keeps_its_secret() -> None:
    """A log that shows a signer shows no secret."""
    assert SECRET not in repr(SIGNER)
