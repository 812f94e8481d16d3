"""`botkit diff`: whose answers change, fit for a review comment."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from botkit.cli import commands
from botkit.errors import ConfigError
from botkit.events import Address, Message
from botkit.observe import SystemClock
from botkit.stores import open_store
from botkit.work import Gap, Outcome

OLD = """
version: 1
bots:
  shop:
    lists: {size: {small: [tiny], large: [big]}}
    intents:
      hours: {phrases: [when do you open, opening hours, '{whose:word} opening hours'], reply: From 8 to 18.}
      cake: {phrases: ["a {size} cake"], slots: {size: size}, reply: "A {size} cake."}
      bye: {phrases: [bye], reply: Bye!}
    fallback: What?
"""
NEW = """
version: 1
bots:
  shop:
    lists: {size: {small: [tiny], huge: [big]}}
    intents:
      opening: {phrases: [when do you open], reply: From 8 to 18.}
      cake: {phrases: ["a {size} cake"], slots: {size: size}, reply: "A {size} cake."}
      bye: {phrases: [bye], reply: Good bye!}
    fallback: What?
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two versions of a bot."""
    (tmp_path / "old.yaml").write_text(OLD)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "bots.yaml").write_text(NEW)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def diff(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(commands, ["diff", *arguments])


def changes(*arguments: str) -> dict[str, tuple[str, str | None, str | None]]:
    """What has changed, by text: in what, from which intent, to which."""
    found = [json.loads(line) for line in diff("old.yaml", "new/bots.yaml", "--json", *arguments).stdout.splitlines()]
    return {
        one["text"]: (one["what"], one["before"]["intent"], one["after"]["intent"]) for one in found if "text" in one
    }


def test_every_answer_that_changes_is_listed(folder: Path) -> None:
    """Another intent, none any more, other slots, other words; and nothing else."""
    assert changes() == {
        "when do you open": ("understood", "hours", "opening"),
        "opening hours": ("understood", "hours", None),
        "a big cake": ("slots", "cake", "cake"),
        "a large cake": ("understood", "cake", None),
        "a huge cake": ("understood", None, "cake"),
        "bye": ("reply", "bye", "bye"),
    }


def test_it_reads_like_a_review(folder: Path) -> None:
    """What was, what is, and exit code 1."""
    run = diff("old.yaml", "new/bots.yaml")
    lines = run.stdout.splitlines()
    at = lines.index("  opening hours")

    assert run.exit_code == 1
    assert lines[at + 1 : at + 3] == ["    - hours", "    + nothing: the fallback answers"]
    assert lines[-4:] == [
        "Intent bye says something else to 1 text, such as:",
        "  bye",
        "    - Bye!",
        "    + Good bye!",
    ]


FORM = """
version: 1
bots:
  shop:
    did_you_mean: true
    language: en
    greeting: Hi
    hours: {mon-fri: 8-18}
    lists: {size: {small: [tiny], large: [big]}}
    intents:
      book:
        phrases: ["[book] a table", "a table for {count:int}"]
        slots:
          name: {ask: What name?}
          count: {type: int, ask: How many?, retry_text: "A number, please."}
        confirm: "{count} for {name}?"
        reply:
          - {text: "{count} {name}, noted.", choices: [Thanks, {title: Another, intent: book}]}
          - {text: We are there., when: open}
          - {any: [See you!, Bye!]}
      bye: {phrases: [bye], reply: {en: Bye!, de: Tschüss!}}
      human: {phrases: [a person please], reply: {handover: asked for, hours: 2}}
    fallback: I only know about tables.
    texts: {retry: Pardon?}
    words: {cancel: [stop, enough], help: {en: [help], de: [hilfe]}}
    attachments: {image: "Nice!"}
