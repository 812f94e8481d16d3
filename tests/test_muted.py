"""A conversation that was handed over: the bot says nothing in it, loses nothing of it, and comes back."""

from datetime import timedelta

import pytest

from botkit import Bot, Chat, Choice, Text
from botkit.conversation.muted import RESUME, UNANSWERED, resuming
from botkit.events import Signal, Status
from botkit.language.vocabulary import LANGUAGES, vocabulary
from botkit.work import Mute, delivery_id
from handovers import HOURS, TOLD, bakery, last_mute, mute_of, resume
from talks import ANNA, Talk, error_of


async def bodies(talk: Talk) -> list[tuple[object, object]]:
    """The texts that are kept of what the user wrote, and what stands beside them."""
    exported = await talk.store.export(ANNA)
    assert exported is not None
    events = exported["events"]
    assert isinstance(events, list)
    return [(one["body"] and one["body"][2], one["error"]) for one in events]


async def test_the_turn_that_hands_over_answers_and_keeps_its_session() -> None:
    """Only what comes after it is a person's."""
    async with Talk(bakery()) as talk:
        assert await talk.say("my bread was stale") == [TOLD]
        now = talk.clock.now()

        assert await talk.session() == {"complaints": 1}
        mute_id = delivery_id(ANNA, "m-1", "handover", 0)
        assert await mute_of(talk) == Mute(id=mute_id, reason="complaint", at=now, until=now + timedelta(hours=12))


async def test_later_messages_are_kept_and_not_answered() -> None:
    """Whoever has them exported sees them, and why nobody answered."""
    async with Talk(bakery()) as talk:
        await talk.say("my bread was stale")
        assert await talk.say("when do you open") == []
        assert await talk.say(kind="image", url="https://example.com/bread.jpg") == []

        assert await bodies(talk) == [(None, None), ("when do you open", UNANSWERED), ("", UNANSWERED)]
        assert (await talk.store.backlog()).events == 0


async def test_the_bot_answers_again_when_its_time_is_over() -> None:
    """What was said meanwhile is not answered then."""
    async with Talk(bakery(handover_length=timedelta(hours=2))) as talk:
        await talk.say("my bread was stale")
        talk.clock.advance(2 * HOURS - 1)
        assert await talk.say("when do you open") == []
        assert await talk.wait(1) == []
        assert await talk.say("when do you open") == ["At eight."]


async def test_a_handler_says_for_how_long() -> None:
    """Whatever the bot's own length is."""
    bot = Bot("shop")

    @bot.intent("go")
    def go(chat: Chat) -> str:
        chat.handover("first", length=timedelta(hours=1))
        chat.handover("last", length=timedelta(minutes=1))
        return "Wait."

    async with Talk(bot) as talk:
        assert await talk.say("go") == ["Wait."]
        assert (await mute_of(talk)).reason == "last"
        talk.clock.advance(60)
        assert await talk.say("go") == ["Wait."]


async def test_the_owner_ends_it() -> None:
    """Once; and what ends one mute does not end the next."""
    async with Talk(bakery()) as talk:
        await talk.say("my bread was stale")
        first = await mute_of(talk)
        assert await resume(talk) == []
        assert await talk.say("when do you open") == ["At eight."]

        talk.clock.advance(1)
        await talk.say("my bread was stale")
        assert await talk.happens(resuming(ANNA, first)) == []
        await talk.happens(Signal(id="forged", address=ANNA, name=RESUME, data={"mute": first.id}))
        assert await talk.say("when do you open") == []


async def test_the_owner_lets_it_last_longer() -> None:
    """Than it would have been, never shorter; also when it is over already, and then from now on."""
    async with Talk(bakery(handover_length=timedelta(hours=24))) as talk:
        await talk.say("my bread was stale")
        await resume(talk, timedelta(hours=12))
        assert (await mute_of(talk)).until == talk.clock.now() + timedelta(hours=36)
        talk.clock.advance(35 * HOURS)
        assert await talk.say("when do you open") == []
        talk.clock.advance(2 * HOURS)
        await resume(talk, timedelta(hours=1))
        assert (await mute_of(talk)).until == talk.clock.now() + timedelta(hours=1)
        assert await talk.say("when do you open") == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_user_calls_the_bot_back(language: str) -> None:
    """With the word that the bot's own text names, in each language."""
    bot = bakery(language=language)
    async with Talk(bot) as talk:
        (told,) = await talk.say("my bread was stale")
        assert "bot" in told.casefold()
        assert await talk.say("Bot!") == [vocabulary(language).text("resumed")]
        assert await talk.say("when do you open") == ["At eight."]


async def test_a_turn_that_fails_hands_nothing_over() -> None:
    """But what answers for the error may."""
    bot = Bot("shop")

    @bot.intent("fail {how:word}")
    def fail(chat: Chat, how: str) -> None:
        chat.handover("too early")
        raise ValueError(how)

    async with Talk(bot) as talk:
        await talk.say("fail quietly")
        assert await last_mute(talk) is None

        @bot.error
        def sorry(chat: Chat, error: BaseException) -> Text:
            return chat.handover("an error")

        assert await talk.say("fail loudly") == [TOLD]
        assert (await mute_of(talk)).reason == "an error"
        assert await talk.say("fail again") == []


@pytest.mark.parametrize(
    ("reason", "length", "told"),
    [
        (" ", None, "takes a reason in words"),
        (None, None, "takes a reason in words"),
        ("x", timedelta(0), "above 0 and of at most a year, not 0:00:00"),
        ("x", timedelta(days=366), "above 0 and of at most a year"),
    ],
)
async def test_what_says_nothing_is_refused(reason: str, length: timedelta | None, told: str) -> None:
    """In the words of an error of the handler's."""
    bot = Bot("shop")

    @bot.intent("go")
    def go(chat: Chat) -> None:
        chat.handover(reason, length=length)

    async with Talk(bot) as talk:
        await talk.say("go")
        assert told in error_of(talk)


async def test_nothing_of_the_bot_runs_for_what_is_not_answered() -> None:
    """No middleware, and no handler for a status."""
    bot, seen = bakery(), list[str]()

    @bot.middleware
    async def watch(chat: Chat, proceed: object) -> object:
        seen.append(chat.text)
        return await proceed()  # type: ignore[operator]  # it is what the bot gives

    @bot.on_status("read")
    def read(chat: Chat) -> str:
        return "You have read it."

    async with Talk(bot) as talk:
        await talk.say("my bread was stale")
        await talk.store.note(Status(message_id="u", address=ANNA, state="read"), listened=True)
        assert (await talk.answers(), await talk.say("hello"), seen) == ([], [], ["my bread was stale"])


async def test_choices_are_still_there_when_the_bot_is_back() -> None:
    """They are those of the last reply, whoever wrote in between."""
    bot = Bot("shop")

    @bot.intent("go")
    def go(chat: Chat) -> Text:
        chat.handover("x")
        return Text("Meanwhile:", choices=[Choice("Again", intent="again")])

    @bot.intent(name="again")
    def again(chat: Chat) -> str:
        return "Again."

    async with Talk(bot) as talk:
        await talk.say("go")
        assert await talk.say("1") == []
        await resume(talk)
        assert await talk.say("1") == ["Again."]
