"""A conversation that was handed over: the bot says nothing in it, loses nothing of it, and comes back."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit import Bot, Chat, Choice, Text, Timeout
from botkit.events import Signal, Status
from botkit.language.vocabulary import LANGUAGES, vocabulary
from botkit.muted import RESUME, UNANSWERED, resuming
from botkit.work import Mute, delivery_id
from talks import ANNA, Talk, error_of

HOURS = 3600
TOLD = 'A person will take it from here. Write "bot" to talk to me again.'


def bakery(**options: timedelta) -> Bot:
    """A bot that hands over what it cannot do, and asks and waits for something."""
    bot = Bot("bakery", **options)  # type: ignore[arg-type]  # an option of the one test

    @bot.intent("my bread was stale")
    def complaint(chat: Chat) -> Text:
        chat.session["complaints"] = 1
        return chat.handover("complaint")

    @bot.intent("when do you open")
    def hours(chat: Chat) -> str:
        return "At eight."

    @bot.intent("order a cake")
    async def order(chat: Chat) -> str:
        try:
            size = await chat.ask("Which size?", type=int, timeout=timedelta(hours=1), remind=timedelta(minutes=30))
        except Timeout:
            return "Too late."
        paid = await chat.wait("paid", timeout=timedelta(hours=2))
        return f"{size}: paid {paid}."

    return bot


async def last_mute(talk: Talk) -> Mute | None:
    """How the conversation was muted last, None if it never was."""
    conversation = await talk.store.conversation(ANNA)
    return None if conversation is None else conversation.mute


async def mute_of(talk: Talk) -> Mute:
    """The same where it was."""
    mute = await last_mute(talk)
    assert mute is not None
    return mute


async def resume(talk: Talk, until: timedelta | None = None) -> list[str]:
    """Let the mute end now, or so much later."""
    end = None if until is None else talk.clock.now() + until
    return await talk.happens(resuming(ANNA, await mute_of(talk), end))


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
    """Also when it is over already."""
    async with Talk(bakery()) as talk:
        await talk.say("my bread was stale")
        await resume(talk, timedelta(hours=20))
        talk.clock.advance(19 * HOURS)
        assert await talk.say("when do you open") == []
        talk.clock.advance(2 * HOURS)
        await resume(talk, timedelta(hours=1))
        assert await talk.say("when do you open") == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_user_calls_the_bot_back(language: str) -> None:
    """With the word that the bot's own text names, in each language."""
    bot = bakery()
    bot.vocabulary = vocabulary(language)
    async with Talk(bot) as talk:
        (told,) = await talk.say("my bread was stale")
        assert "bot" in told.casefold()
        assert await talk.say("Bot!") == [bot.vocabulary.text("resumed")]
        assert await talk.say("when do you open") == ["At eight."]


async def test_an_open_question_waits_as_long_as_the_person_answers() -> None:
    """Its reminder and its time-out come as much later as the mute was long."""
    async with Talk(bakery()) as talk:
        await talk.say("order a cake")
        talk.clock.advance(600)
        assert await talk.say("Human, please!") == [TOLD]
        assert (await mute_of(talk)).reason == "the user has asked for a person"
        assert await talk.wait(12 * HOURS + 1199) == []
        assert await talk.wait(1) == ["Which size?"]
        assert await talk.wait(1800) == ["Too late."]


async def test_an_open_question_goes_on_when_the_owner_ends_it() -> None:
    """With the time it had left; nothing is said of it before."""
    async with Talk(bakery()) as talk:
        await talk.say("order a cake")
        await talk.say("human")
        assert await talk.wait(5 * HOURS) == []
        assert await resume(talk) == []
        assert await talk.wait(1799) == []
        assert await talk.wait(1) == ["Which size?"]
        assert await talk.wait(1799) == []
        assert await talk.wait(1) == ["Too late."]


async def test_an_open_question_is_repeated_to_who_calls_the_bot_back() -> None:
    """Its clock is set anew."""
    async with Talk(bakery()) as talk:
        await talk.say("order a cake")
        await talk.say("human")
        talk.clock.advance(HOURS)
        assert await talk.say("8") == []
        assert await talk.say("bot") == ["I am back.", "Which size?"]
        assert await talk.wait(1800) == ["Which size?"]
        assert await talk.say("8") == []
        assert await talk.happens(Signal(id="s", address=ANNA, name="paid", data=3)) == ["8: paid 3."]


