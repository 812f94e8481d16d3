"""`lookup:` in bots.yaml: what is asked, what is said, and to whom."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.config import Configuration, read
from botkit.config.inquiry import RESOURCE, Inquiry, climbs, field, unconnected
from botkit.config.words import Words
from botkit.errors import ConfigError
from botkit.events import Address
from botkit.inquiries import Inquiries
from botkit.loading import import_name
from botkit.lookups import Missed
from botkit.settings import LookupHost
from botkit.testing import Bench, UserChat
from botkit.testing.fixture import BotTester
from order_desk import an_order_desk

pytest_plugins = ["botkit.testing"]

BOTS = """
version: 1
lookups: {hosts: [HOST]}
bots:
  shop:
    intents:
      order:
        phrases: ["where is [my] order [{order:word}]"]
        slots: {order: {type: word, ask: Which order?}, email: {type: email, ask: Which e-mail address?}}
        lookup:
          url: URL/orders/{order}
          must_match: {customer.email: email}
          otherwise: ["I find no order {order}.", {text: Shall we ring you?, choices: ["Yes"]}]
        reply: ["It is {lookup.status}; {lookup.items.0.name} {email}", "{lookup.nothing}{lookup.items}"]
      open:
        phrases: [are you open]
        lookup: {url: URL/orders/open?x=7, otherwise: Who knows?}
        reply: "{lookup.open} {lookup.note} {lookup.days} {lookup.price}"
      last:
        phrases: [my last order, "remember {order:word}"]
        lookup: {url: "URL/orders/{session.order}", must_match: {customer.email: session.email}, otherwise: None.}
        reply: "{lookup.status}"
    fallback: What?
