"""Sessions: what they take, what they keep, and when they begin anew."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.errors import SessionError
from botkit.events import Address, Message
from botkit.session import SIZE_LIMIT, Session, session_of
from botkit.work import Work

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
ANNA = Address("messenger", "page-1", "anna")

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def work(session: Mapping[str, object], used_ago: timedelta | None) -> Work:
    return Work(
        address=ANNA,
        event=Message(id="m-1", address=ANNA, kind="text", text="hello"),
        sequence=1,
        epoch=1,
        now=NOON,
        accepted_at=NOON,
        session=session,
        session_at=None if used_ago is None else NOON - used_ago,
    )


@given(st.dictionaries(st.text(), JSON_VALUES))
def test_what_is_set_is_kept_as_json_gives_it_back(values: dict[str, object]) -> None:
    """Every plain value comes back from the store as it was set."""
    session = Session({})

    session.update(values)

    assert json.loads(json.dumps(session.frozen() or {})) == values


def test_a_session_is_a_mapping() -> None:
    """Reading, writing, deleting and counting work as with a dict."""
    session = Session({"visits": 1, "name": "Anna"})

    session["visits"] = 2
    session.setdefault("basket", ["bread"])
    del session["name"]

    assert dict(session) == {"visits": 2, "basket": ["bread"]}
    assert (len(session), "name" in session, session.get("name")) == (2, False, None)


def test_an_untouched_session_need_not_be_kept() -> None:
    """Reading changes nothing, whatever is read."""
    session = Session({"visits": 1, "basket": ["bread"]})

    assert (session["visits"], session["basket"], list(session)) == (1, ["bread"], ["visits", "basket"])
    assert session.frozen() is None


def test_setting_what_is_there_already_changes_nothing() -> None:
    """A session that ends as it began need not be kept."""
    session = Session({"visits": 1})

    session["visits"] = 2
    session["visits"] = 1

    assert not session.changed


def test_true_is_not_one() -> None:
    """A value that Python finds equal but JSON writes differently is a change."""
    session = Session({"visits": 1})

    session["visits"] = True

    assert session.changed
    assert session.frozen() == {"visits": True}


def test_a_change_inside_a_list_is_seen() -> None:
    """What a handler puts into a nested list is kept."""
    session = Session({"basket": ["bread"]})

    session["basket"].append("cake")  # type: ignore[attr-defined]  # it is a list

    assert session.frozen() == {"basket": ["bread", "cake"]}


def test_a_list_is_the_same_list_however_often_it_is_asked_for() -> None:
    """A handler that holds on to a list goes on changing the session."""
    session = Session({"basket": ["bread"]})

    first, second = session["basket"], session["basket"]
    first.append("cake")  # type: ignore[attr-defined]  # it is a list

    assert (first is second, session["basket"]) == (True, ["bread", "cake"])


def test_a_change_to_what_was_set_is_seen() -> None:
    """The list that was set is the one that is kept, with what was put into it afterwards."""
    session, basket = Session({}), ["bread"]

    session["basket"] = basket
    basket.append("cake")

    assert session.frozen() == {"basket": ["bread", "cake"]}


def test_the_kept_session_is_never_changed() -> None:
    """Whatever a handler does, the session before the turn is still there when it raises."""
    kept: dict[str, object] = {"basket": [["bread"]], "visits": 1}
    session = Session(kept)

    session["basket"][0].append("cake")  # type: ignore[index]  # it is a list of lists
    session["visits"] = 2
    session["new"] = True

    assert kept == {"basket": [["bread"]], "visits": 1}


def test_what_is_frozen_does_not_change_any_more() -> None:
    """A background task that goes on writing cannot reach what is being committed."""
    session = Session({})
    session["basket"] = ["bread"]

    frozen = session.frozen()
    session["basket"].append("cake")  # type: ignore[attr-defined]  # it is a list

    assert frozen == {"basket": ["bread"]}


def test_what_json_cannot_hold_is_refused_where_it_is_set() -> None:
    """The error names the keys that lead to the value, and the session stays as it was."""
    session = Session({})

    with pytest.raises(SessionError) as caught:
        session["basket"] = ["bread", {"at": NOON}]

    assert str(caught.value) == (
        "session['basket'][1]['at'] is of type datetime, which JSON cannot hold; use text, numbers, lists or dicts."
    )
    assert dict(session) == {}


def test_what_json_cannot_hold_is_refused_at_the_end_where_it_was_put_inside() -> None:
    """A nested list checks nothing itself, so the whole session is checked before it is kept."""
    session = Session({"basket": ["bread"]})

    session["basket"].append({1, 2})  # type: ignore[attr-defined]  # it is a list

    with pytest.raises(SessionError, match=r"session\['basket'\]\[1\] is of type set"):
        session.frozen()


def test_a_key_that_is_no_text_is_refused() -> None:
    """JSON would give it back as text."""
    with pytest.raises(SessionError, match="key of the session is of type int"):
        Session({})[7] = "seven"  # type: ignore[index]  # the mistake under test


def test_a_session_that_is_too_large_is_refused_by_its_size_and_largest_key() -> None:
    """The error says how large it is, how large it may be, and where to look."""
    session = Session({"visits": 1})
    session["history"] = ["x" * 1_000] * 70

    with pytest.raises(SessionError) as caught:
        session.frozen()

    assert str(caught.value) == (
        "The session has 70234 bytes of JSON, and 65536 may be kept; session['history'] alone has 70211."
    )


def test_the_largest_session_is_kept() -> None:
    """Exactly 64 kB of JSON are kept, counted in UTF-8."""
    session = Session({})
    session["texts"] = "é" * ((SIZE_LIMIT - len('{"texts":""}')) // 2)

    assert session.frozen() is not None
    session["texts"] = f"{session['texts']}x"
    with pytest.raises(SessionError, match=f"has {SIZE_LIMIT + 1} bytes"):
        session.frozen()


def test_a_surrogate_in_a_strangers_text_does_not_break_the_session() -> None:
    """What a user sent may be kept, whatever it is."""
    session = Session({})

    session["said"] = "\ud800"

    assert session.frozen() == {"said": "\ud800"}


def test_its_repr_shows_nobodys_words() -> None:
    """A session that ends up in a log says how much it holds and not what."""
    assert repr(Session({"name": "Anna"})) == "<Session with 1 keys>"


@pytest.mark.parametrize(
    ("ttl", "used_ago", "begins_with"),
    [
        (None, timedelta(days=900), {"visits": 1}),
        (timedelta(hours=2), timedelta(hours=2), {"visits": 1}),
        (timedelta(hours=2), timedelta(hours=2, seconds=1), {}),
        (timedelta(hours=2), None, {"visits": 1}),
    ],
)
def test_a_session_ends_when_it_was_not_used_for_its_ttl(
    ttl: timedelta | None, used_ago: timedelta | None, begins_with: dict[str, object]
) -> None:
    """A session that was last used longer ago than its time to live starts empty."""
    assert dict(session_of(work({"visits": 1}, used_ago), ttl)) == begins_with


def test_an_ended_session_is_emptied_in_the_store() -> None:
    """A session that has ended is kept as empty although nobody wrote to it, so that it does not come back."""
    assert session_of(work({"visits": 1}, timedelta(days=2)), timedelta(days=1)).frozen() == {}


def test_an_ended_session_that_was_empty_need_not_be_kept() -> None:
    """There is nothing to empty."""
    assert session_of(work({}, timedelta(days=2)), timedelta(days=1)).frozen() is None
