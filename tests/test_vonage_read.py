"""What Vonage's webhook bodies become: messages, statuses, or one clear refusal."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from botkit.channels.vonage.read import read
from botkit.events import KINDS, Address, Message, Status

DATA = Path(__file__).parent / "data" / "vonage"
#: Payloads that others published; not everybody who has this repository has them.
PUBLISHED = Path(__file__).parents[2] / "shared" / "vonage" / "fixtures"

Payload = dict[str, Any]


def own(file: str) -> dict[str, Payload]:
    found: dict[str, Payload] = json.loads((DATA / file).read_text("utf-8"))
    return found


INBOUND, STATUSES = own("inbound.json"), own("statuses.json")
OURS = {name: case["payload"] for name, case in (INBOUND | STATUSES).items()}
THEIRS = {path.stem: json.loads(path.read_text("utf-8")) for path in PUBLISHED.glob("v*_*.json")}
THEIRS = {name: body for name, body in THEIRS.items() if "_inbound_" in name or "_status_" in name}
ALL = {**OURS, **{f"published {name}": body for name, body in THEIRS.items()}}


def body_of(payload: object) -> bytes:
    return json.dumps(payload, ensure_ascii=False).encode()


def message(**more: object) -> Payload:
    given = {"channel": "messenger", "message_uuid": "m1", "to": "page", "from": "user", "message_type": "text"}
    return {**given, "text": "Hello", **more}


def status(**more: object) -> Payload:
    given = {"channel": "messenger", "message_uuid": "m1", "to": "user", "from": "page", "status": "delivered"}
    return {**given, **more}


def read_message(payload: Payload) -> Message:
    found = read(body_of(payload))
    assert isinstance(found, Message)
    return found


def read_status(payload: Payload) -> Status:
    found = read(body_of(payload))
    assert isinstance(found, Status)
    return found


# Every documented shape


@pytest.mark.parametrize("name", INBOUND)
def test_an_inbound_payload_becomes_a_message(name: str) -> None:
    """Every shape of inbound payload, of either version and any channel, gives exactly this message."""
    payload, value = INBOUND[name]["payload"], INBOUND[name]["value"]

    assert read(body_of(payload)) == Message(
        id=value["id"],
        address=Address(*value["address"]),
        kind=value["kind"],
        text=value["text"],
        url=value["url"],
        sent_at=datetime.fromisoformat(value["sent_at"]),
        raw=payload,
    )


@pytest.mark.parametrize("name", STATUSES)
def test_a_status_payload_becomes_a_status(name: str) -> None:
    """Every shape of status payload gives exactly this status, in the address of its conversation."""
    payload, value = STATUSES[name]["payload"], STATUSES[name]["value"]

    assert read(body_of(payload)) == Status(
        message_id=value["message_id"],
        address=Address(*value["address"]),
        state=value["state"],
        delivery_id=value["delivery_id"],
        code=value["code"],
        reason=value["reason"],
        at=datetime.fromisoformat(value["at"]),
        raw=payload,
    )


def party(payload: Mapping[str, Any], name: str) -> str:
    found = payload[name]
    return str(found.get("id", found.get("number")) if isinstance(found, dict) else found)


@pytest.mark.parametrize("payload", ALL.values(), ids=ALL)
def test_what_the_payload_says_is_in_the_value(payload: Payload) -> None:
    """Whoever published it: id, who wrote to whom, the state or the content, and the raw payload arrive."""
    found = read(body_of(payload))

    page, user = ("from", "to") if isinstance(found, Status) else ("to", "from")
    assert (found.address.page, found.address.user) == (party(payload, page), party(payload, user))
    assert found.raw == payload
    if isinstance(found, Status):
        assert (found.message_id, found.state) == (payload["message_uuid"], payload["status"])
        assert found.at is not None
        assert found.delivery_id == payload.get("client_ref")
        return
    content = payload["message"]["content"] if "message" in payload else payload
    said = content["type" if "message" in payload else "message_type"]
    assert (found.id, found.kind) == (payload["message_uuid"], said if said in KINDS else "unsupported")
    assert found.text == (content["text"] if said == "text" else "")
    assert found.url == (content[said]["url"] if said in ("image", "audio", "video", "file") else None)
    assert found.sent_at is not None


def shape(value: object) -> object:
    """The keys and types of a payload, without its values."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(inner) for inner in value] if isinstance(value, list) else type(value).__name__


