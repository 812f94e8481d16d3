"""What the simulator accepts, and how one is made."""

import socket
from collections.abc import Callable

import aiohttp
import pytest
from attrs import evolve

from botkit import AccountBlocked, Client, Custom, Image, InDoubt, Rejected
from botkit.settings import MessagesAPI
from botkit.simulator import Simulator, Weather, keys
from botkit.testing import FakeClock
from simulated import PAGE

KEY = keys.new_private_key()


async def test_what_was_accepted_is_written_down() -> None:
    """An accepted message is a value that says everything about it."""
    clock = FakeClock()
    async with Simulator(clock=clock) as simulator:
        client = Client(simulator.account, clock=clock)
        async with client:
            identity = await client.send(PAGE, "61", Image("https://a.example/b.png"), client_ref="c1")
    (accepted,) = simulator.accepted

    assert evolve(accepted, raw={}) == evolve(
        accepted,
        message_uuid=identity,
        page=PAGE,
        user="61",
        kind="image",
        text="",
        url="https://a.example/b.png",
        client_ref="c1",
        api="v1",
        authorised_by="jwt",
        at=clock.now(),
        raw={},
    )
    assert accepted.raw["image"] == {"url": "https://a.example/b.png"}
    assert accepted.shown() == "[image] https://a.example/b.png"


@pytest.mark.parametrize("api", ["v1", "v0.1"])
async def test_botkits_own_client_is_understood(api: MessagesAPI) -> None:
    """The account is all that the client needs, in either version of the API."""
    async with Simulator() as simulator, Client(evolve(simulator.account, messages_api=api)) as client:
        identity = await client.send(PAGE, "61", "Grüße \N{THUMBS UP SIGN}", client_ref="c1")
    (accepted,) = simulator.accepted

    assert (accepted.message_uuid, accepted.api, accepted.authorised_by) == (identity, api, "jwt")
    assert (accepted.page, accepted.user, accepted.text) == (PAGE, "61", "Grüße \N{THUMBS UP SIGN}")


async def test_custom_objects_are_taken_where_they_are_documented() -> None:
    """v0.1 takes custom objects, v1 only from a simulator that was told so."""
    custom = Custom({"attachment": {"type": "template"}}, v1=True)
    async with Simulator() as simulator, Client(simulator.account) as client:
        with pytest.raises(Rejected):
            await client.send(PAGE, "61", custom)
        simulator.custom_on_v1 = True
        await client.send(PAGE, "61", custom)

    assert [(one.kind, one.text, one.url, one.shown()) for one in simulator.accepted] == [
        ("custom", "", None, "[custom]")
    ]


async def test_without_the_private_key_the_account_uses_basic() -> None:
    """Who gives a public key signs for himself, and where none is made nobody does; there are the key and secret."""
    for made in (Simulator(public_key=KEY.public_key()), Simulator(key_pair=False)):
        async with made as simulator, Client(simulator.account) as client:
            await client.send(PAGE, "61", "hi")

        assert [one.authorised_by for one in simulator.accepted] == ["basic"]


async def test_a_given_public_key_decides() -> None:
    """A bot that has its own key is taken, and one with another is not."""
    async with Simulator(public_key=KEY.public_key(), application_id="ours") as simulator:
        account = evolve(simulator.account, private_key=keys.private_pem(KEY))
        async with Client(account) as ours:
            await ours.send(PAGE, "61", "hi")
        async with Client(evolve(account, private_key=keys.private_pem(keys.new_private_key()))) as stranger:
            with pytest.raises(AccountBlocked):
                await stranger.send(PAGE, "61", "hi")

    assert len(simulator.accepted) == 1


async def test_what_was_accepted_and_not_told_is_written_down() -> None:
    """A message whose sender is in doubt was accepted all the same."""
    async with Simulator() as simulator, Client(simulator.account) as client:
        simulator.change(Weather(mood="accept_and_reset"))
        with pytest.raises(InDoubt):
            await client.send(PAGE, "61", "hi")

    assert simulator.shown(PAGE, "61") == ("hi",)


# Making one


@pytest.mark.parametrize(
    "make",
    [
        lambda: Simulator(statuses=["Delivered!"]),
        lambda: Simulator(statuses="delivered"),
        lambda: Simulator(messages_api="v2"),  # type: ignore[arg-type]  # wrong on purpose
    ],
)
def test_a_mistake_is_found_when_it_is_made(make: Callable[[], Simulator]) -> None:
    """What could never work is refused at once."""
    with pytest.raises((TypeError, ValueError)):
        make()


def test_no_secret_is_shown() -> None:
    """A failing test prints its simulator, and that shows no secret."""
    simulator = Simulator()
    shown = repr(simulator)

    assert [one for one in (simulator.signature_secret, simulator.api_secret, "PRIVATE KEY") if one in shown] == []


async def test_it_is_for_this_machine_only() -> None:
    """A socket that others could reach is refused."""
    with socket.create_server(("0.0.0.0", 0)) as public:  # noqa: S104 - to be refused
        simulator = Simulator(public_key=KEY.public_key())
        with pytest.raises(ValueError, match="for this machine only"):
            await simulator.serve(public)


async def test_it_ends_with_its_block() -> None:
    """After the block nothing listens any more."""
    async with Simulator(public_key=KEY.public_key()) as simulator:
        url = simulator.base_url
    with pytest.raises(aiohttp.ClientConnectionError):
        async with aiohttp.ClientSession() as session:
            await session.get(url)
