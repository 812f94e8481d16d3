"""`botkit chat`: what may be typed, in a pipe and on a terminal, and what is saved."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

BOTS = """
version: 1
bots:
  shop:
    timezone: Europe/Berlin
    intents:
      hours: {phrases: [opening hours], reply: We open at 8.}
      day: {phrases: [book a table], reply: {text: "Which day?", choices: [Today, Tomorrow]}}
    fallback: What?
"""
PYTHON = """
from datetime import timedelta

from botkit import Bot, RetryLater

bot = Bot("counting", timezone="Europe/Berlin")
seen = []


@bot.intent("count")
async def count(chat):
    seen.append(1)
    chat.session["count"] = chat.session.get("count", 0) + 1
    return f"{chat.session['count']} of {len(seen)}"


@bot.intent("ring me")
async def ring(chat):
    if chat.now() - chat.message.sent_at < timedelta(hours=1):
        raise RetryLater(3600)
    return "Ring!"


@bot.intent("book")
async def book(chat):
    return f"For {await chat.ask('For how many?', type=int)}."


@bot.intent("break")
async def broken(chat):
    raise OSError
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a bots.yaml, and a bot in Python."""
    (tmp_path / "bots.yaml").write_text(BOTS)
    (tmp_path / "counting.py").write_text(PYTHON)
    return tmp_path


def botkit(folder: Path, *arguments: str, said: bytes = b"") -> tuple[int, list[str], list[str]]:
    """Run a command with something in a pipe: exit code, output and errors."""
    command = [sys.executable, "-m", "botkit", *arguments]
    done = subprocess.run(command, cwd=folder, input=said, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode().splitlines()


def chat(folder: Path, *lines: str, config: str = "bots.yaml") -> tuple[list[str], list[str]]:
    """What is said in a chat, and the errors beside it."""
    code, output, errors = botkit(folder, "chat", "--config", config, said="\n".join(lines).encode())

    assert code == 0
    return output, errors


def test_whatever_is_typed_has_its_answer(folder: Path) -> None:
    """Words, media, and each command; a mistake in one ends nothing."""
    output, errors = chat(
        folder,
        "opening hours",
        "[image https://example.com/a.png]",
        "/as anna",
        "/as anna smith",
        "book a table",
        "/duplicate",
        "/session",
        "/nope",
        "/wait for it",
        "/save",
        "/save nowhere/x",
        "[imgae https://example.com/a.png]",
        "/quit",
        "opening hours",
    )

    assert errors == []
    assert output == [
        "We open at 8.",
        "What?",
        "You are anna now.",
        "Write a name behind /as, of letters and digits, such as /as anna.",
        "Which day?",
        "1. Today",
        "2. Tomorrow",
        "It came twice.",
        "Nothing.",
        "There is no /nope; /help lists what there is.",
        '"for it" is no length of time; write one such as 20s, 90min, 2h or 1d 12h',
        "Write a file's name behind /save, such as /save hello.chat.txt.",
        "nowhere/x.chat.txt cannot be written (No such file or directory); name another file.",
        'there is no kind "imgae"; write image, audio, video, file or unsupported, and \\[ where a text begins so',
    ]


def test_an_answer_is_explained(folder: Path) -> None:
    """The last one, or that to another text."""
    output, _ = chat(folder, "/explain", "opening hours", "/explain", "/explain opening time")

    assert output[:4] == [
        "Say something first, or write it behind /explain.",
        "We open at 8.",
        '"opening hours" is compared as: opening hours',
        "Intent 'hours' answers (exact).",
    ]
    assert '"opening time" is compared as: opening time' in output
    assert chat(folder, "book", "4", "/explain", config="counting:bot")[0] == [
        "For how many?",
        "For 4.",
        "It was heard as an answer to a question of intent 'book'.",
    ]


def test_another_process_holds_nothing_but_the_store(folder: Path) -> None:
    """Its module is imported anew, and the session is what it was."""
    output, errors = chat(folder, "count", "count", "/restart", "count", "break", config="counting:bot")

    assert output == [
        "1 of 1",
        "2 of 2",
        "Another process goes on.",
        "3 of 1",
        "Sorry, something went wrong. Please try again.",
    ]
    assert errors[0].startswith("  (handler 'broken' raised OSError at ")


def test_time_passes_when_it_is_told_to(folder: Path) -> None:
    """What is due then happens; what is still due at the end is told."""
    output, errors = chat(folder, "ring me", config="counting:bot")
    later, _ = chat(folder, "ring me", "/wait 2h", "/at 2040-02-01 09:00", config="counting:bot")

    assert output == []
    assert errors[-1] == "1 message is still to be answered or sent, later; /wait 1h lets time pass."
    assert later[0] == "Ring!"
    assert later[2:] == ["It is Wednesday, 2040-02-01 09:00."]


def test_whoever_was_silent_for_days_is_greeted_again(folder: Path) -> None:
    """As by a bot that runs all the time, and forgets who has nothing in his session."""
    (folder / "bots.yaml").write_text(f"{BOTS}    greeting: Welcome!\n")
    output, _ = chat(folder, "hello", "hello", "/wait 4d", "hello")

    assert (output[:2], output[3:]) == (["Welcome!", "What?"], ["Welcome!"])


def test_a_chat_that_is_saved_is_a_test_that_passes(folder: Path) -> None:
    """Also added to another one, in another folder, and about a bot in Python; nothing is overwritten."""
    (folder / "tests").mkdir()
    lines = ["book a table", "2", "/as anna", "opening hours", "/restart", "/wait 2h", "/duplicate", "/save a"]
    first, _ = chat(folder, *lines, "/at 2001-02-03 04:05", "/save a again")
    chat(folder, "opening hours", "/save tests/b.chat.txt opening hours", config="bots.yaml")
    chat(folder, "count", "/save c", config="counting:bot")
    (folder / "tests" / "bots.yaml").write_text("{version: 1, bots: {other: {}}}")
    chat(folder, "opening hours", "/save tests/d", config="bots.yaml")
    code, output, _ = botkit(folder, "test")

    assert first[-3] == "Saved as a.chat.txt. Run it with: botkit test a.chat.txt"
    assert first[-2:] == [
        f"It is {first[-2][6:22]} already, and no clock goes back.",
        "Added to a.chat.txt. Run it with: botkit test a.chat.txt",
    ]
    assert (folder / "c.chat.txt").read_text().startswith("! config counting:bot\n\n# saved on ")
    assert (folder / "tests" / "d.chat.txt").read_text().startswith("! config ../bots.yaml\n\n# saved on ")
    assert output[:2] == ["a.chat.txt: 2 of 2 tests passed.", "c.chat.txt: 1 of 1 test passed."]
    # Another bots.yaml has come nearer to b since it was saved.
    assert (code, [line for line in output if "passed" in line][2:]) == (
        1,
        ["tests/b.chat.txt: 0 of 1 test passed.", "tests/d.chat.txt: 1 of 1 test passed."],
    )


def test_a_person_may_answer_and_give_the_bot_back(folder: Path) -> None:
    """The chat says why nothing is answered; what was given back is saved like everything else."""
    lines = ["book", "human please", "4", "/explain", "/resume", "/resume", "4", "/save h"]
    output, _ = chat(folder, *lines, config="counting:bot")

    assert output[:-1] == [
        "For how many?",
        'A person will take it from here. Write "bot" to talk to me again.',
        "A person answers, and not the bot: the user has asked for a person. /resume gives it back.",
        "The bot answers already: nothing was handed over that could be given back.",
        "For 4.",
    ]
    assert botkit(folder, "test")[1][0] == "h.chat.txt: 1 of 1 test passed."


def test_a_pipe_may_hold_anything(folder: Path) -> None:
    """Bytes that are no text are words nobody knows."""
    assert botkit(folder, "chat", said=b"\xff\xfe\nopening hours\n")[:2] == (0, ["What?", "We open at 8."])


def test_the_list_of_commands_is_complete(folder: Path) -> None:
    """Each has its line."""
    output, _ = chat(folder, "/help")

    assert [line.split()[0] for line in output[:-1]] == [
        "/restart",
        "/explain",
        "/as",
        "/at",
        "/wait",
        "/duplicate",
        "/signal",
        "/resume",
        "/session",
        "/save",
        "/help",
        "/quit",
    ]


class Terminal:
    """`botkit chat` on a terminal of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self._master, slave = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", **environment}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "botkit", "chat"],
            cwd=folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            # Whoever runs the tests in the background of a shell has it ignored, and so would all that they start.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - there is one thread
        )
        os.close(slave)
        self.shown = ""

    def type(self, keys: str, *, until: str) -> None:
        """Press *keys*, and read until *until* is shown behind what was shown before."""
        before = len(self.shown)
        os.write(self._master, keys.encode())
        self.read(until, before)

    def read(self, until: str, before: int = 0) -> None:
        """Read until *until* is shown."""
        end = time.monotonic() + 30
        while until not in self.shown[before:]:
            assert select.select([self._master], [], [], end - time.monotonic())[0], self.shown
            self.shown += os.read(self._master, 4096).decode()

    def interrupt(self) -> int:
        """Do what Ctrl-C does and wait for the end; returns the exit code."""
        self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(1)
        except subprocess.TimeoutExpired:
            # A signal that comes just before readline waits for a key is seen when the line ends.
            return self.leave("\n")

    def leave(self, keys: str) -> int:
        """Press *keys* and wait for the end; returns the exit code."""
        os.write(self._master, keys.encode())
        code = self._process.wait(30)
        os.close(self._master)
        return code


@pytest.mark.acceptance
@pytest.mark.parametrize("colour", [True, False], ids=["colours", "NO_COLOR"])
def test_on_a_terminal_lines_are_edited_and_remembered(folder: Path, colour: bool) -> None:
    """With a prompt, history, completed commands, and colours unless they are unwanted; Ctrl-D leaves."""
    terminal = Terminal(folder, **({} if colour else {"NO_COLOR": "1"}))
    terminal.read("Say something, or /help.\r\n")
    terminal.read("> ")
    terminal.type("opening hoursx\x7f\n", until="We open at 8.")
    terminal.type("\x1b[A\n", until="We open at 8.")
    terminal.type("/rest\t\n", until="Another process goes on.")
    terminal.type("/as ann\n", until="ann> ")

    assert terminal.leave("\x04") == 0
    assert ("\x1b[36mWe open at 8.\x1b[0m" in terminal.shown) is colour


@pytest.mark.acceptance
def test_ctrl_c_leaves_too(folder: Path) -> None:
    """At once, and without a traceback."""
    terminal = Terminal(folder)
    terminal.read("> ")

    assert terminal.interrupt() == 0
    assert "Traceback" not in terminal.shown
