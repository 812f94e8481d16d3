"""bots.yaml: every mistake in words and with its place, and what a good file means."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from botkit import Bot, Choice, Image, Slot, Text
from botkit.chat import Chat
from botkit.config import Configuration, read, schema_text
from botkit.errors import ConfigError
from botkit.events import Address, Message
from botkit.loading import import_name
from botkit.replies import Reply
from botkit.session import Session
from botkit.settings import Account, ServerSettings
from botkit.work import Work

BROKEN = (Path(__file__).parent / "data" / "config" / "broken.txt").read_text("utf-8")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def cases() -> list[tuple[str, str, str]]:
    """The broken files: name, text, and exactly what their author is told."""
    found = []
    for case in BROKEN.split("=== ")[1:]:
        name, _, rest = case.partition("\n")
        text, _, told = rest.rpartition("<<<\n")
        found.append((name, text, told.rstrip("\n")))
    return found


def gone(name: str) -> bytes:
    """A file that is not there."""
    raise FileNotFoundError(2, "No such file or directory")


def load(text: str | bytes, *, secrets: bool = False, python: Bot | None = None, **variables: str) -> Configuration:
    """Read a text as `botkit run` would."""
    return read(
        text,
        file="bots.yaml",
        environment=variables,
        read_file=gone,
        import_name=import_name if python is None else lambda name: python,
        secrets=secrets,
    )


@pytest.mark.parametrize(("name", "text", "told"), cases(), ids=[name for name, _, _ in cases()])
def test_a_broken_file_is_explained(name: str, text: str, told: str) -> None:
    """Each mistake, all of them at once, with the line and a caret, in words for who has never heard of YAML."""
    with pytest.raises(ConfigError) as error:
        load(text, secrets="vonage" in name)

    assert str(error.value) == told


def test_there_are_enough_broken_files() -> None:
    """The table has not been lost."""
    assert len(cases()) >= 60


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_file_in_another_encoding_is_explained(encoding: str) -> None:
    """An old editor's file is not garbage to be shown."""
    with pytest.raises(ConfigError, match="the file is not in UTF-8; save it as UTF-8 in your editor"):
        load("version: 1\nbots: {café: {}}\n".encode(encoding))


def test_a_huge_file_is_refused() -> None:
    """Nobody writes a megabyte of questions."""
    with pytest.raises(ConfigError, match="more than 1,000,000 bytes"):
        load("#" * 1_000_001)


def told(text: str | bytes) -> str:
    """What the author of *text* is told."""
    try:
        load(text)
    except ConfigError as error:
        return str(error)
    return "no mistake"


@settings(max_examples=300)
@given(st.one_of(st.text(), st.binary()))
def test_no_text_breaks_the_reader(text: str | bytes) -> None:
    """Whatever is in the file: a configuration or a ConfigError, and nothing else."""
    assert told(text).startswith(("bots.yaml:", "no mistake"))


LINES = st.sampled_from(
    [
        "version: 1", "bots:", "  a:", "    intents:", "      x:", "        phrases: [a, '{b}']", "- a",
        "        reply: hi {b}",
        "    fallback: {any: [x, {text: y}]}", "    pages: ['1']", "    timezone: UTC", "  b: {fallback: z}",
        "server: {port: 1}", "        reply: {image: x}", "        slots: {b: int}", "    lists: {s: {t: [u]}}",
        "    session_ttl_hours: x",
    ]
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(LINES, max_size=14))
def test_no_mixture_of_good_lines_breaks_the_reader(lines: list[str]) -> None:
    """Nearly right files are refused in words, too."""
    text = "\n".join(lines)
    assert told(text).startswith(("bots.yaml:", "no mistake"))


def test_laughs_stay_small() -> None:
    """A file cannot name itself over and over."""
    text = "version: 1\nbots: &a\n  x: {fallback: " + ", ".join(["*a"] * 100) + "}\n"
    with pytest.raises(ConfigError):
        load(text)


# What a good file means

SHOP = """
version: 1
store: data/shop.db
lease_seconds: 20
doubt_seconds: 0
server: {port: 8080, host: "::1", metrics_port: 0, drain_seconds: 2.5}
vonage:
  application_id: ${APP}
  private_key: keys/${KEY}
  api_key: abc
  signature_secret: ["${SECRET}", older]
  messages_api: v0.1
  pages: ["1", 0301234567]
bots:
  shop:
    pages: ["1", 0301234567]
    timezone: Europe/Berlin
    language: de
    session_ttl_hours: 48
    handler_timeout_seconds: 5
    lists: {size: {small: [little, tiny], large: big}}
    intents:
      hours:
        phrases: |
          when do you open?
          # really

          8:30
        reply: 8:30, yes
      cake:
        phrases: ["[a] {size} cake", "cake for {name}"]
        slots: {size: size}
        reply: ["One {size}{name} cake!", {image: "https://example.com/{size}.png"}]
      menu:
        phrases: [menu]
        strict: on
        reply:
          text: "What, {session.name}?"
          choices: [A cake, {title: Hours, value: h, intent: hours}]
          tag: HUMAN_AGENT
      thanks:
        phrases: [no, off, 0301234567]
        reply: {any: [One, Two, {text: Three}]}
    fallback: "\\\\{x\\\\} I only know cakes"
    error_reply: Oh no
"""


