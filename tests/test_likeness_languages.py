"""Likeness in ten languages and six scripts.

Each file of ``data/languages`` teaches a shop's bot eight intents in one language, by five phrases each, and asks it
forty other things: as people type them, with capitals, accents or umlauts left out, and in other words.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from botkit.language.likeness import Example, Likeness, learned

FILES = sorted((Path(__file__).parent / "data" / "languages").glob("*.txt"))


def parted(path: Path) -> tuple[list[Example], list[Example]]:
    """The phrases and the messages of a file: lines with ``-`` and ``>`` under ``[intent]``."""
    intent = ""
    phrases: list[Example] = []
    messages: list[Example] = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("["):
            intent = line.strip("[]")
        elif line:
            (phrases if line[0] == "-" else messages).append(Example(intent, line[2:], len(phrases)))
    return phrases, messages


def understood(likeness: Likeness, messages: Sequence[Example]) -> list[str]:
    """Those of *messages* that are taken for their intent."""
    return [one.text for one in messages if likeness.model.rank(one.text)[0][0] == one.intent]


def test_ten_languages_are_asked() -> None:
    """Eight intents, five phrases each and forty messages that are no phrases."""
    assert len(FILES) == 10
    for path in FILES:
        phrases, messages = parted(path)
        assert (len({one.intent for one in phrases}), len(phrases), len({one.text for one in messages})) == (8, 40, 40)
        assert not {one.text for one in phrases} & {one.text for one in messages}


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_stranger_is_understood_in_his_language(path: Path) -> None:
    """At least 85 of 100 messages are taken for what they mean."""
    phrases, messages = parted(path)
    right = understood(learned(phrases), messages)

    assert len(right) >= 0.85 * len(messages), sorted({one.text for one in messages} - set(right))


@pytest.mark.parametrize(
    ("language", "said", "intent"),
    [
        ("de", "Oeffnungszeiten?", "hours"),
        ("de", "rueckgabe", "return"),
        ("de", "GESCHÄFT WO", "place"),
        ("fr", "echanger", "return"),
        ("fr", "reinitialiser le mot de passe", "password"),
        ("fr", "HORAIRES D'ÉTÉ", "hours"),
        ("tr", "ŞİFREMİ UNUTTUM", "password"),
        ("tr", "SIFREMI UNUTTUM", "password"),
        ("tr", "sıfırlama", "password"),
        ("tr", "iade", "return"),
        ("tr", "IADE", "return"),
        ("ru", "ПРИДЕТ ПОСЫЛКА", "order"),
        ("el", "ΔΙΕΥΘΥΝΣΗ", "place"),
    ],
)
def test_spellings_are_alike(language: str, said: str, intent: str) -> None:
    """Umlauts or their two letters, accents or none, the four letters i of Turkish, capitals or small ones."""
    phrases, _ = parted(next(path for path in FILES if path.stem == language))
    likeness = learned(phrases)

    assert likeness.model.rank(said)[0][0] == intent
