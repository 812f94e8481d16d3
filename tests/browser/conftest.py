"""A real browser in front of a real `botkit run --dev`."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, BrowserContext, async_playwright
from yarl import URL

from browsing import Dev, Open, Tab, started

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def chromium() -> str:
    """The system's Chromium; skips the test where there is none."""
    found = next(filter(None, map(shutil.which, CANDIDATES)), None)
    if found is None:
        pytest.skip("There is no Chromium here; install one, such as the package chromium.")
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium, headless."""
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Dev]:
    """A server that all tests share which do not stop it; each has users of its own."""
    dev = await started(tmp_path_factory.mktemp("dev"))
    yield dev
    assert await dev.stop() == 0
    assert " ERROR " not in (dev.folder / "log.txt").read_text()


@pytest_asyncio.fixture(loop_scope="session")
async def own(browser: Browser, tmp_path: Path) -> AsyncIterator[Dev]:
    """A server of one test's own."""
    dev = await started(tmp_path)
    yield dev
    await dev.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def foreign() -> AsyncIterator[URL]:
    """An empty page that something else on this machine serves, and that allows itself everything."""
    application = web.Application()

    async def empty(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>Foreign</title>", content_type="text/html")

    application.router.add_get("/", empty)
    async with TestServer(application) as server:
        yield server.make_url("/")


@pytest_asyncio.fixture(loop_scope="session")
async def open_tab(browser: Browser) -> AsyncIterator[Open]:
    """Open a server's page in a tab of its own; whatever goes wrong in it fails the test."""
    contexts: list[BrowserContext] = []
    tabs: list[Tab] = []

    async def begin(url: str, **options: object) -> Tab:
        options = {"locale": "en-GB", "reduced_motion": "reduce", **options}
        context = await browser.new_context(**options)  # type: ignore[arg-type]  # as Playwright has them
        contexts.append(context)
        context.set_default_timeout(10_000)
        tab = Tab(await context.new_page())
        tabs.append(tab)
        tab.page.on("pageerror", lambda error: tab.complain(str(error)))
        tab.page.on("console", lambda told: tab.complain(told.text) if told.type == "error" else None)
        tab.page.on("dialog", lambda dialog: tab.complain(f"dialog: {dialog.message}"))
        tab.page.on("request", lambda request: tab.asked.append(request.url))
        await tab.page.goto(url)
        await tab.page.locator("section.chat").first.wait_for()
        return tab

    yield begin
    for context in contexts:
        await context.close()
    assert [tab.troubles for tab in tabs] == [[] for _ in tabs]


@pytest_asyncio.fixture(loop_scope="session")
async def tab(shared: Dev, open_tab: Open) -> Tab:
    """The shared server's page, wide."""
    return await open_tab(shared.url, viewport={"width": 1440, "height": 900})
