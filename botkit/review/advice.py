"""Advice on a bot's phrases: what works, and could be understood better."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

from attrs import frozen

from botkit.bot import Bot
from botkit.errors import Place
from botkit.language import Template, parse
from botkit.language.lessons import taught
from botkit.language.likeness import Limits
from botkit.language.templates import Hole, Variant
from botkit.matching.patterns import takes_everything
from botkit.matching.phrasebook import Claim
from botkit.matching.understanding import Understanding
from botkit.router import Intent, Match, Phrase

#: ``shadowed``: another intent answers what a phrase says. ``everything``: a phrase matches whatever is said.
#: ``confused``: without the phrase, likeness takes it for another intent. ``few``: an intent has too few phrases.
#: ``mixed``: many phrases of an intent are like one other. ``past``: every exception from the opening hours is over.
Kind = Literal["shadowed", "everything", "confused", "mixed", "few", "past"]

#: Likeness learns what users may say otherwise from at least so many.
ENOUGH: Final = 3
#: So many phrases taken for the same other intent are no chance.
MIXED: Final = 2


@frozen(kw_only=True)
class Advice:
    """One thing that could be better: what it is, where, and what to do.

    *claim* is the phrase, with its intent and the one that it is taken for, where it is about such.
    """

    kind: Kind
    text: str
    place: Place | None
    claim: Claim | None = None

    def __str__(self) -> str:
        return self.text if self.place is None else f"{self.place}: {self.text}"


def advice_on(bot: Bot, *, now: datetime) -> list[Advice]:
    """What could be better about the phrases of *bot*, which has learned; *now* gives dates their meaning."""
    phrases = [
        (intent, phrase, _template(bot, intent, phrase)) for intent in bot.intents.values() for phrase in intent.phrases
    ]
    shadowed = [*_shadowed(bot, phrases, now)]
    # A mistake is told once: who mends the first has mended all.
    claimed = {*bot.router.claimed, *(one.claim for one in shadowed)}
    confused = [
        one
        for understanding in bot.router.understandings
        for one in _confused(understanding)
        if one.claim not in claimed
    ]
    mixed = [one for understanding in bot.router.understandings for one in _mixed(understanding)]
    return [*shadowed, *_searched(bot), *confused, *mixed, *_few(bot), *_past(bot, now)]


def learned_from(bot: Bot) -> str | None:
    """How well *bot* knows phrases that it was not taught, in words; None where it has not learned any."""
    told = [line for one in bot.router.understandings if (line := _told(one, bot.router.understandings)) is not None]
    return "\n".join(told) or None


def _told(understanding: Understanding, others: Sequence[Understanding]) -> str | None:
    likeness = understanding.likeness
    if likeness.accuracy is None:
        return None
    where = f" in {understanding.language}" if len(others) > 1 else ""
    tried, limits = sum(not trial.is_hidden for trial in likeness.trials), likeness.limits
    some = "1 phrase" if tried == 1 else f"{tried} phrases"
    return (
        f"Left out one after the other, {likeness.accuracy:.0%} of {some}{where} are taken for their intent. "
        f"Likeness answers from a score of {limits.threshold:.2f} on, unless {_close(limits)}."
    )


def _close(limits: Limits) -> str:
    if limits.margin < 0.005:
        return "two intents come equally close"
    return f"the next intent is closer than {limits.margin:.2f}"


_Phrases = Sequence[tuple[Intent, Phrase, Template]]


def _template(bot: Bot, intent: Intent, phrase: Phrase) -> Template:
    return parse(phrase.text, intent.slots, bot.router.types)


def _shadowed(bot: Bot, phrases: _Phrases, now: datetime) -> Iterator[Advice]:
    told_of = set[tuple[str, str, str]]()
    for intent, phrase, template in phrases:
        if any(map(_takes_everything, template.variants)):
            told = f'"{phrase.text}" matches every message, and leaves nothing to likeness and the fallback'
            yield Advice(kind="everything", text=f"{told}: add a word of its own.", place=phrase.place)
        elif (other := _answered_by_another(bot, intent, phrase, template, now)) is not None:
            text, match = other
            claim = Claim(intent.name, phrase, match.intent.name)
            if (text, claim.intent, claim.other) in told_of:
                continue
            told_of.add((text, claim.intent, claim.other))
            where = "" if match.phrase is None else f' by "{match.phrase.text}"'
            told = f'"{text}" of {intent.name!r} is answered by {match.intent.name!r}{where}'
            yield Advice(
                kind="shadowed", text=f"{told}: say it in one of the two only.", place=phrase.place, claim=claim
            )


def _takes_everything(variant: Variant) -> bool:
    return len(variant) == 1 and isinstance(variant[0], Hole) and variant[0].type.is_text


def _answered_by_another(
    bot: Bot, intent: Intent, phrase: Phrase, template: Template, now: datetime
) -> tuple[str, Match] | None:
    """A text that a phrase of *intent* says, and what answers it where that is another one; not what is warned of."""
    for text in taught(template):
        match = bot.router.route(text, now=now, language=phrase.language or "")
        if match is None or match.how == "likeness" or match.intent.name == intent.name:
            continue
        if Claim(intent.name, phrase, match.intent.name) not in bot.router.claimed:
            return text, match
    return None


def _confused(understanding: Understanding) -> Iterator[Advice]:
    """The phrases that likeness, taught by all others, would have another intent answer."""
    likeness, seen = understanding.likeness, set[int]()
    for trial in likeness.trials:
        is_answered = trial.score >= likeness.limits.threshold and trial.lead >= likeness.limits.margin
        if is_answered and not trial.is_hidden and not trial.is_right and trial.number not in seen:
            seen.add(trial.number)
            intent, phrase = understanding.phrases[trial.number]
            if len(intent.phrases) < ENOUGH:
                continue
            claim = Claim(intent.name, phrase, trial.ranked[0][0])
            told = f'"{phrase.text}" of {intent.name!r} is more like {claim.other!r} than like its other phrases'
            text = f"{told}: add phrases that are like it, or move it."
            yield Advice(kind="confused", text=text, place=phrase.place, claim=claim)


def _searched(bot: Bot) -> Iterator[Advice]:
    for intent in bot.intents.values():
        for one in intent.regexes:
            if takes_everything(one.text):
                told = f'the regular expression "{one.text}" is found in every message, and leaves nothing to likeness'
                yield Advice(
                    kind="everything", text=f"{told} and the fallback: add what is special to it.", place=one.place
                )


def _mixed(understanding: Understanding) -> Iterator[Advice]:
    """The intents a good part of whose phrases, when they are left out, are most like one and the same other."""
    wrong: Counter[tuple[str, str]] = Counter()
    tried: Counter[str] = Counter()
    for trial in {one.number: one for one in understanding.likeness.trials if not one.is_hidden}.values():
        tried[trial.intent] += 1
        if trial.ranked and not trial.is_right:
            wrong[trial.intent, trial.ranked[0][0]] += 1
    for (name, other), count in wrong.most_common():
        if count >= MIXED and count * 3 >= tried[name]:
            intent = understanding.intents[name]
            told = f"{count} of {tried[name]} phrases of {name!r}, when they are left out, are taken for {other!r}"
            place = next(phrase.place for one, phrase in understanding.phrases if one is intent)
            yield Advice(
                kind="mixed",
                text=f"{told}: give both phrases with words of their own, or make one intent of the two.",
                place=place,
            )


def _few(bot: Bot) -> Iterator[Advice]:
    languages = bot.voice.languages
    for intent in bot.intents.values():
        for language in () if intent.strict else languages:
            said = [one for one in intent.phrases if (one.language or languages[0]) == language]
            if said and len(said) < ENOUGH:
                count = f"{len(said)} phrase{'s' * (len(said) > 1)}" + (f" in {language}" if len(languages) > 1 else "")
                told = f"intent {intent.name!r} has {count}: with {ENOUGH} or more, likeness knows"
                place = _where(intent, said[0]) if len(languages) == 1 else said[0].place
                yield Advice(kind="few", text=f"{told} what users say otherwise.", place=place)


def _where(intent: Intent, phrase: Phrase) -> Place | None:
    """Where *intent* is written, if its *phrase* is too: more phrases belong where there are some."""
    return intent.place if intent.place and phrase.place and intent.place.file == phrase.place.file else phrase.place


def _past(bot: Bot, now: datetime) -> Iterator[Advice]:
    hours = bot.settings.hours
    days = () if hours is None else hours.exceptions
    if days and max(days) < now.astimezone(bot.timezone).date():
        told = f"every exception from the hours is over, the last on {max(days)}: add the coming holidays to hours:."
        yield Advice(kind="past", text=f"Bot {bot.name}: {told}", place=hours.place if hours is not None else None)
