"""The pictures of the page that the docs show are taken here: with PICTURES set to a folder they are kept there."""

import os
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from browsing import Dev, Open, Tab, started

pytestmark = [pytest.mark.acceptance, pytest.mark.asyncio(loop_scope="session")]

ROOT = Path(__file__).parent.parent.parent
WIDE, PHONE = {"width": 1280, "height": 760}, {"width": 390, "height": 760}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bakery(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Dev]:
    """The bot of this project's own bots.yaml."""
    dev = await started(tmp_path_factory.mktemp("bakery"), (ROOT / "bots.yaml").read_text("utf-8"))
    yield dev
    await dev.stop()


def size(png: bytes) -> tuple[int, int]:
    """How wide and how high a picture is, as its header says."""
    return struct.unpack(">II", png[16:24])


@pytest.mark.parametrize(
    ("name", "viewport", "scheme"),
    [("wide-light", WIDE, "light"), ("wide-dark", WIDE, "dark"), ("phone", PHONE, "light")],
)
async def test_the_page_has_its_picture_taken(
    bakery: Dev, open_tab: Open, tmp_path: Path, name: str, viewport: dict[str, int], scheme: str
) -> None:
    """A chat with the bakery, and why it answered as it did."""
    tab = await open_tab(bakery.url, viewport=viewport, color_scheme=scheme)
    user = {"wide-light": "Ann", "wide-dark": "Ben", "phone": "Cleo"}[name]
    if viewport is PHONE:
        await tab.page.get_by_role("button", name="All chats").click()
    chat = await tab.open_chat(user, await tab.page.get_by_label("To which page").locator("option").first.inner_text())
    await tab.say(user, "hello")
    await tab.say(user, "1")
    await tab.say(user, "can I have a tiny carrot cake, please")
    await expect(chat.locator(".theirs .bubble").last).to_contain_text("One small carrot cake")
    if viewport is WIDE:
        await chat.locator(".mine .meta").last.click()
        await tab.page.get_by_label("Details of a message").wait_for()
    assert size(await taken(tab, tmp_path, name)) == (viewport["width"], viewport["height"])


async def test_what_was_not_understood_has_its_picture_taken(bakery: Dev, open_tab: Open, tmp_path: Path) -> None:
    """Questions that the bakery has no answer to yet."""
    tab = await open_tab(bakery.url, viewport=WIDE, color_scheme="light")
    await tab.open_chat("Dan", await tab.page.get_by_label("To which page").locator("option").first.inner_text())
    for text in (
        "Do you repair bikes?", "Can you repair my bike?", "tell me a joke", "Do you repair bikes?",
        "When can I call 0301234567 about my order?",
    ):  # fmt: skip
        await tab.say("Dan", text)
    await tab.page.get_by_role("link", name="Gaps", exact=True).click()
    await expect(tab.page.get_by_role("article").first).to_contain_text("3 times")

    assert size(await taken(tab, tmp_path, "gaps")) == (WIDE["width"], WIDE["height"])


async def taken(tab: Tab, folder: Path, name: str) -> bytes:
    """The picture of a tab, which is also kept."""
    picture = await tab.page.screenshot(animations="disabled")
    (Path(os.environ.get("PICTURES", folder)) / f"{name}.png").write_bytes(picture)
    return picture
