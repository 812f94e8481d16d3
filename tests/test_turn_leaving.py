"""The turn: what is asked before it is run here, because another process may know what this one does not."""

from datetime import timedelta

import pytest
from attrs import evolve

from botkit.bot import Bot
from botkit.chat import Chat
from botkit.conversation.muted import resuming
from botkit.events import Event, Message, Signal, Status, WakeUp
from botkit.observe import Happening
from botkit.replies import Limits, Text
from botkit.turn import run_turn
from botkit.work import Mute, Outcome, Work
from turns import ANNA, NOON, Outbox, bot_with, turn, work

LOST = "Sorry, I did not get that."
ANSWER = Message(id="m-2", address=ANNA, kind="text", text="Ann")
FOREIGN = '[3,[],{"name":"intent go"}]'
FORM = frozenset({"shop: journals, form 3"})
MUTE = Mute(id="h", reason="asked", at=NOON - timedelta(hours=1), until=NOON + timedelta(hours=1))


async def name(chat: Chat) -> str:
    """What users are in the middle of."""
    return f"Hello, {await chat.ask('Your name?', name='name')}."


class Left(Exception):
    """Another process has the turn now."""


class Others:
    """The processes beside this one, which know all that is needed, or nothing; and what was told meanwhile."""

    def __init__(self, *, know: bool) -> None:
        self.needed: list[frozenset[str]] = []
        self.told: list[Happening] = []
        self._know = know

    async def leave(self, needed: frozenset[str]) -> None:
        """Leave a turn to whoever knows what is *needed*."""
        self.needed.append(needed)
        if self._know:
            raise Left

    async def turn(self, given: Work, bot: Bot | None = None) -> Outcome:
        """A turn that is theirs, or else ours."""
        bot = bot or bot_with(name)
        return await run_turn(bot, given, Outbox(), limits=Limits(), observer=self.told.append, leave=self.leave)


def texts(outcome: Outcome) -> list[str]:
    """What the user reads."""
    return [one.reply.text for one in outcome.deliveries if isinstance(one.reply, Text)]


@pytest.mark.parametrize("mute", [None, MUTE])
@pytest.mark.parametrize(
    "event",
    [
        ANSWER,
        WakeUp(id="w", address=ANNA, at=NOON),
        Signal(id="s", address=ANNA, name="paid"),
        Status(message_id="m-9", address=ANNA, state="read"),
        resuming(ANNA, MUTE),
    ],
)
async def test_a_journal_of_a_form_that_is_not_known_is_left(event: Event, mute: Mute | None) -> None:
    """Whatever happens in its conversation, before anything is run or told here; nothing but its form is needed."""
    others = Others(know=True)
    with pytest.raises(Left):
        await others.turn(evolve(work(event), flow=FOREIGN, mute=mute))

    assert (others.needed, others.told) == ([FORM], [])


async def test_where_nobody_reads_it_the_user_is_answered() -> None:
    """The flow is given up, and an operator is called."""
    others = Others(know=False)
    outcome = await others.turn(evolve(work(ANSWER), flow=FOREIGN))

    assert others.needed == [FORM]
    assert (texts(outcome), outcome.flow) == ([LOST], "")
    assert [getattr(one, "text", "") for one in others.told][:1] == [
        "A flow on page page-1 was given up: the journal has the form 3, and this botkit reads 2."
    ]


@pytest.mark.parametrize("kept", ["", "nonsense", "{}"])
async def test_nobody_is_asked_for_what_is_no_journal(kept: str) -> None:
    """Of no form, and so of none that anybody knows."""
    others = Others(know=True)

    assert texts(await others.turn(evolve(work(ANSWER), flow=kept))) == [LOST]
    assert others.needed == []


async def test_nobody_is_asked_for_a_flow_that_is_known() -> None:
    """Its handler is there, in its version."""
    others = Others(know=True)
    flow = (await turn(bot_with(name))).flow
    assert flow is not None

    assert texts(await others.turn(evolve(work(ANSWER), flow=flow))) == ["Hello, Ann."]
    assert others.needed == []


async def test_a_flow_in_another_version_is_needed_with_the_form_it_is_kept_in() -> None:
    """Whoever knows one of the two could not take it up."""
    others, newer = Others(know=True), Bot("shop")
    newer.intent("go", name="go", version=2)(name)
    flow = (await turn(bot_with(name))).flow
    assert flow is not None
    with pytest.raises(Left):
        await others.turn(evolve(work(ANSWER), flow=flow), newer)

    assert others.needed == [{"shop: intent go, version 0", "shop: journals, form 2"}]