"""


@pytest.mark.parametrize(
    ("old", "new", "where", "told"),
    [
        (
            "ask: What name?",
            "ask: Which name?",
            "book",
            ["- asks for name: What name?", "+ asks for name: Which name?"],
        ),
        (
            "name: {ask: What",
            "name: {type: email, ask: What",
            "book",
            ["- asks for name: What name?", "+ asks for name (email): What name?"],
        ),
        (
            "A number, please.",
            "Figures!",
            "book",
            ["- asks for count again: A number, please.", "+ asks for count again: Figures!"],
        ),
        (
            "{count} for {name}?",
            "All right?",
            "book",
            ["- asks to confirm: {count} for {name}?", "+ asks to confirm: All right?"],
        ),
        ("intent: book}", "intent: bye}", "book", ["- 2. Another -> book", "+ 2. Another -> bye"]),
        ("when: open", "when: closed", "book", ["- when open: We are there.", "+ when closed: We are there."]),
        ("See you!", "Ciao!", "book", ["-   See you!", "+   Ciao!"]),
        ("Tschüss!", "Ade!", "bye", ["- de: Tschüss!", "+ de: Ade!"]),
        (
            "hours: 2}",
            "hours: 3}",
            "human",
            ["- [handover] asked for (for 2:00:00)", "+ [handover] asked for (for 3:00:00)"],
        ),
        ("greeting: Hi", "greeting: Hello", "greeting", ["- Hi", "+ Hello"]),
        (
            "fallback: I only",
            "fallback: We only",
            "fallback",
            ["- I only know about tables.", "+ We only know about tables."],
        ),
        ("retry: Pardon?", "retry: What?", "texts.retry", ["- Pardon?", "+ What?"]),
        ("stop, enough", "enough", "words.cancel", ["- stop"]),
        ("de: [hilfe]", "de: [hilf]", "words.help", ["- de: hilfe", "+ de: hilf"]),
        ("Nice!", "Lovely!", "on image", ["- Nice!", "+ Lovely!"]),
        ("mon-fri: 8-18", "mon-fri: 8-17", "hours", ["- Monday: 8:00-18:00", "+ Monday: 8:00-17:00"]),
        ("did_you_mean: true", "did_you_mean: false", "did_you_mean", ["- what is near is offered"]),
    ],
)
def test_what_is_said_is_compared_itself(old: str, new: str, where: str, told: list[str], folder: Path) -> None:
    """Whatever is asked, confirmed, answered, greeted with or offered: what it was, and what it is."""
    assert FORM.count(old) == 1
    (folder / "old.yaml").write_text(FORM)
    (folder / "new" / "bots.yaml").write_text(FORM.replace(old, new))
    run = diff("old.yaml", "new/bots.yaml")
    lines = [line.removeprefix("    ") for line in run.stdout.splitlines()]

    assert run.exit_code == 1
    assert set(told) <= set(lines)
    assert where in run.stdout
    said = [json.loads(line) for line in diff("old.yaml", "new/bots.yaml", "--json").stdout.splitlines()]
    assert all(one["before"]["says"] != one["after"]["says"] for one in said)
    assert said


def test_an_intent_that_no_text_leads_to_is_compared_too(folder: Path) -> None:
    """Only choices lead there."""
    bye = "{phrases: [bye], reply: {text: Bye!, choices: [{title: More, intent: more}]}}"
    intents = f"{{more: {{phrases: [], reply: One.}}, bye: {bye}}}"
    text = f"version: 1\nbots:\n  shop: {{intents: {intents}, fallback: What?}}\n"
    (folder / "old.yaml").write_text(text)
    (folder / "new" / "bots.yaml").write_text(text.replace("One.", "Two."))

    assert diff("old.yaml", "new/bots.yaml").stdout.splitlines() == [
        "All 1 texts are answered as before.",
        "",
        "What is said otherwise besides:",
        "",
        "  intent more",
        "    - One.",
        "    + Two.",
    ]
    (folder / "new" / "bots.yaml").write_text(text.replace("more:", "less:").replace("intent: more", "intent: less"))
    assert [line for line in diff("old.yaml", "new/bots.yaml").stdout.splitlines() if line.startswith("  intent")] == [
        "  intent more",
        "  intent less",
    ]


def test_what_is_offered_is_compared(folder: Path) -> None:
    """Where nothing answers."""
    (folder / "texts.txt").write_text("a table garden aunt dogs windows mountains umbrellas\n")
    (folder / "old.yaml").write_text(FORM)
    (folder / "new" / "bots.yaml").write_text(FORM.replace("did_you_mean: true", "did_you_mean: false"))
    run = diff("old.yaml", "new/bots.yaml", "--texts", "texts.txt")

    assert "    - nothing: book is offered\n    + nothing: the fallback answers\n" in run.stdout
    assert changes("--texts", "texts.txt")["a table garden aunt dogs windows mountains umbrellas"][0] == "offered"


def test_where_nothing_changes_it_says_so(folder: Path) -> None:
    """And exits 0."""
    run = diff("old.yaml", "old.yaml")

    assert (run.exit_code, run.stdout.rpartition(" texts")[2]) == (0, " are answered as before.\n")


def test_lines_of_a_file_are_tried_too(folder: Path) -> None:
    """Each once, however often and however it is written."""
    (folder / "texts.txt").write_text("Opening HOURS, today\nopening hours\n\nthe opening hours\n")
    tried = changes("--texts", "texts.txt")

    assert tried["the opening hours"][:2] == ("understood", "hours")


def test_the_mark_that_some_editors_put_in_front_is_no_part_of_the_first_text(folder: Path) -> None:
    """Nobody would see it in what is told."""
    (folder / "texts.txt").write_text("the opening hours\n", encoding="utf-8-sig")

    assert "the opening hours" in changes("--texts", "texts.txt")


def test_transcripts_beside_the_new_one_are_tried_too(folder: Path) -> None:
    """What is said in them."""
    (folder / "new" / "shop.chat.txt").write_text("# hours\n> your opening hours\n< …\n")

    assert changes()["your opening hours"][:2] == ("understood", "hours")


def test_what_was_not_understood_is_tried_too(folder: Path) -> None:
    """As the store of the new bots keeps it, where there is such a file, and unless nobody wants it."""

    async def keep() -> None:
        store = open_store("new/kept.db", clock=SystemClock())
        await store.open()
        await store.accept(Message(id="m", address=Address("messenger", "1", "ann"), kind="text", text="x"))
        (work,) = await store.claim(1)
        until = work.now + timedelta(days=1)
        gap = Gap(bot="shop", language="en", text="what opening hours", at=work.now, until=until)
        await store.commit(work, Outcome(gap=gap))
        await store.close()

    (folder / "new" / "bots.yaml").write_text(f"store: kept.db\n{NEW}")
    before = changes()
    assert not (folder / "new" / "kept.db").exists()
    asyncio.run(keep())

    assert "what opening hours" not in before
    assert "what opening hours" not in changes("--no-kept")
    assert changes()["what opening hours"] == changes("--kept")["what opening hours"] == ("understood", "hours", None)


def test_modules_of_the_same_name_are_told_apart(folder: Path) -> None:
    """Each version has its own."""
    for place, word in ((folder, "hi"), (folder / "new", "hey")):
        code = f"from botkit import Bot\nbot = Bot('shop')\n@bot.intent('{word}')\ndef greet(chat): return 'x'\n"
        (place / "greeting.py").write_text(code)
    for file in (folder / "old.yaml", folder / "new" / "bots.yaml"):
        file.write_text("version: 1\nbots: {shop: {python: 'greeting:bot', fallback: What?}}\n")

    assert changes() == {"hi": ("understood", "greet", None), "hey": ("understood", None, "greet")}


def test_of_a_function_in_python_its_source_is_compared(folder: Path) -> None:
    """Without its phrases: what is understood is compared by texts."""
    for place, phrases, word in ((folder, "'hi'", "x"), (folder / "new", "'hi', 'ahoy'", "y")):
        head = f"from botkit import Bot\nbot = Bot('shop')\n@bot.intent({phrases})\n"
        code = f"{head}def greet(chat):\n    return '{word}'\n"
        (place / "greeting.py").write_text(code)
    for file in (folder / "old.yaml", folder / "new" / "bots.yaml"):
        file.write_text("version: 1\nbots: {shop: {python: 'greeting:bot', fallback: What?}}\n")

    assert changes()["hi"] == ("reply", "greet", "greet")
    assert diff("old.yaml", "new/bots.yaml").stdout.splitlines()[-4:] == [
        "Intent greet says something else to 1 text, such as:",
        "  hi",
        "    -     return 'x'",
        "    +     return 'y'",
    ]


def test_bots_that_come_and_go_are_told(folder: Path) -> None:
    """That is a change, too."""
    two = "version: 1\nbots: {a: {pages: ['1'], fallback: A}, b: {pages: ['2'], fallback: B}}\n"
    (folder / "old.yaml").write_text(two)
    (folder / "new" / "bots.yaml").write_text(two.replace("b:", "c:"))
    run = diff("old.yaml", "new/bots.yaml")

    assert (run.exit_code, run.stdout.splitlines()[:2]) == (1, ["Bot b is gone.", "Bot c is new."])
    assert [json.loads(line) for line in diff("old.yaml", "new/bots.yaml", "--json").stdout.splitlines()] == [
        {"bot": "b", "what": "gone"},
        {"bot": "c", "what": "new"},
    ]


LANGUAGES = """
version: 1
bots:
  shop:
    intents:
      present: {phrases: {en: gift, de: geschenk}, reply: {en: A present., de: Ein Geschenk.}}
      poison: {phrases: {en: poison, de: gift}, reply: {en: Help!, de: Hilfe!}}
      hello: {phrases: {en: hey, de: hallo}, reply: {en: Hey!, de: Hallo!}}
    fallback: {en: What?, de: Wie?}
