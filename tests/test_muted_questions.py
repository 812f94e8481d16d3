"""Questions and handovers: what is open stays open, waits as long as the person takes, and comes to its end."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit import Bot, Chat
from botkit.events import Signal
from botkit.language.vocabulary import WORDS, vocabulary
from handovers import HOURS, TOLD, bakery, last_mute, mute_of, resume
from talks import ANNA, Talk


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


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Can I talk to a human?"),
        ("de", "Einen Menschen, bitte!"),
        ("fr", "Je veux parler à un humain"),
        ("es", "Quiero hablar con una persona"),
        ("it", "Vorrei parlare con un umano"),
        ("pt", "Quero falar com uma pessoa"),
        ("nl", "Ik wil met een mens praten"),
        ("pl", "Chcę rozmawiać z człowiekiem"),
    ],
)
async def test_a_person_is_asked_for_in_each_language(language: str, said: str) -> None:
    """In whole sentences; no word that means this, or wants the bot back, means anything else."""
    bot, words = bakery(language=language), vocabulary(language)
    meanings = [words.words[meaning] for meaning in WORDS if meaning not in ("handover", "resume")]
    own = (words.words["handover"], words.words["resume"])
    async with Talk(bot) as talk:
        await talk.say("order a cake")
        assert await talk.say(said) == [words.text("handover")]
        assert await talk.say("bot") == [words.text("resumed"), "Which size?"]
        assert await talk.say("human please") == [words.text("handover")]

    assert [one & other for one in own for other in (*meanings, *own) if one is not other and one & other] == []


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


async def test_wherever_the_process_dies_it_is_handed_over_once() -> None:
    """At any point of the conversation: the same is said, and the owner is told the same, and of each handover once."""
    said, notices, points = await lives(frozenset())
    assert notices == 2
    for point in range(1, points + 1):
        assert (await lives(frozenset({point})))[:2] == (said, notices), point


async def lives(kill_at: frozenset[int]) -> tuple[list[list[str]], int, int]:
    """What is said in a conversation with two handovers, how many notices there are, and where it can be killed."""
    async with Talk(bakery()) as talk:
        talk.kill_at = kill_at
        said = [await talk.say(text) for text in ("order a cake", "human", "8", "bot", "my bread was stale")]
        said.append(await resume(talk))
        said += [await talk.say("8"), await talk.happens(Signal(id="s", address=ANNA, name="paid", data=3))]
        return said, len(await talk.store.notices(10)), talk.points


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