@pytest.fixture
def shop() -> Configuration:
    """A shop with everything."""
    return load(SHOP, secrets=True, APP="app-${SECRET}", KEY="private", SECRET="s3cret")


def test_settings_are_read(shop: Configuration) -> None:
    """Numbers are numbers, ids stay texts, references are replaced once, and paths lie beside the file."""
    assert shop.settings.server == ServerSettings(host="::1", port=8080, metrics_port=0, drain_seconds=2.5)
    assert (shop.settings.store, shop.settings.lease_seconds, shop.settings.doubt_seconds) == (
        "data/shop.db",
        20.0,
        0.0,
    )
    assert shop.settings.accounts == (
        Account(
            application_id="app-${SECRET}",
            private_key="keys/private",
            api_key="abc",
            signature_secrets=("s3cret", "older"),
            messages_api="v0.1",
            pages=("1", "0301234567"),
        ),
    )
    assert "s3cret" not in repr(shop.settings)


def test_a_bots_settings_are_read(shop: Configuration) -> None:
    """What the file says of a bot is what the bot has."""
    (bot,) = shop.bots

    assert (bot.name, bot.pages, bot.timezone.key, bot.settings.language) == (
        "shop",
        ("1", "0301234567"),
        "Europe/Berlin",
        "de",
    )
    assert (bot.settings.session_ttl, bot.settings.handler_timeout_seconds) == (timedelta(hours=48), 5.0)
    assert (bot.settings.error_reply, shop.warnings) == ("Oh no", ())


async def said(bot: Bot, text: str, session: dict[str, object] | None = None, event: str = "m1") -> list[Reply]:
    """What the bot's YAML answers to *text*."""
    message = Message(id=event, address=Address("messenger", "1", "2"), kind="text", text=text)
    work = Work(address=message.address, event=message, sequence=0, epoch=1, now=NOW, accepted_at=NOW)

    async def send(reply: object) -> None:
        raise AssertionError(reply)

    chat = Chat(work, Session(session or {}), send, language="en", timezone=bot.timezone)
    match = bot.router.route(text, now=NOW)
    handler = bot.handler(match.intent.name) if match else bot.reaction("text")
    returned = handler.function(chat, **(match.slots if match else {}))
    replies = await returned  # type: ignore[misc]  # YAML's answers are async
    return list(replies)


async def test_answers_are_said(shop: Configuration) -> None:
    """Texts with slots and session, media, choices, and values that look like something else."""
    (bot,) = shop.bots

    assert await said(bot, "When do you open") == [Text("8:30, yes")]
    assert await said(bot, "8:30") == [Text("8:30, yes")]
    assert await said(bot, "# really") == [Text("8:30, yes")]
    assert await said(bot, "tiny cake") == [Text("One small cake!"), Image("https://example.com/small.png")]
    assert await said(bot, "cake for {size} {session.name}") == [
        Text("One size} {session.name cake!"),
        Image("https://example.com/.png"),
    ]
    assert await said(bot, "menu", {"name": "{size}"}) == [
        Text("What, {size}?", choices=["A cake", Choice("Hours", "h", intent="hours")], tag="HUMAN_AGENT")
    ]
    assert await said(bot, "what") == [Text("{x} I only know cakes")]


async def test_any_says_one_and_the_same_one_again(shop: Configuration) -> None:
    """Each message gets one of the answers, a turn that is run again the same one."""
    (bot,) = shop.bots
    answers = [(await said(bot, "no", event=f"m{number}"))[0] for number in range(40)]
    again = [(await said(bot, "no", event=f"m{number}"))[0] for number in range(40)]

    assert {one.text for one in answers if isinstance(one, Text)} == {"One", "Two", "Three"}
    assert answers == again


