"""Why a text was understood as it was."""

import json
import re
from datetime import UTC, datetime

from botkit.errors import Place
from botkit.language import Slot
from botkit.replies import Choice
from botkit.router import Intent, Phrase, Router

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def router(*phrases: str) -> Router:
    """A router of intents called a, b, c and so on, with a phrase each."""
    made = Router(lists={"size": {"small": ["little"]}})
    for line, phrase in enumerate(phrases, 1):
        placed = (Phrase(phrase, Place("bots.yaml", line, 5)),)
        slots = {"it": Slot(choices=["red", "blue"])}
        made.add(Intent(name=chr(96 + line), phrases=placed, handler=print, slots=slots))
    return made


def whys(made: Router, text: str, choices: tuple[Choice, ...] = ()) -> list[tuple[str, str]]:
    """Each phrase's intent with its reason, the winner first."""
    return [(one.intent, one.why) for one in made.explain(text, now=NOW, choices=choices).candidates]


def test_the_winner_comes_first_and_the_others_say_where_they_failed() -> None:
    """Which word was expected, and which was found instead."""
    made = router(
        "hello",
        "track order {n:int} now",
        "track {n:int} {m:int}",
        "track",
        "track {n:int}",
        "track {it}",
        "track {s:size}",
    )

    assert whys(made, "Track 42!") == [
        ("e", "matches with 1 word of its own"),
        ("a", 'expected "hello" as word 1, found "Track"'),
        ("b", 'expected "order" as word 2, found "42"'),
        ("c", "expected {m} (int) as word 3, found the end"),
        ("d", 'ends, but the text goes on with "42" as word 2'),
        ("f", "expected {it} (choice of 'red', 'blue') as word 2, found \"42\""),
        ("g", 'expected {s} (size) as word 2, found "42"'),
    ]


def test_what_matches_and_loses_says_by_what_it_is_beaten() -> None:
    """By more words, by slots that take less, or by the order in which they were declared."""
    made = router("say {x}", "say {w:word}", "{x} it", "{x}", "[do] say {y:word} [now]", "say {x} now")

    assert whys(made, "say it") == [
        ("b", "matches with 1 word of its own"),
        ("a", "matches, but the slots of \"say {w:word}\" of intent 'b' take less"),
        ("c", "matches, but the slots of \"say {w:word}\" of intent 'b' take less"),
        ("d", "matches with no words of its own, but \"say {w:word}\" of intent 'b' has 1"),
        ("e", "matches as well as \"say {w:word}\" of intent 'b', which was declared first"),
        ("f", 'expected "now" as word 3, found the end'),
    ]


def test_an_exact_phrase_says_so() -> None:
    """And what it beats knows how many words it has."""
    made = router("say {x}", "say it", "say [it]")

    assert whys(made, "say it") == [
        ("b", "matches word for word"),
        ("a", "matches with 1 word of its own, but \"say it\" of intent 'b' has 2"),
        ("c", "matches as well as \"say it\" of intent 'b', which was declared first"),
    ]


def test_a_choice_is_said_to_be_taken() -> None:
    """One with an intent beats every phrase; one without is explained as its title."""
    made = router("1", "say it", "say {x}")

    by_intent = made.explain("1", now=NOW, choices=(Choice("Buy", intent="b"),))
    assert (by_intent.choice, by_intent.intent, by_intent.how) == ("Buy", "b", "choice")
    assert by_intent.candidates[0].why == "matches, but a choice of the last reply was taken"
    by_title = made.explain("1", now=NOW, choices=(Choice("Say hi"),))
    assert (by_title.words, by_title.intent, by_title.slots) == (("say", "hi"), "c", {"x": "hi"})
    assert by_title.candidates[0].why == "matches with 1 word of its own"
    assert by_title.lines()[1] == 'It takes the choice "Say hi" of the last reply.'


def test_lines_for_a_terminal_show_the_winner_and_who_came_furthest() -> None:
    """With what was compared, what the slots are, and how many phrases are left out."""
    made = router("hello", "track it {n:int}", "track {n:int} now", "track {n:int}", "track {x}")

    assert str(made.explain("Track 42", now=NOW)) == (
        '"Track 42" is compared as: track 42\n'
        "Intent 'd' answers (template) with n = 42.\n"
        "  = d: track {n:int}\n"
        "      matches with 1 word of its own\n"
        "  ~ e: track {x}\n"
        "      matches, but the slots of \"track {n:int}\" of intent 'd' take less\n"
        "  - c: track {n:int} now\n"
        '      expected "now" as word 3, found the end\n'
        "  - b: track it {n:int}\n"
        '      expected "it" as word 2, found "42"\n'
        "  - a: hello\n"
        '      expected "hello" as word 1, found "Track"'
    )
    assert made.explain("Track 42", now=NOW).lines(most=1)[-1] == "  … and 4 more phrases that fit less."


def test_nothing_understood_is_said_too() -> None:
    """The fallback answers, also to what has no words."""
    made = router("where is my order", "where are you", "?!")

    assert made.explain("where are my shoes", now=NOW).lines(most=1)[1:4] == [
        "No intent matches: the fallback answers.",
        "  - b: where are you",
        '      expected "you" as word 3, found "my"',
    ]
    assert made.explain("…", now=NOW).lines()[0] == '"…" is compared as: nothing'
    assert whys(made, "")[2] == ("c", "nothing of it is left to match")


