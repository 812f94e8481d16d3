"""The channel over several accounts: who verifies, who sends, how fast, and what a delivery becomes."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from botkit.channels import Channel
from botkit.channels.vonage import Vonage
from botkit.channels.vonage.connection import Answer
from botkit.errors import AccountBlocked, BadRequest, ConfigError, Rejected, Unauthorized, Unverifiable
from botkit.events import Address, Message, Status
from botkit.replies import Audio, Custom, File, Image, Limits, Reply, Text, Video, parts, replies_from
from botkit.settings import Account, MessagesAPI
from botkit.simulator.webhooks import Signer
from botkit.work import Delivery

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DATA = Path(__file__).parent / "data" / "vonage"
#: Requests that others published; not everybody who has this repository has them.
PUBLISHED = Path(__file__).parents[2] / "shared" / "vonage" / "fixtures"
REQUESTS: Final[dict[str, dict[str, Any]]] = {
    **json.loads((DATA / "requests.json").read_text("utf-8")),
    **{path.name: json.loads(path.read_text("utf-8")) for path in PUBLISHED.glob("*_send_messenger_*.request.json")},
}

BAKERY = Account(
    api_key="bakery",
    api_secret="b",
    signature_secrets=("the secret of the bakery, long enough",),
    pages=("1070", "1071"),
)
CAFE = Account(
    api_key="cafe",
    api_secret="c",
    signature_secrets=("the secret of the cafe, just as long as that",),
    pages=("2070",),
    base_url="https://messages-sandbox.nexmo.com",
    messages_api="v0.1",
)


class Noon:
    """A clock at noon."""

    def now(self) -> datetime:
        return NOON


class Accepting:
    """A transport that accepts every message, and remembers where it went and what it said."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, str, Any]] = []
        self.closed = False

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.posts.append((url, headers["Authorization"], json.loads(body)))
        return Answer(202, {}, b'{"message_uuid": "7c1e"}')

    async def close(self) -> None:
        self.closed = True


def channel(*accounts: Account, transport: Accepting | None = None) -> Vonage:
    return Vonage(accounts, clock=Noon(), transport=transport or Accepting())


def delivery(page: str, reply: Reply, *, kind: str = "messenger") -> Delivery:
    return Delivery(
        id=hashlib.sha256(page.encode()).hexdigest()[:32],
        address=Address(kind, page, "2519"),
        reply=reply,
        sequence=1,
        epoch=1,
        attempts=1,
        queued_at=NOON,
        now=NOON,
    )


MESSAGE = b'{"channel":"messenger","message_uuid":"m","to":"1070","from":"2519","message_type":"text","text":"Hi"}'
STATUS = b'{"channel":"messenger","message_uuid":"m","to":"2519","from":"1070","status":"read"}'


def signed(body: bytes, account: Account = BAKERY) -> dict[str, str]:
    authorization = Signer(account.api_key or "", account.signature_secrets[0], "any").authorization(body, NOON)
    assert authorization is not None
    return {"authorization": authorization}


def test_it_is_a_channel() -> None:
    """What the rest of botkit knows of Vonage is the protocol."""
    ours: Channel = channel(BAKERY)

    assert ours.limits("1070") == Limits()


@pytest.mark.parametrize("account", [BAKERY, CAFE])
def test_any_account_signs_webhooks(account: Account) -> None:
    """The token names whose secret it is."""
    ours = channel(BAKERY, CAFE)
    message, status = (
        ours.read(signed(MESSAGE, account), MESSAGE, NOON),
        ours.read(signed(STATUS, account), STATUS, NOON),
    )

    assert isinstance(message, Message)
    assert isinstance(status, Status)
    assert message.address == status.address == Address("messenger", "1070", "2519")


def test_a_body_is_read_only_when_it_is_believed() -> None:
    """First the token, then the hash, then the JSON: a stranger's bytes are never parsed."""
    ours = channel(BAKERY)

    with pytest.raises(Unverifiable):
        ours.read({}, b"no json", NOON)
    with pytest.raises(Unauthorized):
        ours.read(signed(MESSAGE), b"no json", NOON)
    with pytest.raises(BadRequest):
        ours.read(signed(b"no json"), b"no json", NOON)