def test_the_same_bot_written_both_ways_is_the_same() -> None:
    """YAML and decorators build equal intents, but for handler and place, and route alike."""
    yaml = load(
        """
version: 1
bots:
  b:
    timezone: Europe/Berlin
    lists: {size: {small: [tiny], large: []}}
    intents:
      cake: {phrases: ["[a] {s} cake", "cake on {day:date}"], slots: {s: size}, reply: "{s}{day}"}
      hi: {phrases: [hello, hi there], strict: true, reply: Hi}
""",
    ).bots[0]
    python = Bot("b", timezone="Europe/Berlin", lists={"size": {"small": ["tiny"], "large": []}})

    @python.intent("[a] {s} cake", "cake on {day:date}", slots={"s": Slot("size")})
    def cake(chat: Chat, s: object = "", day: object = "") -> str:
        return f"{s}{day}"

    @python.intent("hello", "hi there", strict=True)
    def hi(chat: Chat) -> str:
        return "Hi"

    def plain(bot: Bot) -> list[object]:
        return [
            (one.name, [phrase.text for phrase in one.phrases], dict(one.slots), one.strict, one.retries)
            for one in bot.intents.values()
        ]

    def routed(bot: Bot, text: str) -> object:
        match = bot.router.route(text, now=NOW)
        return match and (match.intent.name, match.how, match.score, dict(match.slots))

    texts = ["a tiny cake", "cake on 24.12.", "cake on friday", "Hello!", "hi", "large cake"]

    assert plain(yaml) == plain(python)
    assert [routed(yaml, text) for text in texts] == [routed(python, text) for text in texts]


def test_yaml_and_python_join_by_name() -> None:
    """Phrases and slots unite, Python's first; what stands in one of the two only is taken over."""
    python = Bot(lists={"size": {"small": []}})

    @python.intent("a {size:size} cake", name="cake", slots={"n": Slot(int)})
    def cake(chat: Chat, size: str = "", n: int = 0) -> str:
        return size

    @python.intent("bye")
    def bye(chat: Chat) -> str:
        return "Bye"

    (bot,) = load(
        """
version: 1
bots:
  shop:
    python: shop:bot
    intents:
      cake: {phrases: ["{n} cakes", "{size:size} tart"], slots: {n: word}}
      hi: {phrases: [hi], reply: Hi}
""",
        python=python,
    ).bots

    assert [phrase.text for phrase in bot.intents["cake"].phrases] == [
        "a {size:size} cake",
        "{n} cakes",
        "{size:size} tart",
    ]
    assert bot.intents["cake"].slots == {"n": Slot(int)}
    assert list(bot.intents) == ["cake", "bye", "hi"]


def test_two_answers_are_refused_with_both_places() -> None:
    """What YAML and Python both answer is answered by neither."""
    python = Bot()

    @python.intent("a")
    def hello(chat: Chat) -> str:
        return "x"

    @python.fallback
    def lost(chat: Chat) -> str:
        return "x"

    with pytest.raises(ConfigError) as error:
        load(
            "version: 1\nbots:\n  b:\n    python: x:y\n"
            "    intents:\n      hello: {phrases: [b], reply: y}\n    fallback: z\n",
            python=python,
        )
    first, second = error.value.problems

    assert first.startswith("bots.yaml:6:36: bots.b.intents.hello.reply: this intent is answered in Python already at")
    assert "tests/test_config.py:" in first
    assert second.startswith("bots.yaml:7:15: bots.b.fallback: there is one in Python already, the fallback 'lost' at")


def test_a_module_that_raises_is_a_problem_with_a_place() -> None:
    """An author's broken module is no traceback."""

    def broken(name: str) -> object:
        raise ZeroDivisionError("division by zero")

    with pytest.raises(ConfigError, match=r"bots.yaml:4:13: bots.b.python: importing x:y raised ZeroDivisionError"):
        read("version: 1\nbots:\n  b:\n    python: x:y\n", file="bots.yaml", environment={}, read_file=gone,
             import_name=broken, secrets=False)  # fmt: skip


def test_warnings_have_their_places() -> None:
    """A phrase that two intents claim runs, and is told."""
    loaded = load(
        "version: 1\nbots:\n  b:\n    intents:\n      x: {phrases: [a], reply: x}\n      y: {phrases: [A!], reply: y}\n"
    )

    assert [one.split(": ")[0] for one in loaded.warnings] == ["bots.yaml:6:21"]


def test_vonage_is_left_alone_where_nobody_needs_it() -> None:
    """`run --dev` and `check` work without its variables."""
    loaded = load("version: 1\nvonage: {application_id: '${NOT_SET}'}\nbots: {b: {fallback: hi}}\n")

    assert loaded.settings.accounts == ()


def test_references_are_for_settings_only() -> None:
    """A text cannot read the environment."""
    loaded = load("version: 1\nstore: ${WHERE}\nbots: {b: {fallback: 'pay $HOME'}}\n", WHERE="${HOME}.db", HOME="/root")

    assert loaded.settings.store == "${HOME}.db"


def test_the_schema_is_one() -> None:
    """What `botkit schema` prints is a JSON Schema, and the sample in the docs of an editor obeys it."""
    schema = json.loads(schema_text())
    Draft202012Validator.check_schema(schema)
    sample = {"version": 1, "server": {"port": 9000}, "bots": {"b": {"fallback": "hi", "session_ttl_hours": 2.5}}}

    assert list(Draft202012Validator(schema).iter_errors(sample)) == []
