"""What was not understood, on a side of the page of its own: in groups, with YAML to paste."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from browsing import Dev, Open, Tab, started

pytestmark = [pytest.mark.acceptance, pytest.mark.asyncio(loop_scope="session")]

BOTS = """
version: 1
bots:
  shop:
    pages: ["1070"]
    intents:
      hours: {phrases: [when do you open, opening hours, are you open today], reply: Always.}
    fallback: What?
  laden:
    pages: ["2080"]
    language: de
    intents:
      zeiten: {phrases: [wann habt ihr offen, habt ihr sonntags offen], reply: Immer.}
    fallback: Wie bitte?
"""
EVIL = "<img src=x onerror=alert(document.domain)> & <script>alert(document.title)</script>"


@pytest_asyncio.fixture(loop_scope="session")
async def dev(browser: Browser, tmp_path: Path) -> AsyncIterator[Dev]:
    """Two bots that speak two languages."""
    dev = await started(tmp_path, BOTS)
    yield dev
    await dev.stop()


async def begun(dev: Dev, open_tab: Open, *texts: str) -> Tab:
    """The page, where anna said *texts* to the shop; it may use the clipboard."""
    tab = await open_tab(dev.url, permissions=["clipboard-read", "clipboard-write"])
    await tab.open_chat("anna")
    for text in texts:
        await tab.say("anna", text)
    return tab


async def see_gaps(tab: Tab) -> None:
    """Go to the other side of the page."""
    await tab.page.get_by_role("link", name="Gaps", exact=True).click()
    await expect(tab.page.get_by_role("heading", name="What was not understood")).to_be_visible()


async def test_alike_questions_stand_together_by_language(dev: Dev, open_tab: Open) -> None:
    """With how often they were asked, the nearest intent, and without the numbers in them."""
    bikes = ("do you repair bikes", "can you repair a bike?", "Do you repair bikes?")
    tab = await begun(dev, open_tab, *bikes, "call me on 030 1234567")
    await tab.open_chat("bernd", "2080")
    await tab.say("bernd", "gibt es eis")
    await see_gaps(tab)
    english, german = (tab.page.get_by_role("region", name=name) for name in ("shop, in English", "laden, in German"))

    await expect(english.locator(".gaps-head")).to_contain_text("4 messages")
    await expect(english.locator(".gap-text")).to_have_text(["Do you repair bikes?", "call me on #"])
    await expect(english.locator(".gap").first).to_contain_text("3 times")
    await expect(english.locator(".gap-others").first).to_have_text("can you repair a bike?")
    await expect(english.locator(".gap").first).to_contain_text("nearest: hours")
    await expect(german.locator(".gap-text")).to_have_text(["gibt es eis"])


async def test_what_is_copied_and_pasted_is_answered(dev: Dev, open_tab: Open) -> None:
    """The clipboard has YAML for bots.yaml; once that is saved the question is no gap any more."""
    tab = await begun(dev, open_tab, "do you repair bikes", "tell me a joke")
    await see_gaps(tab)
    await tab.page.get_by_role("button", name="Copy the YAML for “do you repair bikes”").click()
    await expect(tab.page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    yaml = str(await tab.page.evaluate("() => navigator.clipboard.readText()"))
    pasted = BOTS.replace("    intents:\n      hours", f"    intents:\n{yaml}      hours")
    (dev.folder / "bots.yaml").write_text(pasted.replace("Write the answer here.", "We do!"))

    await expect(tab.page.get_by_text("1 question is answered by now")).to_be_visible()
    await expect(tab.page.locator(".gap-text")).to_have_text(["tell me a joke"])
    await tab.page.get_by_role("link", name="Chats", exact=True).click()
    await tab.say("anna", "do you repair bikes")

    assert (await tab.shown("anna"))[-2:] == ["do you repair bikes", "We do!"]


async def test_all_is_copied_at_once(dev: Dev, open_tab: Open) -> None:
    """One button for all groups of a bot, each an intent of another name."""
    tab = await begun(dev, open_tab, "tell me a joke please", "tell me a joke or I will scream")
    await tab.say("anna", "do you repair bikes")
    await see_gaps(tab)
    await tab.page.get_by_role("button", name="Copy all").click()
    await expect(tab.page.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    yaml = str(await tab.page.evaluate("() => navigator.clipboard.readText()"))

    assert yaml.count("phrases:") == await tab.page.get_by_role("article").count() > 1


async def test_a_question_is_said_again_in_a_chat(dev: Dev, open_tab: Open) -> None:
    """It is written into the chat with its bot, and only to be sent."""
    tab = await begun(dev, open_tab, "tell me a joke")
    await see_gaps(tab)
    await tab.page.get_by_role("button", name="Say it in a chat").click()
    box = tab.chat("anna").get_by_role("textbox")

    await expect(box).to_be_focused()
    await expect(box).to_have_value("tell me a joke")


async def test_what_is_asked_meanwhile_comes_by_itself(dev: Dev, open_tab: Open) -> None:
    """Where nothing is missing the page says so, until somebody asks; a reload stays on that side."""
    tab = await begun(dev, open_tab)
    await see_gaps(tab)
    await expect(tab.page.get_by_role("heading", name="Nothing is missing")).to_be_visible()
    await begun(dev, open_tab, "tell me a joke")
    await expect(tab.page.locator(".gap-text")).to_have_text(["tell me a joke"])
    await tab.page.reload()

    await expect(tab.page.locator(".gap-text")).to_have_text(["tell me a joke"])


async def test_what_was_not_understood_leads_there(dev: Dev, open_tab: Open) -> None:
    """From the details of a message that nothing answered."""
    tab = await begun(dev, open_tab, "tell me a joke")
    await tab.chat("anna").locator(".mine .meta").click()
    await tab.page.get_by_role("link", name="What else was not understood").click()

    await expect(tab.page.locator(".gap-text")).to_have_text(["tell me a joke"])


async def test_questions_of_strangers_stay_text(dev: Dev, open_tab: Open) -> None:
    """As they were written, in the group and in the YAML, for a bot of any name."""
    tab = await begun(dev, open_tab, EVIL)
    await see_gaps(tab)

    await expect(tab.page.locator(".gap-text")).to_have_text([EVIL])
    await expect(tab.page.locator(".gap-yaml pre")).to_contain_text("<script>alert")
    assert await tab.page.locator("#gaps img, #gaps script").count() == 0


async def test_a_bot_may_keep_nothing(dev: Dev, open_tab: Open) -> None:
    """By its setting, which is taken over at a reload."""
    tab = await begun(dev, open_tab, "tell me a joke")
    (dev.folder / "bots.yaml").write_text(BOTS.replace("fallback: What?", "fallback: Hm.\n    gaps: {keep_days: 0}"))
    while await tab.say("anna", "tell me a joke") != "Hm.":
        pass
    await tab.say("anna", "sing me a song")
    await see_gaps(tab)

    await expect(tab.page.locator(".gap-text")).to_have_text(["tell me a joke"])
