"""What the simulator takes and what it refuses, and in which words."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.simulator import Simulator, Weather, checks
from botkit.simulator.accepted import API
from botkit.simulator.messages import _party, _shown
from botkit.simulator.problems import PROBLEMS, Problem, problem_of

URL = "https://pictures.example/a.mp3"
TEXT = {"channel": "messenger", "message_type": "text", "to": "61", "from": "9107", "text": "Rye?"}
OLD = {
    "to": {"type": "messenger", "id": "61"},
    "from": {"type": "messenger", "id": "9107"},
    "message": {"content": {"type": "text", "text": "Rye?"}},
}
GONE = object()


def v1(**changes: object) -> dict[str, Any]:
    """A good request of v1, changed; GONE takes a key out."""
    return {name: value for name, value in {**TEXT, **changes}.items() if value is not GONE}


def media(kind: str, value: object, **more: object) -> dict[str, Any]:
    """A request of v1 with a picture or the like."""
    return v1(message_type=kind, text=GONE, **{kind: value}, **more)


def v01(content: object = None, messenger: object = None, **changes: object) -> dict[str, Any]:
    """A good request of v0.1, changed."""
    message = {"content": content or {"type": "text", "text": "Rye?"}}
    return {**OLD, "message": message if messenger is None else {**message, "messenger": messenger}, **changes}


def fault(body: object, api: API = "v1", *, custom: bool = False) -> tuple[str, list[str]] | None:
    """The title of the problem and the parameters it names; None where the body is good."""
    try:
        checks.check(checks.read(json.dumps(body).encode(), api), api, custom_on_v1=custom)
    except Problem as problem:
        return problem.documented.title, [name for name, _ in problem.invalid]
    return None


@pytest.mark.parametrize(
    "body",
    [
        v1(),
        v1(text="x" * 640),
        v1(text="\N{THUMBS UP SIGN}"),
        v1(to="0", **{"from": "9" * 50}),
        v1(client_ref="r" * 100),
        v1(webhook_url="https://status.example:8443/x", webhook_version="v0.1"),
        v1(messenger={}),
        v1(messenger={"category": "response"}),
        v1(messenger={"category": "update"}),
        v1(messenger={"category": "message_tag", "tag": "HUMAN_AGENT"}),
        *(media(kind, {"url": URL}) for kind in ("image", "audio", "video", "file")),
    ],
)
def test_every_documented_request_of_v1_is_taken(body: dict[str, Any]) -> None:
    """What the documentation shows is accepted."""
    assert fault(body) is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([TEXT], ("The request body did not contain valid JSON", [])),
        ({}, ("Invalid params", ["message_type", "to", "from", "channel"])),
        (v1(to=GONE), ("Invalid params", ["to"])),
        (v1(channel="sms"), ("Unsupported channel", [])),
        (v1(channel=["messenger"]), ("Unsupported channel", [])),
        (v1(message_type="sticker"), ("Invalid message type", ["message_type"])),
        (v1(message_type=["text"]), ("Invalid message type", ["message_type"])),
        (v1(message_type="custom", text=GONE, custom={"attachment": {}}), ("Invalid message type", ["message_type"])),
        (v1(to=""), ("Invalid recipient", [])),
        (v1(to="6" * 51), ("Invalid recipient", [])),
        (v1(to=61), ("Invalid recipient", [])),
        (v1(to={"type": "messenger", "id": "61"}), ("Invalid recipient", [])),
        (v1(**{"from": ""}), ("Invalid sender", [])),
        (v1(**{"from": "9" * 51}), ("Invalid sender", [])),
        (v1(**{"from": None}), ("Invalid sender", [])),
        (v1(client_ref="r" * 101), ("Invalid client reference", [])),
        (v1(client_ref=5), ("Invalid client reference", [])),
        (v1(messenger="response"), ("Invalid channel parameters", ["messenger"])),
        (v1(messenger={"category": "ad"}), ("Invalid channel parameters", ["messenger.category"])),
        (v1(messenger={"category": ["update"]}), ("Invalid channel parameters", ["messenger.category"])),
        (v1(messenger={"ttl": 5}), ("Invalid channel parameters", ["messenger.ttl"])),
        (v1(messenger={"category": "message_tag"}), ("Invalid params", ["messenger.tag"])),
        (v1(messenger={"category": "message_tag", "tag": ""}), ("Invalid params", ["messenger.tag"])),
        (v1(messenger={"tag": 5}), ("Invalid params", ["messenger.tag"])),
        (v1(text=GONE), ("Invalid params", ["text"])),
        (v1(text=""), ("Invalid params", ["text"])),
        (v1(text="x" * 641), ("Invalid params", ["text"])),
        (v1(text={"body": "Rye?"}), ("Invalid params", ["text"])),
        (media("image", GONE), ("Invalid params", ["image.url"])),
        (media("image", {}), ("Invalid params", ["image.url"])),
        (media("image", URL), ("Invalid params", ["image.url"])),
        (media("video", {"url": "ftp://pictures.example/a"}), ("Invalid params", ["video.url"])),
        (media("file", {"url": "/a.pdf"}), ("Invalid params", ["file.url"])),
        (media("file", {"url": "https://[pictures/a.pdf"}), ("Invalid params", ["file.url"])),
        (media("file", {"url": "https:///a.pdf"}), ("Invalid params", ["file.url"])),
        (media("file", {"url": ["https://pictures.example"]}), ("Invalid params", ["file.url"])),
        (media("audio", {"url": "http://a"}), ("Invalid params", ["audio.url"])),
        (media("audio", {"url": URL + "x" * 2000}), ("Invalid params", ["audio.url"])),
        (v1(webhook_url="status.example"), ("Invalid params", ["webhook_url"])),
        (v1(webhook_url="https://status.example:x"), ("Invalid params", ["webhook_url"])),
        (v1(webhook_version="v2"), ("Invalid params", ["webhook_version"])),
        (v1(ttl=600), ("Invalid params", ["ttl"])),
        (v1(image={"url": URL}), ("Invalid params", ["image"])),
        (v1(failover=[TEXT]), ("Invalid params", ["failover"])),
        (v1(text="", webhook_version="v2"), ("Invalid params", ["text", "webhook_version"])),
    ],
)
def test_what_v1_does_not_document_is_refused(body: object, expected: tuple[str, list[str]]) -> None:
    """Each mistake has the problem that is documented for it, with the parameters at fault."""
    assert fault(body) == expected


def test_custom_objects_on_v1_are_opt_in() -> None:
    """Where the simulator is told so, v1 takes a custom object, and still no empty one."""
    custom = v1(message_type="custom", text=GONE, custom={"attachment": {"type": "template"}})

    assert fault(custom, custom=True) is None
    assert fault({**custom, "custom": {}}, custom=True) == ("Invalid params", ["custom"])


@pytest.mark.parametrize(
    "body",
    [
        v01(),
        v01(client_ref="r" * 40),
        v01(messenger={"category": "message_tag", "tag": "HUMAN_AGENT"}),
        *(v01({"type": kind, kind: {"url": URL}}) for kind in ("image", "audio", "video", "file")),
        v01({"type": "custom", "custom": {"attachment": {"type": "template"}}}),
    ],
)
def test_every_documented_request_of_v01_is_taken(body: dict[str, Any]) -> None:
    """What the documentation of v0.1 shows is accepted, custom objects among it."""
    assert fault(body, "v0.1") is None


@pytest.mark.parametrize(
    ("body", "at_fault"),
    [
        ("text", ["body"]),
        ({}, ["to", "from", "message.content"]),
        (v01(to="61"), ["to"]),
        (v01(to={"type": "sms", "id": "61"}), ["to"]),
        (v01(to={"type": "messenger", "number": "61"}), ["to.id"]),
        (v01(**{"from": {"type": "messenger", "id": 9107}}), ["from.id"]),
        (v01(message="Rye?"), ["message.content"]),
        (v01(message={"content": "Rye?"}), ["message.content"]),
        (v01({"type": "location"}), ["message.content.type"]),
        (v01({"type": ["text"]}), ["message.content.type"]),
        (v01({"type": "text"}), ["message.content.text"]),
        (v01({"type": "text", "text": "x" * 641}), ["message.content.text"]),
        (v01({"type": "image", "image": {}}), ["message.content.image.url"]),
        (v01({"type": "custom", "custom": {}}), ["message.content.custom"]),
        (v01(messenger={"category": "ad"}), ["message.messenger.category"]),
        (v01(messenger={"category": "message_tag"}), ["message.messenger.tag"]),
        (v01(messenger="update"), ["message.messenger"]),
        (v01(client_ref="r" * 41), ["client_ref"]),
        (v01(webhook_url=URL), ["webhook_url"]),
        (TEXT, ["to", "from", "message.content", "channel", "message_type", "text"]),
    ],
)
def test_what_v01_does_not_document_is_refused(body: object, at_fault: list[str]) -> None:
    """v0.1 has one problem for every mistake."""
    assert fault(body, "v0.1") == ("Invalid Parameters", at_fault)


@pytest.mark.parametrize("raw", [b"", b"{", "{}".encode("utf-16"), b'{"text": NaN}', b"[" * 100_000, b"\xe2{}", b"7"])
@pytest.mark.parametrize(("api", "status"), [("v1", 422), ("v0.1", 400)])
def test_what_is_no_json_object_is_refused(raw: bytes, api: API, status: int) -> None:
    """Any bytes are answered, never with a fault of the simulator's own."""
    with pytest.raises(Problem) as caught:
        checks.read(raw, api)

    assert caught.value.status == status


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(["messenger", "text"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted([*TEXT, "messenger", "client_ref", "webhook_url", "webhook_version", "image"])), JSON)
def test_any_value_of_v1_is_taken_or_refused(name: str, value: object) -> None:
    """Whatever stands in a parameter, the request is a problem or can be accepted."""
    body = v1(**{name: value})
    if fault(body) is None:
        assert (_shown(body, "v1")["kind"], _party(body["to"]), _party(body["from"])) == (
            "text",
            body["to"],
            body["from"],
        )


