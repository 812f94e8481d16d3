"""What can be reached where: whether a host or an address is this machine, or somewhere on the public internet."""

import ipaddress
from typing import Final

#: What IANA's registry of special-purpose IPv4 addresses (RFC 6890) keeps for other uses, and multicast (RFC 5771).
#: Written out, because versions of Python know different ones.
_SPECIAL: Final = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
            "203.0.113.0/24", "224.0.0.0/3",
        ),
    )
)  # fmt: skip
#: What IANA has given out as global unicast addresses (RFC 4291, 2.4); all else is for other uses, or for none yet.
_GLOBAL: Final = ipaddress.IPv6Network("2000::/3")
#: What is kept for other uses among those: protocols such as Teredo, examples, and tunnels to IPv4 (6to4).
_SPECIAL_6: Final = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
#: IPv4 addresses written as IPv6 ones by a network's translator (RFC 6052).
_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")


def is_loopback(host: str) -> bool:
    """Whether *host* can be reached from this machine only.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Whether *address*, numbers and no name, belongs to the public internet.

    Not this machine, not the network it is in, not its cloud's, no group of machines, and nothing that tunnels to such:
    an IPv4 address inside an IPv6 one counts as what it is.

    >>> [is_public(one) for one in ("93.184.216.34", "169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::a00:1")]
    [True, False, False, False]
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = _inside(found)
        if inner is None:
            return found in _GLOBAL and not any(found in network for network in _SPECIAL_6)
        found = inner
    return not any(found in network for network in _SPECIAL)


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that *address* is another way to write; None where it is one by itself."""
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped
