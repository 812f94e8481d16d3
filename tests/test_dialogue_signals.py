"""Dialogues that wait for a signal: something that happens elsewhere, once, in the conversation's lane."""

from datetime import timedelta

from botkit import Bot, Chat, Timeout
from botkit.events import Signal
from talks import ANNA, Talk

CHANGED = "Sorry, something has changed here in the meantime. Let us start again."


def shop() -> Bot:
    """A bot that waits for a payment."""
    bot = Bot("shop")

    @bot.intent("order")
    async def order(chat: Chat) -> str:
        name = await chat.ask("Which name?")
        await chat.send("Please pay.")
        try:
            paid = await chat.wait("paid", timeout=timedelta(hours=2))
        except Timeout:
            return "Too late."
        return f"{name} has paid {paid}, {chat.text}."

    @bot.intent("when do you open")
    async def hours(chat: Chat) -> str:
        return "At noon."

    @bot.intent("how many")
    async def many(chat: Chat) -> str:
        return f"{await chat.ask('How many?', type=int)}, then."

    return bot


def signal(name: str, data: object = None, number: int = 1) -> Signal:
    """Something has happened."""
    return Signal(id=f"signal:{number}", address=ANNA, name=name, data=data)


async def test_a_signal_goes_on_with_what_waits_for_it() -> None:
    """Its data comes as it was, and a second one of the same id changes nothing."""
    async with Talk(shop()) as talk:
        await talk.say("order")
        assert await talk.say("Ann") == ["Please pay."]
        assert await talk.happens(signal("shipped")) == []
        assert await talk.happens(signal("paid", {"amount": [12, None]}, 2)) == [
            "Ann has paid {'amount': [12, None]}, Ann."
        ]
        assert await talk.happens(signal("paid", 3, 2)) == []
        assert await talk.flow() == ""


async def test_messages_are_answered_while_a_handler_waits() -> None:
    """As if nothing was open; the user may cancel."""
    async with Talk(shop()) as talk:
        for text in ("order", "Ann"):
            await talk.say(text)
        assert await talk.say("when do you open") == ["At noon."]
        assert await talk.say("hm") == ["Sorry, I did not get that."]
        assert await talk.say("cancel") == ["All right, I have stopped."]
        assert await talk.happens(signal("paid")) == []


async def test_a_signal_that_comes_early_is_taken_at_once() -> None:
    """It is kept while a question is open, and found when somebody waits for it."""
    async with Talk(shop()) as talk:
        await talk.say("order")
        assert await talk.happens(signal("paid", 12)) == []
        assert await talk.say("Ann") == ["Please pay.", "Ann has paid 12, Ann."]


async def test_a_signal_waits_for_the_flow_that_is_in_between() -> None:
    """It is taken when the inner question has been answered."""
    async with Talk(shop()) as talk:
        for text in ("order", "Ann", "how many"):
            await talk.say(text)
        assert await talk.happens(signal("paid", 12)) == []
        assert await talk.say("3") == ["3, then.", "Ann has paid 12, Ann."]
        assert await talk.flow() == ""


async def test_a_wait_ends_in_time() -> None:
    """A signal that comes later is forgotten."""
    async with Talk(shop()) as talk:
        for text in ("order", "Ann"):
            await talk.say(text)
        assert await talk.wait(7200) == ["Too late."]
        assert await talk.happens(signal("paid")) == []


async def test_a_signal_is_not_lost_when_its_turn_dies() -> None:
    """Killed at every point, the conversation ends the same."""
    for point in range(1, 20):
        async with Talk(shop()) as talk:
            talk.kill_at = frozenset({point})
            heard = [await talk.say("order"), await talk.happens(signal("paid", 12)), await talk.say("Ann")]

            assert heard == [["Which name?"], [], ["Please pay.", "Ann has paid 12, Ann."]]


async def test_a_signal_without_a_conversation_is_forgotten() -> None:
    """Nobody waits, and nobody is told."""
    async with Talk(shop()) as talk:
        assert await talk.happens(signal("paid")) == []
        assert talk.failure is None
        assert await talk.flow() == ""


# Code that was changed


def till(*, name: str = "size", version: int = 0) -> Bot:
    """A bot that asks, waits for a payment, and asks again."""
    bot = Bot("till")

    @bot.intent("buy", version=version)
    async def buy(chat: Chat) -> str:
        size = await chat.ask("Which size?", name=name)
        paid = await chat.wait("paid")
        street = await chat.ask("Which street?")
        return f"{size}, {paid}, {street}."

    return bot


async def test_a_signal_is_not_lost_when_the_code_has_changed() -> None:
    """The handler that begins anew waits for it again, and it comes only once."""
    async with Talk(till()) as talk:
        for text in ("buy", "small"):
            await talk.say(text)
        talk.bot = till(name="how_large")
        assert await talk.happens(signal("paid", 12)) == [CHANGED, "Which size?"]

        assert await talk.say("large") == ["Which street?"]
        assert await talk.say("Elm St") == ["large, 12, Elm St."]


async def test_what_was_paid_before_the_code_changed_is_paid() -> None:
    """A signal that a handler has had is there for it when it begins anew."""
    async with Talk(till()) as talk:
        for text in ("buy", "small"):
            await talk.say(text)
        await talk.happens(signal("paid", 12))
        talk.bot = till(version=1)
        assert (await talk.say("Elm St"))[0] == CHANGED

        assert await talk.say("same") == ["Which street?"]
        assert await talk.say("Elm St") == ["small, 12, Elm St."]


async def test_a_signal_that_another_handler_has_had_is_not_given_twice() -> None:
    """It was the inner one's; the outer one, whose code has changed, goes on waiting for its own."""

    def doing(version: int) -> Bot:
        bot = till(version=version)

        @bot.intent("tip")
        async def tip(chat: Chat) -> str:
            return f"Thanks for {await chat.wait('paid')}."

        return bot

    async with Talk(doing(0)) as talk:
        for text in ("buy", "small", "tip"):
            await talk.say(text)
        talk.bot = doing(1)
        said = await talk.happens(signal("paid", 2))

        assert said[:2] == ["Thanks for 2.", CHANGED]
        assert await talk.say("small") == []
        assert await talk.happens(signal("paid", 12, 2)) == ["Which street?"]
