"""bots/NAME.yaml: bots with files of their own, and what their authors are told."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from botkit.cli import commands
from botkit.config import Configuration, read
from botkit.errors import ConfigError
from botkit.loading import bot_files, import_name, load
from botkit.testing.fixture import BotTester

pytest_plugins = ["botkit.testing"]

MAIN = "version: 1\n"
BAKER = "pages: [5]\nintents:\n  hours:\n    phrases: [when]\n    reply: At seven.\n"


def read_all(text: str, **beside: str) -> Configuration:
    """What a bots.yaml and the files beside it hold, called by their names."""
    return read(
        text,
        file="bots.yaml",
        environment={},
        read_file=lambda name: b"",
        import_name=import_name,
        secrets=False,
        beside={f"bots/{name}.yaml": content for name, content in beside.items()},
    )


def told(text: str, **beside: str) -> list[str]:
    """What their author is told, line by line."""
    with pytest.raises(ConfigError) as error:
        read_all(text, **beside)
    return str(error.value).splitlines()


def test_a_bot_with_a_file_of_its_own_is_like_one_in_bots_yaml() -> None:
    """It has the file's name, and everything else is the same."""
    (alone,) = read_all(MAIN, baker=BAKER).bots
    indented = "".join(f"    {line}\n" for line in BAKER.splitlines())
    (inside,) = read_all(f"{MAIN}bots:\n  baker:\n{indented}").bots

    assert (alone.name, alone.settings) == (inside.name, inside.settings)
    assert {name: one.handler for name, one in alone.intents.items()} == {
        name: one.handler for name, one in inside.intents.items()
    }


def test_bots_of_all_files_answer() -> None:
    """Those of bots.yaml first, then those of the files."""
    found = read_all(f"{MAIN}bots: {{vet: {{pages: [4]}}}}", baker=BAKER, smith="pages: [6]")

    assert [(bot.name, bot.pages) for bot in found.bots] == [("vet", ("4",)), ("baker", ("5",)), ("smith", ("6",))]


def test_mistakes_of_all_files_are_told_at_once() -> None:
    """Each with its own file, line and caret, whatever is wrong with bots.yaml."""
    assert told("version: 2", baker="intents:\n  hours: {phrases: [when], repli: x}\n", smith="- a\n") == [
        'bots.yaml:1:10: version: expected 1, found "2"',
        "    version: 2",
        "             ^",
        'bots/baker.yaml:2:28: intents.hours: unknown key "repli", did you mean "reply"?',
        "      hours: {phrases: [when], repli: x}",
        "                               ^",
        "bots/smith.yaml:1:1: expected the bot's keys, such as intents: and fallback:, found a list",
        "    - a",
        "    ^",
    ]


def test_one_name_in_two_places_is_a_mistake() -> None:
    """Both are named."""
    assert told(f"{MAIN}bots:\n  baker: {{pages: [5]}}\n", baker=BAKER) == [
        'bots/baker.yaml:1:1: there is a bot "baker" already, at bots.yaml:3:3; keep one of the two',
        "    pages: [5]",
        "    ^",
    ]


def test_two_files_of_one_name_are_a_mistake() -> None:
    """One may end in .yml."""
    with pytest.raises(ConfigError, match=r'bots/a.yml:1:1: there is a bot "a" already, at bots/a.yaml;'):
        read(
            MAIN,
            file="bots.yaml",
            environment={},
            read_file=lambda name: b"",
            import_name=import_name,
            secrets=False,
            beside={"bots/a.yaml": "pages: [1]", "bots/a.yml": "pages: [2]"},
        )


def test_a_page_of_two_bots_is_a_mistake_in_the_second_file() -> None:
    """The first is named with its place."""
    assert told(MAIN, baker=BAKER, smith="pages: [5]") == [
        'bots/smith.yaml:1:9: pages[1]: page 5 is claimed by the bot "baker" already, at bots/baker.yaml:1:9',
        "    pages: [5]",
        "            ^",
    ]


def test_an_empty_file_is_a_mistake() -> None:
    """It says what to write."""
    assert told(MAIN, baker="") == [
        "bots/baker.yaml:1:1: the file is empty; a bot's keys stand in it, such as intents: and fallback:",
    ]


