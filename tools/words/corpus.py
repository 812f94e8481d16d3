"""What the table is learned from: sentences of WordNet, and requests framed from them as people put them to a bot.

No data of any benchmark is in it: the frames below are ours, and what fills them is WordNet's.
"""

import itertools
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

from botkit.language.likeness.features import NUMBER, shapes
from botkit.language.text import tokens
from tools.words.sources import Gloss

#: So many words are in the table.
WORDS_LIMIT: Final = 33_000
#: Up to that number all forms of a piece are words.
_FORMS_UP_TO: Final = 8_000
_OF_NATURE: Final = re.compile(
    r"^(any of|small|large) |\b(genus|family|species|shrub|herb|plant|tree|fish|bird|insect|having|native)\b"
)
#: Pieces from that number on are names mostly, and words that few people use.
_NAMES_FROM: Final = 16_000
_SHORTEST: Final = 3
_LONGEST: Final = 22
_DEFINED: Final = 25_000
_DONE_TIMES: Final = 7
_OF_THINGS: Final = 80_000
#: How much more often a single word is taken than one of two.
_SAID_WHOLE: Final = 0.2
#: As frequent as that piece an everyday word is that is none.
_EVERYDAY_RANK: Final = 4_000
_PLAIN: Final = re.compile(r"[a-z]{1,20}")
_DOUBLED: Final = re.compile(r"(^|[^aeiou])[aeiou][bdgklmnprt]$")

#: What people ask to do.
DOING: Final = (
    "how do I {}", "how can I {}", "can you {}", "could you please {}", "please {}", "I want to {}", "I'd like to {}",
    "I need to {}", "can I {}", "is it possible to {}", "help me {}", "I'm trying to {}", "what do I need to {}",
    "when should I {}", "where can I {}", "why can't I {}", "I don't want to {}", "I would like you to {}",
    "what's the best way to {}", "do I have to {}", "what happens if I {}", "am I allowed to {}", "show me how to {}",
    "remind me to {}", "let's {}", "I forgot to {}", "did I {} already", "don't {}", "I have to {} now", "will you {}",
    "just {}", "who can {} for me", "how long does it take to {}", "how much does it cost to {}", "{} for me",
    "{} right now", "{} tomorrow morning", "you should {}", "I couldn't {}", "I wasn't able to {}", "go ahead and {}",
    "would you {}",
)  # fmt: skip
#: What people ask about a thing or two.
ABOUT: Final = (
    "what is a {}", "what's my {}", "tell me about the {}", "where is the {}", "where's my {}", "how much is the {}",
    "I lost my {}", "my {} doesn't work", "my {} isn't here yet", "do you have a {}", "do you know any good {}",
    "is there a {} near me", "are there any {} nearby", "I have a question about my {}", "what kind of {} is it",
    "which {} is better", "how many {} are there", "when is the {}", "who is the {}", "show me the {}",
    "give me a list of my {}", "what are the {} for today", "is my {} ready", "when will my {} arrive",
    "what does {} mean", "who makes the {}", "who brings the {}", "I like the {}", "I hate the {}",
    "the {} is too expensive", "that's a nice {}", "how's the {} today", "what's the {} like this week",
    "change my {}", "cancel my {}", "add {} to my list", "remove the {} from the list", "turn on the {}",
    "turn off the {}", "find me a {}", "order a {} please", "I need a new {}", "how old is the {}", "open the {}",
    "is the {} still available", "thanks for the {}", "you're a {}", "are you a {}", "can I see the {}", "any {} news",
    "how far is the {}", "how long is the {}", "is it going to be {}", "I've got a problem with the {}", "{}",
    "what {} do you recommend", "why is the {} so small", "why was the {} late", "check the {}", "more {}",
    "the {} and the {}", "a {} with {}", "how do I get from the {} to the {}", "how much {} is in a {}",
    "is the {} better than the {}", "what's the difference between a {} and a {}", "send the {} to my {}",
    "put the {} in the {}", "did the {} come with a {}", "does the {} have {}", "what's the {} of the {}",
    "when does the {} {} start", "book a {} for my {}", "my {} needs a {}", "I want {} instead of {}", "a {} {} please",
    "tell my {} about the {}", "play some {} from the {}", "what time is the {} at the {}", "do I need {} for my {}",
)  # fmt: skip

#: What shops, offices and travellers speak of, for which WordNet is too old or too learned.
EVERYDAY: Final = tuple(Path(__file__).with_name("everyday.txt").read_text("utf-8").split())


@frozen
class Corpus:
    """The *texts* that the teacher reads, and the *words* of the table; each word is a text of its own, too."""

    texts: tuple[str, ...]
    words: tuple[str, ...]


