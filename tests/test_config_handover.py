"""Handovers in bots.yaml: a reply that hands over, for how long, and the words and texts around it."""

from datetime import timedelta

import pytest

from botkit import Bot
from botkit.config import read
from botkit.work import Mute
from talks import ANNA, Talk

TOLD = 'A person will take it from here. Write "bot" to talk to me again.'
BAKERY = """
version: 1
bots:
  bakery:
    handover_hours: 3
    intents:
      bill:
        phrases: [my bill is wrong]
        reply: {handover: billing}
      stale:
        phrases: ["my {what} was stale"]
        reply: ["Oh no, your {what}!", {handover: "stale {what}", hours: 0.5}]
      cake:
        phrases: [a cake]
        slots: {size: {type: int, ask: Which size?}}
        reply: "Size {size}."
    fallback: {handover: "{session.nothing}"}
    words: {handover: [baker], resume: [robot]}
    texts: {handover: The baker comes., resumed: Beep.}
"""


def bakery(text: str = BAKERY) -> Bot:
    """The bot of *text*."""
    return read(text, file="b", environment={}, read_file=str.encode, import_name=str, secrets=False).bots[0]


async def mute_of(talk: Talk) -> Mute:
    """How the conversation was muted."""
    conversation = await talk.store.conversation(ANNA)
    assert conversation is not None
    assert conversation.mute is not None
    return conversation.mute


@pytest.mark.parametrize(
    ("said", "answer", "reason", "hours"),
    [
        ("my bill is wrong", ["The baker comes."], "billing", 3),
        ("my bread was stale", ["Oh no, your bread!"], "stale bread", 0.5),
        ("what?", ["The baker comes."], "-", 3),
    ],
)
async def test_a_reply_hands_over(said: str, answer: list[str], reason: str, hours: float) -> None:
    """The user is told so where the answer says nothing else; for as long as it says, or as the bot does."""
    async with Talk(bakery()) as talk:
        assert await talk.say(said) == answer
        mute = await mute_of(talk)
        assert (mute.reason, mute.until - mute.at) == (reason, timedelta(hours=hours))
        assert await talk.say("a cake") == []
        talk.clock.advance(hours * 3600)
        assert await talk.say("a cake") == ["Which size?"]


async def test_words_and_texts_are_the_bots_own() -> None:
    """They take the place of the language's."""
    async with Talk(bakery()) as talk:
        await talk.say("a cake")
        assert await talk.say("human") == ["Sorry, I did not get that.", "Which size?"]
        assert await talk.say("baker") == ["The baker comes."]
        assert await talk.say("bot") == []
        assert await talk.say("robot") == ["Beep.", "Which size?"]
        assert await talk.say("8") == ["Size 8."]


async def test_without_words_nobody_is_handed_over_by_himself() -> None:
    """A bot behind which there is no person says so with an empty list."""
    text = BAKERY.replace("handover: [baker]", "handover: []")
    async with Talk(bakery(text)) as talk:
        await talk.say("a cake")
        assert await talk.say("baker") == ["Sorry, I did not get that.", "Which size?"]
        assert await talk.say("8") == ["Size 8."]
