"""What strangers write stays text, the page runs and loads nothing but its own, and only this machine may look."""

import aiohttp
import pytest
from playwright.async_api import expect
from yarl import URL

from browsing import Dev, Open, Tab

pytestmark = [pytest.mark.acceptance, pytest.mark.asyncio(loop_scope="session")]

EVIL_PAGE = "<b>2080</b>"
EVIL_USER = "<img src=x onerror=alert(8)>"
EVIL_TEXT = "say <script>alert(9)</script> <img src=x onerror=alert(3)>"


async def injected(tab: Tab) -> list[int]:
    """How many elements the evil texts have become."""
    return [await tab.page.locator(what).count() for what in ("img[src=x]", "main script", "aside script", "main b b")]


async def test_what_strangers_write_stays_text(tab: Tab) -> None:
    """Names of bots, pages, users, intents, phrases, slots, choices and replies are shown as they are written."""
    await tab.open_chat(EVIL_USER, EVIL_PAGE)
    replied = await tab.say(EVIL_USER, EVIL_TEXT)
    await tab.chat(EVIL_USER).locator(".mine .meta").click()
    details = tab.page.get_by_label("Details of a message")

    await expect(details.locator(".quote")).to_have_text(EVIL_TEXT)
    await expect(details).to_contain_text("<img src=x onerror=alert(2)>")
    await expect(details).to_contain_text("<img src=x onerror=alert(3)>")
    await expect(details.locator(".facts dd")).to_contain_text("script>alert(9)</script> <img src=x onerror")
    assert replied in EVIL_TEXT
    await tab.say(EVIL_USER, "<script>alert(document.title)</script> is what I mean")
    assert "<img src=x onerror=alert(14)>" in await tab.say(EVIL_USER, "offer")
    await tab.chat(EVIL_USER).locator(".mine .meta").last.click()
    await details.get_by_text("Session, choices and deliveries now").click()
    await expect(details.locator("pre").last).to_contain_text("<script>alert(15)</script>")
    assert await injected(tab) == [0, 0, 0, 0]


async def test_sessions_and_errors_stay_text(tab: Tab) -> None:
    """What a bot keeps, and what its handler raises, are somebody's words too."""
    details = tab.page.get_by_label("Details of a message")
    await tab.open_chat("quinn")
    await tab.say("quinn", "remember")
    await tab.chat("quinn").locator(".mine .meta").click()
    await expect(details).to_contain_text('+ <img src=x onerror=alert(5)>: "<script>alert(6)</script>"')
    await details.get_by_text("Session, choices and deliveries now").click()
    await expect(details.locator("pre").last).to_contain_text("<script>alert(6)</script>")
    await tab.say("quinn", "break")
    await tab.chat("quinn").locator(".mine .meta").last.click()

    await expect(details.locator(".error")).to_contain_text("set aside as a dead letter")
    assert await injected(tab) == [0, 0, 0, 0]


@pytest.mark.parametrize("url", ["javascript:alert(10)", "data:text/html,<script>alert(11)</script>", "x' onerror='"])
async def test_addresses_of_media_stay_text(tab: Tab, shared: Dev, url: str) -> None:
    """A picture that is no address of the web is no link and is not loaded."""
    user = f"rosa {url[:4]}"
    await tab.open_chat(user)
    payload = {"page": "1070", "user": user, "kind": "image", "url": url}
    async with aiohttp.ClientSession() as session, session.post(f"{shared.url}send", json=payload) as answer:
        assert answer.status == 200
    bubble = tab.chat(user).locator(".mine .bubble")

    await expect(bubble).to_contain_text(url)
    assert await bubble.locator("a, img").count() == 0


async def test_a_webhook_may_hold_anything(tab: Tab, shared: Dev) -> None:
    """What arrives by another door than the page's is shown as text too, and an unknown kind as such."""
    await tab.open_chat("sven")
    body = {
        "channel": "messenger",
        "message_uuid": EVIL_USER,
        "to": "1070",
        "from": "sven",
        "timestamp": EVIL_USER,
        "message_type": EVIL_USER,
    }
    async with aiohttp.ClientSession() as session, session.post(f"{shared.url}inbound", json=body) as answer:
        assert answer.status == 200
    line = tab.chat("sven").locator(".mine .meta")
    await line.click()
    await tab.page.get_by_text("As it was sent").click()

    await expect(tab.page.locator("pre").last).to_contain_text("<img src=x onerror=alert(8)>")
    assert await injected(tab) == [0, 0, 0, 0]


