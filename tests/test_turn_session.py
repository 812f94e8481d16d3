"""The turn and the session: what is kept, when it begins anew, and how it is brought up to date."""

import gc
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from botkit.bot import Bot
from botkit.chat import Chat
from botkit.events import Address, Message
from botkit.replies import Limits, Text
from botkit.turn import run_turn
from botkit.work import Outcome, Queued, Work

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
ANNA = Address("messenger", "page-1", "anna")
HERE = "tests/test_turn_session.py"


async def nowhere(deliveries: tuple[Queued, ...], flow: str | None) -> None:
    raise AssertionError(deliveries)


def work(session: Mapping[str, object], version: int = 0, used_ago: timedelta = timedelta(minutes=1)) -> Work:
    return Work(
        address=ANNA,
        event=Message(id="m-1", address=ANNA, kind="text", text="go"),
        sequence=1,
        epoch=1,
        now=NOON,
        accepted_at=NOON,
        session=session,
        session_version=version,
        session_at=NOON - used_ago,
    )


async def count(chat: Chat) -> str:
    visits = chat.session.get("visits", 0)
    assert isinstance(visits, int)
    chat.session["visits"] = visits + 1
    return f"Visit {visits + 1}"


async def look(chat: Chat) -> str:
    return str(dict(chat.session))


def bot_with(handler: Callable[..., object], **options: object) -> Bot:
    bot = Bot(**options)  # type: ignore[arg-type]  # a setting of the one test
    bot.intent("go", name="go")(handler)
    return bot


async def turn(bot: Bot, given: Work) -> Outcome:
    return await run_turn(bot, given, nowhere, limits=Limits())


def texts(outcome: Outcome) -> list[str]:
    return [one.reply.text for one in outcome.deliveries if isinstance(one.reply, Text)]


async def test_a_changed_session_is_kept_with_the_turn() -> None:
    """The next turn finds what this one wrote."""
    outcome = await turn(bot_with(count), work({"visits": 2, "name": "Anna"}))

    assert (texts(outcome), outcome.session) == (["Visit 3"], {"visits": 3, "name": "Anna"})


async def test_an_unchanged_session_is_not_written() -> None:
    """A turn that only looks leaves the session to the store."""
    assert (await turn(bot_with(look), work({"visits": 2}))).session is None


async def test_a_sync_handler_writes_the_same_session() -> None:
    """The thread of a sync handler has it for itself while it runs."""

    def sync(chat: Chat) -> None:
        chat.session["from"] = "a thread"

    assert (await turn(bot_with(sync), work({}))).session == {"from": "a thread"}


async def test_an_expired_session_begins_anew() -> None:
    """The handler finds an empty session, and the store is told to empty it."""
    bot = bot_with(look, session_ttl=timedelta(hours=1))

    outcome = await turn(bot, work({"visits": 2}, used_ago=timedelta(hours=2)))

    assert (texts(outcome), outcome.session) == (["{}"], {})


@pytest.mark.parametrize(
    ("put", "complaint"),
    [
        (NOON, "session['basket'][0] is of type datetime, which JSON cannot hold"),
        ("x" * 70_000, "The session has 70015 bytes of JSON, and 65536 may be kept; session['basket'] alone has 70004"),
    ],
)
async def test_a_session_that_cannot_be_kept_fails_the_turn(put: object, complaint: str) -> None:
    """What was put inside is found at the end, and the failure names handler and key."""

    async def spoil(chat: Chat) -> str:
        basket: list[object] = []
        chat.session["basket"] = basket
        basket.append(put)
        return "Done."

    outcome = await turn(bot_with(spoil), work({}))

    assert outcome.session is None
    assert outcome.failure is not None
    assert outcome.failure.error.startswith(f"handler 'go' at {HERE}:")
    assert complaint in outcome.failure.error


# Versions


def renamed(session: dict[str, object], version: int) -> dict[str, object]:
    return {"count": session["visits"], "from": version}


def migrating(migration: Callable[..., object], handler: Callable[..., object] = look) -> Bot:
    bot = bot_with(handler, session_version=2)
    bot.migrate_session(migration)
    return bot


async def test_an_older_session_is_brought_up_to_date() -> None:
    """The handler finds the new shape, and the store keeps it with its version although nobody wrote to it."""
    outcome = await turn(migrating(renamed), work({"visits": 2}, version=1))

    assert texts(outcome) == ["{'count': 2, 'from': 1}"]
    assert (outcome.session, outcome.session_version) == ({"count": 2, "from": 1}, 2)


@pytest.mark.parametrize(
    ("session", "version"),
    [({"visits": 2}, 2), ({}, 0)],
)
async def test_there_is_nothing_to_migrate(session: dict[str, object], version: int) -> None:
    """A session of this version, and an empty one, stay as they are."""
    outcome = await turn(migrating(renamed), work(session, version=version))

    assert (texts(outcome), outcome.session) == ([str(session)], None)


async def test_an_expired_session_is_not_migrated() -> None:
    """It begins anew, in the new shape."""
    bot = bot_with(look, session_version=2, session_ttl=timedelta(hours=1))
    bot.migrate_session(renamed)

    outcome = await turn(bot, work({"visits": 2}, version=1, used_ago=timedelta(hours=2)))

    assert (texts(outcome), outcome.session, outcome.session_version) == (["{}"], {}, 2)


async def test_nothing_of_a_turn_waits_for_the_collector() -> None:
    """What was said and what is remembered is let go of with the turn, and not some thousand turns later."""
    bot = migrating(renamed, count)
    await turn(bot, work({"visits": 2}, version=5))
    gc.collect()
    gc.disable()
    try:
        await turn(bot, work({"visits": 2}, version=5))
        assert gc.collect() == 0
    finally:
        gc.enable()


async def test_a_session_of_a_newer_bot_keeps_its_version() -> None:
    """While an old and a new process run side by side, nothing is migrated twice."""
    outcome = await turn(migrating(renamed, count), work({"visits": 2}, version=5))

    assert (outcome.session, outcome.session_version) == ({"visits": 3}, 5)


async def test_a_migration_cannot_change_the_kept_session() -> None:
    """A migration that raises half way leaves the old session as it was."""

    def half(session: dict[str, object], version: int) -> dict[str, object]:
        session["visits"] = "half"
        raise LookupError("no such key")

    given = work({"visits": 2}, version=1)
    outcome = await turn(migrating(half), given)

    assert given.session == {"visits": 2}
    assert outcome.session is None
    assert outcome.failure is not None
    assert outcome.failure.error.startswith(f"session migration 'half' raised LookupError at {HERE}:")


@pytest.mark.parametrize(
    ("returned", "complaint"),
    [
        (None, ": returned NoneType, not the new session as a dict"),
        ({"at": NOON}, ": session['at'] is of type datetime, which JSON cannot hold"),
        ({"at": "x" * 70_000}, ": The session has 70009 bytes of JSON"),
    ],
)
async def test_what_a_migration_returns_must_be_a_session(returned: object, complaint: str) -> None:
    """The failure names the migration and what is wrong with what it returned."""
    outcome = await turn(migrating(lambda session, version: returned), work({"visits": 2}, version=1))

    assert outcome.failure is not None
    assert outcome.failure.error.startswith(f"session migration '<lambda>' at {HERE}:")
    assert complaint in outcome.failure.error