@given(st.sampled_from(["to", "from", "message", "client_ref"]), JSON, JSON, JSON)
def test_any_value_of_v01_is_taken_or_refused(name: str, value: object, content: object, messenger: object) -> None:
    """The same holds for v0.1, at every depth."""
    for body in (v01(**{name: value}), v01(content, messenger)):
        if fault(body, "v0.1") is None:
            assert _shown(body, "v0.1")["kind"] == body["message"]["content"]["type"]


# As HTTP


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A simulator that tells nobody anything."""
    async with Simulator() as simulator:
        yield simulator


def basic(simulator: Simulator) -> str:
    """The account's key and secret as a header."""
    return f"Basic {b64encode(f'{simulator.api_key}:{simulator.api_secret}'.encode()).decode()}"


async def post(simulator: Simulator, body: object, path: str = "/v1/messages", **headers: str) -> Any:
    """POST with the account's key and secret; returns status, headers and body."""
    sent, url = {"Authorization": basic(simulator), **headers}, simulator.base_url + path
    async with aiohttp.ClientSession() as session, session.post(url, json=body, headers=sent) as answer:
        return answer.status, answer.headers, await answer.text()


@pytest.mark.parametrize(("path", "body"), [("/v1/messages", v1()), ("/v0.1/messages", v01())])
async def test_a_good_request_is_answered_202_with_its_id(simulator: Simulator, path: str, body: object) -> None:
    """The answer holds the id under which the message was accepted, and nothing else."""
    status, headers, text = await post(simulator, body, path)

    assert (status, headers["Content-Type"].partition(";")[0]) == (202, "application/json")
    assert json.loads(text) == {"message_uuid": simulator.accepted[0].message_uuid}
    assert headers["X-Request-Id"]


