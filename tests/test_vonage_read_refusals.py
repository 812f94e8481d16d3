"""Which bodies are no event, what the reader says of them, and that nothing at all makes it fall over."""

import json
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.channels.vonage.read import read
from botkit.errors import BadRequest
from botkit.events import Message

DATA = Path(__file__).parent / "data" / "vonage"
REAL = [
    case["payload"]
    for file in ("inbound.json", "statuses.json")
    for case in json.loads((DATA / file).read_text("utf-8")).values()
]

Payload = dict[str, Any]


def body_of(payload: object) -> bytes:
    return json.dumps(payload, ensure_ascii=False).encode()


def message(**more: object) -> Payload:
    given = {"channel": "messenger", "message_uuid": "m1", "to": "page", "from": "user", "message_type": "text"}
    return {**given, "text": "Hello", **more}


def status(**more: object) -> Payload:
    given = {"channel": "messenger", "message_uuid": "m1", "to": "user", "from": "page", "status": "delivered"}
    return {**given, **more}


def without(payload: Payload, key: str) -> Payload:
    return {name: value for name, value in payload.items() if name != key}


def nested(depth: int) -> object:
    value: object = "deep"
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no_json"),
        (b"{", "no_json"),
        (b"hello", "no_json"),
        (b'{"a": NaN}', "no_json"),
        (b'{"a": -Infinity}', "no_json"),
        (b"{} {}", "no_json"),
        (b"\xff\xfe{\x00}\x00", "no_text"),
        (b'{"text": "\xff"}', "no_text"),
        (b"[" * 256_000, "too_deep"),
        (b'{"a":' * 50_000, "too_deep"),
        (b"[" * 128_000 + b"]" * 128_000, "too_deep"),
        (body_of(message(odd=nested(32))), "too_deep"),
        (b"null", "no_object"),
        (b"[]", "no_object"),
        (b'"text"', "no_object"),
        (b"7", "no_object"),
        (b"{}", "no_event"),
        (body_of({"message_uuid": "m", "to": "p", "from": "u"}), "no_event"),
        (body_of({"message_uuid": "m", "to": "p", "from": "u", "message": "hi"}), "no_event"),
        (body_of(status(status=None)), "no_event"),
        (body_of(status(status={})), "no_event"),
        (body_of(without(message(), "message_uuid")), "bad_message_uuid"),
        (body_of(message(message_uuid="")), "bad_message_uuid"),
        (body_of(message(message_uuid="m" * 257)), "bad_message_uuid"),
        (body_of(message(message_uuid=1.5)), "bad_message_uuid"),
        (body_of(without(status(), "message_uuid")), "bad_message_uuid"),
        (body_of(without(message(), "to")), "bad_to"),
        (body_of(message(to={})), "bad_to"),
        (body_of(message(to={"id": None})), "bad_to"),
        (body_of(message(to=True)), "bad_to"),
        (body_of(without(message(), "from")), "bad_from"),
        (body_of(message(**{"from": []})), "bad_from"),
        (body_of(without(status(), "to")), "bad_to"),
        (body_of(without(status(), "from")), "bad_from"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_event_is_a_bad_request(body: bytes, reason: str) -> None:
    """Only what cannot be a message or a status is refused, with a word that never changes."""
    with pytest.raises(BadRequest) as refused:
        read(body)

    assert refused.value.reason == reason


def test_the_deepest_payload_that_is_taken() -> None:
    """31 levels below the payload itself are kept, and one more is not."""
    assert read(body_of(message(odd=nested(31)))).raw["odd"] == nested(31)


def test_a_refusal_repeats_nothing_of_the_body() -> None:
    """Its text goes into logs, and a body holds what people wrote."""
    with pytest.raises(BadRequest) as refused:
        read(body_of({"text": "my secret", "from": "u"}))

    assert "secret" not in str(refused.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
KEYS = st.sampled_from(
    [
        "message_uuid",
        "to",
        "from",
        "timestamp",
        "channel",
        "message_type",
        "text",
        "status",
        "message",
        "error",
        "image",
        "client_ref",
        "content",
        "type",
        "id",
        "number",
        "url",
        "code",
        "title",
        "detail",
        "reason",
    ]
)
LIKELY = st.recursive(
    JSON | st.sampled_from(["text", "image", "messenger", "read", "1340", "2026-03-04T05:06:07Z", "\ud800", "\0"]),
    lambda inner: st.dictionaries(KEYS, inner, max_size=8),
    max_leaves=30,
)


def typed_or_refused(body: bytes) -> None:
    """Read *body*; anything but a value that a store can keep, or a BadRequest, is a failure."""
    try:
        found = read(body)
    except BadRequest:
        return
    texts = [found.address.channel, found.address.page, found.address.user]
    texts += [found.id, found.text] if isinstance(found, Message) else [found.message_id, found.state]
    for text in texts:
        text.encode()
        assert "\0" not in text
    moment = found.sent_at if isinstance(found, Message) else found.at
    assert moment is None or moment.utcoffset() is not None
    json.dumps(found.raw, allow_nan=False)


@given(JSON | LIKELY)
def test_any_json_is_a_value_or_a_bad_request(payload: object) -> None:
    """Whatever JSON comes, the answer is a typed value or a BadRequest."""
    typed_or_refused(json.dumps(payload).encode())


@given(st.sampled_from(REAL), st.data())
def test_a_changed_payload_is_a_value_or_a_bad_request(payload: Payload, data: st.DataObject) -> None:
    """A real payload with some of its values replaced, at any depth, is never more than a BadRequest."""
    changed = json.loads(json.dumps(payload))
    for _ in range(data.draw(st.integers(1, 4))):
        inside = changed
        while True:
            key = data.draw(st.sampled_from([*inside, "extra"]))
            if not isinstance(inside.get(key), dict) or not inside[key] or data.draw(st.booleans()):
                break
            inside = inside[key]
        inside[key] = data.draw(JSON)
    typed_or_refused(json.dumps(changed).encode())


@given(st.binary() | st.text(st.characters(exclude_categories=["Cs"])).map(str.encode))
def test_any_bytes_are_a_value_or_a_bad_request(body: bytes) -> None:
    """Whatever bytes come, the answer is a typed value or a BadRequest."""
    typed_or_refused(body)


@given(st.sampled_from(REAL), st.data())
def test_a_damaged_body_is_a_value_or_a_bad_request(payload: Payload, data: st.DataObject) -> None:
    """A real body with bytes replaced, cut off or repeated is never more than a BadRequest."""
    body = bytearray(body_of(payload))
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(body)))
        end = data.draw(st.integers(start, min(len(body), start + 20)))
        body[start:end] = data.draw(st.binary(max_size=4) | st.just(bytes(body[start:end]) * 2))
    typed_or_refused(bytes(body))


