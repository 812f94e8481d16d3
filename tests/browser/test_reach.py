"""Everybody can use the page: with a keyboard alone, with a screen reader, on a phone, by day and by night."""

import pytest
from playwright.async_api import Page, expect

from browsing import Dev, Open, Tab

pytestmark = [pytest.mark.acceptance, pytest.mark.asyncio(loop_scope="session")]

WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


async def violations(page: Page) -> list[str]:
    """What axe-core finds that keeps somebody out: everything serious or critical, with its place."""
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe-playwright-python is not installed")
    await page.evaluate(axe.AXE_SCRIPT)
    found = await page.evaluate("() => axe.run()")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
async def test_axe_finds_nothing_serious(shared: Dev, open_tab: Open, scheme: str, size: dict[str, int]) -> None:
    """In every state: chatting, explaining, choosing weather and time, asking for a chat, and seeing the gaps."""
    tab = await open_tab(shared.url, viewport=size, color_scheme=scheme, bypass_csp=True)
    page, found, user = tab.page, {}, f"zoe {scheme} {size['width']}"
    if size is PHONE:
        await page.get_by_role("button", name="All chats").click()
        found["list"] = await violations(page)
    chat = await tab.open_chat(user)
    found["empty"] = await violations(page)
    await chat.get_by_role("button", name="Send something else").click()
    found["menu"] = await violations(page)
    await page.keyboard.press("Escape")
    for text in ("nobody knows this", "track 7", "break", "choose", "show me"):
        await tab.say(user, text)
    await tab.chat(user).get_by_role("button", name="Send a thumbs up").click()
    found["chat"] = await violations(page)
    await tab.chat(user).locator(".mine .meta").nth(2).click()
    await expect(page.locator(".error")).to_be_visible()
    found["details"] = await violations(page)
    await page.keyboard.press("Escape")
    for name in ("Weather", "Clock"):
        button = page.locator(f"#{name.lower()}-button")
        await button.click()
        found[name] = await violations(page)
        await page.keyboard.press("Escape")
    if size is PHONE:
        await page.get_by_role("button", name="All chats").click()
    await page.get_by_role("button", name="New chat").click()
    found["dialog"] = await violations(page)
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name="Gaps", exact=True).click()
    await page.get_by_role("article").first.wait_for()
    found["gaps"] = await violations(page)

    assert {state: what for state, what in found.items() if what} == {}


async def test_axe_finds_nothing_serious_where_files_have_mistakes(own: Dev, open_tab: Open) -> None:
    """A list that scrolls can be scrolled with the keyboard."""
    tab = await open_tab(own.url, viewport=PHONE, bypass_csp=True)
    (own.folder / "bots.yaml").write_text(
        "version: 1\nbots:\n  shop:\n" + "".join(f"    key{n}: x\n" for n in range(40))
    )
    await tab.page.get_by_role("alert").filter(has_text="have mistakes").wait_for()

    assert await violations(tab.page) == []
    assert await tab.page.evaluate("() => document.documentElement.scrollHeight") == PHONE["height"]


async def test_everything_is_reached_with_the_keyboard(tab: Tab) -> None:
    """Begin a chat, write, look at a message's details and come back, and change the weather, without a mouse."""
    page, keys = tab.page, tab.page.keyboard
    await page.get_by_role("button", name="New chat").focus()
    await keys.press("Enter")
    await keys.type("uwe")
    await keys.press("Enter")
    await expect(tab.chat("uwe").get_by_role("textbox")).to_be_focused()
    for text in ("count", "track 3"):
        await keys.type(text)
        await keys.press("Enter")
        await expect(tab.chat("uwe").locator(".theirs")).to_have_count(1 if text == "count" else 2)
    lines = tab.chat("uwe").locator(".meta")
    # Until then a line is drawn anew with every status, and may be another one than was asked for.
    await expect(lines.last).to_contain_text("read")
    for _ in range(3):
        await keys.press("Shift+Tab")
        if await lines.last.evaluate("(line) => line === document.activeElement"):
            break
    await keys.press("ArrowUp")
    await expect(lines.nth(2)).to_be_focused()
    await keys.press("Home")
    await expect(lines.first).to_be_focused()
    await keys.press("Enter")
    details = page.get_by_label("Details of a message")
    await expect(details).to_be_focused()
    await expect(details.locator(".quote")).to_have_text("count")
    await keys.press("Escape")
    await expect(lines.first).to_be_focused()
    await page.locator("#weather-button").focus()
    await keys.press("Enter")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.locator("#weather-value")).to_have_text("1 to come")
    await page.get_by_role("button", name="Back to fair weather").press("Enter")


