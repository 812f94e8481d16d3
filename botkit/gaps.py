"""What bots have no answer to, in groups that ask about the same thing, and as YAML for their writers to paste."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import field, frozen

from botkit.bot import Bot
from botkit.language import tokens
from botkit.language.clusters import Cluster, clustered
from botkit.language.redaction import ADDRESS, NUMBER
from botkit.work import Gap

#: How many words of a text name an intent, and how many of a group's texts become phrases.
_NAMED_BY: Final = 4
_PHRASES: Final = 8
_SPECIAL: Final = frozenset("[]{}()|\\")


@frozen(kw_only=True)
class Near:
    """An *intent* that a group may mean, and how sure that is; from 0.5 on the bot would have answered."""

    intent: str
    sure: float


@frozen(kw_only=True)
class Group:
    """Texts that ask the bot called *bot*, in *language*, about the same thing.

    *texts* are the different ones, the most frequent first; they were said *count* times in all, between *first* and
    *last*. *near* is the intent that most of them are like, None where there is none.
    """

    bot: str
    language: str
    texts: tuple[str, ...] = field(repr=False)
    count: int
    first: datetime
    last: datetime
    near: Near | None = None

    @property
    def name(self) -> str:
        """A name for a new intent, from the words of the most frequent text."""
        words = [word for word in tokens(self.texts[0]).words if not word.isdecimal()]
        return "_".join(words[:_NAMED_BY]) or "question"

    def to_json(self) -> dict[str, object]:
        """The group as JSON values."""
        return {
            "bot": self.bot,
            "language": self.language,
            "count": self.count,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "near": None if self.near is None else {"intent": self.near.intent, "sure": round(self.near.sure, 3)},
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


def _groups(gaps: Sequence[Gap], bot: Bot | None) -> Iterator[Group]:
    said = [phrase for intent in bot.intents.values() for phrase in intent.phrases] if bot else []
    phrases = [phrase.text for phrase in said if phrase.language in (gaps[0].language, None)]
    times: dict[str, list[datetime]] = {}
    for gap in gaps:
        times.setdefault(tokens(gap.text).key, []).append(gap.at)
    for cluster in clustered([gap.text for gap in gaps], known=phrases):
        moments = [moment for text in cluster.texts for moment in times[tokens(text).key]]
        yield Group(
            bot=gaps[0].bot,
            language=gaps[0].language,
            texts=cluster.texts,
            count=cluster.count,
            first=min(moments),
            last=max(moments),
            near=None if bot is None else _near(bot, gaps[0].language, cluster),
        )


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


def as_yaml(groups: Sequence[Group], taken: Sequence[str] = ()) -> str:
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
    names, lines = set(taken), list[str]()
    is_in_several = len({group.language for group in groups}) > 1
    for group in groups:
        name, number = group.name, 2
        while name in names:
            name, number = f"{group.name}_{number}", number + 1
        names.add(name)
        lines += _intent(name, group, group.language if is_in_several else None)
    return "".join(f"{line}\n" for line in lines)


def _intent(name: str, group: Group, language: str | None) -> Iterator[str]:
    near = "" if group.near is None else f"; near {group.near.intent}"
    yield f"      {name}:  # asked {'once' if group.count == 1 else f'{group.count} times'}{near}"
    yield "        phrases:" if language is None else f"        phrases:\n          {language}:"
    for text in group.texts[:_PHRASES]:
        yield f"          {'' if language is None else '  '}- {json.dumps(phrase_of(text), ensure_ascii=False)}"
    answer = '"Write the answer here."'
    yield f"        reply: {answer if language is None else f'{{{language}: {answer}}}'}"


def phrase_of(text: str) -> str:
    r"""*text* as a phrase: its brackets are signs, and what was left out of it is a slot.

    >>> phrase_of("is # (or #) yours? write to @")
    'is {number:int} \\(or {number2:int}\\) yours? write to {address:word}'
    """
    counts: dict[str, int] = {}

    def slot(name: str, kind: str) -> str:
        counts[name] = counts.get(name, 0) + 1
        return f"{{{name}{counts[name] if counts[name] > 1 else ''}:{kind}}}"

    slots: Mapping[str, tuple[str, str]] = {NUMBER: ("number", "int"), ADDRESS: ("address", "word")}
    return "".join(slot(*slots[sign]) if sign in slots else f"\\{sign}" if sign in _SPECIAL else sign for sign in text)
