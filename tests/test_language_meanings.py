"""The English table that comes with botkit."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from botkit import Bot
from botkit.errors import DefinitionError
from botkit.language.meanings import meanings_of, table_in

TABLE = Path(str(files("botkit.language"))) / "words" / "en.table"
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)

LIBRARY: Mapping[str, Sequence[str]] = {
    "lend": ["how do I borrow a book", "can I borrow three books", "borrowing a novel", "take a book home"],
    "fine": ["how much is the late fee", "my book is overdue", "do I owe a fee", "overdue books"],
    "quiet": ["is there a quiet room", "somewhere silent to study", "a silent place please", "quiet desks"],
    "join": ["how do I become a member", "I need a library card", "get a card", "become a member today"],
}
GERMAN: Mapping[str, Sequence[str]] = {
    "leihen": ["wie leihe ich ein Buch aus", "darf ich drei Bücher leihen", "ein Buch mitnehmen", "Bücher ausleihen"],
    "frist": ["wann muss ich es zurückgeben", "mein Buch ist überfällig", "die Frist verlängern", "wie lange darf ich"],
}


def library(phrases: Mapping[str, Sequence[str]], *, language: str = "en", likeness: str = "built-in") -> Bot:
    """A bot that has learned."""
    bot = Bot("library", language=language, likeness=likeness)
    for name, said in phrases.items():
        bot.intent(*said, name=name)(print)
    bot.learn()
    return bot


def likely(bot: Bot, text: str) -> list[tuple[str, float]]:
    """The candidates of likeness and their scores."""
    assert bot.router.likeness is not None
    return [(one.intent, one.score) for one in bot.router.likeness.guess(text).candidates]


def alike(one: str, other: str) -> float:
    """How nearly two texts point the same way."""
    table = meanings_of("en")
    assert table is not None
    first, second = (table.together(text.split())[0] for text in (one, other))
    return float(first @ second / np.sqrt((first @ first) * (second @ second)))


def test_the_table_is_small() -> None:
    """It makes nobody's download much longer."""
    assert TABLE.stat().st_size < 2_500_000


def test_the_notice_names_what_it_was_made_from() -> None:
    """Whoever passes botkit on passes on the licences, too."""
    notice = " ".join(TABLE.with_name("NOTICE").read_text("utf-8").split())
    for said in ("all-MiniLM-L6-v2", "Apache License", "WordNet 3.0 Copyright 2006 by Princeton University", "AS IS"):
        assert said in notice


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("refund", "money back", "haircut"),
        ("where is my parcel", "track a package", "book a table"),
        ("dentist", "tooth doctor", "train ticket"),
        ("cheap", "inexpensive", "purple"),
    ],
)
def test_what_means_alike_points_alike(text: str, near: str, far: str) -> None:
    """Nearer than what means something else."""
    assert alike(text, near) > alike(text, far) + 0.2


def test_only_english_has_a_table() -> None:
    """However the language is written; what it says is that of no other."""
    assert meanings_of("en") is meanings_of("EN_us")
    assert [meanings_of(one) for one in ("de", "nl-BE", "eng", "", "eo")] == [None] * 5


@pytest.mark.parametrize(
    ("text", "intent"), [("lend me some novels", "lend"), ("penalty charges", "fine"), ("peaceful and calm", "quiet")]
)
def test_an_english_bot_understands_words_that_no_phrase_has(text: str, intent: str) -> None:
    """Better than by its own words: the right intent comes first, and is surer."""
    with_table, without = (
        dict(likely(library(LIBRARY), text)),
        dict(likely(library(LIBRARY, likeness="own-words"), text)),
    )
    assert next(iter(with_table)) == intent
    assert with_table[intent] > without.get(intent, 0.0)


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_bot_whose_phrases_are_german_knows_no_english_meanings(language: str) -> None:
    """Also where somebody forgot to say that it is German."""
    bot, without = library(GERMAN, language=language), library(GERMAN, language="de", likeness="own-words")
    asked = ["Bücher leihen", "borrow a book", "die Frist", "deadline"]
    assert [likely(bot, text) for text in asked] == [likely(without, text) for text in asked]


def test_a_small_bot_counts_a_meaning_as_known() -> None:
    """Beside a word of the phrases; without one it is as careful as ever."""
    bot, careful = library(LIBRARY), library(LIBRARY, likeness="own-words")
    match = bot.router.route("penalty charges on a card", now=NOW)
    assert match is not None
    assert (match.intent.name, match.how) == ("fine", "likeness")
    assert careful.router.route("penalty charges on a card", now=NOW) is None
    assert bot.router.route("tell me a joke about penguins", now=NOW) is None


def test_a_meaning_alone_answers_nothing_in_a_small_bot() -> None:
    """Among few intents something is nearest to every word, as a greeting is to any interjection."""
    bot = library({"hello": ["hello", "hi [there]"], "order": ["where is my order", "has my parcel shipped"]})
    assert likely(bot, "blah")[0][0] == "hello"
    assert [bot.router.route(said, now=NOW) for said in ("blah", "ugh")] == [None, None]


def test_explain_tells_what_meanings_said() -> None:
    """For a content writer to read, and as a number of each word in JSON."""
    explanation = library(LIBRARY).router.explain("lend me some novels", now=NOW)
    assert "by what they mean in English, as part of that: novels 0." in str(explanation)
    assert explanation.likeness is not None
    words = explanation.likeness.to_json()["words"]
    assert isinstance(words, list)
    assert [set(one) for one in words] == [{"said", "read", "weight", "meaning"}] * 4
    assert words[3]["meaning"] > 0.2


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: content[:-9] + b"\0" * 9])
def test_a_damaged_table_is_refused(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    """By name, with what to do, when a bot that needs it is built."""
    (tmp_path / "en.table").write_bytes(damage(TABLE.read_bytes()))
    with pytest.raises(DefinitionError, match=r"en\.table cannot be used: it is cut off .* own-words"):
        table_in(tmp_path / "en.table")


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """As one that is damaged."""
    with pytest.raises(DefinitionError, match=r"none\.table cannot be used: .* Install botkit again"):
        table_in(tmp_path / "none.table")
