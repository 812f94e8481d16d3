"""bots.yaml: what a good file means, in settings and in bots."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from attrs import evolve
from jsonschema import Draft202012Validator

from botkit import Bot, Chat, Choice, Slot
from botkit.config import Configuration, read, schema_text
from botkit.errors import Place
from botkit.router import Intent, Match
from botkit.settings import Account, ServerSettings, Settings

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def unused(name: str) -> bytes:
    """Neither files nor names are asked for here."""
    raise AssertionError(name)


def load(text: str, *, secrets: bool = False, **variables: str) -> Configuration:
    """Read a text as `botkit run` would."""
    return read(
        text,
        file="conf/bots.yaml",
        environment=variables,
        read_file=unused,
        import_name=unused,
        secrets=secrets,
    )


SHOP = r"""
version: 1
store: data/shop.db
lease_seconds: 20
doubt_seconds: 0
server: {port: 8080, host: "::1", metrics_port: 0, drain_seconds: 2.5, combined: /in}
vonage:
  application_id: 0123
  private_key: keys/private.key
  api_key: yes
  signature_secret: [newer, older]
  messages_api: v0.1
  base_url: https://messages-sandbox.nexmo.com
  pages: ["1", 0301234567]
  applications: aaaa
  messages_per_second: 2.5
bots:
  shop:
    pages: ["1", 0301234567]
    timezone: Europe/Berlin
    language: no
    session_ttl_hours: 48
    handler_timeout_seconds: 5
    lists: {size: {small: [little, tiny], large: big, huge: []}}
    intents:
      hours:
        phrases: |
          when do you open?

            8:30
        reply: 8:30, yes
      thanks:
        phrases: [no, off, 0301234567, ~]
        reply: null
      cake:
        phrases: ["[a] {size} cake", 'price \[net\] of {what}']
        slots: {size: size, what: {choices: [bread, rolls]}}
        strict: on
        reply: One cake
    fallback: I only know cakes
    error_reply: Oh no
"""


def test_settings_are_read() -> None:
    """Numbers are numbers, ids stay texts, and paths lie beside the file."""
    settings = load(SHOP, secrets=True).settings

    assert settings == Settings(
        store="conf/data/shop.db",
        lease_seconds=20.0,
        doubt_seconds=0.0,
        server=ServerSettings(host="::1", port=8080, metrics_port=0, drain_seconds=2.5, combined="/in"),
        accounts=(
            Account(
                application_id="0123",
                private_key="conf/keys/private.key",
                api_key="yes",
                signature_secrets=("newer", "older"),
                messages_api="v0.1",
                base_url="https://messages-sandbox.nexmo.com",
                pages=("1", "0301234567"),
                applications=("aaaa",),
                messages_per_second=2.5,
            ),
        ),
    )


def test_only_version_and_bots_are_needed() -> None:
    """Everything else has the defaults of the settings."""
    loaded = load("version: 1\nbots: {shop: {fallback: Hello}}\n")

    assert loaded.settings == Settings(store="conf/botkit.db")
    assert [(bot.name, bot.pages, bot.timezone.key, bot.settings.language) for bot in loaded.bots] == [
        ("shop", (), "UTC", "en")
    ]


@pytest.mark.parametrize("store", [":memory:", "sqlite:///srv/shop.db", "/srv/shop.db", "postgresql://db/shop"])
def test_a_store_that_is_no_relative_path_is_taken_as_it_is(store: str) -> None:
    """Only a relative path lies beside the file."""
    assert load(f"version: 1\nstore: '{store}'\nbots: {{shop: {{fallback: Hello}}}}\n").settings.store == store


def test_a_bots_settings_are_read() -> None:
    """What the file says of a bot is what the bot has, and `no` is a language."""
    (bot,) = load(SHOP).bots
    settings = bot.settings

    assert (bot.name, bot.pages, bot.timezone.key) == ("shop", ("1", "0301234567"), "Europe/Berlin")
    assert (settings.language, settings.session_ttl) == ("no", timedelta(hours=48))
    assert (settings.handler_timeout_seconds, settings.error_reply) == (5.0, "Oh no")
    assert bot.lists == {"size": {"small": ["little", "tiny"], "large": ["big"], "huge": []}}


def test_phrases_mean_what_they_say() -> None:
    """Whatever YAML takes for a number, a boolean or nothing is what the author typed, with its place."""
    (bot,) = load(SHOP).bots
    found = {name: [(one.text, str(one.place)) for one in intent.phrases] for name, intent in bot.intents.items()}

    assert found == {
        "hours": [("when do you open?", "conf/bots.yaml:28:11"), ("8:30", "conf/bots.yaml:30:13")],
        "thanks": [
            ("no", "conf/bots.yaml:33:19"),
            ("off", "conf/bots.yaml:33:23"),
            ("0301234567", "conf/bots.yaml:33:28"),
            ("~", "conf/bots.yaml:33:40"),
        ],
        "cake": [("[a] {size} cake", "conf/bots.yaml:36:19"), (r"price \[net\] of {what}", "conf/bots.yaml:36:38")],
    }


def test_an_intent_has_its_place_and_its_slots() -> None:
    """An intent is found where its name stands."""
    intent = load(SHOP).bots[0].intents["cake"]

    assert intent.place == Place("conf/bots.yaml", 35, 7)
    assert intent.slots == {"size": Slot("size"), "what": Slot(choices=["bread", "rolls"])}
    assert (intent.strict, intent.retries) == (True, 0)


def test_several_bots_and_accounts_have_their_pages() -> None:
    """One file runs several bots, each on its own pages, over several accounts."""
    loaded = load(
        """
