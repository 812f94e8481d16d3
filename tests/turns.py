"""What tests of turns share: a turn about one message, an outbox that keeps or refuses, and what it is held against."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from botkit.bot import Bot
from botkit.events import Address, Event, Message, Status
from botkit.language.vocabulary import phrase
from botkit.replies import Limits, Reply, Text
from botkit.turn import run_turn
from botkit.work import Outcome, Queued, Work, delivery_id

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
ANNA = Address("messenger", "page-1", "anna")
HELLO = Message(id="m-1", address=ANNA, kind="text", text="go")

Proceed = Callable[[], Awaitable[tuple[Reply, ...]]]


class Outbox:
    """Keeps what a turn commits on its way, or refuses it."""

    def __init__(self, refusal: BaseException | None = None) -> None:
        self.kept: list[Queued] = []
        self.refusal = refusal

    async def __call__(self, deliveries: tuple[Queued, ...], flow: str | None) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.kept += deliveries


def work(event: Event = HELLO, *, failures: int = 0, accepted_ago: timedelta = timedelta(seconds=1)) -> Work:
    return Work(
        address=ANNA,
        event=event,
        sequence=1,
        epoch=1,
        now=NOON,
        accepted_at=NOON - accepted_ago,
        failures=failures,
        session={"visits": 1},
        session_at=NOON,
    )


def bot_with(handler: Callable[..., object], retries: int = 0, **options: float) -> Bot:
    bot = Bot("shop", **options)  # type: ignore[arg-type]  # a setting of the one test
    bot.intent("go", name="go", retries=retries)(handler)
    return bot


async def turn(bot: Bot, given: Work | None = None, outbox: Outbox | None = None) -> Outcome:
    return await run_turn(bot, given or work(), outbox or Outbox(), limits=Limits())


def error_of(outcome: Outcome) -> str:
    assert outcome.failure is not None
    return outcome.failure.error


def queued(text: str, ordinal: str) -> Queued:
    return Queued(delivery_id(ANNA, "m-1", ordinal, 0), Text(text))


SORRY = (queued(phrase("en", "texts.error"), "error.0"),)


def line_of(function: Callable[..., object], offset: int) -> int:
    return function.__code__.co_firstlineno + offset


REJECTED = Status(message_id="m-9", address=ANNA, state="rejected")
