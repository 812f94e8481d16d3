"""What bots have no answer to, in groups that ask about the same thing, and as YAML for their writers to paste."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from attrs import field, frozen

from botkit.bot import Bot
from botkit.errors import PhraseError
from botkit.language import tokens
from botkit.language.clusters import Cluster, clustered
from botkit.language.redaction import ADDRESS, NUMBER
from botkit.matching.intents import PHRASE_LIMIT
from botkit.router import Intent, Phrase, Router
from botkit.work import Gap

#: How many words of a text name an intent, in how many letters, and how many of a group's texts become phrases.
_NAMED_BY: Final = 4
_NAME_LENGTH: Final = 40
_PHRASES: Final = 8
#: None of the slots depends on it.
_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)
_SPECIAL: Final = frozenset("[]{}()|\\")


@frozen(kw_only=True)
class Near:
    """An *intent* that a group may mean, and how sure that is, from 0 to 1."""

    intent: str
    sure: float


@frozen(kw_only=True)
class Group:
    """Texts that ask the bot called *bot*, in *language*, about the same thing.

    *texts* are the different ones, the most frequent first; they were said *count* times in all, between *first* and
    *last*. *near* is the intent that most of them are like, and *answered* the one that answers the most frequent by
    now; None where there is none.
    """

    bot: str
    language: str
    texts: tuple[str, ...] = field(repr=False)
    count: int
    first: datetime
    last: datetime
    near: Near | None = None
    answered: str | None = None

    @property
    def name(self) -> str:
        """A name for a new intent, from the words of the most frequent text."""
        words = [word for word in tokens(self.texts[0]).words if not word.isdecimal()]
        return "_".join(words[:_NAMED_BY])[:_NAME_LENGTH] or "question"

    def to_json(self) -> dict[str, object]:
        """The group as JSON values."""
        return {
            "bot": self.bot,
            "language": self.language,
            "count": self.count,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "near": None if self.near is None else {"intent": self.near.intent, "sure": round(self.near.sure, 3)},
            "answered": self.answered,
            "texts": list(self.texts),
        }


def grouped(gaps: Sequence[Gap], bots: Sequence[Bot]) -> list[Group]:
    """*gaps* in groups, one bot and language after the other, the most frequent first.

    *bots* are those whose gaps they are; of one that is not among them no near intents are known. It takes about a
    second for a thousand different texts.
    """
    by_name = {bot.name: bot for bot in bots}
    parts: dict[tuple[str, str], list[Gap]] = {}
    for gap in gaps:
        parts.setdefault((gap.bot, gap.language), []).append(gap)
    return [group for key in sorted(parts) for group in _groups(parts[key], by_name.get(key[0]))]


def by_count(groups: Iterable[Group]) -> list[Group]:
    """*groups* with the most frequent first, and those that are answered by now last."""
    return sorted(groups, key=lambda group: (group.answered is not None, -group.count))


def _groups(gaps: Sequence[Gap], bot: Bot | None) -> Iterator[Group]:
    said = [phrase for intent in bot.intents.values() for phrase in intent.phrases] if bot else []
    phrases = [phrase.text for phrase in said if phrase.language in (gaps[0].language, None)]
    times: dict[str, list[datetime]] = {}
    for gap in gaps:
        times.setdefault(tokens(gap.text).key, []).append(gap.at)
    for cluster in clustered([gap.text for gap in gaps], known=phrases):
        moments = sorted(moment for text in cluster.texts for moment in times[tokens(text).key])
        yield Group(
            bot=gaps[0].bot,
            language=gaps[0].language,
            texts=cluster.texts,
            count=cluster.count,
            first=moments[0],
            last=moments[-1],
            near=None if bot is None else _near(bot, gaps[0].language, cluster),
            answered=None if bot is None else _answered(bot, gaps[0].language, cluster.texts[0], moments[-1]),
        )


def _answered(bot: Bot, language: str, text: str, now: datetime) -> str | None:
    """The intent that answers *text* by now."""
    match = bot.router.route(_sample(text), now=now, language=language)
    return None if match is None else match.intent.name


def _near(bot: Bot, language: str, cluster: Cluster) -> Near | None:
    learned = {one.language: one.likeness for one in bot.router.understandings}
    likeness = learned.get(language, bot.router.likeness)
    if likeness is None:
        return None
    sure: dict[str, float] = {}
    for text in cluster.texts[:_PHRASES]:
        for candidate in likeness.guess(text).candidates[:1]:
            sure[candidate.intent] = sure.get(candidate.intent, 0.0) + candidate.sure
    if not sure:
        return None
    best = max(sure, key=lambda name: sure[name])
    return Near(intent=best, sure=sure[best] / min(_PHRASES, len(cluster.texts)))


def as_yaml(groups: Iterable[Group], taken: Iterable[str] = ()) -> str:
    r"""*groups* as intents for ``intents:`` of a bots.yaml, each with an answer still to be written.

    None is called as one of *taken* is. Where they are in several languages, each says in which.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 23, tzinfo=UTC)
    >>> group = Group(bot="shop", language="en", texts=("repair my bike [now]?",), count=3, first=now, last=now)
    >>> print(as_yaml([group]), end="")
          repair_my_bike_now:  # asked 3 times
            phrases:
              - "repair my bike \\[now\\]?"
            reply: "Write the answer here."
    """
    return "".join(pastes(tuple(groups), taken))


def pastes(groups: Sequence[Group], taken: Iterable[str] = ()) -> Iterator[str]:
    """Each of *groups* as `as_yaml` writes it; one of which no phrase can be made is a comment."""
    names = set(taken)
    is_in_several = len({group.language for group in groups}) > 1
    for group in groups:
        phrases = _phrases(group)
        if not phrases:
            yield f"      # {_asked(group)}, and no phrase can be made of it: {_quoted(group.texts[0])}\n"
            continue
        name, number = group.name, 2
        while name in names:
            name, number = f"{group.name}_{number}", number + 1
        names.add(name)
        near = "" if group.near is None else f"; near {group.near.intent}"
        lines = _intent(phrases, group.language if is_in_several else None)
        yield "".join(f"{line}\n" for line in (f"      {name}:  # {_asked(group)}{near}", *lines))


def _asked(group: Group) -> str:
    return f"asked {'once' if group.count == 1 else f'{group.count} times'}"


def _phrases(group: Group) -> list[str]:
    """Phrases for what most of a group's texts say."""
    made = filter(None, map(phrase_of, group.texts))
    return list(islice(dict.fromkeys(made), _PHRASES))


