"""Dialogues: handlers that ask, and what is said while a question is open."""

import gc

from botkit import Bot, Chat
from talks import Talk


def booking() -> Bot:
    """A bot that books tables, and knows when it is open."""
    bot = Bot("inn")

    @bot.intent("book a table")
    async def book(chat: Chat) -> str:
        size = await chat.ask("For how many people?", type=int, retry_text="A number, please.")
        day = await chat.ask("Which day?", choices=["Today", "Tomorrow"])
        chat.session["booked"] = [size, day]
        return f"Booked for {size}, {day}."

    @bot.intent("when do you open")
    async def hours(chat: Chat) -> str:
        return "At noon."

    return bot


async def test_a_conversation_goes_on_from_turn_to_turn() -> None:
    """Each answer takes the handler one question further, and at its end it is as if it had never waited."""
    async with Talk(booking()) as talk:
        assert await talk.say("book a table") == ["For how many people?"]
        assert await talk.say("4") == ["Which day?\n1. Today\n2. Tomorrow"]
        assert await talk.say("2") == ["Booked for 4, Tomorrow."]
        assert await talk.session() == {"booked": [4, "Tomorrow"]}
        assert await talk.flow() == ""
        assert talk.failure is None


async def test_nothing_of_a_conversation_waits_for_the_collector() -> None:
    """What was said is let go of with its turn, whether that ends at a question or beyond the last one."""
    async with Talk(booking()) as talk:
        await talk.say("book a table")
        gc.collect()
        gc.disable()
        try:
            for text in ("many", "when do you open", "4", "Today", "book a table"):
                await talk.say(text)
                assert gc.collect() == 0, text
        finally:
            gc.enable()
