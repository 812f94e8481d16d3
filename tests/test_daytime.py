"""Times of day, in eight languages."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from botkit import Bot, Chat
from botkit.language import Context, tokens
from botkit.language.slots import BUILT_IN
from botkit.language.vocabulary import LANGUAGES, phrases
from talks import Talk

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def times(said: str, *languages: str) -> list[tuple[str, dt.time]]:
    """What *said* begins with that is a time, the longest first, as it stands there."""
    words, context = tokens(said), Context(NOW, ZoneInfo("UTC"), languages or ("en",))
    return [(words.original(0, end), value) for end, value in BUILT_IN["time"].values(words, 0, context)]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("8:30", "8 pm", "8 o'clock", "midday", "midnight")),
        ("de", ("8.30 Uhr", "20 Uhr", "8 Uhr", "Mittag", "Mitternacht")),
        ("de-AT", ("8 Uhr 30", "20:00 h", "8 UHR", "mittags", "mitternachts")),
        ("fr", ("8h30", "20 heures", "8h", "Midi", "minuit")),
        ("es", ("8:30 h", "20 horas", "8 hs", "mediodía", "medianoche")),
        ("it", ("8:30", "20 ore", "8 o’clock", "mezzogiorno", "mezzanotte")),
        ("pt", ("8h30", "20 horas", "8h", "meio-dia", "meia noite")),
        ("nl", ("8.30 uur", "20 uur", "8 u", "middag", "middernacht")),
        ("pl", ("8:30", "20h", "8 h", "południe", "północ")),
    ],
)
def test_a_time_is_understood_in_the_language(language: str, said: tuple[str, ...]) -> None:
    """With minutes, in the evening, in the morning, and what has a name."""
    hours = [dt.time(8, 30), dt.time(20), dt.time(8), dt.time(12), dt.time(0)]

    assert [times(one, language)[0] for one in said] == list(zip(said, hours, strict=True))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_hour_is_missing(language: str) -> None:
    """Every language names noon and midnight, and has a word for the hour."""
    assert len(phrases(language, "time.named")) == 2
    assert all(phrases(language, "time.hours"))


def test_the_longest_comes_first_and_a_shorter_one_is_there_too() -> None:
    """So a phrase may write the hour itself, and what is counted may follow."""
    assert times("8:30 Uhr", "de") == [("8:30 Uhr", dt.time(8, 30)), ("8:30", dt.time(8, 30))]
    assert times("8 Uhr 2 Personen", "de") == [("8 Uhr", dt.time(8))]
    assert times("8 Uhr 30 Personen", "de") == [("8 Uhr 30", dt.time(8, 30)), ("8 Uhr", dt.time(8))]


@pytest.mark.parametrize(
    "said", ["24 Uhr", "8:60 Uhr", "25h10", "8", "8 Uhren", "8hrs", "8:30:15", "8 h 305", "halb neun", "0 pm", "13 pm"]
)
def test_what_no_clock_shows_is_none(said: str) -> None:
    """Nor what only begins like a time, nor what is said in words."""
    assert [found for found in times(said, "de") if found[0] == said] == []


def test_a_name_is_a_time_in_its_own_language() -> None:
    """Middag is noon in Dutch alone; English ones are known everywhere."""
    assert [times("middag", one) for one in ("nl", "de")] == [[("middag", dt.time(12))], []]
    assert times("noon", "pl") == [("noon", dt.time(12))]


async def test_a_german_bot_asks_for_a_time() -> None:
    """In a phrase, as an answer, and somewhere in a sentence."""
    bot = Bot("gasthaus", language="de", timezone="Europe/Berlin")

    @bot.intent("ein Tisch um {at:time}")
    async def table(chat: Chat, at: dt.time) -> str:
        until = await chat.ask("Bis wann?", type=dt.time)
        return f"{at:%H:%M} bis {until:%H:%M}."

    async with Talk(bot) as talk:
        for said, until in (("21 Uhr 30", "21:30"), ("bis Mitternacht, bitte", "00:00")):
            assert await talk.say("Ein Tisch um 19 Uhr") == ["Bis wann?"]
            assert await talk.say(said) == [f"19:00 bis {until}."]
