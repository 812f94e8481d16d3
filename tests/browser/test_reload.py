"""Changing a bot while somebody chats with it."""

import asyncio
import re
import time

import pytest
from playwright.async_api import expect

from browsing import BOTS, SHOP, Dev, Open

pytestmark = [pytest.mark.acceptance, pytest.mark.asyncio(loop_scope="session")]


async def printed(dev: Dev, words: str, count: int = 1) -> None:
    """Wait until the terminal shows *words* so often."""
    async with asyncio.timeout(20):
        while (dev.folder / "log.txt").read_text().count(words) < count:
            await asyncio.sleep(0.02)


async def test_a_change_is_seen_in_the_next_reply(own: Dev, open_tab: Open) -> None:
    """In bots.yaml as in Python, within a second, and the session stays."""
    tab = await open_tab(own.url)
    await tab.open_chat("zora")
    await tab.say("zora", "count")
    began = time.monotonic()
    (own.folder / "bots.yaml").write_text(BOTS.replace("fallback: What?", "fallback: Pardon?"))
    await printed(own, "Reloaded: shop")
    seconds = time.monotonic() - began
    assert await tab.say("zora", "blah") == "Pardon?"
    (own.folder / "shop.py").write_text(SHOP.replace("That was", "Number"))
    await printed(own, "Reloaded: shop", 2)

    assert await tab.say("zora", "count") == "Number 2."
    assert seconds < 5  # a second where nobody else works; the machine may be busy


async def test_mistakes_are_shown_on_the_page_until_they_are_mended(own: Dev, open_tab: Open) -> None:
    """The old bots go on meanwhile; what the file says is shown as text."""
    tab = await open_tab(own.url)
    await tab.open_chat("zita")
    alert = tab.page.get_by_role("alert").filter(has_text="have mistakes")
    (own.folder / "bots.yaml").write_text(BOTS + "  <img src=x onerror=alert(12)>: {fallbak: <b>no</b>}\n")
    await expect(alert).to_contain_text("those that run stay as they are")
    await expect(alert).to_contain_text("<img src=x onerror=alert(12)>")
    await expect(alert.get_by_role("listitem").first).to_contain_text("bots.yaml:")
    await expect(alert).to_have_class(re.compile("notice-bad"))
    assert await tab.say("zita", "blah") == "What?"
    (own.folder / "bots.yaml").write_text(BOTS)
    await expect(alert).to_be_hidden()

    assert await tab.page.locator("img[src=x]").count() == 0


async def test_a_page_that_is_added_can_be_written_to(own: Dev, open_tab: Open) -> None:
    """The page offers it at once."""
    tab = await open_tab(own.url)
    (own.folder / "bots.yaml").write_text(BOTS + '  bar: {pages: ["3090"], fallback: Cheers!}\n')
    await printed(own, "Reloaded: shop")
    await tab.open_chat("zeno", "3090")

    assert await tab.say("zeno", "hello") == "Cheers!"


async def test_what_needs_a_restart_says_so(own: Dev, open_tab: Open) -> None:
    """The terminal and the page name the setting."""
    tab = await open_tab(own.url)
    (own.folder / "bots.yaml").write_text("keep_days: 3\n" + BOTS)
    await printed(own, "Changed, and used only after a restart: keep_days.")

    note = tab.page.get_by_role("alert").filter(has_text="keep_days")
    await expect(note).to_be_visible()
    await expect(note).not_to_have_class(re.compile("notice-bad"))