def test_warnings_name_their_own_file() -> None:
    """So does what the router warns of."""
    found = read_all(MAIN, baker="intents:\n  a: {phrases: [when], reply: x}\n  b: {phrases: [when], reply: y}\n")

    assert [warning.partition(": ")[0] for warning in found.warnings] == ["bots/baker.yaml:3:17"]


def test_references_in_a_bots_file_mean_nothing() -> None:
    """Secrets belong to the installation, and not to what its writers write."""
    assert told(MAIN, baker="fallback: ${HOME}")[0].startswith(
        "bots/baker.yaml:1:11: fallback: ${HOME} is replaced in settings only, such as store: and vonage:"
    )


def test_too_many_mistakes_in_one_file_leave_the_others_told() -> None:
    """Reading stops, and what was found is told."""
    many = "intents:\n" + "".join(f"  i{number}: {{repli: x}}\n" for number in range(1100))
    problems = told(MAIN, baker=many, smith="- a")

    assert problems[-1] == "bots/baker.yaml: and at least 900 more; mend these first"


def folder_with(folder: Path, **files: str) -> Path:
    """A bots.yaml in *folder*, with *files* in its bots/ by their names."""
    (folder / "bots").mkdir()
    for name, text in files.items():
        (folder / "bots" / name.replace("_", ".")).write_text(text)
    (folder / "bots.yaml").write_text(MAIN)
    return folder / "bots.yaml"


def test_files_are_found_beside_bots_yaml(tmp_path: Path) -> None:
    """In the order of their names, without hidden ones and those of other kinds."""
    config = folder_with(tmp_path, smith_yaml="pages: [6]", baker_yml=BAKER, notes_txt="none", _baker_yaml="broken: [")

    assert [file.name for file in bot_files(config)] == ["baker.yml", "smith.yaml"]
    assert [bot.name for bot in load(config, secrets=False).bots] == ["baker", "smith"]


def test_a_folder_that_looks_like_a_file_is_told(tmp_path: Path) -> None:
    """Nothing in the folder is passed over in silence."""
    config = folder_with(tmp_path)
    (tmp_path / "bots" / "odd.yaml").mkdir()

    with pytest.raises(ConfigError, match=r"odd\.yaml: cannot be read"):
        load(config, secrets=False)


async def test_a_bot_is_tested_in_its_file(tmp_path: Path, bot_tester: BotTester) -> None:
    """The testing kit sees it."""
    chat = bot_tester(folder_with(tmp_path, baker_yaml=BAKER))

    assert await chat.say("when") == ["At seven."]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["check"], 0, "baker: 1 intent with 1 phrase."),
        (["explain", "when"], 0, "hours"),
        (["test"], 0, "1 test passed."),
        (["diff", "old/bots.yaml", "bots.yaml"], 1, "Intent hours says something else to 1 text"),
        (["evaluate", "labelled.jsonl"], 0, "1 texts, of which 100.0%"),
    ],
)
def test_commands_see_it(
    arguments: list[str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever reads bots.yaml reads what is beside it."""
    folder_with(tmp_path, baker_yaml=BAKER)
    (tmp_path / "old").mkdir()
    folder_with(tmp_path / "old", baker_yaml=BAKER.replace("seven", "eight"))
    (tmp_path / "bots" / "baker.chat.txt").write_text("# hours\n> when\n< At seven.\n")
    (tmp_path / "labelled.jsonl").write_text('{"text": "when", "intent": "hours"}\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    ran = CliRunner().invoke(commands, arguments)

    assert (ran.exit_code, said in ran.output) == (code, True), ran.output


def test_the_schema_of_a_bots_file() -> None:
    """`botkit schema --bot` is a schema by itself, and knows what is a bot."""
    schema = json.loads(CliRunner().invoke(commands, ["schema", "--bot"]).output)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)

    assert validator.is_valid({"intents": {"hours": {"phrases": ["when"], "reply": "At seven."}}})
    assert not validator.is_valid({"version": 1, "bots": {}})
