"""Flows as text: what is kept comes back as it was, in few bytes, and what a release before kept is read."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit import Bot, Chat, Choice, GaveUp, Image, OnceFailed, Slot
from botkit.events import KINDS, Address, Message, Status
from botkit.flows.beginning import Beginning
from botkit.flows.entries import Answer, Entry, Heard, Journal, answer, result
from botkit.flows.journal import Asked, Flow
from botkit.flows.kept import read_flows, written
from botkit.flows.record import Record
from botkit.flows.values import id_from_json, id_to_json
from botkit.replies import Limits
from botkit.turn import run_turn
from botkit.work import Queued, Work
from talks import shown

ANN = Address("messenger", "page-1", "anna")
NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
UUID = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"

#: What botkit kept when journals had their first form.
ORDER = (
    '[1,[],{"name":"intent go","version":0,"event":["message","m-1","text","go",null,null],"at":1795435200000,'
    '"how":["exact",1.0],"entries":[["ask","name",0,["m-2",1795435200000,"text","Bob",null],"said",null,null,null],'
    '["ask","",0,["m-3",1795435200000,"text","many",null],"gave up",null,null,null],'
    '["ask","count",0,["m-5",1795435203500,"text","4",null],"said",null,["int/int",4,false],[{"word":"milk"},[]]],'
    '["ask","",0,["m-6",1795435203500,"text","2031-05-06",null],"said",null,["date",{"date":"2031-05-06"},false],null],'
    '["ask","",0,["m-7",1795435203500,"text","3.50",null],"said",null,["decimal/Decimal",{"decimal":"3.50"},false],'
    'null],["ask","",0,["m-8",1795435203500,"text","2",null],"said","Tomorrow",null,null],'
    '["once","fetch",0,"a9ae641b7f052c09",{"ok":3},null],'
    '["once","refuse",0,"043f347c2cdc0d8c",null,["ValueError","no room"]],'
    '["ask","",1,["m-9",1795435203500,"image","","https://example.com/a.png"],"said",null,null,null],'
    '["ask","signal:paid",0,["s-1",1795435203500,"nothing","",null],"said",null,["signal",{"json":{"amount":3}},false],'
    'null]],"question":["",0,10,false,0,0,1795435503500,1795438803500],"heard":1795435203500}]'
)
FORM = (
    '[1,[["paid",7]],{"name":"intent hello","version":0,"event":["message","m-1","text","hello",null,null],'
    '"at":1795435200000,"how":["exact",1.0],"question":["",0,0,false,0,1,null,null],"heard":1795435200000},'
    '{"name":"intent book","version":0,"event":["message","m-2","text","book a table for 3",null,null],'
    '"at":1795435200000,"slots":{"count":3},"how":["template",0.8],"session":{"x":[1]},'
    '"entries":[["ask","day",0,["m-3",1795435200000,"text","2031-05-06",null],"said",null,'
    '["date",{"date":"2031-05-06"},true],null],["ask","who",0,["m-4",1795435200000,"text","Ann",null],"said",null,'
    '["text","Ann",true],null]],"question":["?confirm",0,2,true,0,0,null,null],"heard":1795435200000}]'
)


def fetch(number: int) -> dict[str, int]:
    """Something that is done once."""
    raise AssertionError("it was done before")


def refuse(number: int) -> None:
    """Something that was refused."""
    raise AssertionError("it was done before")


def desk() -> Bot:
    """A bot whose users are in the middle of ORDER and FORM."""
    bot = Bot("desk")
    slots = {
        "count": Slot("int", ask="How many?"),
        "day": Slot("date", ask="Which day?"),
        "who": Slot("text", ask="Who?"),
    }

    @bot.intent("book [a table for {count:int}]", name="book", slots=slots, confirm="{count} on {day} for {who}?")
    async def book(chat: Chat, count: int, day: date, who: str) -> str:
        return f"{count} on {day} for {who}."

    @bot.intent("hello", name="hello")
    async def hello(chat: Chat) -> str:
        return f"{await chat.ask('How are you?', type=int)}"

    @bot.intent("go", name="go")
    async def go(chat: Chat) -> str:
        told: list[object] = [await chat.ask("Name?", name="name")]
        try:
            await chat.ask("How?", type=int, attempts=1)
        except GaveUp:
            told.append(chat.text)
        told += [await chat.ask("How many?", type=int, name="count"), chat.now().timestamp(), chat.session["word"]]
        told += [await chat.ask("When?", type=date), await chat.ask("Price?", type=Decimal)]
        told.append(await chat.ask("Day?", choices=["Today", Choice("Tomorrow", "t")]))
        told.append(await chat.once(fetch, 3))
        try:
            await chat.once(refuse, 1)
        except OnceFailed as error:
            told.append(error.text)
        await chat.send("In the middle.")
        told += [(await chat.ask("Picture?", type=Image)).url, await chat.wait("paid"), await chat.ask("Well?")]
        return repr(told)

    return bot


async def _nothing(deliveries: tuple[Queued, ...], flow: str | None) -> None:
    """Nothing is kept in the middle of a turn."""


async def said(text: str, flow: str) -> tuple[list[str], str]:
    """What the bot answers in the middle of *flow*, and what it keeps then."""
    now = datetime.fromtimestamp(1_795_435_300, UTC)
    event = Message(id="m-10", address=ANN, kind="text", text=text)
    work = Work(address=ANN, event=event, sequence=1, epoch=1, now=now, accepted_at=now, flow=flow)
    outcome = await run_turn(desk(), work, _nothing, limits=Limits())
    return shown([one.reply for one in outcome.deliveries]), outcome.flow or ""


# The first form


async def test_a_conversation_goes_on_that_a_release_before_began() -> None:
    """Every kind of entry is found in its journal, and what was done once is not done again."""
    (told,), flow = await said("fine", ORDER)

    assert told == repr(
        [
            "Bob", "many", 4, 1_795_435_203.5, "milk", date(2031, 5, 6),
            Decimal("3.50"), "t", {"ok": 3}, "no room", "https://example.com/a.png", {"amount": 3}, "fine",
        ]
    )  # fmt: skip
    assert flow == ""


async def test_a_form_goes_on_that_a_release_before_began() -> None:
    """So does the question that was open around it; a signal that came early is kept in the form of today."""
    told, flow = await said("yes", FORM)

    assert told == ["3 on 2031-05-06 for Ann.", "How are you?"]
    assert json.loads(flow)[:2] == [2, [["paid", 7]]]


@pytest.mark.parametrize("text", [ORDER, FORM])
def test_what_a_release_before_kept_is_the_same_in_fewer_bytes(text: str) -> None:
    """It is written in the form of today, and that says the same."""
    flows, signals = read_flows(text, ANN)
    anew = written(flows, signals)

    assert read_flows(anew, ANN) == (flows, signals)
    assert len(anew) < 0.8 * len(text)


# The form of today


def test_a_flow_is_kept_in_few_words() -> None:
    """What is as it mostly is, is left out; a journal is a line of its own."""
    event = Message(id="m-1", address=ANN, kind="text", text="book a table")
    begun = Beginning(name="intent book", version=0, event=event, at=NOON).written()
    entries: list[Entry] = [
        answer("size", 0, heard(3, "4"), begun=NOON, kind="int/int", value=4),
        result("charge", 1, "c0ffee", value="ok"),
        answer("", 0, heard(60, "x"), begun=NOON)._replace(how="gave up"),
    ]
    asked = Asked(name="day", sends=0, at=3, due_at=NOON)
    text = written([Flow(begun, Journal.of(entries), asked)])

    assert text == (
        "[2,[]\n"
        ',{"name":"intent book","event":["message","m-1","text","book a table"],"at":1935835200000\t,'
        '"question":["day",0,3,false,0,0,null,1935835200000]}\n'
        ',[[0,"size","~qqqqqru7TMyN3QEjRWeJqw",3000,"4","int/int",4],["once","charge",1,"c0ffee","ok"],'
        '[0,"","~qqqqqru7TMyN3QEjRWeJqw",60000,"x",null,null,null,false,"gave up"]]\n'
        "]"
    )


def heard(seconds: float, text: str) -> Heard:
    """A text that came so long after the flow had begun."""
    return Heard(id=UUID, at=NOON + timedelta(seconds=seconds), kind="text", text=text)


def test_ten_answers_and_what_is_kept_beside_them_fill_no_page_of_a_database() -> None:
    """A row of more than a thousand bytes lies in several pages of SQLite's, and costs as much more to write."""
    event = Message(id=UUID, address=ANN, kind="text", text="book a table")
    begun = Beginning(name="intent book", version=0, event=event, at=NOON).written()
    entries = [
        answer(f"q{number}", 0, heard(20 * number, str(number)), begun=NOON, kind="int/int", value=number)
        for number in range(10)
    ]
    asked = Asked(name="q10", sends=0, at=10)

    assert len(written([Flow(begun, Journal.of(entries), asked, heard=NOON)])) < 800


