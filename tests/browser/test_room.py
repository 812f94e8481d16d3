"""Whatever is said and however it is called, everything keeps its place, and what fails is told where one looks."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from browsing import BOTS, Dev, Open, started
from likenesses import PACKAGE, POINTS, install

pytestmark = [pytest.mark.acceptance, pytest.mark.asyncio(loop_scope="session")]

WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LONG = "an_intent_whose_name_was_written_by_somebody_whom_nobody_has_stopped_" * 2
#: What a browser calls otherwise than Python does, and a likeness that raises for what is secret.
MORE = f"""
    likeness: late
    intents:
      {LONG}: {{phrases: ["long {{word:text}}"], reply: "{{word}}"}}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def long(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Dev]:
    """Bots with what is long, or strange, or fails."""
    folder: Path = tmp_path_factory.mktemp("long")
    install(folder, "beginnings", PACKAGE, POINTS)
    dev = await started(
        folder, BOTS.replace("\n    intents:\n", MORE, 1).replace("Europe/Berlin", "posix/Europe/Berlin")
    )
    yield dev
    await dev.stop()


async def sideways(page: Page) -> list[str]:
    """Which boxes hold something that is wider than they are, but for those that are meant to scroll."""
    found: list[str] = await page.evaluate(
        """() => [...document.querySelectorAll(".details, .card, .chat, .log, .list, .gaps, .popover")]
            .filter((box) => box.scrollWidth > box.clientWidth + 1)
            .map((box) => `${box.className}: ${box.scrollWidth} > ${box.clientWidth}`)"""
    )
    return found


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_the_window_itself_never_scrolls(long: Dev, open_tab: Open, size: dict[str, int]) -> None:
    """A chat of any length scrolls in its own box, and the head of the page and the box to write in stay."""
    tab = await open_tab(long.url, viewport=size)
    user = f"ute {size['width']}"
    if size is PHONE:
        await tab.page.get_by_role("button", name="All chats").click()
    await tab.open_chat(user)
    for number in range(12):
        await tab.say(user, f"track {number}")

    assert await tab.page.evaluate("() => document.documentElement.scrollHeight") == size["height"]


async def test_long_words_are_broken(long: Dev, open_tab: Open) -> None:
    """Names of intents, what was said and what is shown of it stay in their boxes."""
    tab = await open_tab(long.url, viewport=WIDE)
    await tab.open_chat("W" * 50)
    await tab.say("W" * 50, "long " + "w" * 300)
    await tab.chat("W" * 50).locator(".mine .meta").click()
    details = tab.page.get_by_label("Details of a message")
    await expect(details.locator(".candidate.won")).to_contain_text(LONG)
    await expect(details.locator(".sentence").first).to_contain_text(LONG)

    assert await sideways(tab.page) == []


async def test_three_chats_side_by_side_have_room(long: Dev, open_tab: Open) -> None:
    """Each says whom it is with, and there is room to write."""
    tab = await open_tab(long.url, viewport=WIDE)
    for user in ("ria", "rob", "rut"):
        chat = await tab.open_chat(user, beside=user != "ria")
        await tab.say(user, "choose")
    page = chat.locator(".chat-title p")
    box = await chat.get_by_role("textbox").bounding_box()

    assert await page.evaluate("(line) => line.scrollWidth <= line.clientWidth")
    assert box is not None
    assert box["width"] > 120
    assert await sideways(tab.page) == []


async def test_an_address_that_is_badly_written_is_shown_all_the_same(long: Dev, open_tab: Open) -> None:
    """Also where pictures are loaded: one such picture does not end the chat."""
    tab = await open_tab(f"{long.url}?media=web", viewport=WIDE)
    tab.expected = ("Failed to load resource",)
    await tab.open_chat("sofia")
    payload = {"page": "1070", "user": "sofia", "kind": "image", "url": "http://127.0.0.1:1/100%.png"}
    async with aiohttp.ClientSession() as session, session.post(f"{long.url}send", json=payload) as answer:
        assert answer.status == 200

    await expect(tab.chat("sofia").get_by_role("img", name="Picture: 100%.png")).to_be_attached()
    assert await tab.say("sofia", "count") == "That was 1."


async def test_a_time_zone_that_browsers_do_not_know(long: Dev, open_tab: Open) -> None:
    """The clock is shown all the same, in UTC, which it says."""
    tab = await open_tab(long.url, viewport=WIDE)
    await tab.page.get_by_role("button", name="Clock").click()

    await expect(tab.page.locator("#clock-zone")).to_contain_text("UTC")


async def test_a_likeness_that_fails_is_told(long: Dev, open_tab: Open) -> None:
    """Where it is told why a message was not understood, and without the message's words."""
    tab = await open_tab(long.url, viewport=WIDE)
    await tab.open_chat("tina")
    await tab.say("tina", "a secret of mine")
    await tab.chat("tina").locator(".mine .meta").click()

    told = tab.page.get_by_label("Details of a message").locator(".error")
    await expect(told).to_contain_text("Likeness has failed, so that only phrases are understood. ")
    await expect(told).to_contain_text("has raised OSError")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [(("book", "4"), "It answers the question that was open."), (("break",), "It is set aside as a dead letter.")],
)
async def test_sentences_are_whole(long: Dev, open_tab: Open, said: tuple[str, ...], sentence: str) -> None:
    """What became of a message is told in sentences."""
    tab = await open_tab(long.url, viewport=WIDE)
    user = f"vito {said[0]}"
    await tab.open_chat(user)
    for text in said:
        await tab.say(user, text)
    await tab.chat(user).locator(".mine .meta").last.click()
    understood = tab.page.get_by_label("Details of a message").locator(".card").first

    await expect(understood).to_contain_text(f". {sentence}" if said == ("break",) else sentence)


async def test_an_answer_is_not_explained_as_a_question(long: Dev, open_tab: Open) -> None:
    """What the intents make of it is told only to who asks: none of them was asked."""
    tab = await open_tab(long.url, viewport=WIDE)
    await tab.open_chat("xenia")
    await tab.say("xenia", "book")
    await tab.say("xenia", "4")
    await tab.chat("xenia").locator(".mine .meta").last.click()
    details = tab.page.get_by_label("Details of a message")
    await expect(details.get_by_role("heading", name="Why", exact=True)).to_be_hidden()
    await details.get_by_text("What it would be as a question of its own").click()

    await expect(details.get_by_role("heading", name="Why", exact=True)).to_be_visible()


async def test_why_a_reply_was_rejected_is_told_in_words(long: Dev, open_tab: Open) -> None:
    """Below it, with its code."""
    tab = await open_tab(long.url, viewport=WIDE)
    chat = await tab.open_chat("yuri")
    await tab.set_weather("Rejected: 24 hours over")
    await tab.say("yuri", "count")

    await expect(chat.locator(".theirs .meta")).to_contain_text("rejected: 1340, Outside of the allowed window")


async def test_a_message_without_signature_comes_again_with_one(own: Dev, open_tab: Open) -> None:
    """It is refused, said to be on its way, and answered."""
    tab = await open_tab(own.url, viewport=WIDE)
    chat = await tab.open_chat("zoran")
    await tab.set_weather("Without signature")
    await chat.get_by_role("textbox").fill("count")
    await chat.get_by_role("textbox").press("Enter")
    await expect(chat.locator(".mine .meta")).to_contain_text("answered 503, is sent again")

    await expect(chat.locator(".theirs .bubble")).to_have_text(["That was 1."], timeout=20_000)
