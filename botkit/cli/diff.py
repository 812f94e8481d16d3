"""`botkit diff`."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from botkit.cli.desk import AskedDesk
from botkit.cli.exits import PROBLEMS
from botkit.cli.texts import text_in
from botkit.config import Configuration
from botkit.loading import models
from botkit.observe import SystemClock
from botkit.review.comparison import Change, Rewording, compared, difference, different, pairs, reworded, texts_of
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
    lines of FILE, in each language of the bot; then what is said besides: greeting, attachments, texts. Nothing is run,
    kept or sent: of a function in Python its source is compared. Exit code 1 if anything changes.
    """
    more = [*_said_beside(new), *(text_in(texts, "a file with one text a line").splitlines() if texts else ())]
    before, after = _read(old), _read(new)
    more += _kept(new, after.settings.store, wanted=kept)
    both, gone, added = pairs(before.bots, after.bots)
    changes, rewordings, tried = list[Change](), list[Rewording](), 0
    for one, other in both:
        one.learn(cache=models())
        other.learn(cache=models())
        said = different([*texts_of(one), *texts_of(other), *more])
        tried += len(said)
        found = [*compared(one, other, said, now=SystemClock().now())]
        rewordings += reworded(one, other, found)
        changes += found
    renamed = [(one.name, other.name) for one, other in both if one.name != other.name]
    names = [*_names(gone, added, renamed)]
    for sentence, values in names:
        click.echo(json.dumps(values, ensure_ascii=False) if as_json else sentence)
    for line in _json(changes, rewordings) if as_json else _told(changes, rewordings, tried):
        click.echo(line)
    if names or changes or rewordings:
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


def _names(
    gone: Sequence[str], added: Sequence[str], renamed: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Which bots are no more what they were by their names, each in a sentence and as JSON values."""
    for what, names in (("gone", gone), ("new", added)):
        yield from ((f"Bot {name} is {what}.", {"bot": name, "what": what}) for name in names)
    for before, name in renamed:
        told = (
            f"Bot {before} is called {name} now: what it has not understood, its logs and its metrics go by the name."
        )
        yield told, {"bot": name, "what": "renamed", "before": before}


def _json(changes: Sequence[Change], rewordings: Sequence[Rewording]) -> Iterator[str]:
    changed = [change.to_json() for change in changes] + [one.to_json() for one in rewordings]
    yield from (json.dumps(one, ensure_ascii=False) for one in changed)


def _told(changes: Sequence[Change], rewordings: Sequence[Rewording], tried: int) -> Iterator[str]:
    if changes:
        texts = {(change.bot, change.text) for change in changes}
        yield f"{len(texts)} of {tried} texts are answered otherwise."
    else:
        yield f"All {tried} texts are answered as before."
    for change in changes:
        if change.what != "reply":
            yield from ("", f"  {_where(change)}", f"    - {change.before}", f"    + {change.after}")
    yield from _replies([change for change in changes if change.what == "reply"])
    if rewordings:
        yield from ("", "What is said otherwise besides:")
    is_one = len({one.bot for one in rewordings}) == 1
    for one in rewordings:
        yield from ("", f"  {one.name}" + ("" if is_one else f" of {one.bot}"))
        yield from (f"    {line}" for line in difference(one.before, one.after))


def _where(change: Change) -> str:
    """What is answered otherwise, and where that is so in another language than the bot's own alone."""
    return change.text if change.language is None else f"{change.text} (in a conversation in {change.language})"


def _replies(changes: Sequence[Change]) -> Iterator[str]:
    for bot, name in dict.fromkeys((change.bot, change.after.intent) for change in changes):
        alike = [change for change in changes if (change.bot, change.after.intent) == (bot, name)]
        who = "The fallback" if name is None else f"Intent {name}"
        yield ""
        count = len({change.text for change in alike})
        yield f"{who} says something else to {count} {'text' if count == 1 else 'texts'}, such as:"
        yield f"  {_where(alike[0])}"
        yield from (f"    {line}" for line in difference(alike[0].before.says, alike[0].after.says))
