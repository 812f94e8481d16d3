"""Where a connection may lead: asked of the address that is connected to, whatever names were resolved before."""

import socket
from collections.abc import Callable
from typing import Final

from aiohttp import AddrInfoType

from botkit.reach import is_loopback, is_public

SocketFactory = Callable[[AddrInfoType], socket.socket]

#: Always in the same words: where every address of a host is refused, this is what is raised.
_REFUSED: Final = "the address is not one of the public internet"


class NotPublic(OSError):
    """A host's address is none that lookups may go to."""


def guarded(*, loopback: bool) -> SocketFactory:
    """What makes sockets for addresses of the public internet, or with *loopback* for those of this machine, only.

    It stands between resolving and connecting: a name that leads elsewhere the second time gains nothing. The sockets
    raise NotPublic for any other address.
    """
    is_allowed = is_loopback if loopback else is_public

    def made(info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        if not is_allowed(str(address[0])):
            raise NotPublic(_REFUSED)
        return socket.socket(family=family, type=kind, proto=protocol)

    return made
