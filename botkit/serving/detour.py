"""The detour of webhooks: those that come over a connection that is aiohttp's, as it was asked for something else.

A proxy that keeps its connections sends everything over each of them: one look at the health of botkit, or one stranger
who tries a path, would take a connection from the short cut for as long as the proxy keeps it. So it is closed after
the next webhook, and the one after that comes over a new one.
"""

from collections.abc import Container

from aiohttp import web

from botkit.serving.posted import Posted
from botkit.serving.shortcut import WHOLE_LIMIT


def end_detours(server: web.Server, webhooks: Container[str]) -> None:
    """Let *server* hang up on who posts to a path of *webhooks* what would have taken the short cut."""
    handle = server.request_handler

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = await handle(request)
        # What came together with it is answered first: whoever closes before drops it. aiohttp tells nobody of it.
        is_last = not getattr(request.protocol, "_messages", ())
        if request.raw_path in webhooks and is_last and _is_plain(request):
            response.force_close()
        return response

    server.request_handler = answer


def _is_plain(request: web.BaseRequest) -> bool:
    """Whether the short cut takes one like this; not so where every webhook of somebody's is, say, chunked."""
    line = b"%b / HTTP/%d.%d\r\n" % (request.method.encode(), *request.version)
    head = b"".join((line, *(b"%b: %b\r\n" % header for header in request.raw_headers), b"\r\n"))
    posted = Posted()
    posted.feed(head)
    return not posted.is_odd and len(head) + (request.content_length or 0) <= WHOLE_LIMIT
