"""Suggestions: what may have been meant is offered as choices, where nothing answers and the bot wants it."""

from pathlib import Path

import pytest

from botkit import Bot
from botkit.testing.fixture import BotTester

pytest_plugins = ["botkit.testing"]

SHOP = """
version: 1
bots:
  shop:
    did_you_mean: true
    fallback: I only know about bicycles.
    intents:
      repair:
        phrases: [do you repair bicycles, my bicycle is broken]
        reply: Bring it on Monday.
      rent_a_bicycle:
        phrases: ["(rent|hire) a bicycle [please]"]
        reply: Ten euros a day.
      order:
        phrases: ["where is bicycle {number:int}"]
        reply: Bicycle {number} is here.
"""

PARCELS = """
version: 1
bots:
  parcels:
    did_you_mean: true
    fallback: I only know about parcels.
    intents:
      parcel:
        phrases: [where is my parcel, track my parcel, when does my parcel arrive, parcel status please]
        reply: On its way.
      shop:
        phrases: [where is your shop, what is your address, how do I find your shop, shop address please]
        reply: On Mill Street.
      delivery:
        phrases: [what does delivery cost, delivery price please, how much is delivery, shipping cost]
        reply: Five euros.
"""


async def test_what_may_have_been_meant_is_offered_and_runs_when_chosen(bot_tester: BotTester, tmp_path: Path) -> None:
    """By a phrase, else by its name; what needs more than a click is not offered."""
    (tmp_path / "bots.yaml").write_text(SHOP)
    chat = bot_tester(tmp_path / "bots.yaml")

    offered = [
        await chat.say(text) for text in ("who has taken my bicycle yesterday", "can I rent something from somebody")
    ]
    chosen = await chat.say("1")

    assert offered == [["Did you mean:\n1. do you repair bicycles"], ["Did you mean:\n1. rent a bicycle"]]
    assert chosen == ["Ten euros a day."]
    assert chat.how == "choice"


async def test_a_suggestion_is_told_as_one(bot_tester: BotTester, tmp_path: Path) -> None:
    """In metrics and transcripts it is neither an intent nor the fallback."""
    (tmp_path / "bots.yaml").write_text(SHOP)
    chat = bot_tester(tmp_path / "bots.yaml")
    await chat.say("who has taken my bicycle yesterday")

    assert (chat.how, chat.intent) == ("suggestion", None)


@pytest.mark.parametrize("said", ["hello", "thank you", "tell me a joke about penguins", "99", "2", "where is it"])
async def test_nothing_is_offered_to_what_has_no_telling_word_in_common(
    said: str, bot_tester: BotTester, tmp_path: Path
) -> None:
    """Whatever it is nearest to."""
    (tmp_path / "bots.yaml").write_text(PARCELS)

    assert await bot_tester(tmp_path / "bots.yaml").say(said) == ["I only know about parcels."]


async def test_what_is_like_nothing_goes_to_the_fallback(bot_tester: BotTester, tmp_path: Path) -> None:
    """However much the bot would like to help."""
    (tmp_path / "bots.yaml").write_text(SHOP)

    assert await bot_tester(tmp_path / "bots.yaml").say("xyzzy") == ["I only know about bicycles."]


def _bot(*, did_you_mean: bool) -> Bot:
    bot = Bot("shop", did_you_mean=did_you_mean, language="de", texts={"did_you_mean": "Eins davon?"})
    bot.intent("fahrrad reparieren", "mein rad ist kaputt")(repair)
    bot.intent("fahrrad mieten")(rent)
    return bot


def repair(chat: object) -> str:
    """Answers."""
    return "Montag."


def rent(chat: object) -> str:
    """Answers."""
    return "Gern."


async def test_bots_in_python_suggest_in_their_own_words_and_only_if_told_to(bot_tester: BotTester) -> None:
    """The default is the fallback."""
    said = "rad gestohlen"

    assert (await bot_tester(_bot(did_you_mean=True)).say(said)) == ["Eins davon?\n1. fahrrad reparieren"]
    assert await bot_tester(_bot(did_you_mean=False)).say(said) == ["Das habe ich leider nicht verstanden."]
