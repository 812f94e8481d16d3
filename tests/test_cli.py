"""The command line: what each command prints, and the one sentence a mistake gets."""

import asyncio
import json
import socket
import subprocess
import sys
from pathlib import Path

import jwt
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from botkit.cli import COMMANDS, commands
from botkit.simulator import Simulator, keys

ROOT = Path(__file__).parent.parent
BOTS = """
version: 1
bots:
  shop:
    intents:
      hours: {phrases: [when do you open, opening hours], reply: "We open at 8."}
      same: {phrases: [Opening hours!], reply: Never}
      order: {phrases: ["track {number:int}"], reply: "Order {number}."}
    fallback: What?
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a bots.yaml that has one warning."""
    (tmp_path / "bots.yaml").write_text(BOTS)
    return tmp_path


def botkit(folder: Path, *arguments: str, said: str = "") -> tuple[int, str, str]:
    """Run the command as a user would: exit code, output and errors."""
    command = [sys.executable, "-m", "botkit", *arguments]
    done = subprocess.run(command, cwd=folder, input=said, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def test_check_says_that_all_is_well_and_warns(folder: Path) -> None:
    """Warnings are no errors, unless they are to be."""
    code, output, errors = botkit(folder, "check")

    assert (code, errors) == (0, "")
    assert output.splitlines()[0].startswith("warning: bots.yaml:7:24: \"Opening hours!\": intent 'same' says what")
    assert output.splitlines()[1].startswith("shop: 3 intents with 4 phrases.")
    assert all(line.startswith("hint: bots.yaml:") for line in output.splitlines()[2:-1])
    assert output.splitlines()[-1] == "No mistakes found. Next: botkit run --dev"
    assert botkit(folder, "check", "--strict")[0] == 1


def test_check_says_what_to_type_next_for_the_file_it_checked(folder: Path) -> None:
    """What is pasted runs what was checked."""
    (folder / "bots.yaml").rename(folder / "other bots.yaml")
    _, output, _ = botkit(folder, "check", "-c", "other bots.yaml")

    assert output.splitlines()[-1] == "No mistakes found. Next: botkit run --dev --config 'other bots.yaml'"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["check", "--config", "gone.yaml"], 1, "or make a bot with botkit new NAME."),
        (["run", "--config", "gone.yaml"], 1, "gone.yaml: cannot be read"),
        (["run", "bots.yaml", "--config", "bots.yaml"], 2, "Write CONFIG or --config, not both."),
        (["run", "nowhere:bot"], 1, "there is no module 'nowhere' to import 'nowhere:bot' from"),
        (["run", "gone"], 1, "There is no gone here. Name a bots.yaml, or module:bot for a bot in Python."),
        (["run"], 1, 'bots.yaml:2:1: the key "vonage" is missing; `botkit run --dev` needs none'),
        (["run", "--dev", "--host", "0.0.0.0"], 1, "--dev is for this machine only"),  # noqa: S104 - it is refused
        (["run", "--dev", "--store", "redis://x"], 1, "There is no store redis://"),
        (["run", "--dev", "--store", "/nowhere/x.db", "--port", "0"], 1, "Cannot write /nowhere/x.db.lock"),
        (["run", "--dev", "--store", "bots.yaml", "--port", "0"], 1, "The store's file bots.yaml cannot be used"),
        (["chat", "--bot", "none"], 1, "Say which bot with --bot: shop."),
        (["send", "2519", ""], 2, "Invalid value for 'TEXT': it is empty."),
        (["send", "", "Hello"], 2, "Invalid value for 'USER': it is empty."),
        (["send", "2519", "caf\udce9"], 2, "Invalid value for 'TEXT': it is not in UTF-8."),
        (["send", "2519", "Hello", "--tag", ""], 2, "Invalid value for '--tag': it is empty."),
        (["signal", "1070/2519", " "], 2, "Invalid value for 'NAME': it is empty."),
        (["signal", "1070/2519", "paid", "--id", ""], 2, "Invalid value for '--id': it is empty."),
        (["explain"], 2, "Missing argument 'TEXT'"),
        (["nonsense"], 2, "No such command 'nonsense'"),
        (["run", "--port", "many"], 2, "Invalid value for '--port'"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else None,
)
def test_a_mistake_gets_a_sentence_and_no_traceback(folder: Path, arguments: list[str], code: int, told: str) -> None:
    """On stderr, with 1 for a problem and 2 for wrong usage."""
    returned, _, errors = botkit(folder, *arguments)

    assert (returned, "Traceback" in errors) == (code, False)
    assert told in errors