def test_without_verification_a_body_is_read_at_once() -> None:
    """For development on one's own machine."""
    ours = channel(Account(api_key="k", api_secret="s", verify_signatures=False))

    assert isinstance(ours.read({}, MESSAGE, NOON), Message)


async def test_each_page_sends_with_its_own_account() -> None:
    """Its credentials, its region, its version of the API."""
    transport = Accepting()
    ours = channel(BAKERY, CAFE, transport=transport)
    for page in ("1071", "2070"):
        assert await ours.send(delivery(page, Text("Hi"))) == "7c1e"

    assert [(url, authorization) for url, authorization, _ in transport.posts] == [
        ("https://api.nexmo.com/v1/messages", "Basic YmFrZXJ5OmI="),
        ("https://messages-sandbox.nexmo.com/v0.1/messages", "Basic Y2FmZTpj"),
    ]


async def test_the_only_account_serves_every_page_if_it_names_none() -> None:
    """Whoever has one account need not list its pages."""
    transport = Accepting()
    await channel(Account(api_key="k", api_secret="s"), transport=transport).send(delivery("9999", Text("Hi")))

    assert transport.posts[0][2]["from"] == "9999"


@pytest.mark.parametrize(
    "accounts",
    [
        (),
        (BAKERY,),
        (BAKERY, Account(api_key="k", api_secret="s")),
        (Account(api_key="k", api_secret="s"), Account(api_key="l", api_secret="s")),
    ],
    ids=["none", "another's", "another's and one without", "two without"],
)
async def test_a_page_of_no_account_cannot_send(accounts: tuple[Account, ...]) -> None:
    """The operator must say whose page it is; until then its deliveries are kept."""
    with pytest.raises(
        AccountBlocked, match=r"No account has page 9999: add it to the pages of one under vonage:"
    ) as no:
        await channel(*accounts).send(delivery("9999", Text("Hi")))

    assert no.value.reason == "no_account"


async def test_other_channels_are_not_answered() -> None:
    """A WhatsApp number is no PSID: a reply to it would reach nobody, or somebody else."""
    transport = Accepting()
    with pytest.raises(Rejected, match="sends to messenger only, not to whatsapp"):
        await channel(BAKERY, transport=transport).send(delivery("1070", Text("Hi"), kind="whatsapp"))

    assert transport.posts == []


def reply_of(body: dict[str, Any]) -> tuple[MessagesAPI, Reply]:
    """What a handler returns to have this request made."""
    inner = body.get("message", {})
    content = inner.get("content", body)
    kind = content.get("type") or content["message_type"]
    more = {**inner.get("messenger", body.get("messenger", {}))}
    more |= {name: body[name] for name in ("webhook_url", "webhook_version") if name in body}
    api: MessagesAPI = "v0.1" if inner else "v1"
    said = content[kind]
    match kind:
        case "text":
            return api, Text(said, **more)
        case "custom":
            return api, Custom(said, v1=not inner, **more)
    return api, {"image": Image, "audio": Audio, "video": Video, "file": File}[kind](said["url"], **more)


@pytest.mark.parametrize("body", REQUESTS.values(), ids=REQUESTS)
async def test_every_documented_request_comes_out_of_a_reply(body: dict[str, Any]) -> None:
    """Through replies, parts and deliveries the same JSON is sent, with the delivery's id as client_ref."""
    api, reply = reply_of(body)
    transport = Accepting()
    ours = channel(Account(api_key="k", api_secret="s", messages_api=api), transport=transport)
    (part,) = (part for one in replies_from(reply) for part in parts(one, ours.limits("1070")))
    sent = delivery("1070", part)
    await ours.send(sent)

    page, user = ("1070", "2519") if api == "v1" else ({"type": "messenger", "id": one} for one in ("1070", "2519"))
    assert transport.posts[0][2] == {**body, "from": page, "to": user, "client_ref": sent.id}