HOSTILE: Final[dict[str, Callable[[int], bytes]]] = {
    "lists": lambda size: b'{"a":[' + b"[]," * (size // 3) + b"0]}",
    "objects": lambda size: b'{"a":[' + b"{}," * (size // 3) + b"0]}",
    "deep": lambda size: b"[" * size,
    "brackets in text": lambda size: body_of(message(text="[" * size)),
    "one number": lambda size: b'{"a":' + b"9" * size + b"}",
    "one fraction": lambda size: b'{"a":0.' + b"9" * size + b"}",
    "one power": lambda size: b'{"a":1e' + b"9" * size + b"}",
    "numbers": lambda size: b'{"a":[' + b"1," * (size // 2) + b"1]}",
    "keys": lambda size: b"{" + b",".join(b'"%d":0' % n for n in range(size // 9)) + b"}",
    "one key": lambda size: b"{" + b'"a":0,' * (size // 6) + b'"b":0}',
    "escapes": lambda size: b'{"text":"' + b"\\ud800" * (size // 6) + b'","message_uuid":"m","to":"p","from":"u"}',
    "one id": lambda size: body_of(message(to="7" * size)),
    "one time": lambda size: body_of(message(timestamp="2" * size)),
    "spaces": lambda size: b" " * size + b"x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_memory_grows_with_the_body_and_no_faster(name: str) -> None:
    """Four times the body takes at most five times the memory, whatever is in it."""
    peaks = []
    for size in (64_000, 256_000):
        body = HOSTILE[name](size)
        tracemalloc.start()
        typed_or_refused(body)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] <= 5 * peaks[0] + 100_000
    assert peaks[1] <= 100 * 256_000


@pytest.mark.parametrize("name", HOSTILE)
def test_the_largest_body_takes_a_moment(name: str) -> None:
    """256 kB of the worst are read within a second of CPU; anything worse than linear would take minutes."""
    body = HOSTILE[name](256_000)
    started = time.process_time()
    typed_or_refused(body)

    assert time.process_time() - started < 1