async def test_inline_code_does_not_run(shared: Dev, open_tab: Open) -> None:
    """Even if something did become markup, the page's policy runs no inline script and no inline style."""
    tab = await open_tab(shared.url)
    tab.expected = ("Content Security Policy", "TrustedScript")
    refused: list[str] = []
    tab.page.on("console", lambda told: refused.append(told.text) if "Content Security Policy" in told.text else None)
    await tab.page.evaluate(
        """() => {
            const script = document.createElement("script");
            try { script.textContent = "window.ran = true"; document.head.append(script); } catch (error) {}
            const style = document.createElement("style");
            style.textContent = "body { display: none }"; document.head.append(style);
            const picture = new Image();
            picture.src = "https://pictures.example/spy.png"; document.body.append(picture);
        }"""
    )
    await expect(tab.page.locator("main")).to_be_visible()

    assert await tab.page.evaluate("() => window.ran") is None
    assert [any(word in told for told in refused) for word in ("style", "image")] == [True, True]


async def test_the_page_asks_nobody_else(tab: Tab, shared: Dev) -> None:
    """Everything it needs is in the package."""
    await tab.open_chat("theo")
    await tab.say("theo", "count")
    origin = shared.url.removesuffix("/simulator/")

    assert {url for url in tab.asked if not url.startswith(origin)} == set()


async def test_policy_is_strict(shared: Dev) -> None:
    """No inline code, nobody's frame, nothing from elsewhere; with the wish for it, pictures and sounds only."""
    found = {}
    for query in ("", "?media=web"):
        async with aiohttp.ClientSession() as session, session.get(f"{shared.url}{query}") as answer:
            parts = answer.headers["Content-Security-Policy"].split(";")
            found[query] = dict(part.strip().partition(" ")[::2] for part in parts)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    changed = {name for name in found[""] if found[""][name] != found["?media=web"][name]}

    assert found[""]["default-src"] == "'none'"
    assert {found[""][name] for name in ("script-src", "style-src", "connect-src", "img-src")} == {"'self'"}
    assert found[""]["frame-ancestors"] == "'none'"
    assert changed == {"img-src", "media-src"}


@pytest.mark.parametrize("path", ["", "events", "page/main.js", "kept?page=1070&user=ann", "accepted", "gaps"])
async def test_a_foreign_host_is_refused(shared: Dev, path: str) -> None:
    """A tunnel, or a name that was rebound to loopback, sees nothing."""
    headers = {"Host": "bot.example"}
    async with aiohttp.ClientSession() as session, session.get(f"{shared.url}{path}", headers=headers) as answer:
        assert (answer.status, await answer.text()) == (403, "The simulator is for this machine only.\n")


async def test_a_foreign_page_can_neither_read_nor_write(shared: Dev, foreign: URL, open_tab: Open) -> None:
    """Another page on this machine is foreign too: it gets no events, and what it sends is refused."""
    tab = await open_tab(shared.url)
    tab.expected = ("Failed to load resource", "CORS policy")  # what is refused, and the icon the other page lacks
    await tab.page.goto(str(foreign))
    tried = await tab.page.evaluate(
        """async (url) => {
            const body = JSON.stringify({ page: "1070", user: "mallory", kind: "text", text: "count" });
            const sent = await fetch(`${url}send`, { method: "POST", mode: "no-cors", body })
                .then(() => "sent", () => "refused");
            const read = await fetch(`${url}accepted`).then(() => "read", () => "refused");
            return [sent, read];
        }""",
        shared.url,
    )
    async with aiohttp.ClientSession() as session, session.get(f"{shared.url}accepted") as answer:
        users = {one["user"] for one in await answer.json()}

    assert tried[1] == "refused"
    assert "mallory" not in users
