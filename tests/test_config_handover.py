"""Handovers in bots.yaml: a reply that hands over, for how long, and the words and texts around it."""

from datetime import timedelta

import pytest

from botkit import Bot
from botkit.config import read
from botkit.errors import ConfigError
from botkit.settings import ServerSettings, Settings
from handovers import mute_of
from talks import Talk

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


def settings(text: str, *, secrets: bool = False, **variables: str) -> Settings:
    """The settings of a file that begins with *text*."""
    whole = f"version: 1\n{text}\nbots: {{shop: {{fallback: Hello}}}}\n"
    return read(
        whole + "vonage: {api_key: a, api_secret: b, signature_secret: c}\n",
        file="b",
        environment=variables,
        read_file=str.encode,
        import_name=str,
        secrets=secrets,
    ).settings


def test_the_owner_and_the_way_here_are_settings() -> None:
    """Variables are replaced in both; that of the webhook only where secrets are wanted, because it is one."""
    text = "server: {public_url: '${PUBLIC}/bots/'}\nhandover: {webhook: '${HOOK}'}"
    public, hook = "https://example.com", "https://hooks.example.com/T0/x?y=1"
    with_secrets = settings(text, secrets=True, PUBLIC=public, HOOK=hook)
    without = settings(text, PUBLIC=public)

    assert with_secrets.server == without.server == ServerSettings(public_url="https://example.com/bots/")
    assert (with_secrets.handover.webhook, without.handover.webhook) == (hook, None)
    assert "T0" not in repr(with_secrets)


def test_a_webhook_that_is_no_secret_holds_everywhere() -> None:
    """One on this machine, to try it out in development."""
    assert settings("handover: {webhook: 'http://127.0.0.1:8000/x'}").handover.webhook == "http://127.0.0.1:8000/x"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "server: {public_url: bots.example.com}",
            "server.public_url: this is no URL; write one such as https://bots.",
        ),
        ("server: {public_url: 'http://bots.example.com'}", "server.public_url: this begins with https://"),
        ("server: {public_url: 'https://example.com?a=b'}", "server.public_url: this holds no password and no query"),
        ("server: {public_url: 'https://example .com'}", "server.public_url: this is no URL"),
        ("handover: {webhook: 'ftp://example.com'}", "handover.webhook: this is no URL; write one such as https://ex"),
        ("handover: {webhook: 'http://example.com/'}", "handover.webhook: this begins with https://"),
        ("handover: {webhook: 'https://a:b@example.com/'}", "handover.webhook: this holds no password; write it as"),
        ("handover: {url: x}", 'handover: unknown key "url"; known are webhook'),
        ("handover: https://example.com", "handover: expected webhook: with a URL"),
    ],
)
def test_what_cannot_be_reached_is_a_mistake(text: str, told: str) -> None:
    """With its place."""
    with pytest.raises(ConfigError) as error:
        settings(text)

    assert str(error.value).startswith("b:2:")
    assert told in str(error.value)