#: How to meet a problem without asking for it.
MET = {
    "unauthorized": ("/v1/messages", v1(), {"Authorization": "Bearer rubbish"}),
    "json": ("/v1/messages", [], {}),
    "channel": ("/v1/messages", v1(channel="sms"), {}),
    "channel_params": ("/v1/messages", v1(messenger={"category": "ad"}), {}),
    "sender": ("/v1/messages", v1(**{"from": ""}), {}),
    "recipient": ("/v1/messages", v1(to=""), {}),
    "message_type": ("/v1/messages", v1(message_type="carousel"), {}),
    "params": ("/v1/messages", v1(text=""), {}),
    "client_ref": ("/v1/messages", v1(client_ref="r" * 101), {}),
    "v0.1": ("/v0.1/messages", v01(client_ref="r" * 41), {}),
}


@pytest.mark.parametrize("name", MET)
async def test_a_bad_request_is_answered_as_documented(simulator: Simulator, name: str) -> None:
    """The answer has the documented status, type, title and content type, and nothing is accepted."""
    path, body, headers = MET[name]
    status, found, text = await post(simulator, body, path, **headers)
    documented, problem = PROBLEMS[name], json.loads(text)

    assert (status, problem["type"], problem["title"]) == (documented.status, documented.type, documented.title)
    assert found["Content-Type"].partition(";")[0] == f"application/{'json' if status == 422 else 'problem+json'}"
    assert set(problem) - {"invalid_parameters"} == {"type", "title", "detail", "instance"}
    assert simulator.accepted == []


