"""Pictures of a bot's own: read when it is built, served under an address of their content, and nothing else is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from botkit import App, Bot, Image
from botkit.channels.vonage import Vonage
from botkit.channels.vonage.connection import Answer
from botkit.config import read
from botkit.errors import ConfigError, DefinitionError, Rejected
from botkit.events import Address
from botkit.loading import load
from botkit.observe import SystemClock
from botkit.pictures import LARGEST_BYTES, Picture
from botkit.settings import Account, Settings
from botkit.testing import Bench, UserChat
from botkit.work import Delivery

GIF = b"GIF89a a small cake"
PNG = b"\x89PNG\r\n\x1a\n another"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Files:
    """Files beside a bots.yaml, by name."""

    def __init__(self, **contents: bytes) -> None:
        self.contents = {name.replace("_", "."): content for name, content in contents.items()}

    def __call__(self, name: str) -> bytes:
        """Read a file."""
        if name not in self.contents:
            raise FileNotFoundError(2, "No such file or directory")
        return self.contents[name]


def shop(reply: str, **contents: bytes) -> Bot:
    """A bot that shows *reply* for whatever is said."""
    text = f"version: 1\nbots:\n  shop:\n    fallback: {reply}\n"
    return read(text, file="b", environment={}, read_file=Files(**contents), import_name=str, secrets=False).bots[0]


async def test_a_picture_is_shown_by_its_name() -> None:
    """Where people read what was shown."""
    async with Bench(shop("{image: cake.gif}", cake_gif=GIF)) as bench:
        assert await UserChat(bench, Address("messenger", "1", "ann")).say("hm") == ["[image] cake.gif"]


@pytest.fixture
async def client(aiohttp_client: Any) -> Any:
    """A client of an app whose bot has a picture, beside another file that it does not name."""
    bot = shop("{image: cake.gif}", cake_gif=GIF, secret_gif=GIF + b"!")
    app = App(bot, settings=Settings(store=":memory:"))
    application = web.Application()
    app.mount(application)
    return await aiohttp_client(application)


async def test_a_picture_is_served_for_ever(client: Any) -> None:
    """By GET and HEAD, as what it is."""
    key = Picture.of("cake.gif", GIF).key
    shown, asked = await client.get(f"/pictures/{key}"), await client.head(f"/pictures/{key}")

    assert (shown.status, await shown.read(), shown.content_type) == (200, GIF, "image/gif")
    assert (asked.status, asked.headers["Content-Length"]) == (200, str(len(GIF)))
    assert "immutable" in shown.headers["Cache-Control"]
    assert shown.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        Picture.of("secret.gif", GIF + b"!").key,
        f"{'0' * 16}/cake.gif",
        "../cake.gif",
        "..%2f..%2fcake.gif",
        "%2e%2e/cake.gif",
        "cake.gif",
        "",
    ],
)
async def test_nothing_else_is_served(client: Any, path: str) -> None:
    """No file is opened for what strangers ask."""
    assert (await client.get(f"/pictures/{path}")).status == 404


async def test_a_picture_that_was_replaced_stays_to_be_seen() -> None:
    """Somebody was sent its address a moment ago."""
    app = App(shop("{image: cake.gif}", cake_gif=GIF), settings=Settings(store=":memory:"))
    app.directory.replace([shop("{image: cake.gif}", cake_gif=GIF + b"!")])

    assert {one.content for one in app.directory.pictures.values()} == {GIF, GIF + b"!"}


def test_what_is_in_it_counts() -> None:
    """And not what it is called; what its name cannot say in an address is left out."""
    pictures = [
        Picture.of("pics/a cake?.PNG", PNG),
        Picture.of("cake.png", GIF),
        Picture.of("törtchen.jpeg", b"\xff\xd8\xff"),
    ]

    assert [(one.name, one.content_type) for one in pictures] == [
        ("a-cake.png", "image/png"),
        ("cake.gif", "image/gif"),
        ("t-rtchen.jpeg", "image/jpeg"),
    ]


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"RIFF0000WEBP", b"GIF89a" + bytes(LARGEST_BYTES)])
def test_what_messenger_does_not_take_is_refused(content: bytes) -> None:
    """With what to do."""
    with pytest.raises(DefinitionError, match=r"save it as|make it smaller"):
        Picture.of("cake.gif", content)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("{image: pie.gif}", "b:4:23: bots.shop.fallback.image: pie.gif cannot be read (No such file or directory)"),
        ("{image: text.gif}", "text.gif is no picture that Messenger takes"),
        ("{image: 'http://example.com/cake.gif'}", "a URL that begins with https://, or the name of a picture"),
        ("{image: cake.svg}", "or the name of a picture such as cake.jpg"),
        ("{audio: cake.gif}", "a URL that begins with https://"),
    ],
)
def test_mistakes_are_told_with_their_place(reply: str, told: str) -> None:
    """As everywhere in bots.yaml."""
    with pytest.raises(ConfigError) as refused:
        shop(reply, cake_gif=GIF, text_gif=b"Hello!")

    assert told in str(refused.value)


@pytest.mark.parametrize("name", ["../x.png", "pictures/../../x.png", "ABSOLUTE", "link.png", "linked/x.png"])
def test_a_picture_is_in_the_folder_of_its_bots(tmp_path: Path, name: str) -> None:
    """Whatever lies elsewhere was not put there to be served to everybody."""
    (tmp_path / "x.png").write_bytes(PNG)
    folder = tmp_path / "shop"
    (folder / "pictures").mkdir(parents=True)
    (folder / "link.png").symlink_to(tmp_path / "x.png")
    (folder / "linked").symlink_to(tmp_path)
    name = name.replace("ABSOLUTE", str(tmp_path / "x.png"))
    (folder / "bots.yaml").write_text(f"version: 1\nbots:\n  shop:\n    fallback: {{image: {name}}}\n")
    with pytest.raises(ConfigError) as refused:
        load(folder / "bots.yaml")

    told = f"{name:.80} leads out of the folder of bots.yaml, and pictures are served to everybody; put a copy into it"
    assert f"bots.yaml:4:23: bots.shop.fallback.image: {told}\n" in str(refused.value)


def test_links_may_lead_to_other_pictures_of_the_folder(tmp_path: Path) -> None:
    """As those of a volume do; and so may a folder that is a link itself."""
    (tmp_path / "there" / ".data").mkdir(parents=True)
    (tmp_path / "there" / ".data" / "x.png").write_bytes(PNG)
    (tmp_path / "there" / "x.png").symlink_to(Path(".data") / "x.png")
    (tmp_path / "here").symlink_to(tmp_path / "there")
    (tmp_path / "here" / "bots.yaml").write_text("version: 1\nbots: {shop: {fallback: {image: x.png}}}\n")

    assert len(load(tmp_path / "here" / "bots.yaml", secrets=False).bots[0].pictures) == 1


class Post:
    """A transport that takes everything."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def post(self, url: str, headers: object, body: bytes) -> Answer:
        """Take a POST."""
        self.bodies.append(body)
        return Answer(202, {}, b'{"message_uuid": "m"}')

    async def close(self) -> None:
        """Nothing is held."""