@pytest.mark.parametrize("how", ["time", "owner", "user"])
async def test_a_signal_is_kept_until_the_bot_is_back(how: str) -> None:
    """However it comes back, the handler that waits then goes on."""
    async with Talk(bakery()) as talk:
        for text in ("order a cake", "8", "human"):
            await talk.say(text)
        assert await talk.happens(Signal(id="s", address=ANNA, name="paid", data=3)) == []
        talk.clock.advance(HOURS)
        back = {"time": talk.wait(11 * HOURS), "owner": resume(talk), "user": talk.say("bot")}
        said = await back.pop(how)
        for other in back.values():
            other.close()

        assert said[-1:] == ["8: paid 3."]


async def test_a_signal_goes_on_although_the_user_writes_first() -> None:
    """The first message after the mute does not make the bot forget it."""
    async with Talk(bakery()) as talk:
        for text in ("order a cake", "8", "human"):
            await talk.say(text)
        await talk.happens(Signal(id="s", address=ANNA, name="paid", data=3))
        talk.clock.advance(12 * HOURS)
        assert await talk.say("when do you open") == ["At eight.", "8: paid 3."]


async def test_a_question_that_is_open_stays_open_behind_an_intent_that_hands_over() -> None:
    """It is not repeated to somebody who now waits for a person."""
    async with Talk(bakery()) as talk:
        await talk.say("order a cake")
        assert await talk.say("my bread was stale") == [TOLD]
        await resume(talk)
        assert await talk.say("8") == []


async def test_a_bot_may_have_an_intent_for_it() -> None:
    """The words for it then lead there, while a question or a wait is open."""
    bot = bakery()

    @bot.intent("give me somebody", name="handover")
    def somebody(chat: Chat) -> str:
        chat.handover("wish")
        return "Somebody comes."

    async with Talk(bot) as talk:
        await talk.say("order a cake")
        assert await talk.say("a human please") == ["Somebody comes."]
        await resume(talk)
        assert await talk.say("8") == []
        assert await talk.say("talk to a human") == ["Somebody comes."]
        assert (await mute_of(talk)).reason == "wish"


async def test_the_words_mean_nothing_where_nothing_is_open() -> None:
    """Unless the bot declares them."""
    async with Talk(bakery()) as talk:
        assert await talk.say("human") == ["Sorry, I did not get that."]


async def test_a_handler_hands_over_once_however_often_it_is_replayed() -> None:
    """What came before a question was done when that was asked."""
    bot = Bot("shop")

    @bot.intent("go")
    async def go(chat: Chat) -> str:
        told = chat.handover("early", length=timedelta(hours=1))
        answer = await chat.ask(["A moment.", told, "Which one?"])
        await chat.once(len, answer)
        chat.handover("late", length=timedelta(hours=2))
        return answer

    async with Talk(bot) as talk:
        await talk.say("go")
        assert (await mute_of(talk)).reason == "early"
        assert await resume(talk) == []
        talk.clock.advance(60)
        talk.kill_at = frozenset({talk.points + 2})
        assert await talk.say("this one") == ["this one"]
        mute = await mute_of(talk)
        assert (mute.reason, mute.until - mute.at) == ("late", timedelta(hours=2))


async def test_what_is_replayed_hands_nothing_over() -> None:
    """Neither with an answer, nor where the question is repeated."""
    bot = Bot("shop")

    @bot.intent("go")
    async def go(chat: Chat) -> str:
        told = chat.handover("early")
        size = await chat.ask([told, "Which size?"], type=int)
        return f"{size}, {await chat.ask('And which colour?')}."

    async with Talk(bot) as talk:
        assert await talk.say("go") == [TOLD, "Which size?"]
        assert await talk.say("bot") == ["I am back.", TOLD, "Which size?"]
        assert await talk.say("8") == ["And which colour?"]
        assert await talk.say("red") == ["8, red."]


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


@given(st.lists(st.sampled_from(["say", "human", "bot", "owner", "later", "wait", "paid"]), max_size=12))
async def test_in_no_order_does_a_muted_bot_speak_or_a_question_stay_for_ever(steps: list[str]) -> None:
    """While a person answers nothing is said, whatever comes; and every handler comes to its end after that."""
    async with Talk(bakery()) as talk:
        await talk.say("order a cake")
        for number, step in enumerate(steps):
            mute = await last_mute(talk)
            if step == "wait":
                said = await talk.wait(1000)
            elif step == "paid":
                said = await talk.happens(Signal(id=f"s{number}", address=ANNA, name="paid", data=number))
            elif step in ("owner", "later"):
                said = [] if mute is None else await resume(talk, timedelta(hours=1) if step == "later" else None)
            else:
                said = await talk.say("when do you open" if step == "say" else step)
            is_muted = mute is not None and talk.clock.now() < mute.until and step not in ("bot", "owner")
            assert not (is_muted and said)
            assert talk.failure is None
        for _ in range(3):
            await talk.wait(20 * HOURS)
        assert await talk.flow() == ""