@pytest.mark.parametrize("name", sorted(PROBLEMS))
async def test_every_documented_problem_can_be_asked_for(simulator: Simulator, name: str) -> None:
    """A test can see how its bot takes each answer, once; the next request is accepted."""
    simulator.change(Weather(mood="answer", problem=name))
    status, headers, text = await post(simulator, v1())
    documented, problem = PROBLEMS[name], json.loads(text)

    assert (status, problem["type"], problem["title"]) == (documented.status, documented.type, documented.title)
    assert headers["Content-Type"].partition(";")[0] == f"application/{'json' if status == 422 else 'problem+json'}"
    assert headers["X-Request-Id"]
    assert (await post(simulator, v1()))[0] == 202


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (400, "Invalid Parameters"),
        (401, "You did not provide correct credentials."),
        (402, "Low balance"),
        (403, "Forbidden"),
        (404, "Not Found"),
        (415, "Unsupported Media Type"),
        (422, "Invalid params"),
        (429, "Rate Limit Hit"),
        (500, "An error occurred"),
    ],
)
def test_a_status_stands_for_its_problem(status: int, title: str) -> None:
    """Who asks for a status gets the problem that is documented for it."""
    assert (problem_of(status).status, problem_of(status).body()["title"]) == (status, title)


def test_a_422_names_the_parameters_and_v01_says_them() -> None:
    """v1 lists what is wrong by itself; v0.1 has a sentence only."""
    listed = PROBLEMS["params"], (("text", "is required."),)
    said = PROBLEMS["v0.1"], (("to.id", "is required."),)

    assert Problem(*listed).body()["invalid_parameters"] == [{"name": "text", "reason": "is required."}]
    assert Problem(*said).body()["detail"] == "Your request parameters did not validate. to.id is required."


async def test_a_429_says_when_to_come_again(simulator: Simulator) -> None:
    """The headers of the rate limit come with a 429."""
    simulator.change(Weather(mood="answer", status=429, retry_after_seconds=17))
    status, headers, _ = await post(simulator, v1())

    assert (status, headers["Retry-After"], headers["X-RateLimit-Remaining"]) == (429, "17", "0")


@pytest.mark.parametrize(
    ("status", "title"), [(502, "Bad Gateway"), (503, "Service Unavailable"), (504, "Gateway Timeout")]
)
async def test_a_gateway_speaks_no_json(simulator: Simulator, status: int, title: str) -> None:
    """What no documentation promises comes as it does in life: as a page of HTML."""
    simulator.change(Weather(mood="answer", status=status))
    found, headers, text = await post(simulator, v1())

    assert (found, headers["Content-Type"].partition(";")[0]) == (status, "text/html")
    assert f"<h1>{status} {title}</h1>" in text


async def test_two_ways_of_authorising_are_refused(simulator: Simulator) -> None:
    """A token beside a key and secret is one too many."""
    headers, url = (
        [("Authorization", basic(simulator)), ("Authorization", "Bearer x")],
        f"{simulator.base_url}/v1/messages",
    )
    async with aiohttp.ClientSession() as session, session.post(url, json=v1(), headers=headers) as answer:
        problem = await answer.json(content_type="application/problem+json")

    assert (answer.status, problem["type"].rpartition("#")[2]) == (401, "multiple-auth-methods")
