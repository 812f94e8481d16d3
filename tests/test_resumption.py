"""The link in a notice: who looks changes nothing, who presses a button does; and the whole way there and back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from attrs import define, field

from botkit import Address, App, Bot, Chat, Text
from botkit.events import Message
from botkit.settings import HandoverSettings, ServerSettings, Settings
from botkit.stores.sqlite import SQLite
from botkit.testing import FakeClock
from botkit.testing.messenger import Messenger, Shown
from botkit.work import Mute
from owners import Owner, an_owner

PAGE = "1070"
ANNA = Address("messenger", PAGE, "<anna>")
TOLD = 'A person will take it from here. Write "bot" to talk to me again.'


@define
class World:
    """An app with an owner, and a browser for the links that he gets."""

    app: App
    clock: FakeClock
    owner: Owner
    browser: "TestClient[web.Request, web.Application]"
    messenger: Messenger
    changed: asyncio.Event = field(factory=asyncio.Event)
    said: int = 0

    async def say(self, text: str) -> str:
        """Write as the user, and give the answer to it, or to a later one, that comes first."""
        shown = len(self.messenger.shown(ANNA))
        await self.write(text)
        async with asyncio.timeout(30):
            while len(self.messenger.shown(ANNA)) == shown:
                self.changed.clear()
                await self.changed.wait()
        return self.messenger.shown(ANNA)[-1].text

    async def write(self, text: str) -> None:
        """Write as the user."""
        self.said += 1
        await self.app.store.accept(Message(id=f"m{self.said}", address=ANNA, kind="text", text=text))

    def show(self, shown: Shown) -> None:
        """Something was shown to the user."""
        self.changed.set()

    async def link(self) -> str:
        """Have the conversation handed over, and give the path that the owner is told."""
        assert await self.say("help") == TOLD
        await self.owner.wait_for(1)
        url = urlsplit(self.owner.told[-1]["link"])
        assert (url.scheme, url.netloc) == ("https", "bots.example.com")
        return str(url.path)

    async def look(self, path: str) -> tuple[int, str]:
        """Open a link."""
        async with self.browser.get(path) as answer:
            return answer.status, await answer.text()

    async def press(self, path: str, action: str) -> tuple[int, str]:
        """Press a button behind a link."""
        async with self.browser.post(path, params={"action": action}) as answer:
            return answer.status, await answer.text()

    async def mute(self) -> Mute:
        """How the conversation was muted last."""
        conversation = await self.app.store.conversation(ANNA)
        assert conversation is not None
        assert conversation.mute is not None
        return conversation.mute

    async def ended(self) -> None:
        """Return when no event waits any more."""
        async with asyncio.timeout(30):
            while (await self.app.store.backlog()).events:
                pass


@asynccontextmanager
async def installed(owner: Owner, **server: Any) -> AsyncIterator[World]:
    """The app of a bot that hands over, in an application of somebody else's."""
    bot = Bot("bakery", pages=[PAGE], timezone="Europe/Berlin")

    @bot.intent("help")
    def handed(chat: Chat) -> Text:
        return chat.handover("stale <bread>")

    @bot.intent("hours")
    def hours(chat: Chat) -> str:
        return "At eight."

    clock, messenger = FakeClock(), Messenger()
    settings = Settings(
        server=ServerSettings(**{"public_url": "https://bots.example.com", **server}),
        handover=HandoverSettings(webhook=owner.url),
    )
    store = SQLite(":memory:", clock=clock)
    app = App(bot, settings=settings, store=store, channel=messenger, clock=clock)
    application = web.Application()
    app.mount(application)
    async with TestClient(TestServer(application)) as browser:
        made = World(app, clock, owner, browser, messenger)
        messenger.on_shown = made.show
        yield made


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """An owner who can be reached, and a server that he can reach."""
    async with an_owner() as owner, installed(owner) as made:
        yield made


async def test_whoever_looks_changes_nothing(world: World) -> None:
    """A preview of the link lets no bot speak; what people wrote is shown as it is."""
    path = await world.link()
    for _ in range(3):
        status, page = await world.look(path)
    async with world.browser.head(path) as answer:
        headers = answer.headers
    await world.write("hours")
    await world.ended()

    assert status == 200
    assert "User &lt;anna&gt; of page 1070 needs a person, since 2026-11-23 13:00 CET: stale &lt;bread&gt;." in page
    assert "The bot says nothing until 2026-11-24 01:00 CET." in page
    assert page.count('<button formaction="?action=') == 3
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert [one.text for one in world.messenger.shown(ANNA)] == [TOLD]


