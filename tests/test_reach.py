"""Addresses: what belongs to the public internet, and what only looks as if it did."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.reach import is_loopback, is_public

PUBLIC = ["1.1.1.1", "93.184.216.34", "172.15.0.1", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
ELSEWHERE = {
    "this machine": ["127.0.0.1", "127.255.0.3", "::1", "0.0.0.7", "::", "::ffff:127.0.0.1", "::127.0.0.1"],
    "the own network": ["10.0.0.1", "172.16.9.9", "192.168.1.1", "fd00::1", "fec0::1", "::ffff:192.168.1.1"],
    "the own link": ["169.254.169.254", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "::ffff:a9fe:a9fe"],
    "the provider's network": ["100.64.0.1", "192.0.0.192", "192.0.0.9"],
    "many machines": ["224.0.0.1", "239.1.1.1", "ff02::1", "ff0e::1", "255.255.255.255"],
    "tunnels and translators": ["64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:0:1::"],
    "examples and reserves": [
        "192.0.2.1",
        "198.18.0.1",
        "203.0.113.9",
        "240.0.0.1",
        "2001:db8::1",
        "3fff::1",
        "4000::1",
    ],
    "no address": ["", "localhost", "127.1", "0x7f000001", "2130706433", "1.1.1.1/8", " 1.1.1.1"],
}


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_is_public(address: str) -> None:
    """However its addresses are written."""
    assert is_public(address)


@pytest.mark.parametrize("address", [one for some in ELSEWHERE.values() for one in some])
def test_everything_else_is_not(address: str) -> None:
    """Whatever a name may be made to lead to."""
    assert not is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_counts_as_what_it_is(address: ipaddress.IPv4Address) -> None:
    """Mapped, or translated by the network."""
    number = int(address)
    mapped, translated = ipaddress.IPv6Address(0xFFFF << 32 | number), ipaddress.IPv6Address((0x64FF9B << 96) | number)

    assert is_public(str(mapped)) == is_public(str(translated)) == is_public(str(address))


@given(st.ip_addresses())
def test_nothing_is_this_machine_and_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """What only this machine reaches is nobody else's."""
    assert not (is_loopback(str(address)) and is_public(str(address)))
