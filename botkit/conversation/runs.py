"""Runs: handlers set going for the flows they are kept as, with everything a turn gives them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from botkit.bot import Bot
from botkit.chat import Chat, HandOver, Send
from botkit.conversation.routes import Route
from botkit.events import Message, Status
from botkit.flows.beginning import Beginning
from botkit.flows.drive import Drive
from botkit.flows.form import Form
from botkit.flows.journal import Flow
from botkit.flows.question import Question, Reading
from botkit.flows.run import Means, Run
from botkit.handlers import CallInThread, Handler, call
from botkit.language.vocabulary import Vocabulary
from botkit.observe import Alarm, Observer
from botkit.replies import Reply
from botkit.router import How, Match
from botkit.session import Session
from botkit.work import Work


class Surroundings(NamedTuple):
    """What handlers are given by their turn.

    *hand_over* mutes the bot from the end of the turn on, and *is_handed_over* says whether it does. *keep* commits
    journals in the middle of the turn. *engaged* is told which handler is about to run, *blame* which one has raised.
    """

    bot: Bot
    work: Work
    send: Send
    hand_over: HandOver
    is_handed_over: Callable[[], bool]
    keep: Callable[[str], Awaitable[None]]
    resources: Mapping[str, object]
    call_in_thread: CallInThread
    observer: Observer
    engaged: Callable[[Route], None]
    blame: Callable[[Handler, BaseException], None]

    def on_behalf_of(self, handler: Handler) -> "OnBehalf":
        """What is raised meanwhile is the fault of *handler*, whose functions are called."""
        return OnBehalf(handler, self.blame)


class Stand(NamedTuple):
    """A handler at a question that is open: its run, its chat, and what is asked."""

    run: Run
    chat: Chat
    question: Question


class OnBehalf(NamedTuple):
    """Blames *handler* for what is raised meanwhile."""

    handler: Handler
    blame: Callable[[Handler, BaseException], None]

    def __enter__(self) -> None:
        """Begin to watch."""

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        """Tell of what was raised, which passes."""
        if error is not None:
            self.blame(self.handler, error)


class Runs:
    """Sets handlers going; *language* says which one the conversation is in by now.

    *keep* is called with a run whose journal is to be made durable at once.
    """

    def __init__(
        self, surroundings: Surroundings, language: Callable[[], str], keep: Callable[[Run], Awaitable[None]]
    ) -> None:
        self._to = surroundings
        self._language = language
        self._keep = keep
        self._begun: list[tuple[Run, Chat]] = []
        self._reading: Reading | None = None

    @property
    def reading(self) -> Reading:
        """What answers are read with, in the language that the conversation is in by now."""
        bot, language = self._to.bot, self._language()
        if self._reading is None or self._reading.language != language:
            self._reading = Reading(bot.router.types, bot.timezone, bot.voice.vocabulary(language), language)
        return self._reading

    @property
    def vocabulary(self) -> Vocabulary:
        """What is understood and said while a question is open."""
        return self.reading.vocabulary

    def drive(self, handler: Handler, name: str, slots: Mapping[str, object], chat: Chat) -> Drive:
        """Set *handler* going for the flow *name*: it can be driven, and has no run until it needs one."""
        handled = self._handled(handler, self.form(name, slots), slots, chat)
        drive = chat.drive = Drive(handled, is_plain=handler.mode == "sync")
        return drive

    async def _handled(
        self, handler: Handler, form: Form | None, slots: Mapping[str, object], chat: Chat
    ) -> tuple[Reply, ...] | None:
        """The coroutine that is driven: the whole of what a handler does."""
        to = self._to
        if form is not None:
            slots = await form.fill(chat.running("ask"))
        arguments = handler.arguments(slots, to.resources)
        replies = await call(handler, (chat,), arguments, call_in_thread=to.call_in_thread, send=chat.send_anything)
        chat.check_sent()
        return replies

    def run(self, flow: Flow, handler: Handler, drive: Drive, chat: Chat) -> Run:
        """The run of a handler that has been set going, which leads it along the journal of *flow*."""
        means = Means(reading=self.reading, keep=self._keep, call_in_thread=self._to.call_in_thread, warn=self._warn)
        run = chat.run = Run(flow, str(handler), means, drive, chat)
        self._begun.append((run, chat))
        return run

    def close(self) -> None:
        """Leave whatever still stands at a question because the turn went wrong, and let go of everything begun."""
        for run, chat in self._begun:
            run.drop()
            chat.leave()
        self._begun.clear()

    def form(self, name: str, known: Mapping[str, object]) -> Form | None:
        """The slots that are asked for in the flow *name*, None where there are none."""
        what, _, intent_name = name.partition(" ")
        intent = self._to.bot.intents.get(intent_name) if what == "intent" else None
        if intent is None or not intent.slots or not (asked := intent.asked):
            return None
        others = {name: slot for name, slot in intent.slots.items() if name not in asked}
        return Form(
            intent=intent_name, slots=asked, known=known, confirm=intent.confirm, reading=self.reading, others=others
        )

    def chat_of(self, flow: Flow) -> Chat:
        """A chat that stands where *flow* began."""
        to, begun = self._to, flow.begun
        chat = Chat(
            to.work,
            Session(begun.session),
            to.send,
            language=to.bot.settings.language,
            timezone=to.bot.timezone,
            hand_over=to.hand_over,
        )
        chat.stand(begun.event, begun.at)
        if begun.choice is not None:
            chat.choice, chat.text = begun.choice, begun.choice.title
        intent = to.bot.intents.get(begun.name.partition(" ")[2])
        if begun.how and intent is not None:
            how: How = begun.how  # type: ignore[assignment]  # as a Match had it
            chat.match = Match(intent=intent, slots=begun.slots, how=how, score=begun.score)
        return chat

    def _warn(self, text: str) -> None:
        self._to.observer(Alarm("flow", f"{text}."))


def flow_of(route: Route, work: Work, session: Mapping[str, object]) -> Flow:
    """The flow that begins with the event of *work*, while the session is as it is."""
    assert isinstance(work.event, (Message, Status))
    return Flow(
        Beginning(
            name=route.flow,
            version=route.handler.version,
            event=work.event,
            at=work.now,
            slots=route.slots,
            how=route.how if route.match else "",
            score=route.score,
            choice=route.choice,
            session=session,
        ).written()
    )
