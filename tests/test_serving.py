"""Listening: what cannot be listened on is said in words, with what to do."""

import socket

import pytest

from botkit.serving.listening import PortTaken, bind


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("nosuch.invalid", "There is no host nosuch.invalid to listen on. Name another one with --host."),
        ("192.0.2.1", "192.0.2.1 is no address of this machine. Name another one with --host."),
    ],
)
def test_a_host_that_is_none_is_named(host: str, told: str) -> None:
    """The port is not what is wrong."""
    with pytest.raises(PortTaken) as refused:
        bind(host, 0)

    assert str(refused.value) == told


def test_a_port_that_is_taken_is_named_with_what_names_another() -> None:
    """That of the metrics is no option of the command line."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken) as refused:
            bind("127.0.0.1", port, option="metrics_port")

    assert str(refused.value) == (
        f"Cannot listen on 127.0.0.1 port {port}: Address already in use. Name another one with metrics_port."
    )