"""


def test_what_is_said_alike_in_several_languages_is_tried_in_each(folder: Path) -> None:
    """The language stands beside what is answered otherwise in another than the bot's own."""
    (folder / "old.yaml").write_text(LANGUAGES)
    new = LANGUAGES.replace("de: gift", "de: giftig").replace("de: hallo", "de: [hallo, gift]").replace("Help!", "Oh!")
    (folder / "new" / "bots.yaml").write_text(new)
    lines = diff("old.yaml", "new/bots.yaml").stdout.splitlines()
    at = lines.index("  gift (in a conversation in de)")
    found = [json.loads(line) for line in diff("old.yaml", "new/bots.yaml", "--json").stdout.splitlines()]

    assert lines[at + 1 : at + 3] == ["    - poison", "    + hello"]
    assert {(one["text"], one["language"]) for one in found} >= {("gift", "de"), ("poison", None)}
    assert [one["language"] for one in found if one["text"] == "poison"] == [None]


def test_a_bot_that_is_called_otherwise_is_told(folder: Path) -> None:
    """Where there is one only, it is the same: what goes by its name does not follow it."""
    (folder / "new" / "bots.yaml").write_text(OLD.replace("shop:", "bakery:"))
    run = diff("old.yaml", "new/bots.yaml")

    assert (run.exit_code, run.stdout.splitlines()[0].partition(":")[0]) == (1, "Bot shop is called bakery now")
    assert [json.loads(line) for line in diff("old.yaml", "new/bots.yaml", "--json").stdout.splitlines()] == [
        {"bot": "bakery", "what": "renamed", "before": "shop"},
    ]


def test_a_file_that_is_not_there_is_told(folder: Path) -> None:
    """With what to do."""
    error = diff("old.yaml", "new/bots.yaml", "--texts", "nowhere.txt").exception

    assert isinstance(error, ConfigError)
    assert str(error) == "nowhere.txt cannot be read (No such file or directory); name a file with one text a line."