def _intent(phrases: Sequence[str], language: str | None) -> Iterator[str]:
    yield "        phrases:" if language is None else f"        phrases:\n          {language}:"
    yield from (f"          {'' if language is None else '  '}- {_quoted(phrase)}" for phrase in phrases)
    answer = '"Write the answer here."'
    yield f"        reply: {answer if language is None else f'{{{language}: {answer}}}'}"


def _quoted(text: str) -> str:
    """*text* in YAML's double quotes; what nobody can see is written as its number."""
    return "".join(sign if sign.isprintable() else _numbered(sign) for sign in json.dumps(text, ensure_ascii=False))


def _numbered(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def phrase_of(text: str) -> str | None:
    r"""*text* as a phrase: its brackets are signs, and what was left out of it is a slot.

    >>> phrase_of("is # (or #) yours? write to @")
    'is {number:int} \\(or {number2:int}\\) yours? write to ({email:email}|{url:url})'

    None where a phrase would take what somebody else means, or not even this text: without a word of its own, as
    ``# #``, with a number inside a word, as ``A#``, or with more slots or words than a phrase may have.
    """
    phrase = _written(text)
    is_telling = bool(tokens(text.replace(NUMBER, " ").replace(ADDRESS, " ")).words)
    return phrase if is_telling and len(phrase) <= PHRASE_LIMIT and _takes(phrase, _sample(text)) else None


def _written(text: str) -> str:
    counts: Counter[str] = Counter()

    def slot(sign: str) -> str:
        counts[sign] += 1
        number = counts[sign] if counts[sign] > 1 else ""
        # No other word is one of these, as it would be of a slot that takes any word.
        return f"{{number{number}:int}}" if sign == NUMBER else f"({{email{number}:email}}|{{url{number}:url}})"

    return "".join(
        slot(sign) if sign in (NUMBER, ADDRESS) else f"\\{sign}" if sign in _SPECIAL else sign for sign in text
    )


def _takes(phrase: str, said: str) -> bool:
    """Whether *phrase* can be built, and is what *said* would be understood by."""
    router = Router()
    try:
        router.add(Intent(name="gap", phrases=(Phrase(phrase),), handler=_takes))
    except PhraseError:
        return False
    return router.route(said, now=_ANY_TIME, likeness=False) is not None


def _sample(text: str) -> str:
    """*text* as somebody may have said it: with some number and some address in the place of what was left out."""
    return text.replace(NUMBER, "1").replace(ADDRESS, "ann@example.com")
