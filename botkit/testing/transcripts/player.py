"""Plays a test on a bench, exchange by exchange, and keeps what came of each."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Final

from attrs import field, frozen

from botkit.errors import BotkitError
from botkit.events import Address
from botkit.testing.bench import Bench
from botkit.testing.transcripts.expected import Pair, holds, in_words, paired, value_at, value_of
from botkit.testing.transcripts.steps import (
    Answered,
    Duplicated,
    Holds,
    Moved,
    Reported,
    Restarted,
    Resumed,
    Said,
    Signalled,
    Stated,
    Step,
    Test,
    Waited,
)
from botkit.testing.userchat import UserChat

_EXPECTING: Final = (Answered, Holds)


@frozen
class Untrue:
    """Something that should hold and does not: the step, and what was *found*."""

    step: Holds
    found: str


@frozen(kw_only=True)
class Exchange:
    """What was done at once, and what came of it.

    *pairs* are each user's answers beside what was expected. *understood* says as what each user's last message was
    understood, *failures* why handlers failed, and *broken* why it could not be done at all.
    """

    doings: tuple[Step, ...]
    at: datetime
    pairs: Mapping[str, Sequence[Pair]] = field(factory=dict)
    untrue: tuple[Untrue, ...] = ()
    understood: Mapping[str, str] = field(factory=dict)
    failures: tuple[str, ...] = ()
    broken: str | None = None

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return self.broken is None and not self.untrue and all(one.fits for some in self.pairs.values() for one in some)


@frozen(kw_only=True)
class Played:
    """A test that was played, in *seconds* of this machine's time."""

    test: Test
    exchanges: tuple[Exchange, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether every exchange was as expected."""
        return all(exchange.passed for exchange in self.exchanges)


async def play(test: Test, bench: Bench, *, page: str) -> Played:
    """Play *test* with the bot on *page* of *bench*, which nobody has used before.

    What differs does not end a test, because the conversation goes on all the same; what cannot be done at all does.
    """
    started = asyncio.get_running_loop().time()
    player = _Player(bench, page)
    exchanges: list[Exchange] = []
    for doings, expectations in _exchanges(test.steps):
        exchanges.append(await player.exchange(doings, expectations))
        if exchanges[-1].broken is not None:
            break
    return Played(test=test, exchanges=tuple(exchanges), seconds=asyncio.get_running_loop().time() - started)


def _exchanges(steps: Sequence[Step]) -> Iterator[tuple[tuple[Step, ...], tuple[Step, ...]]]:
    """What is done until something is expected, and everything that then is."""
    left = list(steps)
    while left:
        doings = tuple(takewhile(lambda step: not isinstance(step, _EXPECTING), left))
        expectations = tuple(takewhile(lambda step: isinstance(step, _EXPECTING), left[len(doings) :]))
        yield doings, expectations
        del left[: len(doings) + len(expectations)]


class _Player:
    """The users of one test."""

    def __init__(self, bench: Bench, page: str) -> None:
        self._bench = bench
        self._page = page
        self._chats: dict[str, UserChat] = {}
        self._has_begun = False

    def _chat(self, user: str) -> UserChat:
        if user not in self._chats:
            self._chats[user] = UserChat(self._bench, Address("messenger", self._page, user))
        return self._chats[user]

    async def exchange(self, doings: tuple[Step, ...], expectations: tuple[Step, ...]) -> Exchange:
        """Do everything, then compare."""
        known = len(self._bench.failures)
        done: list[Step] = []
        try:
            for doing in doings:
                done.append(doing)
                await self._do(doing)
            shown = {step.user: self._chat(step.user) for step in (*doings, *expectations)} | self._chats
            answers = {user: await chat.answer() for user, chat in shown.items()}
        except (BotkitError, ValueError) as error:
            return Exchange(doings=tuple(done), at=self._now(), broken=str(error))
        expected = [step for step in expectations if isinstance(step, Answered)]
        pairs = {
            user: paired([step for step in expected if step.user == user], answer) for user, answer in answers.items()
        }
        return Exchange(
            doings=doings,
            at=self._now(),
            pairs={user: some for user, some in pairs.items() if some},
            untrue=tuple([one async for one in self._untrue(expectations)]),
            understood={step.user: _understood(self._chat(step.user)) for step in doings if isinstance(step, Said)},
            failures=tuple(failure.error for failure in self._bench.failures[known:]),
        )

    def _now(self) -> datetime:
        zone = self._bench.bot(Address("messenger", self._page, "")).timezone
        return self._bench.clock.now().astimezone(zone)

    async def _do(self, step: Step) -> None:
        chat = self._chat(step.user)
        match step:
            case Said():
                await chat.begin(step.text, kind=step.kind, url=step.url)
            case Restarted():
                await self._bench.restart()
            case Waited():
                await self._bench.advance(self._bench.clock.now() + step.length)
            case Moved():
                await self._reach(chat, step.when)
            case Stated():
                # Whoever asked before finds what was there before.
                await self._bench.quiet()
                chat.lookup(step.url, value_of(step.found))
            case _:
                await _happen(chat, step)
        self._has_begun = True

    async def _reach(self, chat: UserChat, when: str) -> None:
        if self._has_begun:
            await chat.reach(when)
        else:
            # Before anything has happened any time will do.
            self._bench.clock.set(chat.moment(when))

    async def _untrue(self, expectations: Sequence[Step]) -> AsyncIterator[Untrue]:
        for step in expectations:
            if isinstance(step, Holds):
                found = await self._found(step)
                if not holds(found, step.value):
                    yield Untrue(step, in_words(found))

    async def _found(self, step: Holds) -> object:
        chat = self._chat(step.user)
        if step.what == "intent":
            return chat.intent
        if step.what == "handover":
            return await chat.handover()
        if step.what == "language":
            return await chat.language()
        return value_at(await chat.session() if step.what == "session" else chat.slots, step.key)


async def _happen(chat: UserChat, step: Step) -> None:
    """Do what happens to a conversation without its user."""
    match step:
        case Duplicated():
            await chat.repeat()
        case Reported():
            await chat.report(step.state, code=step.code)
        case Signalled():
            await chat.tell(step.name, value_of(step.data))
        case Resumed():
            await chat.give_back()
        case _:
            raise TypeError(f"{type(step).__name__} is nothing that can be done.")


def _understood(chat: UserChat) -> str:
    if chat.how == "muted":
        return "nothing, because a person answers"
    if chat.intent is None:
        return "no intent"
    return f"an answer to a question of intent {chat.intent}" if chat.how == "flow" else f"intent {chat.intent}"