TEXTS = st.text(max_size=8) | st.sampled_from(["\ud800", "\n", "\u2028", "~", "once", ""])
IDS = TEXTS | st.uuids().map(str) | st.uuids().map(lambda one: f"~{one}")
TIMES = st.integers(0, 3_000_000_000_000).map(lambda ms: datetime(1980, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
VALUES = PLAIN | st.decimals(allow_nan=False, allow_infinity=False, places=2) | st.dates() | st.times()
MEDIA = st.sampled_from([*KINDS, "nothing"])
ANSWERS: st.SearchStrategy[Answer] = st.builds(
    answer,
    TEXTS,
    st.integers(0, 3),
    st.builds(Heard, id=IDS, at=TIMES, kind=MEDIA, text=TEXTS, url=st.none() | TEXTS),
    begun=st.just(NOON),
    choice=st.none() | TEXTS,
    kind=st.none() | TEXTS,
    value=VALUES,
    is_slot=st.booleans(),
)
CAUGHT = ANSWERS.map(lambda entry: entry._replace(how="gave up"))
RESULTS: st.SearchStrategy[Entry] = st.builds(
    result, TEXTS, st.integers(0, 3), TEXTS, value=PLAIN, error=st.none() | st.tuples(TEXTS, TEXTS).map(list)
)
EVENTS = st.builds(
    Message,
    id=IDS,
    address=st.just(ANN),
    kind=st.sampled_from(KINDS),
    text=TEXTS,
    url=st.none() | TEXTS,
    sent_at=st.none() | TIMES,
) | st.builds(
    Status,
    message_id=IDS,
    address=st.just(ANN),
    state=TEXTS,
    delivery_id=st.none() | TEXTS,
    code=st.none() | st.integers(0, 9_999),
    reason=st.none() | TEXTS,
    at=st.none() | TIMES,
)
ASKED = st.builds(
    Asked,
    name=TEXTS,
    sends=st.integers(0, 3),
    at=st.integers(0, 3),
    is_slot=st.booleans(),
    attempts=st.integers(0, 2),
    digressions=st.integers(0, 2),
    remind_at=st.none() | TIMES,
    due_at=st.none() | TIMES,
)
BEGINNINGS = st.builds(
    Beginning,
    name=TEXTS,
    version=st.integers(0, 3),
    event=EVENTS,
    at=st.just(NOON),
    slots=st.dictionaries(TEXTS, VALUES, max_size=2),
    how=st.just("template"),
    score=st.sampled_from([0.5, 1.0]),
    choice=st.none() | st.builds(Choice, st.just("Today"), TEXTS, intent=st.none() | TEXTS),
    session=st.dictionaries(TEXTS, PLAIN, max_size=2),
    before=st.dictionaries(TEXTS, TEXTS, max_size=2),
    text=st.just(""),
).map(Beginning.written)
FLOWS = st.builds(
    Flow,
    BEGINNINGS,
    journal=st.lists(ANSWERS | CAUGHT | RESULTS, max_size=4).map(Journal.of),
    question=st.none() | ASKED,
    turn=IDS,
    kept=st.lists(RESULTS, max_size=1).map(tuple),
    failures=st.integers(0, 2),
    heard=st.none() | TIMES,
)
SIGNALS = st.lists(st.tuples(TEXTS, PLAIN), max_size=2)


@given(st.lists(FLOWS, min_size=1, max_size=3), SIGNALS)
def test_what_is_kept_comes_back_as_it_was(flows: list[Flow], signals: list[tuple[str, object]]) -> None:
    """Whatever was said, in whatever flow; and it is JSON in ASCII, for whoever exports it."""
    text = written(flows, signals)

    assert text.isascii()
    assert json.loads(text)[0] == 2
    assert read_flows(text, ANN) == (tuple(flows), tuple(signals))


@given(st.lists(FLOWS, min_size=1, max_size=3))
def test_what_never_changes_is_found_in_what_was_written_whole(flows: list[Flow]) -> None:
    """As it was at first: the mark behind how a flow began says nothing to whoever does not look for it."""
    text = written(flows)

    assert json.loads(text.replace("\t", "")) == json.loads(text)
    assert read_flows(text.replace("\t", ""), ANN) == read_flows(text, ANN)
    assert written(read_flows(text.replace("\t", ""), ANN)[0]) == written(read_flows(text, ANN)[0]) == text


@given(st.lists(FLOWS, min_size=1, max_size=2), ANSWERS | RESULTS)
def test_a_journal_that_was_read_goes_on_as_if_it_had_been_written_at_once(flows: list[Flow], entry: Entry) -> None:
    """Its text is kept, and only grows."""
    (*_, flow), _ = read_flows(written(flows), ANN)
    record = Record(flow.journal)
    record.write(entry)

    assert record.journal == Journal.of([*flow.entries, entry])


@given(IDS)
def test_any_id_comes_back_as_it_was(id_: str) -> None:
    """Those that are UUIDs too, and those that look like what is written of one."""
    kept = id_to_json(id_)

    assert id_from_json(kept) == id_
    assert id_from_json(id_to_json(kept)) == kept


@given(ANSWERS)
def test_an_answer_tells_what_was_heard_and_when(entry: Answer) -> None:
    """Though it keeps less than that."""
    again = answer(entry.name, entry.sends, entry.heard(NOON), begun=NOON)

    assert again == entry._replace(kind=None, given=None, choice=None, is_slot=False)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[3,[],{"whatever":1}]', "the journal has the form 3, and this botkit reads 2"),
        ("{}", "the journal cannot be read"),
        ('[2,[],{"name":"intent go"},[]]', "the journal cannot be read"),
        ('[2,[]\n,{"name":"intent go"}\n,[]\n]', "the journal cannot be read"),
        ('[1,[],{"name":"intent go"}]', "the journal cannot be read"),
        ("nonsense", "the journal cannot be read"),
    ],
)
def test_another_form_is_refused(text: str, told: str) -> None:
    """With what is wrong, for the operator."""
    with pytest.raises(ValueError, match=f"^{told}$"):
        read_flows(text, ANN)
