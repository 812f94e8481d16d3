"""A chat of the simulator's page as a test: the record's entries into the text of a transcript."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from attrs import define, evolve, field

from botkit.events import KINDS, Kind
from botkit.lookups import Found, Missed
from botkit.simulator.record import Entry
from botkit.testing.lookups import is_url, stated_as
from botkit.testing.transcripts import Test, written
from botkit.testing.transcripts.steps import Answered, Moved, Said, Stated, Step, Waited

#: A pause shorter than this is the writer's own, and means nothing to a bot.
PAUSE: Final = timedelta(minutes=1)
_WITH_URL: Final = ("image", "audio", "video", "file")
_FORMAT: Final = "%Y-%m-%d %H:%M"


def saved(entries: Iterable[Entry], *, timezone: str, head: str = "") -> str:
    """The conversation in *entries* as a transcript, below *head*; empty where nothing was said.

    What a transcript cannot say is left out, with its answer: a text of nothing but white space, and a medium without
    its URL. Each answer stands below its message, whole, also where the weather kept it back.

    The test begins when the chat did, by the clock that the bot saw, and waits where a minute or more went by: what was
    answered because of the time is answered again. Where that clock was put back another test begins, for in a test no
    time comes again.
    """
    tests: list[Test] = []
    for step in _Telling([*entries], ZoneInfo(timezone)).steps():
        if isinstance(step, Moved):
            tests.append(Test(name=f"saved on {step.when}", steps=()))
        tests[-1] = evolve(tests[-1], steps=(*tests[-1].steps, step))
    text = head + "\n".join(map(written, tests)) if tests else ""
    # Half a sign, as a broken keyboard may send it, is in no file.
    return text.encode("utf-8", "replace").decode()


@define
class _Telling:
    """Goes through *entries*; *now* is when the last step was, by the bot's clock, None before anything was said."""

    entries: list[Entry]
    timezone: ZoneInfo
    now: datetime | None = None
    ahead: timedelta = timedelta()
    turns: dict[str, datetime] = field(factory=dict)
    lookups: dict[str, list[Stated]] = field(factory=dict)
    deliveries: dict[str, list[Mapping[str, object]]] = field(factory=dict)
    shown: dict[object, Entry] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        turns = [entry for entry in self.entries if entry.kind == "turn"]
        self.shown = {entry.facts.get("delivery"): entry for entry in self.entries if entry.kind == "shown"}
        for entry in turns:
            self.deliveries.setdefault(entry.about, []).extend(_deliveries(entry))
        self.turns = {entry.about: _moment(entry.facts.get("now")) for entry in turns}
        self.lookups = {entry.about: [*_stated(entry.facts.get("lookups"))] for entry in turns}

    def steps(self) -> Iterator[Step]:
        """What was said and shown, and the pauses between."""
        messages = {entry.about for entry in self.entries if entry.kind == "said"}
        answers = {one["id"] for about in messages for one in self.deliveries.get(about, ())}
        for entry in filter(_can_be_said, self.entries):
            if entry.kind == "said":
                yield from self._paused(entry)
                # What was looked up for it has to be known before.
                yield from self.lookups.get(entry.about, ())
                yield _said(entry)
                yield from map(self._answered, self.deliveries.get(entry.about, ()))
            # Whatever was shown before anything was said begins no test.
            elif entry.kind == "shown" and entry.facts.get("delivery") not in answers and self.now is not None:
                yield from self._paused(entry)
                yield Answered(text=_shown(entry.facts))

    def _answered(self, delivery: Mapping[str, object]) -> Answered:
        entry = self.shown.get(delivery["id"])
        return Answered(text=_shown(delivery if entry is None else entry.facts))

    def _paused(self, entry: Entry) -> Iterator[Step]:
        if entry.kind == "said" and entry.about in self.turns:
            self.ahead = self.turns[entry.about] - entry.at
        at = entry.at + self.ahead
        if self.now is None or self.now - at >= PAUSE:
            yield Moved(when=f"{at.astimezone(self.timezone):{_FORMAT}}")
        elif at - self.now >= PAUSE:
            yield Waited(length=timedelta(minutes=round((at - self.now) / timedelta(minutes=1))))
        self.now = at


def _can_be_said(entry: Entry) -> bool:
    kind = entry.facts.get("kind")
    if kind == "text":
        return bool(str(entry.facts.get("text") or "").strip())
    return entry.kind != "said" or kind not in _WITH_URL or is_url(str(entry.facts.get("url") or ""))


def _said(entry: Entry) -> Said:
    url = entry.facts.get("url")
    kind: Kind = next((kind for kind in KINDS if kind == entry.facts.get("kind")), "unsupported")
    return Said(text=str(entry.facts.get("text") or ""), kind=kind, url=str(url) if url else None)


def _stated(lookups: object) -> Iterator[Stated]:
    """What was found in a turn, as the panel tells it."""
    for one in lookups if isinstance(lookups, list) else ():
        status = one["status"] if isinstance(one["status"], int) else None
        found = Found(one["value"]) if one["why"] is None else Missed(str(one["why"]), status)
        yield Stated(url=str(one["url"]), found=stated_as(found))


def _deliveries(turn: Entry) -> list[Mapping[str, object]]:
    """What a turn sent, as the panel tells it."""
    found = turn.facts.get("deliveries")
    return [one for one in found if one["kind"] != "text" or one["text"].strip()] if isinstance(found, list) else []


def _shown(facts: Mapping[str, object]) -> str:
    """What Messenger showed, or would have shown; of a medium that never came the address may not be known."""
    kind = facts.get("kind")
    return str(facts.get("text")) if kind == "text" else f"[{kind}] {facts.get('url') or '…'}".rstrip()


def _moment(now: object) -> datetime:
    return now if isinstance(now, datetime) else datetime.fromisoformat(str(now))
