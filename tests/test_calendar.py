"""Dates in words, in eight languages."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from botkit import Bot, Chat
from botkit.language import Context, tokens
from botkit.language.slots import BUILT_IN
from botkit.language.vocabulary import LANGUAGES, phrases
from talks import Talk

#: A Monday.
NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
NAMES = [("date.near", 4), ("date.weekdays", 7), ("date.months", 12)]


def date(said: str, language: str) -> object:
    """What the whole of *said* is as a date."""
    words, context = tokens(said), Context(NOW, ZoneInfo("UTC"), (language,))
    return next((value for end, value in BUILT_IN["date"].values(words, 0, context) if end == len(words)), None)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("tomorrow", "friday", "24 December", "the 24th of December 2026", "the day after tomorrow")),
        ("de", ("morgen", "Freitag", "24. Dezember", "24. Dez. 2026", "übermorgen")),
        ("de-AT", ("Morgen", "Freitag", "24. Dezember", "24 Dezember 2026", "Uebermorgen")),
        ("fr", ("demain", "vendredi", "24 décembre", "24 Décembre 2026", "après-demain")),
        ("es", ("mañana", "viernes", "24 de diciembre", "24 de diciembre de 2026", "pasado mañana")),
        ("it", ("domani", "venerdì", "24 dicembre", "24 dicembre 2026", "dopodomani")),
        ("pt", ("amanhã", "sexta-feira", "24 de dezembro", "24 de dezembro de 2026", "depois de amanhã")),
        ("pt", ("amanha", "sexta", "24 dezembro", "24 dez 2026", "depois de amanha")),
        ("nl", ("morgen", "vrijdag", "24 december", "24 december 2026", "overmorgen")),
        ("pl", ("jutro", "piątek", "24 grudnia", "24 grudnia 2026", "pojutrze")),
    ],
)
def test_a_date_is_understood_in_the_language(language: str, said: tuple[str, ...]) -> None:
    """Tomorrow, a weekday, a day with its month, with its year, and the day after tomorrow."""
    days = [dt.date(2026, 11, 24), dt.date(2026, 11, 27), *[dt.date(2026, 12, 24)] * 2, dt.date(2026, 11, 25)]

    assert [date(one, language) for one in said] == days


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_day_is_missing(language: str) -> None:
    """Every language has as many names as there are days and months."""
    assert [len(phrases(language, name)) for name, _ in NAMES] == [count for _, count in NAMES]


def test_a_word_is_a_date_in_its_own_language_alone() -> None:
    """Hier is yesterday in French and here in German; mon is mine in French. Whole English names do everywhere."""
    assert [date("hier", language) for language in ("fr", "de")] == [dt.date(2026, 11, 22), None]
    assert [date("mon", language) for language in ("en", "fr")] == [dt.date(2026, 11, 30), None]
    assert date("friday", "pl") == dt.date(2026, 11, 27)


@pytest.mark.parametrize("said", ["the", "depois de", "24 de", "24 de dezembro de", "pasado", "the the friday"])
def test_half_a_date_is_none(said: str) -> None:
    """Whatever would have to follow."""
    assert [date(said, language) for language in ("en", "pt", "es")] == [None] * 3


async def test_a_bot_of_several_languages_understands_days_in_each() -> None:
    """Whoever writes first in German means morgen, too; what is asked then, is asked in German."""
    bot = Bot("gasthaus")

    @bot.intent({"en": ["a table for {day:date}"], "de": ["ein Tisch für {day:date}"]})
    async def table(chat: Chat, day: dt.date) -> str:
        return f"{day} to {await chat.ask('Until?', type=dt.date)}"

    async with Talk(bot) as talk:
        assert await talk.say("Ein Tisch für morgen") == ["Until?"]
        assert await talk.say("übermorgen") == ["2026-11-24 to 2026-11-25"]


async def test_a_german_bot_asks_for_a_day() -> None:
    """In a phrase, as an answer, and somewhere in a sentence."""
    bot = Bot("gasthaus", language="de", timezone="Europe/Berlin")

    @bot.intent("ein Tisch für {day:date}")
    async def table(chat: Chat, day: dt.date) -> str:
        until = await chat.ask("Bis wann?", type=dt.date)
        return f"{day} bis {until}."

    async with Talk(bot) as talk:
        for said, until in (("übermorgen", "2026-11-25"), ("bis zum 1. Dezember, bitte", "2026-12-01")):
            assert await talk.say("Ein Tisch für morgen") == ["Bis wann?"]
            assert await talk.say(said) == [f"2026-11-24 bis {until}."]