def test_an_explanation_is_json() -> None:
    """Dates and decimals are text, places file:line:column."""
    explanation = router("on {day:date} {d:decimal}").explain("on friday 2.5", now=NOW)

    assert json.loads(json.dumps(explanation.to_json())) == {
        "text": "on friday 2.5",
        "words": ["on", "friday", "2", "5"],
        "choice": None,
        "intent": "a",
        "how": "template",
        "score": 0.25,
        "slots": {"day": "2026-11-27", "d": "2.5"},
        "likeness": None,
        "language": None,
        "failure": None,
        "candidates": [
            {
                "intent": "a",
                "phrase": "on {day:date} {d:decimal}",
                "place": "bots.yaml:1:5",
                "won": True,
                "matched": True,
                "why": "matches with 1 word of its own",
                "reached": 4,
                "is_regex": False,
            }
        ],
    }


# Likeness


def taught(*intents: tuple[str, ...]) -> Router:
    """A router of intents called a, b, c and so on, that has learned."""
    made = Router()
    for name, phrases in zip("abc", intents, strict=False):
        made.add(Intent(name=name, phrases=tuple(map(Phrase, phrases)), handler=print))
    made.learn()
    return made


SHOP = taught(
    ("when do you open", "opening hours please"), ("I want my money back", "refund"), ("where is order {n:int}",)
)


def test_likeness_that_answers_says_why() -> None:
    """With every candidate that counts, the words that spoke for it, those it repaired and those it does not know."""
    lines = SHOP.explain("wehn do you oepn xyz", now=NOW).lines()

    assert lines[:3] == [
        '"wehn do you oepn xyz" is compared as: wehn do you oepn xyz',
        "Intent 'a' answers (likeness).",
        lines[2],
    ]
    assert lines[2].startswith("By likeness, of which 0.")
    assert lines[3].startswith("  = a: ")
    assert "      a is surely enough what was meant" in lines
    assert "      read with another spelling: wehn as when, oepn as open" in lines
    assert "      in no phrase: xyz" in lines


def test_likeness_that_declines_says_why() -> None:
    """Nothing is known, too little is known, the score is too low, or a slot is missing."""
    whys = {text: SHOP.explain(text, now=NOW).likeness for text in ("?", "xyz", "do cats sleep at night", "my order")}

    assert [one and one.answers for one in whys.values()] == [False] * 4
    assert [one and re.sub(r"0\.\d+", "0.…", one.why.partition(" (")[0]) for one in whys.values()] == [
        "nothing of it is in any phrase",
        "nothing of it is in any phrase",
        "a is the most like it, but 0.… is not enough",
        "c is surely enough meant, but cannot answer without n; give the slot an ask",
    ]


def test_numbers_are_told_as_they_were_written() -> None:
    """Though all of them are one word to likeness."""
    known = SHOP.explain("where are order 99", now=NOW).lines()
    unknown = taught(("when do you open",), ("a refund please",)).explain("open at 99", now=NOW).lines()

    assert "      in no phrase: are" in known
    assert not any(line.startswith("      read with another spelling") for line in known)
    assert any(line.startswith("      in no phrase: at, 99") for line in unknown)


def test_small_words_that_say_too_little_are_told_so() -> None:
    """There is nothing else in the text that could have told more."""
    likeness = SHOP.explain("when do you", now=NOW).likeness

    assert likeness is not None
    assert likeness.why == "what it has in common with a phrase says too little by itself"


def test_where_a_phrase_answers_likeness_is_told_in_a_line_and_in_full_in_json() -> None:
    """It was not asked, and may have declined."""
    explanation = SHOP.explain("refund", now=NOW)
    likeness = explanation.to_json()["likeness"]
    (line,) = [one for one in explanation.lines() if "ikeness" in one]

    assert re.sub(r"\d\.\d\d", "…", line) == (
        "Likeness, which was not asked, would have taken it for b: …, and … is enough."
    )
    assert (
        taught(("{x} it",), ("hello there",))
        .explain("zzz it", now=NOW)
        .lines()[-1]
        .startswith("Likeness, which was not asked, would have declined it: ")
    )
    assert isinstance(likeness, dict)
    assert sorted(likeness) == [
        "answers", "candidates", "margin", "near", "suggested", "threshold", "why", "words",
    ]  # fmt: skip
    assert likeness["candidates"][0]["intent"] == "b"
    assert [word["said"] for word in likeness["words"]] == ["refund"]
    assert json.dumps(likeness)


def test_what_was_declared_first_and_loses_says_what_goes_before_it() -> None:
    """That another is meant in this language."""
    made = Router()
    for language in ("de", "en"):
        made.add(Intent(name=language, phrases=(Phrase("{x:word} hallo", language=language),), handler=print))

    assert whys(made, "a hallo") == [
        ("en", "matches with 1 word of its own"),
        ("de", "matches as well as \"{x:word} hallo\" of intent 'en', which goes first in this language"),
    ]
    assert made.explain("a hallo", now=NOW, language="de").intent == "de"
