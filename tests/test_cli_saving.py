"""A chat of the page becomes a test, which passes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from botkit.cli.saving import saved
from botkit.simulator.record import Entry, Record
from botkit.testing.transcripts import find_transcripts, read_transcript, read_transcripts, run_transcripts

NOON = datetime(2026, 12, 24, 11, 0, tzinfo=UTC)
BOTS = """
version: 1
bots:
  shop:
    timezone: Europe/Berlin
    intents:
      menu: {phrases: [menu], reply: [{image: "https://example.com/menu.png"}, {text: Which?, choices: [Soup, Cake]}]}
      day: {phrases: ["cake for {day:date}"], reply: "Cake for {day}."}
    fallback: |
      What?
      Try "menu".
"""


def chat(*happened: tuple[str, float, dict[str, object]]) -> list[Entry]:
    """Entries of what happened so many seconds after noon."""
    record = Record()
    for number, (kind, seconds, facts) in enumerate(happened):
        about = str(facts.pop("about", number))
        at = NOON + timedelta(seconds=seconds)
        record.add(kind, page="1", user="ann", about=about, at=at, facts=facts)  # type: ignore[arg-type]  # see above
    return [*record.since(0)]


def said(text: str, at: float = 0, **facts: object) -> tuple[str, float, dict[str, object]]:
    """Ann says something."""
    return "said", at, {"kind": "text", "text": text, "url": None, **facts}


def shown(text: str, at: float = 0, **facts: object) -> tuple[str, float, dict[str, object]]:
    """Ann is shown something."""
    return "shown", at, {"kind": "text", "text": text, "url": None, **facts}


def test_a_chat_is_saved_as_it_was() -> None:
    """What was said and shown, in the bot's time zone, below the head; what else is recorded is not part of it."""
    entries = chat(
        said("menu"),
        ("posted", 0, {"attempt": 1, "answer": 200}),
        shown("", kind="image", url="https://example.com/menu.png"),
        shown("Which?\n1. Soup\n2. Cake"),
        said("", 30, kind="image", url="https://example.com/me.jpg"),
        ("gesture", 40, {"as": "sticker"}),
        said("", 40, kind="unsupported"),
    )

    assert saved(entries, timezone="Europe/Berlin", head="! bot shop\n\n") == (
        "! bot shop\n\n# saved on 2026-12-24 12:00\n! at 2026-12-24 12:00\n> menu\n< [image] https://example.com/menu.png\n"
        "< Which?\n  1. Soup\n  2. Cake\n> [image https://example.com/me.jpg]\n> [unsupported]\n"
    )


def test_a_pause_is_waited_for() -> None:
    """From a minute on; a reminder that came meanwhile stands behind its own wait."""
    entries = chat(
        said("order"), shown("Which?", 1), shown("Which? Still there?", 3600), said("no", 3630), said("yes", 7300)
    )

    assert saved(entries, timezone="UTC").splitlines()[2:] == [
        "> order", "< Which?", "! wait 1h", "< Which? Still there?", "> no", "! wait 1h 1min", "> yes",
    ]  # fmt: skip


def test_the_time_is_the_bots() -> None:
    """The page's clock was moved to New Year's Eve, and a day later moved on."""
    moved = [NOON + timedelta(days=7), NOON + timedelta(days=8)]
    entries = chat(
        said("hello", about="m1"),
        ("turn", 0, {"about": "m1", "now": moved[0]}),
        shown("Happy New Year!"),
        said("hello", 5, about="m2"),
        ("turn", 5, {"about": "m2", "now": f"{moved[1] + timedelta(seconds=5)}"}),
    )

    assert saved(entries, timezone="UTC").splitlines()[1:] == [
        "! at 2026-12-31 11:00", "> hello", "< Happy New Year!", "! wait 1d", "> hello",
    ]  # fmt: skip


def answered(about: str, *texts: str) -> tuple[str, float, dict[str, object]]:
    """The turn of a message, with what it sent."""
    deliveries = [{"id": f"{about}.{number}", "kind": "text", "text": text} for number, text in enumerate(texts)]
    return "turn", 1, {"about": about, "now": NOON, "deliveries": deliveries}