"""
API = "https://api.example.com"
BAKED = {"status": "baked", "customer": {"email": "Ann@example.com"}, "items": [{"name": "rye"}]}


def written(text: str = BOTS, *, host: str = "api.example.com", url: str = API, **environment: str) -> Configuration:
    """What a bots.yaml says, whose lookups go to *url*."""
    return read(
        text.replace("HOST", f'"{host}"').replace("URL", url),
        file="bots.yaml",
        environment=environment,
        read_file=lambda name: b"",
        import_name=import_name,
        secrets=False,
    )


async def asked(chat: UserChat, order: str, email: str = "ann@example.com") -> list[str]:
    """What is said of *order* to who has that *email*."""
    await chat.say(f"where is order {order}")
    return await chat.say(email)


async def test_what_is_found_is_said(bot_tester: BotTester) -> None:
    """Fields by their paths; what is not there, and what has no words, is empty."""
    chat = bot_tester(written())
    chat.lookup(f"{API}/orders/A7", BAKED)

    assert await asked(chat, "A7") == ["It is baked; rye ann@example.com"]


@pytest.mark.parametrize("found", [404, 500, "time-out", [], {"status": "baked"}])
async def test_what_is_not_found_is_said_otherwise(found: object, bot_tester: BotTester) -> None:
    """Whatever the reason: the user is told the same."""
    chat = bot_tester(written())
    chat.lookup(f"{API}/orders/A7", found)

    assert await asked(chat, "A7") == ["I find no order A7.", "Shall we ring you?\n1. Yes"]


@pytest.mark.parametrize(
    ("email", "is_theirs"),
    [
        ("Ann@example.com", True),
        ("ANN@EXAMPLE.COM", True),
        (" ann@example.com ", True),
        ("ben@example.com", False),
        ("ann@example.com.evil.example", False),
        ("nn@example.com", False),
    ],
)
async def test_nobody_reads_what_is_another_s(email: str, is_theirs: bool, bot_tester: BotTester) -> None:
    """Whose e-mail address it is not is told what is told where there is no order."""
    chat = bot_tester(written())
    chat.lookup(f"{API}/orders/A7", BAKED)
    answer = await asked(chat, "A7", email)

    assert answer[0] == (f"It is baked; rye {email.strip()}" if is_theirs else "I find no order A7.")


@pytest.mark.parametrize("kept", [None, "", " ", 0, True, ["ann@example.com"], {"a": 1}])
@pytest.mark.parametrize("email", [None, "", " ", "yes", "true", "ann@example.com"])
def test_nothing_equals_nothing(kept: object, email: str | None) -> None:
    """A key that is not set is no proof, also where the host says nothing either."""
    inquiry = Inquiry(Words(("",)), [("email", Words(("", "email", "")))])

    assert not inquiry.matches({"email": kept}, None, {"email": email})  # type: ignore[arg-type]  # no session is named


@pytest.mark.parametrize(
    ("kept", "said", "is_equal"),
    [(77, "77", True), (77, "7", False), ("Zo\u00eb", "zoe\u0308", True), (1.5, "1.5", True), ("a", "b", False)],
)
def test_equal_is_what_reads_equal(kept: object, said: str, is_equal: bool) -> None:
    """Numbers as they are written, letters however they are composed and in either case."""
    inquiry = Inquiry(Words(("",)), [("a.b", Words(("", "said", "")))])
    found = inquiry.matches({"a": {"b": kept}}, None, {"said": said})  # type: ignore[arg-type]  # no session is named

    assert found is is_equal


async def test_what_comes_back_is_never_looked_at_again(bot_tester: BotTester) -> None:
    """Braces in it are braces, and so are those that a user types."""
    chat = bot_tester(written())
    chat.lookup(f"{API}/orders/open?x=7", {"note": "{session.email} {lookup.price} \\{", "open": "{order}", "price": 5})

    assert await chat.say("are you open") == ["{order} {session.email} {lookup.price} \\{  5"]


async def test_values_are_said_in_words(bot_tester: BotTester) -> None:
    """As slots and session keys are."""
    chat = bot_tester(written())
    chat.lookup(f"{API}/orders/open?x=7", {"open": True, "days": ["Mon", "Tue"], "price": 2.5, "note": None})

    assert await chat.say("are you open") == ["yes  Mon, Tue 2.5"]


@pytest.mark.parametrize(
    ("order", "path"),
    [
        ("7", "/orders/7"),
        ("a b", "/orders/a%20b"),
        ("7/8", "/orders/7%2F8"),
        ("7?x=1&y#z", "/orders/7%3Fx%3D1%26y%23z"),
        ("100%", "/orders/100%25"),
        ("größe", "/orders/gr%C3%B6%C3%9Fe"),
        ("@evil.example", "/orders/%40evil.example"),
        ("\ud800", "/orders/%3F"),
        ("a..b", "/orders/a..b"),
    ],
)
def test_slots_are_one_word_of_the_url(order: str, path: str) -> None:
    """Whatever is in them."""
    assert url_for(order) == f"{API}{path}"


def url_for(order: str) -> str | None:
    """The URL that *order* leads to."""
    inquiry = Inquiry(Words((f"{API}/orders/", "order", "")))
    return inquiry.url_for(None, {"order": order})  # type: ignore[arg-type]  # no key of a session is named


@pytest.mark.parametrize(
    "order",
    ["", "  ", ".", "..", "../admin", "..\\admin", "..%2fadmin", "a/../../b", "%2e%2e", "..;/admin", "x" * 3000],
)
def test_what_leads_elsewhere_is_not_asked(order: str) -> None:
    """Up, to everything, or to nowhere."""
    assert url_for(order) is None


@given(st.text())
def test_a_user_chooses_one_part_of_the_path_and_nothing_else(order: str) -> None:
    """Neither the host nor another path nor a query."""
    url = url_for(order)

    assert url is None or url.removeprefix(f"{API}/orders/").translate(dict.fromkeys(map(ord, "/?#\\@ "))) == (
        url.removeprefix(f"{API}/orders/")
    )


def nested(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """What JSON puts around other values."""
    return st.lists(inner) | st.dictionaries(st.text(), inner)


@given(st.recursive(st.none() | st.text() | st.integers(), nested), st.text())
def test_every_path_leads_somewhere_or_nowhere(value: object, path: str) -> None:
    """Nothing that a host answers can raise."""
    field(value, path)
    assert field({"a": [value]}, "a.0") == value
    assert field([value], "9" * 5000) is None


async def test_the_session_is_asked_with_too(bot_tester: BotTester) -> None:
    """A key that is not set asks nothing."""
    chat = bot_tester(written())

    assert await chat.say("my last order") == ["None."]
    assert chat.failures == []


async def test_a_lookup_that_nobody_has_stated_fails_the_turn(bot_tester: BotTester) -> None:
    """A test goes to no network, and says what to write."""
    chat = bot_tester(written())

    assert await chat.say("are you open") == ["Sorry, something went wrong. Please try again."]
    assert f"write ! lookup {API}/orders/open?x=7 = " in chat.failures[0]


@pytest.mark.parametrize("found", ["baked", None, 7, 200, True, 999])
def test_a_test_states_what_a_lookup_can_come_to(found: object, bot_tester: BotTester) -> None:
    """JSON, a status, or a time-out."""
    with pytest.raises(ValueError, match="a lookup finds JSON"):
        bot_tester(written()).lookup(API, found)


async def test_a_real_server_is_asked_by_the_app() -> None:
    """With the headers of its host, whose secrets come from the environment."""
    hosts = "[{host: HOST, headers: {Authorization: 'Bearer ${TOKEN}'}}]"
    async with an_order_desk() as desk:
        configuration = written(BOTS.replace("[HOST]", hosts), host=desk.host, url=desk.url, TOKEN="abc")
        async with Bench(configuration, live=True) as bench:
            chat = UserChat(bench, Address("messenger", "1", "ann"))
            answers = [await asked(chat, "7"), await asked(chat, "8")]

    assert [answer[0] for answer in answers] == ["It is baked; rye ann@example.com", "I find no order 8."]
    assert [(path, headers["Authorization"]) for path, headers in desk.asked] == [
        ("/orders/7", "Bearer abc"),
        ("/orders/8", "Bearer abc"),
    ]


async def test_a_form_looks_up_once_however_often_it_is_replayed() -> None:
    """What was asked before comes back from the journal, and the lookup is made at its end."""
    async with an_order_desk() as desk, Bench(written(host=desk.host, url=desk.url), live=True) as bench:
        chat = UserChat(bench, Address("messenger", "1", "ann"))
        await chat.say("where is my order")
        await chat.restart()
        await chat.say("7")
        await chat.restart()
        answer = await chat.say("ann@example.com")

    assert (answer, len(desk.asked)) == (["It is baked; rye ann@example.com"], 1)


async def test_a_slow_host_delays_its_own_user_only() -> None:
    """Everybody else is answered meanwhile, and who waits is answered in the end."""
    async with an_order_desk() as desk:
        configuration = written(BOTS.replace("orders/open?x=7", "orders/silent"), host=desk.host, url=desk.url)
        slow_host = Inquiries(configuration.settings.lookups, seconds=0.5)
        async with Bench(configuration, live=True, resources={RESOURCE: slow_host}) as bench:
            slow, quick = (UserChat(bench, Address("messenger", "1", name)) for name in ("slow", "quick"))
            await slow.begin("are you open")
            await true(lambda: bool(desk.asked))
            await quick.begin("hello")
            await true(lambda: bool(quick.shown))
            meanwhile = (quick.shown, slow.shown)
            await true(lambda: bool(slow.shown))
        await slow_host.close()

    assert (meanwhile, slow.shown) == ((["What?"], []), ["Who knows?"])


async def true(found: Callable[[], bool]) -> None:
    """Return when something has become true."""
    async with asyncio.timeout(10):
        while not found():
            await asyncio.sleep(0.005)


def test_variables_are_missed_only_where_it_is_serious() -> None:
    """Trying a bot out needs no secrets; running it for real does."""
    text = BOTS.replace("HOST", "{host: api.example.com, headers: {X-Key: '${KEY}', X-Other: a}}")

    assert written(text).settings.lookups == (
        LookupHost(host="api.example.com", headers={"X-Other": "a"}, is_complete=False),
    )
    assert written(text, KEY="k").settings.lookups[0].headers == {"X-Key": "k", "X-Other": "a"}
    with pytest.raises(ConfigError) as error:
        read(
            text.replace("URL", API),
            file="bots.yaml",
            environment={},
            read_file=lambda name: b"",
            import_name=import_name,
            secrets=True,
        )
    assert "lookups.hosts[1].headers: the environment variable KEY is not set" in str(error.value)


def test_secrets_are_in_no_repr() -> None:
    """A traceback and a failing test show those."""
    assert "hush" not in repr(LookupHost(host="api.example.com", headers={"X-Key": "hush"}))


@pytest.mark.parametrize(
    "headers",
    [
        "{Accept: a, X-Key: hush, Host: x}",
        "Bearer hush",
        "[hush]",
        "{X-Key: {hush: x}}",
        "\n        X-Key: hush\n        X-Other: {hush: x}\n        Host: hush",
    ],
)
def test_a_secret_that_somebody_typed_is_not_shown(headers: str) -> None:
    """Neither its line nor its value, whichever header it is."""
    hosts = f"\n    - host: api.example.com\n      headers: {headers}"
    with pytest.raises(ConfigError, match=r"lookups\.hosts") as error:
        written(BOTS.replace("{hosts: [HOST]}", f"\n  hosts:{hosts}"))

    assert "hush" not in str(error.value)


PYTHON: Mapping[str, str] = {
    "lookup_tested_shop.py": "from botkit import Bot\nbot = Bot()\n\n@bot.intent('order')\ndef order(chat): ...\n",
    "bots.yaml": """
