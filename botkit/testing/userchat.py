"""A conversation under test, as its user sees it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from botkit.app import App
from botkit.events import KINDS, Address, Kind, Message, Status
from botkit.matching.explanation import Explanation
from botkit.replies import Reply
from botkit.session import without_language
from botkit.testing.bench import Bench
from botkit.testing.lookups import found_as, is_url
from botkit.testing.messenger import Fault, Shown
from botkit.testing.moments import duration, moment
from botkit.testing.watched import POINTS, Point, Turn
from botkit.work import STATE_OF_STATUS, Conversation, DeadLetter, Gap, Kept


class UserChat:
    """One user's conversation with a bot on a `Bench`; `bot_tester` makes it.

    Everything that makes time pass or something happen returns, in order, what Messenger has shown the user since the
    last time: words as they are, with choices numbered, and media as ``[image] https://…``. Nobody sleeps: what is due
    later happens when the clock is moved, by `wait` or `at`.
    """

    def __init__(self, bench: Bench, address: Address) -> None:
        if not address.user:
            raise ValueError('A user needs a name, such as "ann".')
        self._bench = bench
        self.address = address
        self._last: Message | None = None
        self._read = 0
        self._news: Sequence[Shown] = ()

    # What the user does

    async def say(self, text: str = "", *, kind: Kind = "text", url: str | None = None) -> list[str]:
        """Say *text*, or send an image, audio, video or file by its *url*; return the bot's answer."""
        await self.begin(text, kind=kind, url=url)
        return await self.answer()

    async def begin(self, text: str = "", *, kind: Kind = "text", url: str | None = None) -> None:
        """Say something without waiting for the answer, so that several things are said at once; see `answer`.

        Raises ValueError for a kind that there is not, and for an image, audio, video or file without its *url*.
        """
        _check_said(kind, url)
        self._last = self._bench.new_message(self.address, kind=kind, text=text, url=url)
        await self._bench.accept(self._last)

    async def answer(self) -> list[str]:
        """What the bot has answered, once it has nothing left to do."""
        await self._bench.quiet()
        shown = self._bench.messenger.shown(self.address)
        self._news, self._read = shown[self._read :], len(shown)
        return [one.text for one in self._news]

    def user(self, name: str, *, page: str | None = None) -> "UserChat":
        """The conversation of another user, or on another page, with the same installation."""
        return UserChat(self._bench, Address(self.address.channel, page or self.address.page, name))

    # What happens to them

    async def restart(self) -> list[str]:
        """Stop the process and start another: nothing but the store survives.

        A bot given by its path or as ``module:bot`` is imported anew; one given as a Bot keeps what its module's own
        variables hold, because nothing can make this process forget them.
        """
        await self._bench.restart()
        return await self.answer()

    async def duplicate(self) -> list[str]:
        """Deliver the user's last message once more, as Vonage does where an answer was lost."""
        await self.repeat()
        return await self.answer()

    async def repeat(self) -> None:
        """Do what `duplicate` does, without waiting for the answer; raises ValueError where nothing was said."""
        if self._last is None:
            raise ValueError("Nothing was said yet that could come twice.")
        await self._bench.accept(self._last)

    async def status(self, state: str, *, code: int | None = None, of: int = -1) -> list[str]:
        """Deliver a status, such as ``read`` or ``rejected``, about the last message shown, or about message *of*."""
        await self.report(state, code=code, of=of)
        return await self.answer()

    async def report(self, state: str, *, code: int | None = None, of: int = -1) -> None:
        """Do what `status` does, without waiting for the answer.

        Raises ValueError where nothing was shown, and for a state that neither botkit nor the bot knows.
        """
        listened = self._bench.bot(self.address).listens_to(state)
        if state not in STATE_OF_STATUS and not listened:
            raise ValueError(f'There is no status "{state}"; known are {", ".join(STATE_OF_STATUS)}.')
        await self._bench.quiet()
        shown = self._bench.messenger.shown(self.address)
        if not shown:
            raise ValueError("Nothing was shown yet that could have a status.")
        if not -len(shown) <= of < len(shown):
            raise ValueError(f"There is no message {of}: {len(shown)} were shown, and the first of them is 0.")
        about = Status(
            message_id=shown[of].message_id,
            address=self.address,
            state=state,
            delivery_id=shown[of].delivery_id,
            code=code,
            at=self._bench.clock.now(),
        )
        await (await self.app()).store.note(about, listened=listened)

    async def signal(self, name: str, data: object = None) -> list[str]:
        """Tell the handler that waits for the signal *name* that it has happened, with *data* that JSON can hold."""
        await self.tell(name, data)
        return await self.answer()

    async def tell(self, name: str, data: object = None) -> None:
        """Do what `signal` does, without waiting for the answer."""
        # What was said before comes first, as it would where people and machines take their time.
        await self._bench.quiet()
        await (await self.app()).signal(self.address, name, data, id=self._bench.new_id())

    async def resume(self) -> list[str]:
        """Let the bot answer again, as its owner does after a handover."""
        await self.give_back()
        return await self.answer()

    async def give_back(self) -> None:
        """Do what `resume` does, without waiting for the answer; raises ValueError where the bot answers already."""
        await self._bench.quiet()
        if not await (await self.app()).resume(self.address):
            raise ValueError("The bot answers already: nothing was handed over that could be given back.")

    def crash(self, point: Point = "answered") -> None:
        """Let the process die, once, when it next reaches *point*; another one goes on with what the store holds.

        ``claimed``: before anything of the bot runs. ``said``: after a ``chat.send`` was kept. ``answered``: after the
        handler, before anything it returned is kept. ``committed``: before anything leaves. ``sending``: before the
        Messages API accepts. ``sent``: after it has, before that is known. After ``said``, ``committed``, ``sending``
        and ``sent`` nobody knows whether the message arrived: where no status tells, it is sent (again) when
        ``doubt_seconds`` (30) have passed. A test fails by the end of which it has not died. Raises ValueError for
        another point.
        """
        if point not in POINTS:
            raise ValueError(f'No process dies at the point "{point}"; known are {", ".join(POINTS)}.')
        self._bench.plan.crashes.append(point)

    def fault(
        self,
        what: int | Literal["time_out", "no_connection"],
        *,
        times: int = 1,
        arrives: bool = False,
        retry_after_seconds: int | None = None,
    ) -> None:
        """Let the Messages API fail the next *times* deliveries, with an HTTP status or not at all; see `Fault`.

        A test fails by the end of which there were fewer deliveries. Raises ValueError for what is no failure.
        """
        if times < 1:
            raise ValueError(f"times is {times!r}; a fault happens once or more often.")
        fault = Fault(what=what, arrives=arrives, retry_after_seconds=retry_after_seconds)
        self._bench.messenger.faults.extend([fault] * times)

    def lookup(self, url: str, found: object) -> None:
        """Let what a bot looks up at *url* be *found*: what JSON can hold, a status such as 404, or ``"time-out"``.

        It holds from now on for everybody. Nothing is looked up for real under test: a turn fails that asks for another
        URL. Raises ValueError for what is no URL, and for what no lookup comes to.
        """
        if not is_url(url):
            raise ValueError(f'"{url}" is no URL; it begins with https://, or with http:// on this machine.')
        self._bench.lookups.stated[url] = found_as(found)

    # Time

    async def wait(self, length: timedelta | str) -> list[str]:
        """Let time pass, as in ``timedelta(hours=2)`` or ``"2h"``, and whatever becomes due meanwhile happen.

        Raises ValueError for what is no length of time, and for one below zero.
        """
        length = duration(length) if isinstance(length, str) else length
        if length < timedelta():
            raise ValueError("No time goes back: wait for zero or more.")
        await self._bench.advance(self._bench.clock.now() + length)
        return await self.answer()

    async def at(self, when: datetime | str) -> list[str]:
        """Let it become *when*: an aware datetime, or ``"2026-12-24 09:00"`` in the bot's time zone."""
        await self.reach(when)
        return await self.answer()

    async def reach(self, when: datetime | str) -> None:
        """Do what `at` does, without looking at the answer; raises ValueError for a time that is over."""
        moment = self.moment(when) if isinstance(when, str) else when.astimezone(UTC)
        if moment < self._bench.clock.now():
            raise ValueError(f"It is {self.now():%Y-%m-%d %H:%M} already, and no clock goes back.")
        await self._bench.advance(moment)

    def moment(self, when: str) -> datetime:
        """When *when*, such as ``2026-12-24 09:00`` in the bot's time zone, is; raises ValueError."""
        return moment(when, self._bench.bot(self.address).timezone)

    def now(self) -> datetime:
        """The time it is, in the bot's time zone; tests begin on Monday, 2026-11-23, at 12:00 UTC."""
        return self._bench.clock.now().astimezone(self._bench.bot(self.address).timezone)

    # What there is to see

    @property
    def replies(self) -> tuple[Reply, ...]:
        """The last answer as replies, one for each message that was shown."""
        return tuple(one.reply for one in self._news)

    @property
    def shown(self) -> list[str]:
        """Everything Messenger has shown the user, from the beginning."""
        return [one.text for one in self._bench.messenger.shown(self.address)]

    @property
    def failures(self) -> list[str]:
        """Why turns of this conversation failed: handler, exception and place, without a user's words."""
        return [failure.error for failure in self._bench.failures if failure.address == self.address]

    @property
    def turn(self) -> Turn | None:
        """The last turn of this conversation that was committed, None before the first."""
        return next(self._turns(), None)

    @property
    def _heard(self) -> Turn | None:
        """The last turn about something the user sent."""
        return next((turn for turn in self._turns() if isinstance(turn.work.event, Message)), None)

    def _turns(self) -> Iterator[Turn]:
        """This conversation's turns, the last one first."""
        return (turn for turn in reversed(self._bench.turns) if turn.work.address == self.address)

    @property
    def intent(self) -> str | None:
        """The intent that the last message was understood as, None if none."""
        heard = self._heard
        return None if heard is None else heard.outcome.intent

    @property
    def how(self) -> str | None:
        """How the last message was understood: exact, template, choice, kind or fallback, or flow for an answer.

        For the wish for another language it is language. While a person answers it is muted, and resumed for the word
        that calls the bot back.
        """
        heard = self._heard
        return None if heard is None else self._bench.hows.get((self.address, heard.work.event.id))

    @property
    def slots(self) -> Mapping[str, object]:
        """The slots that the last message filled."""
        explanation = self.explain()
        return {} if explanation is None else explanation.slots

    def explain(self) -> Explanation | None:
        """Why the last message was answered as it was, None if it was no text."""
        heard = self._heard
        if heard is None or not isinstance(heard.work.event, Message) or heard.work.event.kind != "text":
            return None
        router, work = self._bench.bot(self.address).router, heard.work
        language = without_language(work.session)[1] or ""
        return router.explain(heard.work.event.text, now=work.now, choices=work.choices, language=language)

    async def session(self) -> Mapping[str, object]:
        """What the bot keeps of this user, empty for a new one."""
        conversation = await self.conversation()
        return {} if conversation is None else without_language(conversation.session)[0]

    async def language(self) -> str:
        """The language that the conversation is in."""
        conversation = await self.conversation()
        spoken = None if conversation is None else without_language(conversation.session)[1]
        return spoken or self._bench.bot(self.address).settings.language

    async def handover(self) -> str | None:
        """Why a person answers this conversation now, None where the bot does."""
        conversation = await self.conversation()
        mute = None if conversation is None else conversation.mute
        return None if mute is None or mute.until <= self._bench.clock.now() else mute.reason

    async def deliveries(self) -> Sequence[Kept]:
        """The deliveries of this conversation, with their states and attempts, in order."""
        conversation = await self.conversation()
        return () if conversation is None else conversation.deliveries

    async def conversation(self) -> Conversation | None:
        """Everything that is kept of this conversation, None if nothing is."""
        return await (await self.app()).store.conversation(self.address)

    async def dead_letters(self) -> Sequence[DeadLetter]:
        """What was set aside in this conversation, newest first."""
        letters = await (await self.app()).store.dead_letters()
        return [letter for letter in letters if letter.address == self.address]

    async def gaps(self) -> Sequence[Gap]:
        """What bots had no answer to, whoever said it, the newest first."""
        return await (await self.app()).store.gaps()

    async def app(self) -> App:
        """The app that runs now, for `App.send` and the like; then `answer` returns what came of it."""
        return await self._bench.app()


def _check_said(kind: Kind, url: str | None) -> None:
    """Refuse what no user can send."""
    if kind not in KINDS:
        raise ValueError(f'There is no kind "{kind}"; known are {", ".join(KINDS)}.')
    if kind == "text" and url is not None:
        raise ValueError('A text has no url; say which kind it is, such as kind="image".')
    if kind not in ("text", "unsupported") and not is_url(url or ""):
        raise ValueError(f'What is of kind "{kind}" comes with its url, such as url="https://example.com/a".')