async def test_a_long_text_goes_out_in_order() -> None:
    """What parts makes of it fits, whatever its characters."""
    transport = Accepting()
    ours = channel(BAKERY, transport=transport)
    words = " ".join(f"Brötchen{number}" for number in range(300))
    for part in parts(Text(words, choices=["Yes", "No"]), ours.limits("1070")):
        await ours.send(delivery("1070", part))

    texts = [body["text"] for _, _, body in transport.posts]
    assert max(map(len, texts)) <= 640
    assert " ".join(texts).split() == [*words.split(), "1.", "Yes", "2.", "No"]


@pytest.mark.parametrize(
    ("account", "limits"),
    [
        (Account(), Limits(640, 30.0, 10.0)),
        (Account(base_url="https://messages-sandbox.nexmo.com"), Limits(640, 1.0, 1.0)),
        (Account(base_url="https://MESSAGES-sandbox.nexmo.com/"), Limits(640, 1.0, 1.0)),
        (Account(base_url="https://api-eu.nexmo.com"), Limits(640, 30.0, 10.0)),
        (Account(base_url="https://messages-sandbox.nexmo.com.example"), Limits(640, 30.0, 10.0)),
        (Account(messages_per_second=5), Limits(640, 5, 5)),
        (Account(messages_per_second=80), Limits(640, 80, 10.0)),
        (Account(base_url="https://messages-sandbox.nexmo.com", messages_per_second=0.5), Limits(640, 0.5, 0.5)),
    ],
)
def test_how_fast_a_page_may_send(account: Account, limits: Limits) -> None:
    """What the account says; else one message a second in the sandbox and 30 elsewhere, media at most 10."""
    fields = {name: getattr(account, name) for name in ("base_url", "messages_per_second")}
    ours = channel(Account(api_key="k", api_secret="s", **fields))

    assert ours.limits("1070") == limits


def test_a_page_of_no_account_has_the_usual_limits() -> None:
    """It cannot send, but its replies can be cut."""
    assert channel(BAKERY).limits("9999") == Limits()


@pytest.mark.parametrize(
    ("accounts", "says"),
    [
        (
            (BAKERY, Account(api_key="k", api_secret="s", pages=("1071",))),
            "Page 1071 is among the pages of two accounts",
        ),
        ((Account(api_key="k", signature_secrets=("s",)),), "needs application_id and private_key, or api_key and"),
        ((Account(api_key="k", api_secret="s", signature_secrets=("",)),), "A signature_secret is empty"),
        ((Account(api_key="k", api_secret="s", base_url="http://api.nexmo.com"),), "in the clear: use https"),
    ],
)
def test_accounts_that_cannot_work_are_refused_at_once(accounts: tuple[Account, ...], says: str) -> None:
    """Before the first webhook and before the first message."""
    with pytest.raises(ConfigError, match=says):
        channel(*accounts)


def test_one_page_twice_in_one_account_is_no_harm() -> None:
    """It is the same account both times."""
    ours = channel(Account(api_key="k", api_secret="s", pages=("1", "1"), messages_per_second=3))

    assert ours.limits("1").messages_per_second == 3


async def test_closing_closes_the_transport() -> None:
    """All accounts share its connections."""
    transport = Accepting()
    await channel(BAKERY, CAFE, transport=transport).close()

    assert transport.closed


@pytest.mark.parametrize(
    ("place", "where"),
    [("", "application app-1"), ("bots.yaml:9:16", "bots.yaml:9:16")],
    ids=["in Python", "in a file"],
)
def test_a_key_that_cannot_be_used_is_told_with_its_account(place: str, where: str) -> None:
    """There may be several, and only one of them is to be mended."""
    with pytest.raises(ConfigError) as refused:
        channel(Account(application_id="app-1", private_key="-----BEGIN", place=place))

    assert str(refused.value).startswith(f"{where}: private_key is no private key in PEM")