version: 1
vonage:
  - {application_id: a, private_key: k, api_key: x, signature_secret: s, pages: "1"}
  - {api_key: y, api_secret: z, signature_secret: s, pages: ["2", "3"]}
bots:
  bakery: {pages: "1", fallback: Bread}
  butcher: {pages: ["2", "3", "2"], fallback: Ham}
""",
        secrets=True,
    )

    assert {bot.name: bot.pages for bot in loaded.bots} == {"bakery": ("1",), "butcher": ("2", "3")}
    assert [account.pages for account in loaded.settings.accounts] == [("1",), ("2", "3")]


def test_signatures_may_go_unverified_on_this_machine() -> None:
    """Whoever tries things out on loopback needs no secrets for webhooks."""
    (account,) = load(
        "version: 1\nbots: {shop: {fallback: Hello}}\n"
        "vonage: {api_key: x, api_secret: y, verify_signatures: false, base_url: 'http://localhost:9001'}\n",
        secrets=True,
    ).settings.accounts

    assert (account.verify_signatures, account.base_url) == (False, "http://localhost:9001")


def test_a_windows_file_is_read() -> None:
    """A byte order mark and carriage returns are no mistakes."""
    text = "version: 1\r\nbots:\r\n  shop:\r\n    intents:\r\n      hi:\r\n        phrases: |\r\n          hi there\r\n"
    raw = b"\xef\xbb\xbf" + f"{text}          hello\r\n        reply: Hello\r\n".encode()
    loaded = read(raw, file="bots.yaml", environment={}, read_file=unused, import_name=unused, secrets=False)

    assert [(one.text, str(one.place)) for one in loaded.bots[0].intents["hi"].phrases] == [
        ("hi there", "bots.yaml:7:11"),
        ("hello", "bots.yaml:8:11"),
    ]


def test_warnings_have_their_places() -> None:
    """What runs but is hardly meant is told: claimed twice, empty, or no comment where it looks like one."""
    loaded = load(
        """version: 1
bots:
  shop:
    intents:
      one: {phrases: [hello, "?!"], reply: One}
      two:
        phrases: |
          # greetings
          Hello!
        reply: Two
"""
    )

    claimed = "intent 'two' says what intent 'one' at conf/bots.yaml:5:23 says already with"
    assert loaded.warnings == (
        'conf/bots.yaml:8:11: "# greetings": after | there are no comments, so that this is a phrase',
        'conf/bots.yaml:5:30: "?!": nothing of this phrase is left to match, so it is skipped',
        f'conf/bots.yaml:9:11: "Hello!": {claimed} "hello": the first declared answers',
    )


# Both ways

YAML_BOT = r"""
version: 1
bots:
  bakery:
    timezone: Europe/Berlin
    lists: {size: {small: [tiny, little], large: []}}
    intents:
      cake:
        phrases:
          - "[a] {size} cake [please]"
          - a cake on {day:date}
          - cake for {person}
        slots: {size: size}
        reply: Yes
      hello: {phrases: [Hello, hi there], strict: true, reply: Hi}
      price:
        phrases: |
          what does (bread|a roll) cost
          price \[net\]
          {count} rolls at {hour:time}
        slots: {count: int}
        reply: Little
      flavour: {phrases: ["{kind} pie"], slots: {kind: {type: choice, choices: [apple, red berry]}}, reply: Yes}
