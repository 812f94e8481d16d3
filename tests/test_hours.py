"""Opening hours: whether somebody is there, and when again, by the clock on the wall."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from botkit.errors import DefinitionError
from botkit.hours import Hours, Shift, days_of, shifts_of

BERLIN = ZoneInfo("Europe/Berlin")
BAKERY = Hours.of(
    {
        "mon-thu": "8-12, 13-18:30",
        "fri": "8-12, 18-2",
        "Saturday": "8 to 13",
        "2026-12-24": "8-12",
        "2026-12-25 to 2026-12-26": "closed",
    }
)


def at(text: str) -> datetime:
    """A moment in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("moment", "is_open", "next_opening"),
    [
        ("2026-12-21 07:59", False, "2026-12-21 08:00"),
        ("2026-12-21 08:00", True, "2026-12-21 13:00"),
        ("2026-12-21 12:00", False, "2026-12-21 13:00"),
        ("2026-12-21 18:29", True, "2026-12-22 08:00"),
        ("2026-12-18 23:30", True, "2026-12-19 08:00"),
        ("2026-12-19 01:59", True, "2026-12-19 08:00"),
        ("2026-12-19 02:00", False, "2026-12-19 08:00"),
        ("2026-12-24 13:00", False, "2026-12-28 08:00"),
    ],
)
def test_somebody_is_there_or_comes_again(moment: str, is_open: bool, next_opening: str) -> None:
    """Shifts may be split and pass midnight, and dates go before weekdays."""
    assert (BAKERY.open_at(at(moment)), BAKERY.next_opening(at(moment))) == (is_open, at(next_opening))


def test_who_never_opens_and_who_never_closes_has_no_next_opening() -> None:
    """Within more than a year."""
    never, always = Hours.of({"sun": "closed"}), Hours.of({"mon-sun": "0-24"})
    now = at("2026-12-24 13:00")

    assert (never.next_opening(now), always.next_opening(now), never.open_at(now), always.open_at(now)) == (
        *(None, None),
        *(False, True),
    )


def test_the_clock_on_the_wall_counts() -> None:
    """On the night when it is put forward, and on the one when it is put back, and in every zone."""
    hours = Hours.of({"sun": "2:30-4"})
    forward = [datetime(2026, 3, 29, 0, 59, tzinfo=UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)]
    back = [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)]

    assert [hours.open_at(one.astimezone(BERLIN)) for one in (*forward, *back)] == [False, True, True, True]


MINUTES = st.integers(0, 24 * 60)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, str]:
    """Hours with at most one shift a day, some of them past midnight, and an exception."""
    table = {}
    for name in ("mon-tue", "wed", "thu-sat", "sun", "2026-03-29"):
        opens, closes = draw(st.integers(0, 24 * 60 - 1)), draw(MINUTES)
        is_closed = draw(st.booleans()) or opens == closes
        table[name] = "closed" if is_closed else f"{opens // 60}:{opens % 60:02}-{closes // 60}:{closes % 60:02}"
    return table


def shift_by_minute(table: dict[str, str], day: date) -> set[datetime]:
    """Every minute of the shift that begins on a day, one by one."""
    text = next((text for name, text in table.items() if name == day.isoformat()), None)
    text = text or next(text for name, text in table.items() if day.weekday() in days_of(name))
    return {
        datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001 - a clock on a wall
        for shift in shifts_of(text)
        for minute in range(shift.opens, shift.closes)
    }


@given(tables(), st.datetimes(datetime(2026, 3, 27), datetime(2026, 4, 2)))  # noqa: DTZ001 - a clock on a wall
@settings(max_examples=150, deadline=None)
def test_a_minute_is_open_that_a_naive_count_has_open(table: dict[str, str], local: datetime) -> None:
    """Around the day when clocks are put forward; and the next opening is the next such minute after a closed one."""
    hours, minute = Hours.of(table), local.replace(second=0, microsecond=0)
    days = [minute.date() + timedelta(days=number) for number in range(-1, 11)]
    counted = set().union(*(shift_by_minute(table, day) for day in days))
    opening = hours.next_opening(minute.replace(tzinfo=BERLIN))
    later = sorted(one for one in counted if one > minute and one - timedelta(minutes=1) not in counted)

    assert hours.open_at(minute.replace(tzinfo=BERLIN)) == (minute in counted)
    assert (opening and opening.replace(tzinfo=None)) == (later[0] if later else None)


@pytest.mark.parametrize(
    "text", ["", "8", "8-25", "8-12,", "8-12, 11-13", "8:60-9", "8-8", "24-8", "from 8 to 9", "-8-12", "8-12 and 13-14"]
)
def test_what_is_no_shift_is_refused(text: str) -> None:
    """With what to write instead."""
    with pytest.raises(DefinitionError):
        shifts_of(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "m", "mo-", "someday", "mon-tue-wed", "2026-13-01", "2026-12-24-2026-12-26", "2026-12-26 to 2026-12-24"),
        *("2026-12-24 to", "24.12.2026", "2026-01-01 to 2027-12-31"),
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    """With what to write instead."""
    with pytest.raises(DefinitionError):
        days_of(text)


def test_a_day_has_its_hours_once() -> None:
    """Whatever it is called."""
    with pytest.raises(DefinitionError, match="Monday has its hours already"):
        Hours.of({"mon": "8-12", "Monday": "13-18"})
    with pytest.raises(DefinitionError, match="2026-12-25 has its hours already"):
        Hours.of({"2026-12-25": "8-12", "2026-12-24 to 2026-12-26": "closed"})


def test_shifts_are_in_order() -> None:
    """However they are written."""
    assert shifts_of("13.30–18, 8 to 12:15") == (Shift(480, 735), Shift(810, 1080))