def test_a_port_that_is_taken_is_named(folder: Path) -> None:
    """The sentence says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, errors = botkit(folder, "run", "--dev", "--port", str(port))

    assert (code, errors.count("\n")) == (1, 2)  # the warning about a phrase, and this
    assert f"Cannot listen on 127.0.0.1 port {port}: Address already in use. Name another one with --port." in errors


def test_explain_tells_a_writer_why(folder: Path) -> None:
    """In words, and as JSON."""
    code, output, _ = botkit(folder, "explain", "track it")
    explained = json.loads(botkit(folder, "explain", "Opening hours?", "--json")[1])

    assert code == 0
    lines = output.splitlines()
    assert lines[:2] == ['"track it" is compared as: track it', "No intent matches: the fallback answers."]
    assert "      order is surely enough meant, but cannot answer without number; give the slot an ask" in lines
    assert lines[lines.index("By phrases:") + 1 :] == [
        "  - order: track {number:int}",
        '      expected {number} (int) as word 2, found "it"',
        "  … and 3 more phrases that fit less.",
    ]
    assert (explained["intent"], explained["how"]) == ("hours", "exact")
    assert explained["candidates"][0]["place"] == "bots.yaml:6:43"


def test_schema_prints_a_schema(folder: Path) -> None:
    """For an editor."""
    code, output, _ = botkit(folder, "schema")
    Draft202012Validator.check_schema(json.loads(output))

    assert code == 0


def test_chat_works_in_a_pipe(folder: Path) -> None:
    """The answers and nothing else, through the code that answers on Messenger; nothing is left behind."""
    said = "opening hours\ntrack 7\n\nblah\n/quit\nopening hours\n"

    assert botkit(folder, "chat", said=said) == (0, "We open at 8.\nOrder 7.\nWhat?\n", "")
    assert [path.name for path in folder.iterdir()] == ["bots.yaml"]


async def test_send_and_jwt_speak_to_the_api(folder: Path) -> None:
    """A text goes out with the account's key, and the token is the application's."""
    async with Simulator() as simulator:
        key_file = keys.private_file(folder, "a key", simulator.private_key_pem or "")
        account = {
            "application_id": simulator.application_id,
            "private_key": key_file.name,
            "api_key": "a",
            "signature_secret": "b",
            "base_url": simulator.base_url,
        }
        config = {"version": "1", "vonage": account, "bots": {"shop": {"pages": ["1070"], "fallback": "hi"}}}
        (folder / "bots.yaml").write_text(json.dumps(config))
        sent = await asyncio.to_thread(botkit, folder, "send", "2519", "Your cake is ready.", "--tag", "HUMAN_AGENT")
        token = (await asyncio.to_thread(botkit, folder, "jwt", "--ttl", "60"))[1].strip()
        (accepted,) = simulator.accepted

    claims = jwt.decode(token, options={"verify_signature": False})
    assert sent == (0, f"{accepted.message_uuid}\n", "")
    assert (accepted.page, accepted.user, accepted.text) == ("1070", "2519", "Your cake is ready.")
    assert accepted.raw["messenger"] == {"category": "message_tag", "tag": "HUMAN_AGENT"}
    assert (claims["application_id"], claims["exp"] - claims["iat"]) == (simulator.application_id, 60)


@pytest.mark.parametrize("command", [["run"], ["jwt"], ["send", "2519", "Hello"]], ids=" ".join)
def test_a_key_that_is_not_there_is_told_with_its_line(folder: Path, command: list[str]) -> None:
    """By every command that signs with it."""
    account = "{application_id: a, private_key: gone.key, api_key: k, signature_secret: s}"
    (folder / "bots.yaml").write_text(
        f"version: 1\nvonage: {account}\nbots: {{shop: {{fallback: Hello!, pages: [1070]}}}}"
    )
    code, _, errors = botkit(folder, *command)

    assert code == 1
    assert 'bots.yaml:2:42: private_key: the file "gone.key" cannot be read (No such file or directory)' in errors


def test_help_is_worth_reading() -> None:
    """The first screen says what to do first."""
    shown = CliRunner().invoke(commands, ["--help"]).output

    assert "Start with `botkit run --dev`" in shown


def test_the_version_is_the_packages() -> None:
    """As the lock and the changelog have it."""
    assert CliRunner().invoke(commands, ["--version"]).output == "botkit 0.1.0\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(folder: Path, command: str) -> None:
    """Its help can be read: examples keep their lines, and nothing of how they are marked is left."""
    code, output, errors = botkit(folder, command, "--help")

    assert (code, errors, "\\b" in output) == (0, "", False)


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("run", "      botkit run                      with the account under vonage: in bots.yaml"),
        ("queue", "      botkit queue show ID         one of them, with what it holds"),
        ("send", '      botkit send 2519283798 "Your cake is ready."'),
    ],
)
def test_examples_keep_their_lines(folder: Path, command: str, line: str) -> None:
    """What is to be typed stands in a line of its own."""
    assert line in botkit(folder, command, "--help")[1].splitlines()


def test_the_simulators_help_keeps_its_lines(folder: Path) -> None:
    """Each of its routes stands in a line of its own."""
    command = [sys.executable, "-m", "botkit.simulator", "--help"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=True)

    assert "  GET  /simulator/accepted            what was accepted" in done.stdout.splitlines()
    assert "\b" not in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full is there on Linux")
def test_output_that_finds_no_room_is_told_in_one_sentence(folder: Path) -> None:
    """As where a schema is written to a full disk."""
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "botkit", "schema"]
        done = subprocess.run(command, cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr == (
        "No space left on device: the output could not be written; make room, or let it go elsewhere.\n"
    )
