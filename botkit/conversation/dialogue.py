"""The dialogue: the open flows of one conversation, and what one event does to them."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from botkit.chat import Chat
from botkit.conversation.asking import answer_to, answers_to_slots, prompt_of, retry_of, with_changes
from botkit.conversation.hearing import Answers, Digresses, Fills, Hearing, Misses, Wants
from botkit.conversation.routes import Route, handler_of, matched, route_of
from botkit.conversation.runs import Runs, Stand, Surroundings, flow_of
from botkit.errors import Cancelled, CodeChanged, GaveUp, Timeout
from botkit.events import Message, Signal, Status, WakeUp
from botkit.flows.drive import Drive, Ended
from botkit.flows.entries import Answer, Heard, answer
from botkit.flows.journal import Asked, Flow
from botkit.flows.question import Question
from botkit.flows.run import Run
from botkit.flows.stack import Stack
from botkit.handlers import Handler
from botkit.language import tokens
from botkit.observe import Alarm
from botkit.replies import Reply, Text, replies_from
from botkit.router import Match

Replies = tuple[Reply, ...]

#: How many flows may wait for one another.
DEPTH_LIMIT: Final = 3

#: Why a person is to answer, where the user has asked for one and the bot has no intent for that.
ASKED_FOR: Final = "the user has asked for a person"

_ENDS: Final[Mapping[type[BaseException], str]] = {Cancelled: "cancelled", GaveUp: "gave_up", Timeout: "timeout"}


class Dialogue:
    """What one event does to the open flows of its conversation, the innermost last.

    *chat* is what middlewares see, and the chat of a handler that the event itself begins. ``stack`` is what is kept.
    """

    def __init__(self, surroundings: Surroundings, chat: Chat) -> None:
        self._to = surroundings
        self._chat = chat
        self.stack = stack = Stack(surroundings.work)
        self._is_parked = False
        self._runs = Runs(surroundings, lambda: chat.language, self._keep)
        if stack.broken is not None:
            page = surroundings.work.address.page
            surroundings.observer(Alarm("flow_unreadable", f"A flow on page {page} was given up: {stack.broken}."))

    @property
    def is_open(self) -> bool:
        """Whether a question is open, or a handler was interrupted by the end of its process."""
        flows, event = self.stack.flows, self._to.work.event
        return bool(flows) and (not isinstance(event, Status) or self.stack.top.turn == event.id)

    def close(self) -> None:
        """Leave every handler that still waits; nothing is asked of it any more."""
        self._runs.close()
        del self._runs, self.stack

    def fail(self) -> None:
        """Go back to where the turn began."""
        self.stack.fail(counts=not self._is_parked)

    # Events

    async def hear(self) -> Replies:
        """What to say to the event while flows are open."""
        event = self._to.work.event
        if isinstance(event, Signal) and not self.stack.waits_for(event):
            self.stack.keep_signal(event.name, event.data)
            return ()
        flow = self.stack.take_up()
        try:
            return await self._taken_up(flow)
        except CodeChanged as error:
            if isinstance(event, Signal) and flow.turn != event.id:
                self.stack.keep_signal(event.name, event.data)
            return await self._begun_again(flow, error)

    async def begin(self, route: Route) -> Replies:
        """Run the handler that *route* leads to, for the event itself."""
        chat = self._chat
        chat.match = route.match
        if route.choice is not None:
            chat.choice, chat.text = route.choice, route.choice.title
        drive = self._runs.drive(route.handler, route.flow, route.slots, chat)
        chat.start = partial(self._started, route, chat.session.snapshot(), drive)
        step = await self._advance(drive, route.handler)
        if chat.run is not None:
            return await self._stopped(chat.run, chat, step, route.handler)
        assert isinstance(step, Ended)
        chat.leave()
        return replies_from(step.value)

    def _started(self, route: Route, session: Mapping[str, object], drive: Drive) -> Run:
        """The run of a handler that needs one, which began with *session*."""
        return self._runs.run(flow_of(route, self._to.work, session), route.handler, drive, self._chat)

    async def back(self) -> Replies:
        """What to say where the user wants the bot back: the question that was open meanwhile is open again."""
        mute = self._to.work.mute
        assert mute is not None
        self.stack.shift(self._to.work.now - mute.until)
        return (Text(self._runs.vocabulary.text("resumed")), *await self._repeated())

    # Running handlers

    async def _taken_up(self, flow: Flow) -> Replies:
        """Bring *flow* back to where it was, and go on with the event."""
        work = self._to.work
        handler = handler_of(self._to.bot, flow.name)
        if handler is None or handler.version != flow.version:
            now = "the bot has no such handler any more" if handler is None else f"it is version {handler.version}"
            raise CodeChanged(f"was in the middle of {flow.name!r}, version {flow.version}, and now {now}")
        self._engage(flow, handler)
        chat = self._runs.chat_of(flow)
        run = self.stack.run = self._begin_run(flow, handler, chat)
        step = await self._advance(run, handler)
        if isinstance(step, Ended) or not run.is_waiting:
            return await self._stopped(run, chat, step, handler)
        stand = Stand(run, chat, step)
        if isinstance(work.event, WakeUp):
            return await self._woken(stand)
        if isinstance(work.event, Signal):
            return await self._signalled(stand, handler, work.event.data)
        return await (self._while_waiting if step.is_wait else self._heard)(stand, handler)

    def _begin_run(self, flow: Flow, handler: Handler, chat: Chat) -> Run:
        drive = self._runs.drive(handler, flow.name, flow.begun.slots, chat)
        return self._runs.run(flow, handler, drive, chat)

    async def _advance(self, under_way: Run | Drive, handler: Handler) -> Question | Ended:
        try:
            return await under_way.advance()
        except (Cancelled, GaveUp, Timeout) as end:
            if isinstance(under_way, Run) and self.stack.is_too_late(under_way.flow):
                return Ended(None)
            return Ended((Text(self._runs.vocabulary.text(_ENDS[type(end)])),))
        except BaseException as error:
            self._to.blame(handler, error)
            raise

    async def _stopped(self, run: Run, chat: Chat, step: Question | Ended, handler: Handler) -> Replies:
        """What to say where *run* has come to its end, or to a question."""
        if isinstance(step, Question):
            signal = self.stack.take_signal(step)
            if signal is not None:
                return await self._signalled(Stand(run, chat, step), handler, signal[1])
            return self._asking(Stand(run, chat, step))
        if chat is self._chat:
            chat.leave()
            return replies_from(step.value)
        self._chat.session.become(chat.session.snapshot())
        return (*replies_from(step.value), *await self._repeated())

    def _asking(self, stand: Stand) -> Replies:
        """Put a new question, unless too many are open already."""
        if len(self.stack.flows) >= DEPTH_LIMIT:
            self._leave(stand.run, stand.chat)
            return (Text(self._runs.vocabulary.text("retry")),)
        asked = stand.run.asked(stand.question, self._to.work.now)
        self.stack.push(stand.run.at_question(asked, heard=self.stack.heard(stand.run.flow)))
        self._leave(stand.run, stand.chat)
        return self._prompt(stand.question)

    def _leave(self, run: Run, chat: Chat) -> None:
        """End a run for this turn; the session is what it wrote, and nothing that it still does."""
        if chat is self._chat:
            session = chat.session.detached()
            run.drop()
            chat.session = session
            chat.leave()
        else:
            content = chat.session.snapshot()
            run.drop()
            self._chat.session.become(content)

    async def _keep(self, run: Run) -> None:
        await self._to.keep(self.stack.text_with(run))

    def _route(self) -> Route | None:
        work = self._to.work
        return route_of(self._to.bot, work.event, now=work.now, choices=work.choices, language=self._chat.language)

    async def _turned_to(self, route: Route) -> Replies:
        self._to.engaged(route)
        return await self.begin(route)

    def _engage(self, flow: Flow, handler: Handler) -> None:
        self._to.engaged(Route(handler=handler, flow=flow.name, how="flow", score=1.0))

    # While a question is open

    async def _heard(self, stand: Stand, handler: Handler) -> Replies:
        """Do what the message is: an answer, a wish to end, something else, or nothing that fits."""
        message, flow = self._to.work.event, stand.run.flow
        assert isinstance(message, Message)
        assert flow.question is not None
        heard = Heard(id=message.id, at=self._to.work.now, kind=message.kind, text=message.text, url=message.url)
        before = flow.begun.before.get(stand.question.name) if stand.question.name else None
        hearing = Hearing(
            bot=self._to.bot,
            heard=heard,
            said=tokens(heard.text),
            question=stand.question,
            asked=flow.question,
            reading=stand.run.means.reading,
            language=self._chat.language,
            before=before,
            form=self._runs.form(flow.name, flow.begun.slots) if stand.question.is_slot else None,
            answers=stand.run.record.slot_answers() if stand.question.is_slot else (),
            flows=[flow.name, *(outer.name for outer in self.stack.flows)],
        )
        with self._to.on_behalf_of(handler):
            verdict = hearing.judge()
        match verdict:
            case Answers(understood, said):
                return await self._answered(
                    stand, handler, answer_to(stand.question, flow, said, understood=understood)
                )
            case Fills(values):
                return await self._filled(stand, handler, heard, values)
            case Wants(what, route):
                return await self._wanted(what, stand, handler, heard, route)
            case Digresses(route):
                asked = flow.question._replace(digressions=flow.question.digressions + 1)
                return await self._digressed(stand, asked, route)
            case Misses(text):
                return await self._missed(stand, handler, heard, text)

    async def _answered(self, stand: Stand, handler: Handler, *answers: Answer) -> Replies:
        """Go on with the answer to the open question, the last of *answers*; the others are to other slots."""
        run = stand.run
        first = with_changes(answers[0], stand.chat.session, self._chat.session)
        *others, last = first, *answers[1:]
        with self._to.on_behalf_of(handler):
            for answer in others:
                run.add(answer)
            run.answer(last)
        return await self._stopped(run, stand.chat, await self._advance(run, handler), handler)

    async def _filled(self, stand: Stand, handler: Handler, heard: Heard, values: Mapping[str, object]) -> Replies:
        """Fill slots; where another one was asked for, the form decides what to ask now."""
        form = self._runs.form(stand.run.flow.name, stand.run.flow.begun.slots)
        assert form is not None
        answers = answers_to_slots(heard, form, values, stand.run.flow)
        return await self._answered(stand, handler, *answers)

    async def _signalled(self, stand: Stand, handler: Handler, data: object) -> Replies:
        """Give a handler the signal that it waits for."""
        heard = Heard(id=self._to.work.event.id, at=self._to.work.now)
        sends = stand.run.record.sends
        entry = answer(stand.question.name, sends, heard, begun=stand.run.flow.at, kind="signal", value=data)
        return await self._answered(stand, handler, entry)

    async def _while_waiting(self, stand: Stand, handler: Handler) -> Replies:
        """Answer a message while nobody waits for one; cancelling ends the wait."""
        work, asked = self._to.work, stand.run.flow.question
        assert isinstance(work.event, Message)
        assert asked is not None
        vocabulary, named = self._runs.vocabulary, self._to.bot.intents.get("handover")
        heard = Heard(id=work.event.id, at=work.now, kind=work.event.kind, text=work.event.text)
        if vocabulary.means("cancel", heard.text):
            return await self._wanted("cancel", stand, handler, heard, None)
        if vocabulary.means("handover", heard.text):
            found = None if named is None else matched(self._to.bot, Match(intent=named, how="exact"))
            return await self._wanted("handover", stand, handler, heard, found)
        route = self._route()
        assert route is not None
        return await self._digressed(stand, asked, route)

    async def _wanted(self, what: str, stand: Stand, handler: Handler, heard: Heard, route: Route | None) -> Replies:
        """End the flow, let a person answer while the question stays open, or say how to go on."""
        asked = stand.run.flow.question
        assert asked is not None
        if what == "cancel":
            return await self._cancelled(stand, handler, heard, route)
        if what == "handover" and route is None:
            self._stay(stand, asked)
            return (self._to.hand_over(ASKED_FOR, None, False),)
        return await self._digressed(stand, asked, route)

    async def _cancelled(self, stand: Stand, handler: Handler, heard: Heard, route: Route | None) -> Replies:
        """End the flow, in the words of the bot's own intent where it has one."""
        replies = await self._answered(
            stand, handler, answer_to(stand.question, stand.run.flow, heard, how="cancelled")
        )
        if route is None or replies[:1] != (Text(self._runs.vocabulary.text("cancelled")),):
            return replies
        return (*await self._turned_to(route), *replies[1:])

    async def _digressed(self, stand: Stand, asked: Asked, route: Route | None) -> Replies:
        """Answer something else, and repeat the question; without *route* say how to go on."""
        self._stay(stand, asked)
        if route is None:
            return (Text(self._runs.vocabulary.text("help")), *self._prompt(stand.question))
        there = len(self.stack.flows)
        replies = await self._turned_to(route)
        if len(self.stack.flows) > there or self._to.is_handed_over():
            return replies
        return (*replies, *self._prompt(stand.question))

    async def _missed(self, stand: Stand, handler: Handler, heard: Heard, text: str) -> Replies:
        """Ask again, or give up."""
        asked, question = stand.run.flow.question, stand.question
        assert asked is not None
        if asked.attempts + 1 >= question.attempts:
            return await self._answered(stand, handler, answer_to(question, stand.run.flow, heard, how="gave up"))
        self._stay(stand, asked._replace(attempts=asked.attempts + 1))
        return retry_of(question, stand.run.flow, self._runs.vocabulary, text)

    async def _woken(self, stand: Stand) -> Replies:
        """Give up the question, or repeat it, if it is time."""
        work, asked = self._to.work, stand.run.flow.question
        assert asked is not None
        handler = handler_of(self._to.bot, stand.run.flow.name)
        assert handler is not None
        if (signal := self.stack.take_signal(stand.question)) is not None:
            return await self._signalled(stand, handler, signal[1])
        if asked.due_at is not None and asked.due_at <= work.now:
            heard = Heard(id=work.event.id, at=work.now)
            entry = answer_to(stand.question, stand.run.flow, heard, how="timed out")
            return await self._answered(stand, handler, entry)
        is_due = asked.remind_at is not None and asked.remind_at <= work.now
        self._stay(stand, asked._replace(remind_at=None) if is_due else asked)
        return self._prompt(stand.question) if is_due and not self.stack.is_too_late(stand.run.flow) else ()

    def _stay(self, stand: Stand, asked: Asked) -> None:
        """Leave the handler at its question; what it did on the way there was done before."""
        self.stack.put_back(stand.run.flow._replace(question=asked))
        stand.run.drop()

    async def _repeated(self) -> Replies:
        """The question that is open now that another flow has come to its end, and its clock set anew."""
        if not self.stack.flows:
            return ()
        flow = self.stack.flows.pop()
        handler = handler_of(self._to.bot, flow.name)
        try:
            if handler is None or handler.version != flow.version:
                raise CodeChanged(f"is of another version than {flow.version}")
            chat = self._runs.chat_of(flow)
            run = self._begin_run(flow, handler, chat)
            step = await self._advance(run, handler)
        except CodeChanged as error:
            return await self._begun_again(flow, error)
        if isinstance(step, Question) and (signal := self.stack.take_signal(step)) is not None:
            return await self._signalled(Stand(run, chat, step), handler, signal[1])
        run.drop()
        if not isinstance(step, Question) or flow.question is None:
            return ()
        asked = run.asked(step, self._to.work.now)
        attempts, digressions = flow.question.attempts, flow.question.digressions
        self.stack.push(flow._replace(question=asked._replace(attempts=attempts, digressions=digressions)))
        return self._prompt(step)

    def _prompt(self, question: Question) -> Replies:
        """The prompt of the question that is open now."""
        top = self.stack.top
        return prompt_of(question, top, self._runs.vocabulary) if top.begun.before else question.prompt

    # Code that was changed

    async def _begun_again(self, flow: Flow, error: CodeChanged) -> Replies:
        """Begin a flow anew whose code has changed under it, or set its message aside where its author wants that."""
        handler = handler_of(self._to.bot, flow.name)
        self._to.observer(Alarm("flow_changed", f"{handler or flow.name} {error}"))
        if handler is None:
            return await self._without(flow)
        if handler.on_change == "park":
            self._is_parked = True
            self._to.blame(handler, error)
            raise error
        self._engage(flow, handler)
        self.stack.give_back(flow)
        anew = flow.anew(version=handler.version, at=self._to.work.now, session=self._chat.session.snapshot())
        chat = self._runs.chat_of(anew)
        run = self._begin_run(anew, handler, chat)
        replies = await self._stopped(run, chat, await self._advance(run, handler), handler)
        return (Text(self._runs.vocabulary.text("changed")), *replies)

    async def _without(self, flow: Flow) -> Replies:
        """Go on without a flow that nobody can take up any more."""
        gone = Text(self._runs.vocabulary.text("gone"))
        if self.stack.flows:
            return (gone, *await self._repeated())
        route = self._route()
        if route is None or route.how == "fallback":
            return (gone,)
        return (gone, *await self._turned_to(route))
