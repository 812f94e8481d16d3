"""The official Python package of Vonage, pointed at the simulator: what it sends is taken, and it is understood."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import requests
from vonage import Auth, HttpClientOptions, Vonage
from vonage_http_client.errors import AuthenticationError, ForbiddenError, HttpRequestError, RateLimitedError
from vonage_messages.models import (
    MessengerAudio,
    MessengerFile,
    MessengerImage,
    MessengerOptions,
    MessengerResource,
    MessengerText,
    MessengerVideo,
)

from botkit.simulator import Simulator, Weather

PARTIES: dict[str, Any] = {"to": "61", "from_": "9107"}
PICTURE = MessengerResource(url="https://pictures.example/rye.mp3")
OPTIONS = {
    "messenger": MessengerOptions(category="message_tag", tag="HUMAN_AGENT"),
    "client_ref": "order 7",
    "webhook_url": "https://status.example/vonage",
    "webhook_version": "v1",
}


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A simulator with TLS, for the package speaks nothing else; its statuses go nowhere."""
    async with Simulator(tls=True, statuses=()) as simulator:
        yield simulator


def sdk(simulator: Simulator, auth: Auth | None = None) -> Vonage:
    """The package, trusting the simulator's authority and no other."""
    host = simulator.base_url.removeprefix("https://")
    options = HttpClientOptions(api_host=host, timeout=10, max_retries=0, pool_maxsize=1)
    auth = auth or Auth(application_id=simulator.application_id, private_key=simulator.private_key_pem)
    client = Vonage(auth, options)
    # An environment that names an authority of its own goes before `verify` otherwise.
    client.http_client._session.trust_env = False
    client.http_client._session.verify = str(simulator.certificate_authority_file)
    return client


async def send(simulator: Simulator, message: Any, auth: Auth | None = None) -> str:
    """Send *message* with the package; it is not asynchronous."""
    client = sdk(simulator, auth)
    try:
        return str((await asyncio.to_thread(client.messages.send, message)).message_uuid)
    finally:
        client.http_client._session.close()


@pytest.mark.parametrize("options", [{}, OPTIONS], ids=["plain", "with options"])
@pytest.mark.parametrize(
    ("make", "content", "shown"),
    [
        (MessengerText, {"text": "Rye, Grüße, \N{THUMBS UP SIGN}"}, "Rye, Grüße, \N{THUMBS UP SIGN}"),
        (MessengerImage, {"image": PICTURE}, "[image] https://pictures.example/rye.mp3"),
        (MessengerAudio, {"audio": PICTURE}, "[audio] https://pictures.example/rye.mp3"),
        (MessengerVideo, {"video": PICTURE}, "[video] https://pictures.example/rye.mp3"),
        (MessengerFile, {"file": PICTURE}, "[file] https://pictures.example/rye.mp3"),
    ],
)
async def test_every_type_of_message_is_taken(
    simulator: Simulator, make: Any, content: dict[str, Any], shown: str, options: dict[str, Any]
) -> None:
    """What the package builds for Messenger is accepted as it stands, with a token of the application."""
    identity = await send(simulator, make(**PARTIES, **content, **options))
    (accepted,) = simulator.accepted

    assert (accepted.message_uuid, accepted.authorised_by) == (identity, "jwt")
    assert (accepted.page, accepted.user, accepted.shown()) == ("9107", "61", shown)
    assert accepted.client_ref == options.get("client_ref")
    assert accepted.raw.get("messenger") == ({"category": "message_tag", "tag": "HUMAN_AGENT"} if options else None)


async def test_each_request_of_the_package_has_a_token_of_its_own(simulator: Simulator) -> None:
    """The package signs for each request; the simulator takes them all."""
    client = sdk(simulator)
    for _ in range(3):
        await asyncio.to_thread(client.messages.send, MessengerText(**PARTIES, text="hi"))
    client.http_client._session.close()

    assert len(simulator.accepted) == 3


async def test_the_package_may_use_key_and_secret(simulator: Simulator) -> None:
    """Without an application it authorises itself by the account."""
    auth = Auth(api_key=simulator.api_key, api_secret=simulator.api_secret)
    await send(simulator, MessengerText(**PARTIES, text="hi"), auth)

    assert [one.authorised_by for one in simulator.accepted] == ["basic"]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AuthenticationError),
        (402, HttpRequestError),
        (403, ForbiddenError),
        (422, HttpRequestError),
        (429, RateLimitedError),
    ],
)
async def test_the_package_understands_refusals(simulator: Simulator, status: int, error: type[Exception]) -> None:
    """A documented problem becomes the package's own error, with the problem in it."""
    simulator.change(Weather(mood="answer", status=status))
    with pytest.raises(error) as caught:
        await send(simulator, MessengerText(**PARTIES, text="hi"))
    response: requests.Response = caught.value.response  # type: ignore[attr-defined]  # the package has no types

    assert (response.status_code, set(response.json()) >= {"type", "title", "detail", "instance"}) == (status, True)


async def test_another_accounts_secret_is_refused(simulator: Simulator) -> None:
    """What the package is told is what the API would tell it."""
    with pytest.raises(AuthenticationError):
        await send(simulator, MessengerText(**PARTIES, text="hi"), Auth(api_key=simulator.api_key, api_secret="other"))

    assert simulator.accepted == []


async def test_failover_is_refused_by_its_name(simulator: Simulator) -> None:
    """What the simulator does not simulate it does not pretend to take."""
    client, text = sdk(simulator), MessengerText(**PARTIES, text="hi")
    with pytest.raises(HttpRequestError) as caught:
        await asyncio.to_thread(client.messages.send, text, [text])
    client.http_client._session.close()

    assert caught.value.response.json()["invalid_parameters"] == [{"name": "failover", "reason": "is not simulated."}]


async def test_without_the_authority_nobody_trusts_it(simulator: Simulator) -> None:
    """Its certificate is good for those who were told of its authority only."""
    client = sdk(simulator)
    client.http_client._session.verify = True
    with pytest.raises(requests.exceptions.SSLError):
        await asyncio.to_thread(client.messages.send, MessengerText(**PARTIES, text="hi"))
    client.http_client._session.close()


async def test_the_authority_ends_with_the_simulator() -> None:
    """Nothing that could be trusted later is left on the disk."""
    async with Simulator(tls=True) as simulator:
        file = simulator.certificate_authority_file
        assert isinstance(file, Path)
        before = file.exists()

    assert (before, file.exists(), file.parent.exists()) == (True, False, False)
