"""The page that a link in a notice leads to: looking at it changes nothing, its buttons do.

Whoever previews links only looks. What a button asks for becomes an event in the conversation's lane.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from html import escape
from string import Template
from typing import Final

from aiohttp import web

from botkit.conversation.muted import lengthened, resuming
from botkit.directory import Directory
from botkit.errors import StoreError
from botkit.events import Address
from botkit.handover import PATH, Linked, Links, command_for
from botkit.observe import Clock
from botkit.stores import Engine
from botkit.work import Mute

#: What each button asks for: nothing more, or so much longer.
ACTIONS: Final[Mapping[str, timedelta | None]] = {
    "resume": None,
    "12h": timedelta(hours=12),
    "3d": timedelta(days=3),
}
_HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class Resumption:
    """Answers requests for links that *links*, made once the store is open, has signed."""

    def __init__(
        self, *, store: Engine, directory: Directory, clock: Clock, links: Callable[[], Awaitable[Links]]
    ) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock
        self._links = links

    def routes(self) -> list[web.RouteDef]:
        """The routes to add to an aiohttp application."""
        return [web.get(f"{PATH}{{token}}", self.look), web.post(f"{PATH}{{token}}", self.change)]

    async def look(self, request: web.Request) -> web.Response:
        """Show how the conversation stands, and the buttons."""
        return await self._answer(request, None)

    async def change(self, request: web.Request) -> web.Response:
        """Do what a button asks for: its address says that, so that nothing which a stranger sends is read."""
        return await self._answer(request, request.query.get("action", ""))

    async def _answer(self, request: web.Request, action: str | None) -> web.Response:
        try:
            linked = (await self._links()).read(request.match_info["token"])
            if linked is None:
                return _page(404, "There is nothing here.")
            if linked.expires_at <= self._clock.now():
                return _page(410, f"This link is too old. Type: {command_for(linked.address)}")
            return await self._about(linked, action)
        except StoreError:
            return _page(503, "The store does not answer; nothing was changed. Try again in a minute.")

    async def _about(self, linked: Linked, action: str | None) -> web.Response:
        address, now = linked.address, self._clock.now()
        conversation = await self._store.conversation(address)
        mute = None if conversation is None else conversation.mute
        if mute is None or mute.id != linked.mute_id:
            return _page(200, "This handover is over: the bot answers this conversation again.")
        if action is None:
            return _page(200, self._told(address, mute, now), _BUTTONS)
        if action not in ACTIONS:
            return _page(400, "No button asks for that; nothing was changed.")
        longer = ACTIONS[action]
        await self._store.accept(resuming(address, mute, longer))
        if longer is None:
            return _page(200, "Done: the bot answers this conversation again.")
        until = self._shown(address, lengthened(mute, longer, now))
        return _page(200, f"Done: the bot says nothing in this conversation until {until}.")

    def _told(self, address: Address, mute: Mute, now: datetime) -> str:
        said = f"User {address.user} of page {address.page} needs a person, since {self._shown(address, mute.at)}"
        state = "says nothing until" if now < mute.until else "has answered again since"
        return f"{said}: {mute.reason}. The bot {state} {self._shown(address, mute.until)}."

    def _shown(self, address: Address, moment: datetime) -> str:
        """A moment as people at the page have it."""
        bot = self._directory.find(address)
        return f"{moment if bot is None else moment.astimezone(bot.timezone):%Y-%m-%d %H:%M %Z}"


_PAGE: Final = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Handover</title>
<style>
:root { color-scheme: light dark }
body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem }
p { overflow-wrap: anywhere }
button { font: inherit; padding: .5rem 1rem; margin: 0 .5rem .5rem 0 }
</style>
<main>
<p>$told</p>
$buttons</main>
</html>
""")
_BUTTONS: Final = """<form method="post">
<button formaction="?action=resume">Let the bot answer again</button>
<button formaction="?action=12h">12 more hours for me</button>
<button formaction="?action=3d">3 more days for me</button>
</form>
"""


def _page(status: int, told: str, buttons: str = "") -> web.Response:
    text = _PAGE.substitute(told=escape(told), buttons=buttons)
    return web.Response(status=status, text=text, content_type="text/html", headers=_HEADERS)