async def test_the_menu_is_walked_with_arrows(tab: Tab) -> None:
    """It opens on its first entry, goes round, and gives the focus back."""
    chat = await tab.open_chat("vera")
    opener = chat.get_by_role("button", name="Send something else")
    await opener.press("Enter")
    await expect(chat.get_by_role("menuitem", name="Thumbs up")).to_be_focused()
    await tab.page.keyboard.press("ArrowUp")
    await expect(chat.get_by_role("menuitem", name="By its address")).to_be_focused()
    await tab.page.keyboard.press("Escape")

    await expect(opener).to_be_focused()
    await expect(opener).to_have_attribute("aria-expanded", "false")


async def test_a_screen_reader_is_told_who_says_what(tab: Tab) -> None:
    """Messages come into a live log, each with its author, and each line below says what it leads to."""
    await tab.open_chat("wim")
    await tab.say("wim", "count")
    log = tab.page.get_by_role("log", name="Messages of wim and shop")
    await expect(log.locator(".theirs .meta")).to_contain_text("read")
    spoken = [" ".join(text.split()) for text in await log.get_by_role("listitem").all_inner_texts()]

    assert [text.partition(" Details")[0] for text in spoken[1:]] == ["wim: count", "S shop: That was 1."]
    assert await log.get_by_role("button", name="Details of “That was 1.”").count() == 1


async def test_on_a_phone_one_thing_is_shown_at_a_time(shared: Dev, open_tab: Open) -> None:
    """The chat, then the details in its place, then the list; nothing is wider than the screen."""
    tab = await open_tab(shared.url, viewport=PHONE, is_mobile=True, has_touch=True)
    page = tab.page
    await page.get_by_role("button", name="All chats").click()
    await tab.open_chat("xaver")
    await tab.say("xaver", "track 5")
    await tab.chat("xaver").locator(".mine .bubble").tap()
    await expect(page.get_by_label("Details of a message")).to_be_in_viewport()
    await expect(tab.chat("xaver")).to_be_hidden()
    await page.get_by_role("button", name="Close details").click()

    await expect(tab.chat("xaver")).to_be_visible()
    assert await page.evaluate("() => document.documentElement.scrollWidth") == PHONE["width"]
    await page.get_by_role("link", name="Gaps", exact=True).tap()
    await expect(page.get_by_role("heading", name="What was not understood")).to_be_in_viewport()
    assert await page.evaluate("() => document.documentElement.scrollWidth") == PHONE["width"]


async def test_the_details_say_what_was_understood_and_why(tab: Tab) -> None:
    """Intent, slots, the winner and the losers, session before and after, deliveries with their tries."""
    await tab.open_chat("yara")
    await tab.say("yara", "count")
    await tab.say("yara", "count")
    await tab.say("yara", "track 12")
    details = tab.page.get_by_label("Details of a message")
    await tab.chat("yara").locator(".mine .meta").nth(1).click()
    await expect(details.locator(".chip-strong")).to_have_text("count")
    await expect(details.locator(".session .gone")).to_contain_text("count: 1")
    await expect(details.locator(".session .new")).to_contain_text("count: 2")
    await tab.chat("yara").locator(".theirs .meta").last.click()
    await expect(details.locator(".facts").first).to_have_text("number12")
    await expect(details.locator(".candidate.won")).to_contain_text("track {number:int}")
    await expect(details.locator(".delivery .steps")).to_contain_text("Try 1: sent")

    await expect(details.locator(".delivery .steps")).to_contain_text("Status read")
