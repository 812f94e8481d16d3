"""What each answer of the Messages API means, and who must act."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit import errors
from botkit.channels.vonage.connection import Answer
from botkit.channels.vonage.problems import message_id_from
from botkit.errors import AccountBlocked, ChannelError, InDoubt, Rejected, Unavailable

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DATA = Path(__file__).parent / "data" / "vonage"
#: Problems that others published; not everybody who has this repository has them.
PUBLISHED = Path(__file__).parents[2] / "shared" / "vonage" / "fixtures"

OURS: Final[dict[str, dict[str, Any]]] = json.loads((DATA / "errors.json").read_text("utf-8"))
THEIRS: Final[dict[str, dict[str, Any]]] = {
    path.stem: {**OURS[path.stem], "body": json.loads(path.read_text("utf-8"))}
    for path in (*PUBLISHED.glob("error_*.json"), *PUBLISHED.glob("v01_error_*.json"))
    if not path.stem.endswith(".headers")
}


def answer(status: int, body: object = b"", **headers: str) -> Answer:
    plain = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, plain)


def error(given: Answer) -> ChannelError:
    with pytest.raises(ChannelError) as raised:
        message_id_from(given, NOON)
    return raised.value


def answered(case: dict[str, Any]) -> ChannelError:
    return error(Answer(case["status"], case["headers"], json.dumps(case["body"]).encode()))


@pytest.mark.parametrize("name", OURS)
def test_a_problem_becomes_its_error(name: str) -> None:
    """Every documented problem is an error of the right branch, with its words and a word that never changes."""
    case = OURS[name]
    found = answered(case)

    assert type(found) is getattr(errors, case["branch"])
    assert (found.reason, found.status) == (case["reason"], case["status"])
    assert [word for word in case["words"] if word not in str(found)] == []


@pytest.mark.parametrize(
    "case", [*OURS.values(), *THEIRS.values()], ids=[*OURS, *(f"published {name}" for name in THEIRS)]
)
def test_what_the_problem_says_is_in_the_error(case: dict[str, Any]) -> None:
    """Whoever published it: title, detail, instance and parameters are there for whoever must act."""
    found = answered(case)
    said = [case["body"][name].rstrip(".") for name in ("title", "detail", "instance")]
    said += [f"{one['name']}: {one['reason'].rstrip('.')}" for one in case["body"].get("invalid_parameters", ())]

    assert type(found) is getattr(errors, case["branch"])
    assert [words for words in said if words not in str(found)] == []


def test_an_error_in_full() -> None:
    """One line: what happened, what to do, and what to tell Vonage's support."""
    problem = {"title": "Low balance", "detail": "Not enough.", "instance": "0dd", "type": "https://e.example/#1010"}

    assert str(error(answer(402, problem, x_request_id="r7"))) == (
        "The Messages API answered 402 (Low balance; Not enough): top up the Vonage account. "
        "[instance 0dd] [X-Request-Id r7]"
    )


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_success_with_an_id_is_accepted(status: int) -> None:
    """202 is documented, 200 is seen in tests of an official SDK."""
    assert message_id_from(answer(status, {"message_uuid": "7c1e", "workflow_id": "w"}), NOON) == "7c1e"


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"OK", b"\xff", b"[]", b"null", b"{}", b"[" * 100_000),
        *({"message_uuid": odd} for odd in (None, 5, "", "x" * 257)),
        {"messages": []},
    ],
    ids=lambda body: repr(body)[:30],
)
def test_a_success_without_an_id_is_in_doubt(body: object) -> None:
    """Something was accepted; a status will tell what, and nothing is sent twice meanwhile."""
    found = error(answer(202, body))

    assert (type(found), found.reason, found.status) == (InDoubt, "no_message_uuid", 202)


@pytest.mark.parametrize(
    ("status", "branch", "reason"),
    [
        (300, Rejected, "http_300"),
        (301, Rejected, "http_301"),
        (307, Rejected, "http_307"),
        (400, Rejected, "invalid_request"),
        (401, AccountBlocked, "unauthorized"),
        (402, AccountBlocked, "low_balance"),
        (403, AccountBlocked, "forbidden"),
        (404, Rejected, "not_found"),
        (405, Rejected, "http_405"),
        (408, Rejected, "http_408"),
        (409, Rejected, "http_409"),
        (413, Rejected, "http_413"),
        (422, Rejected, "invalid_message"),
        (429, Unavailable, "rate_limited"),
        (451, Rejected, "http_451"),
        (500, InDoubt, "http_500"),
        (501, InDoubt, "http_501"),
        (502, InDoubt, "http_502"),
        (503, Unavailable, "unavailable"),
        (504, InDoubt, "http_504"),
        (599, InDoubt, "http_599"),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b'{"title": 5, "detail": ["x"], "instance": {}}'])
def test_the_status_decides(status: int, branch: type[ChannelError], reason: str, body: bytes) -> None:
    """Whatever the body holds, the HTTP status alone says what becomes of the delivery."""
    found = error(answer(status, body))

    assert (type(found), found.reason, found.status) == (branch, reason, status)
    assert str(found).startswith(f"The Messages API answered {status}")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("15", 15.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("3601", 3_600.0),
        ("9" * 5_000, 3_600.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 13:00:30 +0100", 30.0),
        ("Mon, 23 Nov 2026 12:00:30 -0000", 30.0),
        ("Monday, 23-Nov-26 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 11:59:00 GMT", 0.0),
        ("Tue, 24 Nov 2026 12:00:00 GMT", 3_600.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("", None),
        ("Mon, 99 Nov 2026 12:00:00 GMT", None),
        ("Mon, 23 Nov 99999999999999999999 12:00:00 GMT", None),
        (None, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_how_long_to_wait(status: int, header: str | None, seconds: float | None) -> None:
    """Seconds or an HTTP date, at most an hour; without one that can be read the sender backs off by itself."""
    found = error(answer(status) if header is None else answer(status, retry_after=header))

    assert isinstance(found, Unavailable)
    assert found.retry_after_seconds == seconds


@given(
    st.text() | st.dates().map(lambda day: f"Mon, {day:%d %b} {day.year} 12:00:00 GMT") | st.from_regex(r"[\d:+\- ]+")
)
def test_any_wait_is_sensible(header: str) -> None:
    """Whatever the header holds, it is between now and an hour, or nothing."""
    found = error(answer(429, retry_after=header))

    assert isinstance(found, Unavailable)
    assert found.retry_after_seconds is None or 0 <= found.retry_after_seconds <= timedelta(hours=1).total_seconds()


def test_a_stranger_cannot_write_into_the_log() -> None:
    """Whatever the words of the answer are, the error is one line of printable text and of modest length."""
    hostile = "broken\n2026-11-23 CRITICAL all is lost\r\x1b[31m\u202e\0" + "x" * 5_000
    parameters = [{"name": hostile, "reason": hostile}] * 50 + ["odd", None]
    body = {"title": hostile, "detail": hostile, "instance": hostile, "invalid_parameters": parameters}
    text = str(error(answer(422, body, x_request_id=hostile)))

    assert text.isprintable()
    assert len(text) < 6_000


@given(st.integers(300, 599), st.binary(max_size=50) | st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["title", "detail", "instance", "invalid_parameters", "name", "reason"]), inner)
).map(lambda body: json.dumps(body).encode()))  # fmt: skip
def test_any_answer_is_one_error(status: int, body: bytes) -> None:
    """No body makes anything but a ChannelError of it."""
    assert error(answer(status, body)).status == status
