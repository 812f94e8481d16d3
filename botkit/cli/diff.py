"""`botkit diff`."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from botkit.cli.desk import AskedDesk
from botkit.cli.exits import PROBLEMS
from botkit.cli.texts import text_in
from botkit.comparison import Change, compared, different, pairs, texts_of
from botkit.config import Configuration
from botkit.loading import models
from botkit.observe import SystemClock
from botkit.stores import file_of
from botkit.testing.modules import Modules
from botkit.testing.transcripts import transcripts_of
from botkit.testing.transcripts.steps import Said


@click.command(name="diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--texts", type=click.Path(dir_okay=False), metavar="FILE", help="More texts to try, one a line.")
@click.option(
    "--kept/--no-kept",
    default=None,
    help="Try what was not understood, as NEW's store keeps it; default: where that is a file that is there.",
)
@click.option("--json", "as_json", is_flag=True, help="Print each change as JSON, one a line.")
def command(old: str, new: str, texts: str | None, *, kept: bool | None, as_json: bool) -> None:
    r"""Say whose answers change from the bots of OLD to those of NEW: files, or module:bot.

    \b
        git show main:bots.yaml > before.yaml
        botkit diff before.yaml bots.yaml

    Every phrase of both is tried, what is said in the transcripts beside NEW, what was not understood so far, and the
    lines of FILE. Nothing is kept or sent. Exit code 1 if an answer changes.
    """
    more = [*_said_beside(new), *(text_in(texts, "a file with one text a line").splitlines() if texts else ())]
    before, after = _read(old), _read(new)
    more += _kept(new, after.settings.store, wanted=kept)
    both, gone, added = pairs(before.bots, after.bots)
    changes, tried = list[Change](), 0
    for one, other in both:
        one.learn(cache=models())
        other.learn(cache=models())
        said = different([*texts_of(one), *texts_of(other), *more])
        tried += len(said)
        changes += compared(one, other, said, now=SystemClock().now())
    lines = [json.dumps(change.to_json(), ensure_ascii=False) for change in changes]
    for line in lines if as_json else _told(changes, tried, gone, added):
        click.echo(line)
    if changes or gone or added:
        sys.exit(PROBLEMS)


def _read(config: str) -> Configuration:
    modules = Modules(config)
    try:
        return modules.configuration()
    finally:
        # The other version's modules may be called the same.
        modules.forget()


def _said_beside(config: str) -> Iterator[str]:
    for transcript in transcripts_of(config):
        for test in transcript.tests:
            yield from (step.text for step in test.steps if isinstance(step, Said) and step.kind == "text")


def _kept(config: str, store: str, *, wanted: bool | None) -> list[str]:
    """What was not understood; where nobody says that it is *wanted*, only of a *store* that is a file."""
    file = file_of(store)
    if wanted or (wanted is None and file is not None and Path(file).is_file()):
        return [gap.text for gap in AskedDesk(config, None).do(lambda desk: desk.gaps())]
    return []


def _told(changes: Sequence[Change], tried: int, gone: Sequence[str], added: Sequence[str]) -> Iterator[str]:
    yield from (f"Bot {name} is gone." for name in gone)
    yield from (f"Bot {name} is new." for name in added)
    if not changes:
        yield f"All {tried} texts are answered as before."
        return
    yield f"{len(changes)} of {tried} texts are answered otherwise."
    for change in changes:
        if change.what != "reply":
            yield ""
            yield f"  {change.text}"
            yield f"    - {change.before}"
            yield f"    + {change.after}"
    yield from _replies([change for change in changes if change.what == "reply"])


def _replies(changes: Sequence[Change]) -> Iterator[str]:
    names = dict.fromkeys(change.after.intent for change in changes)
    for name in names:
        texts = [change.text for change in changes if change.after.intent == name]
        who = "The fallback" if name is None else f"Intent {name}"
        yield ""
        yield f"{who} says something else to {len(texts)} {'text' if len(texts) == 1 else 'texts'}, such as:"
        yield f"  {texts[0]}"
