"""The gallery: serves the pictures of bots to whoever knows their address, which is Meta and everybody in the chat."""

from typing import Final

from aiohttp import web

from botkit.directory import Directory
from botkit.pictures import FOLDER

#: An address never shows anything else; what is shown is a picture and nothing that a browser might run.
_HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


class Gallery:
    """The route to the pictures of the bots in *directory*, those that were replaced by a reload included."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def routes(self) -> list[web.RouteDef]:
        """The route to add to an aiohttp application; it answers GET and HEAD."""
        return [web.get(f"{FOLDER}{{hash}}/{{name}}", self.show)]

    async def show(self, request: web.Request) -> web.Response:
        """Show a picture by its address; 404 for whatever is no picture of a bot's."""
        key = f"{request.match_info['hash']}/{request.match_info['name']}"
        picture = self._directory.pictures.get(key)
        if picture is None:
            return web.Response(status=404, text="There is no such picture.")
        return web.Response(body=picture.content, content_type=picture.content_type, headers=_HEADERS)
