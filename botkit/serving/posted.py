"""A webhook as it comes in over a connection, read by llhttp, the parser that aiohttp reads with as well."""

from typing import Final

import httptools

#: What says that the body is not simply what follows, or that somebody waits for another answer first.
_OTHER_FORMS: Final = frozenset({b"transfer-encoding", b"content-encoding", b"expect", b"upgrade"})


class Posted:
    r"""A request as it comes in: its path, what it is signed with, and its body.

    It is *odd* as soon as it is seen to be something else than one plain POST.

    >>> posted = Posted()
    >>> posted.feed(b"POST /hook HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\n123")
    >>> posted.has_head, posted.is_whole, posted.is_odd
    (True, False, False)
    >>> posted.feed(b"45")
    >>> posted.path, posted.is_whole, posted.body
    (b'/hook', True, b'12345')
    """

    __slots__ = ("_names", "_parser", "authorization", "body", "has_head", "is_odd", "is_whole", "path")

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self.clear()

    def clear(self) -> None:
        """Forget what was read: another one may come."""
        self.path = b""
        self.authorization: str | None = None
        self.body = b""
        self.has_head = self.is_whole = self.is_odd = False
        self._names = set[bytes]()

    def feed(self, data: bytes) -> None:
        """Read on; what is no HTTP is odd, too."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.is_odd = True

    # Called by the parser

    def on_message_begin(self) -> None:
        """A request begins: no second one is wanted."""
        self.is_odd = self.is_whole

    def on_url(self, url: bytes) -> None:
        """A piece of the URL is read."""
        self.path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header is read."""
        name = name.lower()
        if name in _OTHER_FORMS or name in self._names:
            # One that comes twice may mean one thing to us, and another to who reads it on its way.
            self.is_odd = True
        elif name == b"authorization":
            self.authorization = value.strip(b" \t").decode("utf-8", "surrogateescape")
        self._names.add(name)

    def on_headers_complete(self) -> None:
        """All headers are read."""
        self.has_head = True
        parser = self._parser
        is_plain = parser.get_method() == b"POST" and parser.get_http_version() == "1.1" and parser.should_keep_alive()
        # That a Host is missing does not trouble llhttp, but whoever else reads it.
        if not is_plain or b"host" not in self._names:
            self.is_odd = True

    def on_body(self, body: bytes) -> None:
        """A piece of the body is read."""
        self.body += body

    def on_message_complete(self) -> None:
        """It is whole."""
        self.is_whole = True