"""


def python_bot() -> Bot:
    """The same bot, by decorators."""
    bot = Bot("bakery", timezone="Europe/Berlin", lists={"size": {"small": ["tiny", "little"], "large": []}})

    @bot.intent("[a] {size} cake [please]", "a cake on {day:date}", "cake for {person}", slots={"size": Slot("size")})
    def cake(chat: Chat, **slots: object) -> str:
        return "Yes"

    @bot.intent("Hello", "hi there", strict=True)
    def hello(chat: Chat) -> str:
        return "Hi"

    @bot.intent(
        "what does (bread|a roll) cost", r"price \[net\]", "{count} rolls at {hour:time}", slots={"count": Slot(int)}
    )
    def price(chat: Chat, **slots: object) -> str:
        return "Little"

    @bot.intent("{kind} pie", slots={"kind": Slot("choice", choices=["apple", "red berry"])})
    def flavour(chat: Chat, **slots: object) -> str:
        return "Yes"

    return bot


def bare(intent: Intent) -> Intent:
    """An intent without what tells YAML from Python: its handler, and the places."""
    phrases = tuple(evolve(phrase, place=None) for phrase in intent.phrases)
    return evolve(intent, handler=print, place=None, phrases=phrases, slots=dict(intent.slots))


def bare_match(match: Match | None) -> Match | None:
    """A match without what tells YAML from Python."""
    if match is None:
        return None
    phrase = match.phrase and evolve(match.phrase, place=None)
    return evolve(match, intent=bare(match.intent), phrase=phrase)


TEXTS = [
    "a tiny cake", "Large cake, please!", "cake", "a cake on 24.12.", "cake on friday", "a cake on tomorrow",
    "cake for Anna and Ben", "HELLO", "hi", "hi there", "what does a roll cost", "what does a cake cost", "price [net]",
    "12 rolls at 8:30", "twelve rolls at 8:30", "red berry pie", "cherry pie", "", "2", "the second",
]  # fmt: skip
CHOICES = [Choice("Cake", intent="cake"), Choice("hi there")]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("choices", [[], CHOICES], ids=["", "choices"])
def test_a_bot_routes_alike_however_it_was_written(text: str, choices: list[Choice]) -> None:
    """Nothing downstream can tell by which door an intent has come."""
    written, declared = load(YAML_BOT).bots[0], python_bot()

    assert bare_match(written.router.route(text, now=NOW, choices=choices)) == bare_match(
        declared.router.route(text, now=NOW, choices=choices)
    )


def test_the_texts_above_reach_every_intent_and_miss() -> None:
    """The comparison above compares something."""
    router = python_bot().router
    found = {match and (match.intent.name, match.how) for text in TEXTS for match in [router.route(text, now=NOW)]}

    assert found == {
        None, ("cake", "template"), ("hello", "exact"), ("price", "exact"), ("price", "template"),
        ("flavour", "exact"), ("cake", "exact"), ("flavour", "template"),
    } - {("cake", "exact"), ("flavour", "exact")}  # fmt: skip


def test_yaml_and_decorators_build_equal_intents() -> None:
    """But for handlers and places the two are one value."""
    written, declared = load(YAML_BOT).bots[0], python_bot()

    assert [bare(one) for one in written.intents.values()] == [bare(one) for one in declared.intents.values()]
    assert (written.lists, written.settings) == (declared.lists, declared.settings)


# The schema


def editors_view(text: str) -> object:
    """A file as an editor's YAML reads it: `8:30` stays a text, `true` and `9000` do not."""
    return yaml.load(text, Loader=_Editor)  # noqa: S506 - a safe loader with fewer guesses


class _Editor(yaml.SafeLoader):
    """YAML 1.2, which editors speak: of 1.1's guesses only true, false, null and decimal numbers."""


_Editor.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag.endswith(("bool", "int", "null")) and first not in "yYnNoO"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Editor.add_constructor("tag:yaml.org,2002:int", lambda loader, node: float(node.value.replace(":", ".")))

FILES = [ROOT / "bots.yaml", *sorted((ROOT / "examples").glob("*/bots.yaml"))]


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_editors_accept_what_botkit_accepts(path: Path) -> None:
    """The schema describes files as they are written, for editors that check while one types."""
    validator = Draft202012Validator(json.loads(schema_text()))

    assert [error.message for error in validator.iter_errors(editors_view(path.read_text("utf-8")))] == []


@pytest.mark.parametrize(
    ("part", "mistake"),
    [
        ({"server": {"port": 9000}}, None),
        ({"server": {"port": "${PORT}"}}, None),
        ({"server": {"port": "nine"}}, "server"),
        ({"server": {"port": 70_000}}, "server"),
        ({"vonage": {"verify_signatures": False, "messages_per_second": 2.5}}, None),
        ({"vonage": {"verify_signatures": "no idea"}}, "vonage"),
        ({"store": ""}, "store"),
        ({"colour": "red"}, ""),
        ({"version": 2}, "version"),
    ],
)
def test_editors_see_the_mistakes_that_botkit_sees(part: Mapping[str, object], mistake: str | None) -> None:
    """A wrong value, an unknown key and a number out of range are marked where they stand."""
    validator = Draft202012Validator(json.loads(schema_text()))
    found = list(validator.iter_errors({"version": 1, "bots": {"shop": {"fallback": "Hello"}}, **part}))

    assert ["".join(map(str, list(error.absolute_path)[:1])) for error in found] == (
        [] if mistake is None else [mistake]
    )


def test_the_schema_is_one() -> None:
    """What `botkit schema` prints is a JSON Schema of 2020-12, and describes every key."""
    schema = json.loads(schema_text())
    Draft202012Validator.check_schema(schema)
    parts = [schema, schema["properties"]["server"], *schema["$defs"].values()]
    parts += [branch for part in schema["$defs"].values() for branch in part.get("anyOf", ())]
    properties = {key: one for part in parts for key, one in part.get("properties", {}).items()}

    assert len(properties) > 50
    assert [key for key, one in properties.items() if not one.get("description")] == []
