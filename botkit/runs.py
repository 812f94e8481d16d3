"""Runs: handlers set going for the flows they are kept as, with everything a turn gives them."""

from collections.abc import Awaitable, Callable, Mapping

from attrs import evolve, frozen

from botkit.bot import Bot
from botkit.chat import Chat, Send
from botkit.flows.form import Form
from botkit.flows.journal import Flow
from botkit.flows.question import Reading
from botkit.flows.run import Means, Run
from botkit.handlers import CallInThread, Handler, call
from botkit.observe import Alarm, Observer
from botkit.replies import Reply
from botkit.router import How, Match
from botkit.routes import Route
from botkit.session import Session
from botkit.work import Work, delivery_id


@frozen(kw_only=True)
class Surroundings:
    """What handlers are given by their turn.

    *keep* commits journals in the middle of the turn. *engaged* is told which handler is about to run, *blame* which
    one has raised.
    """

    bot: Bot
    work: Work
    send: Send
    keep: Callable[[str], Awaitable[None]]
    resources: Mapping[str, object]
    call_in_thread: CallInThread
    observer: Observer
    engaged: Callable[[Route], None]
    blame: Callable[[Handler, BaseException], None]


class Runs:
    """Sets handlers going; *keep* is called with a run whose journal is to be made durable at once."""

    def __init__(self, surroundings: Surroundings, keep: Callable[[Run], Awaitable[None]]) -> None:
        self._to = surroundings
        self._keep = keep
        bot = surroundings.bot
        #: What answers are read with.
        self.reading = Reading(bot.router.types, bot.timezone, bot.vocabulary)

    def begin(self, flow: Flow, handler: Handler, chat: Chat) -> Run:
        """Give *handler* its run, with which *chat* goes along."""
        run: Run
        means = Means(
            reading=self.reading,
            keep=lambda: self._keep(run),
            call_in_thread=self._to.call_in_thread,
            warn=self._warn,
            seed=delivery_id(self._to.work.address, flow.event.id, flow.name, 0),
        )
        run = Run(flow, str(handler), means)
        chat.run = run
        run.start(self._handled(handler, flow, chat), chat)
        return run

    async def _handled(self, handler: Handler, flow: Flow, chat: Chat) -> tuple[Reply, ...] | None:
        """The coroutine that is driven: the whole of what a handler does."""
        form = self.form_of(flow)
        slots = flow.slots if form is None or chat.run is None else await form.fill(chat.run)
        arguments = handler.arguments(slots, self._to.resources)
        return await call(handler, (chat,), arguments, call_in_thread=self._to.call_in_thread, send=chat.send_anything)

    def form_of(self, flow: Flow) -> Form | None:
        """The slots that are asked for before the handler of *flow* is called, None where there are none."""
        what, _, name = flow.name.partition(" ")
        intent = self._to.bot.intents.get(name) if what == "intent" else None
        if intent is None or not intent.asked:
            return None
        return Form(intent=name, slots=intent.asked, known=flow.slots, confirm=intent.confirm, reading=self.reading)

    def chat_of(self, flow: Flow) -> Chat:
        """A chat that stands where *flow* began."""
        to = self._to
        work = evolve(to.work, event=flow.event, now=flow.at)
        chat = Chat(work, Session(flow.session), to.send, language=to.bot.settings.language, timezone=to.bot.timezone)
        if flow.choice is not None:
            chat.choice, chat.text = flow.choice, flow.choice.title
        intent = to.bot.intents.get(flow.name.partition(" ")[2])
        if flow.how and intent is not None:
            how: How = flow.how  # type: ignore[assignment]  # as a Match had it
            chat.match = Match(intent=intent, slots=flow.slots, how=how, score=flow.score)
        return chat

    def _warn(self, text: str) -> None:
        self._to.observer(Alarm("flow", f"{text}."))
