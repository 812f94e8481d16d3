"""`botkit evaluate`: figures on stdout, everything else on stderr."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from botkit.cli import commands
from botkit.errors import ConfigError

BOTS = """
version: 1
bots:
  shop:
    intents:
      hours: {phrases: [when do you open, opening hours, are you open today, until when are you open], reply: Always.}
      order: {phrases: [order a cake, I want a cake, a cake please, can I have a cake], reply: Yes.}
    fallback: What?
"""
DATA = [
    {"text": "when do you open", "intent": "hours"},
    {"text": "A CAKE PLEASE!", "intent": "order"},
    {"text": "<b>opening hours</b> <script>", "intent": "order"},
    {"text": "xyzzy plugh", "intent": None},
    {"text": "do you deliver", "intent": "delivery"},
]
KEYS = "n accuracy oos_recall oos_precision oos_f1 auroc joint_accuracy build_seconds p50_microseconds p99_microseconds"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a bot and labelled text."""
    (tmp_path / "bots.yaml").write_text(BOTS)
    (tmp_path / "data.jsonl").write_text("\n".join(map(json.dumps, DATA)) + "\n\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def evaluate(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(commands, ["evaluate", *arguments])


def test_json_is_one_object_on_stdout(folder: Path) -> None:
    """With the keys that are promised; progress and warnings are on stderr, and it exits 0."""
    run = evaluate("data.jsonl", "--json")
    found = json.loads(run.stdout)

    assert (run.exit_code, list(found)) == (0, KEYS.split())
    assert (found["n"], found["oos_recall"]) == (5, 1.0)
    assert found["accuracy"] <= 0.75
    assert found["build_seconds"] > 0
    assert 0 < found["p50_microseconds"] <= found["p99_microseconds"]
    assert "warning: shop has no intent 'delivery'; 1 text of it counts as wrong." in run.stderr
    assert "Learning from 8 phrases …" in run.stderr


def test_the_mark_that_some_editors_put_in_front_is_no_part_of_the_first_line(folder: Path) -> None:
    """The file is read as it would be without."""
    (folder / "marked.jsonl").write_text((folder / "data.jsonl").read_text(), encoding="utf-8-sig")

    assert json.loads(evaluate("marked.jsonl", "--json").stdout)["n"] == len(DATA)


def test_without_out_of_scope_lines_those_shares_are_null(folder: Path) -> None:
    """As JSON has it."""
    (folder / "data.jsonl").write_text(json.dumps(DATA[0]))
    found = json.loads(evaluate("bots.yaml", "data.jsonl", "--json").stdout)

    assert {name for name in found if found[name] is None} == {"oos_recall", "oos_precision", "oos_f1", "auroc"}


def test_windows_and_its_editors_may_have_written_it(folder: Path) -> None:
    """The mark at the beginning is no part of the first line, and neither is the end of a line."""
    lines = "\r\n".join(map(json.dumps, DATA))
    (folder / "data.jsonl").write_bytes(b"\xef\xbb\xbf" + lines.encode())

    assert json.loads(evaluate("data.jsonl", "--json").stdout)["n"] == len(DATA)


def test_it_is_told_in_words(folder: Path) -> None:
    """Shares as percentages, the least understood intents, and what was taken for what."""
    lines = evaluate("data.jsonl").stdout.splitlines()

    assert lines[0] == "5 texts, of which 60.0% were answered as they should be, or rightly not."
    assert "Least understood intents (answered / meant):" in lines
    assert "      0 / 1     delivery" in lines


class Tags(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "onclick"}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_report_is_one_file_that_shows_texts_as_they_are(folder: Path) -> None:
    """Nothing is loaded from elsewhere, and what users wrote is no markup."""
    run = evaluate("data.jsonl", "--html", "report.html", "--json")
    page = Tags()
    page.feed((folder / "report.html").read_text("utf-8"))

    assert json.loads(run.stdout)["n"] == 5
    assert not {"script", "link", "img", "b"} & set(page.tags)
    assert "<b>opening hours</b> <script>" in page.text
    assert "Mistakes: 2" in page.text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{]", "data.jsonl:1: this is no JSON object; write lines such as"),
        ('{"text": "a", "intent": "hours"}\n[1]', "data.jsonl:2: this is no JSON object; write lines such as"),
        ('{"text": "a"}', 'data.jsonl:1: "text" and "intent" are not both there as text; write lines such as'),
        ('{"text": 5, "intent": null}', 'data.jsonl:1: "text" and "intent" are not both there as text; write'),
        ("\n \n", "data.jsonl holds no text; write lines such as"),
        (None, "data.jsonl cannot be read (No such file or directory); name a file of labelled text."),
    ],
)
def test_a_bad_file_is_told_with_its_line(folder: Path, content: str | None, told: str) -> None:
    """In one sentence for whoever wrote it."""
    (folder / "data.jsonl").unlink()
    if content is not None:
        (folder / "data.jsonl").write_text(content)
    run = evaluate("data.jsonl")

    assert isinstance(run.exception, ConfigError)
    assert str(run.exception).startswith(told)


def test_too_many_files_are_wrong_usage(folder: Path) -> None:
    """Exit code 2, as for every wrong command line."""
    assert evaluate("a", "b", "c").exit_code == 2
