"""Attachments in bots.yaml: what is answered to what is not text."""

import pytest

from botkit import Bot
from botkit.config import read
from botkit.errors import ConfigError
from botkit.events import KINDS, Kind
from talks import Talk

SHOP = """
version: 1
bots:
  shop:
    attachments:
      image: [Nice!, {text: Buy it?, choices: [Yes, No]}]
      otherwise: {any: [I cannot hear.]}
    fallback: Pardon?
"""


def shop(text: str = SHOP, python: Bot | None = None) -> Bot:
    """The bot of *text*, joined with one in *python*."""
    return read(
        text, file="b", environment={}, read_file=str.encode, import_name=lambda name: python, secrets=False
    ).bots[0]


async def answers(bot: Bot) -> dict[Kind, list[str]]:
    """What each kind of message is answered, in a conversation of its own."""
    told = {}
    for kind in KINDS:
        async with Talk(bot) as talk:
            told[kind] = await talk.say("hm" if kind == "text" else "", kind=kind)
    return told


async def test_each_kind_has_its_answer() -> None:
    """Otherwise is for those that have none, and a thumbs-up gets none at all."""
    assert await answers(shop()) == {
        "text": ["Pardon?"],
        "image": ["Nice!", "Buy it?\n1. Yes\n2. No"],
        "audio": ["I cannot hear."],
        "video": ["I cannot hear."],
        "file": ["I cannot hear."],
        "unsupported": [],
    }


async def test_without_attachments_the_fallback_answers_everything() -> None:
    """As it does where only some kinds are named, and there is no otherwise."""
    bare = shop("version: 1\nbots: {shop: {fallback: Pardon?}}")
    some = shop("version: 1\nbots: {shop: {fallback: Pardon?, attachments: {unsupported: Hi}}}")

    assert set(map(tuple, (await answers(bare)).values())) == {("Pardon?",)}
    assert (await answers(some))["unsupported"] == ["Hi"]
    assert (await answers(some))["video"] == ["Pardon?"]


async def test_handlers_in_python_go_before_the_silence() -> None:
    """What Python answers is not silenced by what bots.yaml leaves out."""
    python = Bot("shop")

    @python.on("unsupported")
    def thumb(chat: object) -> str:
        return "You too!"

    assert (await answers(shop(SHOP + "    python: shop:bot\n", python)))["unsupported"] == ["You too!"]


@pytest.mark.parametrize(
    ("attachments", "told"),
    [
        ("{picture: Nice!}", 'unknown key "picture"'),
        ("{image: 'Nice, {name}!'}", "{name} means nothing here"),
        ("{image: {image: http://insecure.example.com/a.jpg}}", "https://"),
        ("Nice!", "answers by kind"),
    ],
)
def test_mistakes_are_told_with_their_place(attachments: str, told: str) -> None:
    """As everywhere in bots.yaml."""
    with pytest.raises(ConfigError) as refused:
        shop(f"version: 1\nbots:\n  shop:\n    attachments: {attachments}\n")

    assert str(refused.value).startswith("b:4:")
    assert told in str(refused.value)


def test_what_python_answers_already_is_a_mistake() -> None:
    """Two answers to one kind are none."""
    python = Bot("shop")

    @python.on("image")
    def seen(chat: object) -> str:
        return "Seen."

    with pytest.raises(ConfigError, match="in Python already; keep one of the two"):
        shop(SHOP + "    python: shop:bot\n", python)
