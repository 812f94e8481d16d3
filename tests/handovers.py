"""What tests of handovers share: a bakery that hands over what it cannot do, and how its conversations are muted."""

from datetime import timedelta

from botkit import Bot, Chat, Text, Timeout
from botkit.conversation.muted import resuming
from botkit.work import Mute
from talks import ANNA, Talk

HOURS = 3600
TOLD = 'A person will take it from here. Write "bot" to talk to me again.'


def bakery(**options: timedelta | str) -> Bot:
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


async def resume(talk: Talk, longer: timedelta | None = None) -> list[str]:
    """Let the mute end now, or so much later."""
    return await talk.happens(resuming(ANNA, await mute_of(talk), longer))
