"""The bare client: the requests it makes of replies, and what it says of the answers."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import botkit
from botkit.channels.vonage import Client
from botkit.channels.vonage.client import Given
from botkit.channels.vonage.connection import Answer
from botkit.errors import AccountBlocked, ConfigError, InDoubt, Rejected
from botkit.replies import Audio, Custom, File, Image, Reply, Text, Video
from botkit.settings import Account, MessagesAPI

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHOP = "11111111-2222-4333-8444-555555555555"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
BASIC: Final[Given] = {"api_key": "b4k3ry01", "api_secret": "a secret"}

DATA = Path(__file__).parent / "data" / "vonage"
#: Requests that others published; not everybody who has this repository has them.
PUBLISHED = Path(__file__).parents[2] / "shared" / "vonage" / "fixtures"
OURS: Final[dict[str, dict[str, Any]]] = json.loads((DATA / "requests.json").read_text("utf-8"))
THEIRS: Final[dict[str, dict[str, Any]]] = {
    path.name.removesuffix(".request.json"): json.loads(path.read_text("utf-8"))
    for path in PUBLISHED.glob("*_send_messenger_*.request.json")
}
ALL = {**OURS, **{f"published {name}": body for name, body in THEIRS.items()}}


class Noon:
    """A clock at noon."""

    def now(self) -> datetime:
        return NOON


class Answering:
    """A transport that gives one answer to every POST, and remembers them all."""

    def __init__(self, status: int = 202, body: bytes = b'{"message_uuid": "7c1e"}') -> None:
        self.answer = Answer(status, {}, body)
        self.posts: list[tuple[str, Mapping[str, str], bytes]] = []
        self.closed = False

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.posts.append((url, headers, body))
        return self.answer

    async def close(self) -> None:
        self.closed = True

    @property
    def sent(self) -> Any:
        """The JSON of the only POST."""
        ((_, _, body),) = self.posts
        return json.loads(body)


def client(transport: Answering, messages_api: MessagesAPI = "v1", **given: Any) -> Client:
    fields: dict[str, Any] = {"messages_api": messages_api, **BASIC, **given}
    return Client(**fields, transport=transport, clock=Noon())


def request_of(body: dict[str, Any]) -> tuple[MessagesAPI, str, str, Reply, str | None]:
    """What somebody who wants this request would write."""
    if "message" in body:
        content, options = body["message"]["content"], body["message"].get("messenger", {})
        kind, inner = content["type"], content[content["type"]]
        return (
            "v0.1",
            body["from"]["id"],
            body["to"]["id"],
            reply_of(kind, inner, options, body),
            body.get("client_ref"),
        )
    kind, options = body["message_type"], body.get("messenger", {})
    return "v1", body["from"], body["to"], reply_of(kind, body[kind], options, body), body.get("client_ref")


def reply_of(kind: str, content: Any, options: dict[str, Any], body: dict[str, Any]) -> Reply:
    more: dict[str, Any] = {
        **options,
        **{name: body[name] for name in ("webhook_url", "webhook_version") if name in body},
    }
    media: dict[str, Callable[..., Reply]] = {"image": Image, "audio": Audio, "video": Video, "file": File}
    if kind in media:
        return media[kind](content["url"], **more)
    return Custom(content, v1="message" not in body, **more) if kind == "custom" else Text(content, **more)


@pytest.mark.parametrize("body", ALL.values(), ids=ALL)
async def test_every_documented_request_comes_out_of_the_client(body: dict[str, Any]) -> None:
    """Every Messenger request, of either version, is made as JSON from a reply, key for key."""
    transport = Answering()
    api, page, user, reply, client_ref = request_of(body)

    assert await client(transport, api).send(page, user, reply, client_ref=client_ref) == "7c1e"
    assert transport.sent == body


def shape(value: object) -> object:
    return {key: shape(inner) for key, inner in value.items()} if isinstance(value, dict) else type(value).__name__


def test_our_requests_have_every_published_shape() -> None:
    """Where the published requests are at hand, ours have the same names, keys and types."""
    custom = {"v01_send_messenger_custom_template"}  # anything goes

    assert set(THEIRS) <= set(OURS)
    assert {name: shape(body) for name, body in OURS.items() if name not in custom} == {
        name: shape(body) for name, body in (OURS | THEIRS).items() if name not in custom
    }


LINK = "https://bakery.example/cake.png"
CUSTOM: Final[dict[str, object]] = {"attachment": {"type": "template"}}


@pytest.mark.parametrize(
    ("reply", "written"),
    [
        ("Hi!", {"message_type": "text", "text": "Hi!"}),
        (Text("Hi!"), {"message_type": "text", "text": "Hi!"}),
        (Text("Which?", choices=["Rye", "Oat"]), {"message_type": "text", "text": "Which?\n1. Rye\n2. Oat"}),
        (Text("Hi!", tag="HUMAN_AGENT"), {
            "message_type": "text", "text": "Hi!", "messenger": {"category": "message_tag", "tag": "HUMAN_AGENT"},
        }),
        (Text("Hi!", category="update"), {"message_type": "text", "text": "Hi!", "messenger": {"category": "update"}}),
        (Image(LINK), {"message_type": "image", "image": {"url": LINK}}),
        (File(LINK, webhook_url="https://b.example/s"), {
            "message_type": "file", "file": {"url": LINK}, "webhook_url": "https://b.example/s",
        }),
        (Custom(CUSTOM, v1=True), {"message_type": "custom", "custom": CUSTOM}),
    ],
)  # fmt: skip
async def test_what_a_reply_looks_like_in_v1(reply: Reply | str, written: dict[str, object]) -> None:
    """Each kind of reply, as the definition of v1 has it."""
    transport = Answering()
    await client(transport).send("1070", "2519", reply)

    assert transport.sent == {"channel": "messenger", "to": "2519", "from": "1070", **written}


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ("Hi!", {"content": {"type": "text", "text": "Hi!"}}),
        (Audio(LINK, tag="T"), {
            "content": {"type": "audio", "audio": {"url": LINK}}, "messenger": {"category": "message_tag", "tag": "T"},
        }),
        (Custom(CUSTOM), {"content": {"type": "custom", "custom": CUSTOM}}),
        (Custom(CUSTOM, v1=True), {"content": {"type": "custom", "custom": CUSTOM}}),
    ],
)  # fmt: skip
async def test_what_a_reply_looks_like_in_the_old_version(reply: Reply | str, message: dict[str, object]) -> None:
    """Each kind of reply, as the definition of v0.1 has it."""
    transport = Answering()
    await client(transport, "v0.1").send("1070", "2519", reply, client_ref="r")

    parties = {"from": {"type": "messenger", "id": "1070"}, "to": {"type": "messenger", "id": "2519"}}
    assert transport.sent == {**parties, "message": message, "client_ref": "r"}


@pytest.mark.parametrize("size", [1, 640])
async def test_the_longest_text_goes_out_whole(size: int) -> None:
    """Code points are counted, as nearly as anybody knows how Vonage counts."""
    transport = Answering()
    await client(transport).send("p" * 50, "u", "🥐" * size, client_ref="r" * 100)

    assert transport.sent["text"] == "🥐" * size


async def test_what_no_wire_takes_is_replaced() -> None:
    """A lone surrogate does not keep a message from its user."""
    transport = Answering()
    await client(transport).send("p", "u", "a\ud800b")

    assert transport.sent["text"] == "a?b"


@pytest.mark.parametrize(
    ("api", "page", "user", "reply", "client_ref", "says"),
    [
        ("v1", "", "u", "Hi", None, "the page's id has 0 characters; 1 to 50"),
        ("v1", "p", "u" * 51, "Hi", None, "the user's id has 51 characters; 1 to 50"),
        ("v0.1", "p" * 51, "u", "Hi", None, "the page's id has 51 characters; 1 to 50"),
        ("v1", "p", "u", "x" * 641, None, "the text has 641 characters; Messenger over Vonage takes at most 640"),
        ("v0.1", "p", "u", "x" * 641, None, "the text has 641 characters"),
        ("v1", "p", "u", Text("x" * 630, choices=["one more"]), None, "the text has 642 characters"),
        ("v1", "p", "u", "Hi", "r" * 101, "client_ref has 101 characters; v1 takes at most 100"),
        ("v0.1", "p", "u", "Hi", "r" * 41, "client_ref has 41 characters; v0.1 takes at most 40"),
        ("v1", "p", "u", Custom(CUSTOM), None, "v1 of the Messages API documents no custom objects for Messenger"),
        ("v0.1", "p", "u", Text("Hi", webhook_url="https://b.example"), None, "knows neither webhook_url nor"),
        ("v0.1", "p", "u", Text("Hi", webhook_version="v1"), None, "knows neither webhook_url nor"),
    ],
)
async def test_what_can_never_be_accepted_is_not_sent(
    api: MessagesAPI, page: str, user: str, reply: Reply | str, client_ref: str | None, says: str
) -> None:
    """The sentence says which limit; no request goes out."""
    transport = Answering()
    with pytest.raises(Rejected, match=says) as refused:
        await client(transport, api).send(page, user, reply, client_ref=client_ref)

    assert (refused.value.reason, transport.posts) == ("invalid_message", [])


async def test_a_reply_of_no_kind_is_a_mistake_of_the_developer() -> None:
    """Reply itself says nothing."""

    class Song(Reply):
        kind = "song"

    with pytest.raises(TypeError, match="Song is no reply that can be sent; use Text, Image"):
        await client(Answering()).send("p", "u", Song())


@pytest.mark.parametrize(
    ("base_url", "api", "url"),
    [
        ("https://api.nexmo.com", "v1", "https://api.nexmo.com/v1/messages"),
        ("https://api-eu.nexmo.com/", "v1", "https://api-eu.nexmo.com/v1/messages"),
        ("https://messages-sandbox.nexmo.com", "v0.1", "https://messages-sandbox.nexmo.com/v0.1/messages"),
        ("https://proxy.example:8443/vonage/", "v1", "https://proxy.example:8443/vonage/v1/messages"),
        ("http://127.0.0.1:9001", "v1", "http://127.0.0.1:9001/v1/messages"),
        ("http://localhost:9001", "v1", "http://localhost:9001/v1/messages"),
        ("http://[::1]:9001", "v1", "http://[::1]:9001/v1/messages"),
    ],
)
async def test_region_sandbox_and_simulator_are_chosen_by_url(base_url: str, api: MessagesAPI, url: str) -> None:
    """Everything goes to one URL of the version in use."""
    transport = Answering()
    await client(transport, api, base_url=base_url).send("p", "u", "Hi")

    assert transport.posts[0][0] == url


@pytest.mark.parametrize(
    ("base_url", "says"),
    [
        ("http://api.nexmo.com", "in the clear: use https"),
        ("http://127.0.0.1.example.com", "in the clear: use https"),
        ("http://0.0.0.0:9001", "in the clear: use https"),
        ("ftp://api.nexmo.com", "no URL of the Messages API"),
        ("api.nexmo.com", "no URL of the Messages API"),
        ("", "no URL of the Messages API"),
        ("https://", "no URL of the Messages API"),
        ("https://api.nexmo.com:port", "no URL of the Messages API"),
        ("https://[::1", "no URL of the Messages API"),
        ("https://a..b", "no URL of the Messages API"),
        ("https://user:password@api.nexmo.com", "no URL of the Messages API"),
        ("https://api.nexmo.com/a b", "no URL of the Messages API"),
        ("https://api.nexmo.com/é", "no URL of the Messages API"),
        ("https://api.nexmo.com?x=1", "no URL of the Messages API"),
        ("https://api.nexmo.com#x", "no URL of the Messages API"),
    ],
)
def test_a_url_that_cannot_work_is_refused_at_once(base_url: str, says: str) -> None:
    """Credentials never go over the network in the clear, and a typing error is found before the first message."""
    with pytest.raises(ConfigError, match=says) as refused:
        client(Answering(), base_url=base_url)

    assert "password" not in str(refused.value)


async def test_a_request_carries_what_it_needs_and_no_more() -> None:
    """JSON in and out, and one way of signing in."""
    transport = Answering()
    await client(transport).send("p", "u", "Hi")

    assert dict(transport.posts[0][1]) == {
        "Authorization": "Basic YjRrM3J5MDE6YSBzZWNyZXQ=",
        "Content-Type": "application/json",
        "Accept": "application/json",
        "User-Agent": "botkit",
    }


async def test_one_token_serves_many_messages() -> None:
    """It is checked with the application's public key, as Vonage does."""
    transport = Answering()
    source = Random(1)
    ours = Client(application_id=SHOP, private_key=PEM, transport=transport, clock=Noon(), rng=source)
    for _ in range(3):
        await ours.send("p", "u", "Hi")
    tokens = {headers["Authorization"] for _, headers, _ in transport.posts}

    (token,) = (one.removeprefix("Bearer ") for one in tokens)
    said = jwt.decode(token, KEY.public_key(), algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False})
    assert (said["application_id"], said["iat"]) == (SHOP, NOON.timestamp())