version: 1
lookups: {hosts: [api.example.com]}
bots:
  shop:
    python: lookup_tested_shop:bot
    intents:
      order:
        lookup: {url: https://api.example.com/orders, otherwise: Sorry.}
""",
}


def test_a_lookup_is_for_answers_in_yaml(tmp_path: Path, bot_tester: BotTester) -> None:
    """A handler in Python asks whom it likes."""
    for name, text in PYTHON.items():
        (tmp_path / name).write_text(text)

    with pytest.raises(ConfigError, match="a lookup: goes with a reply:, and this intent is answered in Python"):
        bot_tester(tmp_path / "bots.yaml")


async def test_nothing_is_looked_up_where_there_is_no_app() -> None:
    """The rehearsal of a flow opens resources, and needs no way out."""
    assert await (await unconnected())(API) == Missed("nothing is looked up outside an app")


def test_paths_are_looked_at_as_servers_read_them() -> None:
    """What only looks like a way up is none."""
    assert [climbs(f"{API}/{path}") for path in ("a/...", "a..", ".a", "a%2e", "%2e", "%252e%252e/x")] == [
        *(False,) * 4,
        *(True,) * 2,
    ]


@given(
    st.text() | st.from_regex(r"https?://[\[\]a-z.:@?#/{}%]{0,20}", fullmatch=True),
    st.text() | st.from_regex(r"[\[\]a-z0-9.:@/]{1,20}", fullmatch=True),
)
def test_whatever_is_written_is_read_or_refused_in_words(url: str, host: str) -> None:
    """No URL and no host makes anything else of a file."""
    hosts, told = json.dumps(host), json.dumps(url)
    text = BOTS.replace("[HOST]", f"[api.example.com, {hosts}]").replace("URL/orders/open?x=7", told)
    with contextlib.suppress(ConfigError):
        written(text)