def delivery(url: str) -> Delivery:
    """A picture to deliver."""
    return Delivery(
        id="d", address=Address("messenger", "1", "ann"), reply=Image(url), sequence=0, epoch=1, attempts=1,
        queued_at=NOW, now=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("public_url", ["https://bots.example.com", "https://bots.example.com/"])
async def test_meta_is_told_where_to_fetch_it(public_url: str) -> None:
    """Below the address at which botkit can be reached; any other picture stays where it is."""
    post, picture = Post(), Picture.of("cake.gif", GIF)
    account = Account(api_key="k", api_secret="s", signature_secrets=("s" * 32,))
    channel = Vonage([account], clock=SystemClock(), transport=post, public_url=public_url)
    for url in (picture.url, "https://example.com/a.gif"):
        await channel.send(delivery(url))

    assert f"https://bots.example.com/pictures/{picture.key}".encode() in post.bodies[0]
    assert b"https://example.com/a.gif" in post.bodies[1]


async def test_a_picture_that_nobody_can_fetch_is_not_sent() -> None:
    """Its operator is told what to write."""
    account = Account(api_key="k", api_secret="s", signature_secrets=("s" * 32,))
    channel = Vonage([account], clock=SystemClock(), transport=Post())
    with pytest.raises(Rejected, match="public_url"):
        await channel.send(delivery(Picture.of("cake.gif", GIF).url))


def test_run_asks_where_pictures_can_be_fetched(tmp_path: Path) -> None:
    """Before it listens; not for development, where everything is on this machine."""
    from click.testing import CliRunner  # noqa: PLC0415 - only here

    from botkit.cli import commands  # noqa: PLC0415 - only here

    (tmp_path / "cake.gif").write_bytes(GIF)
    (tmp_path / "bots.yaml").write_text(
        'version: 1\nvonage: {api_key: k, api_secret: s, signature_secret: "0123456789abcdef0123456789abcdef"}\n'
        "bots: {shop: {fallback: {image: cake.gif}}}\n"
    )
    ended = CliRunner().invoke(commands, ["run", str(tmp_path / "bots.yaml"), "--port", "0"])

    assert str(ended.exception).startswith("cake.gif is a picture of the bot's own, and nobody knows where")