def test_our_payloads_have_every_published_shape() -> None:
    """Where the published payloads are at hand, ours have the same names, keys and types."""
    assert {name: shape(body) for name, body in OURS.items()} == {
        name: shape(body) for name, body in (OURS | THEIRS).items()
    }


# What is unknown


def test_an_unknown_message_type_is_unsupported() -> None:
    """A type that botkit does not know is a message all the same, with the original at hand."""
    found = read_message(message(message_type="hologram", hologram={"url": "https://a.example/b"}))

    assert (found.kind, found.text, found.url) == ("unsupported", "", None)
    assert found.raw["hologram"] == {"url": "https://a.example/b"}


@pytest.mark.parametrize("said", [7, True, 1.5, [], {}, ["text"], ""])
def test_a_message_type_that_is_no_word_is_unsupported(said: object) -> None:
    """Whatever stands where the type should, the message arrives."""
    assert read_message(message(message_type=said)).kind == "unsupported"


def test_an_sms_without_a_type_is_text() -> None:
    """The definition of inbound SMS has no message_type."""
    payload = message(channel="sms")
    del payload["message_type"]

    assert (read_message(payload).kind, read_message(payload).text) == ("text", "Hello")


def test_an_old_message_without_a_type_is_taken_by_its_content() -> None:
    """v0.1 content without a type is text where it has a text, else unsupported."""
    parties = {"message_uuid": "m1", "to": {"id": "p"}, "from": {"id": "u"}}

    assert read_message({**parties, "message": {"content": {"text": "Hi"}}}).text == "Hi"
    assert read_message({**parties, "message": {"content": None}}).kind == "unsupported"
    assert read_message({**parties, "message": {}}).address == Address("unknown", "p", "u")


def test_a_message_with_a_status_is_still_a_message() -> None:
    """Classes for every channel at once write keys that mean nothing here."""
    assert isinstance(read(body_of(message(status="received"))), Message)
    assert isinstance(read(body_of(status(message_type=None, message=None, text=None))), Status)


def test_an_unknown_channel_keeps_its_name() -> None:
    """The channel is data; where none is named it is unknown."""
    assert read_message(message(channel="telepathy")).address.channel == "telepathy"
    assert read_message(message(channel=None)).address.channel == "unknown"
    assert read_status(status(channel=["a"])).address.channel == "unknown"


def test_an_unknown_status_keeps_its_word() -> None:
    """Statuses that no definition has, such as accepted and seen, are data."""
    assert [read_status(status(status=word)).state for word in ("accepted", "seen", "1")] == ["accepted", "seen", "1"]


def test_ids_are_opaque_text() -> None:
    """Leading zeros stay, and a number becomes its digits."""
    assert read_message(message(to="007", **{"from": 251928379000000001})).address == Address(
        "messenger", "007", "251928379000000001"
    )
    assert read_message(message(message_uuid=12)).id == "12"


def test_a_party_of_the_other_version_is_read() -> None:
    """Objects where v1 has text, and text where v0.1 has objects, are understood."""
    assert read_message(message(to={"number": "p"}, **{"from": {"id": 5}})).address == Address("messenger", "p", "5")


@pytest.mark.parametrize("media", [None, "https://a.example/b.png", [], {}, {"url": None}, {"url": {}}, {"url": ""}])
def test_a_picture_without_a_url_is_a_picture(media: object) -> None:
    """The kind is known even where the URL is not."""
    found = read_message(message(message_type="image", image=media))

    assert (found.kind, found.url) == ("image", None)


@pytest.mark.parametrize(("text", "read_as"), [(None, ""), (5, "5"), ([], ""), (True, ""), (1.5, ""), ("", "")])
def test_a_text_that_is_no_text(text: object, read_as: str) -> None:
    """A text message whose text is missing or odd arrives."""
    assert read_message(message(text=text)).text == read_as


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        ({"title": "1340", "detail": "Too late"}, 1340, "Too late"),
        ({"title": 1340, "detail": "Too late"}, 1340, "Too late"),
        ({"code": 1300, "reason": "Nobody"}, 1300, "Nobody"),
        ({"code": "1300"}, 1300, None),
        ({"code": None, "title": " 1000 ", "reason": "Wait"}, 1000, "Wait"),
        ({"title": "Throttled"}, None, "Throttled"),
        ({"title": "Throttled", "detail": "Wait"}, None, "Wait"),
        ({"code": 1e3}, None, None),
        ({"code": True}, None, None),
        ({"code": -5}, None, None),
        ({"code": "9" * 50}, None, None),
        ({"code": "１３４０"}, None, None),
        ({"code": {}, "title": [], "detail": {}, "reason": None}, None, None),
        ({}, None, None),
        ([], None, None),
        ("broken", None, None),
        (None, None, None),
    ],
)
def test_the_error_of_a_status(error: object, code: int | None, reason: str | None) -> None:
    """v1's title and v0.1's code become one number, v1's detail and v0.1's reason one text."""
    found = read_status(status(error=error))

    assert (found.code, found.reason) == (code, reason)


NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-03-04T12:00:00Z", NOON),
        ("2026-03-04T12:00:00.000Z", NOON),
        ("2026-03-04T12:00:00.123456789Z", NOON.replace(microsecond=123456)),
        ("2026-03-04T14:00:00+02:00", NOON),
        ("2026-03-04T14:00:00+0200", NOON),
        ("2026-03-04 12:00:00 UTC", NOON),
        ("2026-03-04 12:00:00 GMT", NOON),
        ("2026-03-04T12:00:00", NOON),
        (" 2026-03-04 12:00:00 ", NOON),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("2026-02-30T12:00:00Z", None),
        ("yesterday", None),
        ("", None),
        ("2026-03-04T12:00:00Z" + "0" * 100_000, None),
        (1772625600, None),
        (None, None),
        ({}, None),
    ],
)
def test_times_are_read_leniently(written: object, moment: datetime | None) -> None:
    """Every form that Vonage has shown is read as an aware moment in UTC; any other is no time, and no error."""
    found = read_message(message(timestamp=written)).sent_at

    assert found == moment
    assert found is None or found.tzinfo is UTC


def test_what_no_database_takes_is_replaced() -> None:
    """NUL and lone surrogates become U+FFFD in ids and text; a whole pair stays, and the raw payload is as it came."""
    payload = r'{"message_uuid":"m\u0000","to":"p\ud800","from":"u","message_type":"text","text":"\udc00 \ud83e\udd50"}'
    found = read(payload.encode())

    assert isinstance(found, Message)
    assert (found.id, found.address.page, found.text) == ("m\ufffd", "p\ufffd", "\ufffd 🥐")
    assert found.raw["message_uuid"] == "m\0"


def test_a_text_full_of_brackets_is_a_text() -> None:
    """Only nesting is limited, not what a user may write."""
    assert read_message(message(text=":[ " * 200 + "{" * 200)).text == ":[ " * 200 + "{" * 200


def test_numbers_that_python_cannot_hold_stay_text() -> None:
    """A huge whole number or fraction somewhere in a payload costs nobody their message."""
    body = body_of(message()).replace(b'"Hello"', b'"Hello", "a": ' + b"9" * 5_000 + b', "b": 1e999, "c": 1.5')
    found = read(body)

    assert (found.raw["a"], found.raw["b"], found.raw["c"]) == ("9" * 5_000, "1e999", 1.5)


def test_of_a_key_written_twice_the_last_counts() -> None:
    """As in every JSON reader; the signature covers both."""
    found = read(body_of(message()).replace(b'"Hello"', b'"Hello", "text": "Bye"'))

    assert isinstance(found, Message)
    assert found.text == "Bye"


def test_a_byte_order_mark_does_no_harm() -> None:
    """Some proxies and editors put one in front."""
    assert isinstance(read(b"\xef\xbb\xbf" + body_of(message())), Message)


@pytest.mark.parametrize(
    ("odd", "page", "user", "message_id"),
    [
        ({"to": {}}, "page", "", "m1"),
        ({"from": "x" * 300}, "", "user", "m1"),
        ({"message_uuid": None}, "page", "user", "ours"),
        ({"message_uuid": "", "to": None, "from": []}, "", "", "ours"),
    ],
)
def test_what_we_gave_a_status_ourselves_is_enough(odd: Payload, page: str, user: str, message_id: str) -> None:
    """Its delivery is found by the client_ref, and a status that is answered 400 never comes again."""
    found = read_status({**status(client_ref="ours"), **odd})

    assert (found.address, found.message_id) == (Address("messenger", page, user), message_id)