async def test_an_account_is_as_good_as_its_fields() -> None:
    """What bots.yaml holds can be used as it is."""
    transport = Answering()
    account = Account(api_key="k", api_secret="s", base_url="https://api-us.nexmo.com", messages_api="v0.1")
    await Client(account, transport=transport).send("1070", "u", "Hi")

    assert transport.posts[0][0] == "https://api-us.nexmo.com/v0.1/messages"


def test_an_account_and_its_fields_are_one_too_many() -> None:
    """Nobody could say which counts."""
    with pytest.raises(TypeError, match="takes an Account or api_key, not both"):
        Client(Account(api_key="k", api_secret="s"), api_key="other")


def test_without_credentials_there_is_no_client() -> None:
    """It could send nothing."""
    with pytest.raises(ConfigError, match="needs application_id and private_key, or api_key and api_secret"):
        Client()


async def test_answers_become_errors() -> None:
    """Whoever uses the bare client decides by the error's branch."""
    blocked, doubtful = Answering(402, b'{"title": "Low balance"}'), Answering(202, b"")

    with pytest.raises(AccountBlocked, match="top up"):
        await client(blocked).send("p", "u", "Hi")
    with pytest.raises(InDoubt):
        await client(doubtful).send("p", "u", "Hi")


async def test_no_error_repeats_what_was_said() -> None:
    """Errors are logged; messages, secrets and tokens are not."""
    transport = Answering(422, b'{"title": "Invalid"}')
    with pytest.raises(Rejected) as refused:
        await client(transport).send("p", "u", "my diagnosis")
    with pytest.raises(Rejected) as too_long:
        await client(transport).send("p", "u", "my diagnosis" * 100)

    shown = f"{refused.value!r} {too_long.value!r} {client(transport)!r}"
    assert not any(word in shown for word in ("diagnosis", "a secret", "YjRrM3J5"))


async def test_a_client_closes_what_it_opened() -> None:
    """It is a context manager, and may also be closed by hand."""
    transport = Answering()
    async with client(transport):
        assert not transport.closed

    assert transport.closed


def test_the_client_is_public() -> None:
    """It is reached as botkit.Client."""
    assert botkit.Client is Client
