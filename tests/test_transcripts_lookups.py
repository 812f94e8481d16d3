"""`! lookup` in transcripts: what is found is stated, and nothing else is."""

from pathlib import Path

import pytest

from botkit.errors import ConfigError
from botkit.testing.transcripts import (
    failures,
    find_transcripts,
    read_transcript,
    read_transcripts,
    run_transcripts,
    written,
)
from botkit.testing.transcripts.steps import Said, Stated, Test

BOTS = """
version: 1
lookups: {hosts: [api.example.com]}
bots:
  cinema:
    intents:
      film:
        phrases: ["when is {film:word} on"]
        lookup: {url: "https://api.example.com/films?name={film}", otherwise: "{film} is not on."}
        reply: "{film} is on at {lookup.times}."
"""


async def told(text: str, folder: Path) -> list[str]:
    """What is told of the tests in *text*; nothing where they pass."""
    (folder / "bots.yaml").write_text(BOTS)
    (folder / "films.chat.txt").write_text(text)
    (tried,) = await run_transcripts(read_transcripts(find_transcripts([folder])))
    return [line.text for line in failures(tried)]


async def test_what_is_stated_is_found_from_then_on(tmp_path: Path) -> None:
    """Until something else is stated, also by another process, and for everybody."""
    text = """
# films
! lookup https://api.example.com/films?name=Alien = {"times": ["18:00", "21:00"]}
> when is Alien on
! lookup https://api.example.com/films?name=Alien = 404
ben> when is Alien on
you< Alien is on at 18:00, 21:00.
ben< Alien is not on.
! restart
> when is Alien on
< Alien is not on.
! lookup https://api.example.com/films?name=Alien = time-out
> when is Alien on
< Alien is not on.
"""

    assert await told(text, tmp_path) == []


async def test_each_test_begins_with_nothing(tmp_path: Path) -> None:
    """What one has stated the next does not find, and is told what to write."""
    text = """
# one
! lookup https://api.example.com/films?name=Alien = {"times": "18:00"}
> when is Alien on
< Alien is on at 18:00.

# two
> when is Alien on
< Alien is on at 18:00.
"""
    lines = await told(text, tmp_path)

    assert any("nobody has said what is found there" in line for line in lines)
    assert any("write ! lookup https://api.example.com/films?name=Alien = " in line for line in lines)


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("! lookup", "write what is looked up and what is found, such as ! lookup https://"),
        ("! lookup https://a.example/b", "a lookup finds JSON, such as"),
        ("! lookup a.example/b = {}", "write what is looked up and what is found"),
        ("! lookup https://a.example/b = {status: baked}", '"{status: baked}" begins as JSON does and is none'),
        ("! lookup https://a.example/b = 200", "a lookup finds JSON, such as"),
        ("! lookup https://a.example/b = soon", "a lookup finds JSON, such as"),
    ],
)
def test_mistakes_are_told_with_their_line(line: str, mistake: str) -> None:
    """Before anything runs."""
    with pytest.raises(ConfigError) as error:
        read_transcript(f"# a\n{line}\n> hello\n", file="a.chat.txt")

    assert str(error.value).startswith("a.chat.txt:2: ")
    assert mistake in str(error.value)


@pytest.mark.parametrize("found", ['{"a": "b = c"}', "[1, 2]", "404", "time-out"])
def test_it_is_written_as_it_is_read(found: str) -> None:
    """A URL may hold a = of its own."""
    test = Test(name="a", steps=(Stated(url="https://a.example/b?c=d", found=found), Said(text="hello")))
    (read,) = read_transcript(written(test), file="a.chat.txt").tests

    assert read == test