def corpus(glosses: Sequence[Gloss], pieces: Sequence[str]) -> Corpus:
    """The corpus from WordNet's *glosses*; *pieces* are those of the teacher, the more frequent ones earlier."""
    chance = random.Random(20)  # noqa: S311 - the same texts each time, and no secrets
    common = {piece: rank for rank, piece in enumerate(pieces) if _PLAIN.fullmatch(piece)}
    examples = [text for gloss in glosses for text in gloss.examples if _is_plain(text)]
    texts = [
        *examples,
        *_defined(glosses, common, chance),
        *_requests(glosses, chance),
        *_about(glosses, common, chance),
    ]
    texts = list(dict.fromkeys(text.strip(" .;,") for text in texts))
    words = _words([*DOING, *ABOUT], glosses, common)
    return Corpus(tuple(dict.fromkeys([*texts, *words])), words)


def _is_plain(text: str) -> bool:
    return text.isascii() and "`" not in text and 1 < len(text.split()) <= _LONGEST


def _defined(glosses: Sequence[Gloss], common: dict[str, int], chance: random.Random) -> list[str]:
    told = [one.definition for one in glosses if one.lemmas[0].lower() in common and _is_plain(one.definition)]
    return chance.sample(told, min(_DEFINED, len(told)))


def _requests(glosses: Sequence[Gloss], chance: random.Random) -> Iterator[str]:
    """What WordNet gives as an order, as a request: *deposit the suitcase*, *how do I deposit the suitcase*."""
    for gloss in glosses:
        if gloss.speech == "verb":
            for text in gloss.examples:
                if _is_plain(text) and text.split()[0].lower() in {one.split()[0] for one in gloss.lemmas}:
                    said = text[0].lower() + text[1:].rstrip(" .!")
                    yield from [frame.format(said) for frame in chance.sample(DOING, _DONE_TIMES)]


def _about(glosses: Sequence[Gloss], common: dict[str, int], chance: random.Random) -> Iterator[str]:
    """Frames filled with common things, and with what WordNet says about things."""
    things: list[str] = []
    for gloss in glosses:
        if gloss.speech == "noun":
            things += [one.lower() for one in gloss.lemmas if all(part in common for part in one.lower().split())]
    things = list(dict.fromkeys([*things, *EVERYDAY]))
    ranks = [max(common.get(part, _EVERYDAY_RANK) for part in one.split()) for one in things]
    weights = itertools.accumulate(
        _SAID_WHOLE ** one.count(" ") / rank for one, rank in zip(things, ranks, strict=True)
    )
    shares = list(weights)
    for _ in range(_OF_THINGS):
        frame = chance.choice(ABOUT)
        yield frame.format(*chance.choices(things, cum_weights=shares, k=frame.count("{}")))


def _words(frames: Iterable[str], glosses: Sequence[Gloss], common: Mapping[str, int]) -> tuple[str, ...]:
    """The words of the table: those of the frames, everyday ones, common ones with their forms, then WordNet's."""
    framed = [word for frame in frames for word in _read(frame.replace("{}", ""))]
    counts = _favoured(glosses)
    forms: dict[str, list[str]] = {}
    for gloss in glosses:
        for lemma in gloss.lemmas:
            forms.setdefault(lemma.lower(), []).extend(_forms(lemma, gloss.speech))
    named = [word for word, rank in common.items() if (word in forms or rank < _NAMES_FROM) and len(word) >= _SHORTEST]
    formed = [form for word in named for form in forms.get(word, ()) if counts[form] or common[word] < _FORMS_UP_TO]
    ordered = [word for word, _ in counts.most_common() if _PLAIN.fullmatch(word)]
    found = dict.fromkeys([NUMBER, *framed, *EVERYDAY, *named, *formed, *ordered])
    return tuple(sorted(list(found)[:WORDS_LIMIT]))


def _favoured(glosses: Sequence[Gloss]) -> Counter[str]:
    """How often WordNet says each word, three times as much in examples and as a lemma; nature and names left out."""
    counts: Counter[str] = Counter()
    for gloss in glosses:
        if not gloss.lemmas[0][0].isupper() and not _OF_NATURE.search(gloss.definition):
            for text in (gloss.definition, *3 * gloss.examples, *3 * gloss.lemmas):
                counts.update(_read(text))
    return counts


def _read(text: str) -> list[str]:
    return shapes(tokens(text).words)


def _forms(word: str, speech: str) -> Iterator[str]:
    """The regular forms of a *word* that is a noun or a verb; names, and verbs that double a letter, have none here."""
    if speech not in ("noun", "verb") or not _PLAIN.fullmatch(word) or word.endswith("ing"):
        return
    hissing = word.endswith(("s", "x", "z", "ch", "sh"))
    stem = word[:-1] if word.endswith("e") else word
    turned = word[:-1] + "i" if len(word) > 2 and word.endswith("y") and word[-2] not in "aeiou" else ""
    yield f"{turned}es" if turned else f"{word}es" if hissing else f"{word}s"
    if speech == "verb" and not _DOUBLED.search(word):
        yield from (f"{turned or stem}ed", f"{stem}ing")