async def test_the_owner_lets_the_bot_answer_again(world: World) -> None:
    """With one press; a second one does nothing, and the link says so."""
    path = await world.link()
    pressed = [await world.press(path, "resume") for _ in range(2)]
    await world.ended()
    answer = await world.say("hours")

    assert [status for status, _ in pressed] == [200, 200]
    assert "Done: the bot answers this conversation again." in pressed[0][1]
    assert answer == "At eight."
    assert "The bot has answered again since 2026-11-23 13:00 CET." in (await world.look(path))[1]


@pytest.mark.parametrize(
    ("action", "hours", "shown"), [("12h", 12, "2026-11-24 13:00"), ("3d", 72, "2026-11-27 01:00")]
)
async def test_the_owner_takes_longer(world: World, action: str, hours: int, shown: str) -> None:
    """So much longer than it would have been; and he ends it all the same when he is done."""
    path = await world.link()
    before = (await world.mute()).until
    world.clock.advance(5 * 3600)
    _, page = await world.press(path, action)
    await world.ended()
    mute = await world.mute()
    until = mute.until
    await world.press(path, "resume")
    await world.ended()

    assert f"until {shown} CET." in page
    assert until == before + timedelta(hours=hours)
    assert await world.say("hours") == "At eight."


async def test_a_handover_that_is_over_can_be_taken_up_again(world: World) -> None:
    """By who is still in the middle of it, as often as he likes."""
    path = await world.link()
    for action in ("resume", "12h", "resume", "12h"):
        world.clock.advance(1)
        await world.press(path, action)
        await world.ended()

    assert (await world.mute()).until == world.clock.now() + timedelta(hours=12)


async def test_a_link_is_for_one_handover(world: World) -> None:
    """It neither ends the next one nor says anything about it."""
    first = await world.link()
    await world.press(first, "resume")
    await world.ended()
    world.clock.advance(60)
    assert await world.say("help") == TOLD
    await world.owner.wait_for(2)
    status, page = await world.press(first, "resume")
    await world.write("hours")
    await world.ended()

    assert (status, "This handover is over" in page, "button" in page.partition("<main>")[2]) == (200, True, False)
    assert [one.text for one in world.messenger.shown(ANNA)] == [TOLD, TOLD]


async def test_what_is_no_link_leads_nowhere(world: World) -> None:
    """Nor does one that is too old, or a button that is none."""
    path = await world.link()
    wrong = [await world.look(f"{path}x"), await world.press("/handover/a.b", "resume"), await world.press(path, "all")]
    world.clock.advance(7 * 24 * 3600)
    old = [await world.look(path), await world.press(path, "12h")]

    assert [status for status, _ in wrong + old] == [404, 404, 400, 410, 410]
    assert "botkit user resume &#x27;1070/&lt;anna&gt;&#x27;" in old[0][1]
    assert (await world.mute()).until < world.clock.now()


@pytest.mark.parametrize("path", ["/handover/a.b", None], ids=["a stranger", "the owner"])
@pytest.mark.parametrize(
    "kind",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=klingon",
    ],
)
async def test_what_is_posted_is_not_read(world: World, path: str | None, kind: str) -> None:
    """A button's address says all: whoever sends something holds up nobody, and breaks nothing."""
    shown, status = (path, 404) if path else (await world.link(), 400)
    async with world.browser.post(shown, data=b"--x\r\n\xff=\xff", headers={"Content-Type": kind}) as answer:
        assert answer.status == status


async def test_a_store_that_fails_is_said(world: World) -> None:
    """And nothing is pretended."""
    path = await world.link()
    await world.app.store.close()

    assert (await world.press(path, "resume"))[0] == 503


async def test_without_a_public_url_there_is_no_link_and_no_page() -> None:
    """The notice says what to type; `App.resume` does the same."""
    async with an_owner() as owner, installed(owner, public_url=None) as world:
        assert await world.say("help") == TOLD
        await owner.wait_for(1)
        missing = await world.look("/handover/a.b")
        resumed = [await world.app.resume(ANNA)]
        await world.ended()
        resumed.append(await world.app.resume(ANNA))

        assert (owner.told[0]["link"], missing[0], resumed) == (None, 404, [True, False])
        assert await world.say("hours") == "At eight."


async def test_the_signal_is_botkits_own(world: World) -> None:
    """Nobody sends it by mistake."""
    with pytest.raises(ValueError, match="is botkit's own"):
        await world.app.signal(ANNA, "botkit.resume", id="1")