def test_an_answer_stands_below_its_message() -> None:
    """Also where the next message came before the last part of it was shown."""
    entries = chat(
        said("menu", about="m1"),
        shown("One.", 1, delivery="m1.0"),
        answered("m1", "One.", "Two."),
        said("thanks", 1, about="m2"),
        shown("Two.", 2, delivery="m1.1"),
        shown("With pleasure.", 2, delivery="m2.0"),
        answered("m2", "With pleasure."),
        shown("Still there?", 3600, delivery="m3.0"),
    )

    assert saved(entries, timezone="UTC").splitlines()[2:] == [
        "> menu", "< One.", "< Two.", "> thanks", "< With pleasure.", "! wait 1h", "< Still there?",
    ]  # fmt: skip


def test_an_answer_that_the_weather_kept_is_expected() -> None:
    """A test has no weather."""
    entries = chat(said("menu", about="m1"), ("refused", 1, {"status": 500}), answered("m1", "Soup."))

    assert saved(entries, timezone="UTC").splitlines()[2:] == ["> menu", "< Soup."]


def test_what_cannot_be_said_is_left_out_with_its_answer() -> None:
    """A picture whose address is none is nothing that a transcript can send."""
    entries = chat(
        said("menu", about="m1"),
        answered("m1", "Soup."),
        said("", 1, kind="image", url="https://x/y z.jpg", about="m2"),
        shown("A picture!", 2, delivery="m2.0"),
        answered("m2", "A picture!"),
    )

    assert saved(entries, timezone="UTC").splitlines()[2:] == ["> menu", "< Soup."]


def test_where_the_clock_was_put_back_another_test_begins() -> None:
    """From Christmas Eve to the day it is: what is asked about today is answered in both."""
    entries = chat(
        said("today?", about="m1"),
        ("turn", 0, {"about": "m1", "now": NOON}),
        shown("Christmas!"),
        said("today?", 9, about="m2"),
        ("turn", 9, {"about": "m2", "now": NOON - timedelta(days=7)}),
        shown("A Thursday.", 9),
    )

    assert saved(entries, timezone="UTC") == (
        "# saved on 2026-12-24 11:00\n! at 2026-12-24 11:00\n> today?\n< Christmas!\n\n"
        "# saved on 2026-12-17 11:00\n! at 2026-12-17 11:00\n> today?\n< A Thursday.\n"
    )


def test_where_nothing_was_said_there_is_nothing_to_save() -> None:
    """A message that the bot sent by itself begins no test."""
    assert saved(chat(shown("Your order has arrived.")), timezone="UTC") == ""


async def test_what_was_saved_passes(tmp_path: Path) -> None:
    """With the bots that were talked to."""
    entries = chat(
        said("menu"),
        shown("", kind="image", url="https://example.com/menu.png"),
        shown("Which?\n1. Soup\n2. Cake"),
        said("[what] … \\[now]", 2),
        shown('What?\nTry "menu".', 2),
        said("cake for tomorrow", 86_400),
        shown("Cake for 2026-12-26.", 86_400),
    )
    (tmp_path / "bots.yaml").write_text(BOTS)
    (tmp_path / "a.chat.txt").write_text(saved(entries, timezone="Europe/Berlin"))
    (tried,) = await run_transcripts(read_transcripts(find_transcripts([tmp_path])))

    assert [
        (exchange.pairs, exchange.passed)
        for played in tried.played
        for exchange in played.exchanges
        if not exchange.passed
    ] == []
    assert len(tried.played) == 1


def test_half_a_sign_is_saved_as_a_question_mark() -> None:
    """A file cannot hold it."""
    assert saved(chat(said("so \ud83d sad")), timezone="UTC").splitlines()[2:] == ["> so ? sad"]


@given(st.lists(st.tuples(st.sampled_from([said, shown]), st.text(min_size=1, max_size=40)), min_size=1, max_size=6))
def test_whatever_was_said_can_be_read_again(lines: list[tuple[object, str]]) -> None:
    """Line breaks, brackets and marks of a transcript in it change nothing of its form."""
    text = saved(chat(said("hello"), *(make(words) for make, words in lines)), timezone="UTC")  # type: ignore[operator]

    (test,) = read_transcript(text, file="a.chat.txt").tests
    assert len(test.steps) == 2 + sum(bool(words.strip()) for _, words in lines)
