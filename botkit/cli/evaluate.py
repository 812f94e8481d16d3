"""`botkit evaluate`."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from botkit.bot import Bot
from botkit.cli.options import DEFAULT_CONFIG, bot_called, configuration
from botkit.cli.report import report
from botkit.cli.texts import text_in, write_to
from botkit.errors import ConfigError
from botkit.evaluation import Evaluation, Labelled, judged, unknown_intents
from botkit.observe import SystemClock
from botkit.router import Router

#: How many rows of each table are shown in a terminal; the HTML report has them all.
_SHOWN: Final = 10
_EXAMPLE: Final = 'write lines such as {"text": "when do you open", "intent": "hours"}, with null for no intent'


@click.command(name="evaluate")
@click.argument("paths", nargs=-1, required=True, metavar="[CONFIG] DATA.jsonl")
@click.option("--config", "-c", metavar="FILE", help="The bots.yaml to read, or module:bot; default: bots.yaml.")
@click.option("--bot", "name", metavar="NAME", help="Which bot, where there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as one JSON object.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write a report as HTML.")
def command(paths: Sequence[str], config: str | None, name: str | None, html: Path | None, *, as_json: bool) -> None:
    r"""Say how well a bot understands labelled text: how often it is right, and what it takes for what.

    \b
        botkit evaluate questions.jsonl
        botkit evaluate shop/bots.yaml questions.jsonl --html report.html

    Each line of the file is {"text": "when do you open", "intent": "opening_hours"}, with null for what the bot is not
    for. Nothing is answered, kept or sent. Progress and warnings go to stderr.
    """
    *before, data = paths
    if len(before) > 1 or (before and config is not None):
        raise click.UsageError("Write one CONFIG at most, and one file of labelled text.")
    bot = bot_called(name, configuration((*before, config or DEFAULT_CONFIG)[0], secrets=False))
    labelled = read_labelled(data)
    for intent, count in unknown_intents(labelled, bot.intents).items():
        click.echo(f"warning: {bot.name} has no intent {intent!r}; its {count} texts count as wrong.", err=True)
    evaluation = _evaluated(bot, labelled)
    if html is not None:
        _write(html, report(evaluation, bot.name, data))
    click.echo(json.dumps(evaluation.to_json()) if as_json else "\n".join(_lines(evaluation)))


def _evaluated(bot: Bot, labelled: Sequence[Labelled]) -> Evaluation:
    click.echo(f"Learning from {sum(len(one.phrases) for one in bot.intents.values())} phrases …", err=True)
    began = time.perf_counter()
    router = Router(lists=bot.lists, timezone=bot.timezone, language=bot.settings.language)
    for intent in bot.intents.values():
        router.add(intent)
    bot.teach(router)
    seconds = time.perf_counter() - began
    found = judged(router, labelled, now=SystemClock().now(), timer=time.perf_counter)
    with click.progressbar(found, length=len(labelled), label="Reading", file=sys.stderr) as shown:
        return Evaluation(tuple(shown), build_seconds=seconds)


def read_labelled(path: str) -> list[Labelled]:
    """The labelled texts of a file; raises ConfigError with every line that is none."""
    problems, found = list[str](), list[Labelled]()
    for number, line in enumerate(text_in(path, "a file of labelled text").split("\n"), 1):
        if line.strip():
            try:
                found.append(_labelled(line, number))
            except ValueError as error:
                problems.append(f"{path}:{number}: {error}")
    if problems:
        raise ConfigError(*problems)
    if not found:
        raise ConfigError(f"{path} holds no text; {_EXAMPLE}.")
    return found


def _labelled(line: str, number: int) -> Labelled:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise ValueError(f"this is no JSON object; {_EXAMPLE}.")
    text, intent = given.get("text"), given.get("intent", 0)
    if not isinstance(text, str) or not (intent is None or isinstance(intent, str)):
        raise ValueError(f'"text" and "intent" are not both there as text; {_EXAMPLE}.')
    return Labelled(text, intent, number)


def _lines(found: Evaluation) -> Iterator[str]:
    yield f"{found.n} texts, of which {_percent(found.joint_accuracy)} were answered as they should be, or rightly not."
    yield ""
    yield f"  accuracy in scope, before anything is declined  {_percent(found.accuracy)}"
    yield f"  out of scope: recall                            {_percent(found.oos_recall)}"
    yield f"  out of scope: precision                         {_percent(found.oos_precision)}"
    yield f"  out of scope: F1                                {_percent(found.oos_f1)}"
    yield f"  out of scope: AUROC                             {_percent(found.auroc)}"
    yield f"  building                                        {found.build_seconds:.2f} s"
    p50, p99 = (found.microseconds(part) or 0.0 for part in (0.5, 0.99))
    yield f"  a message                                       {p50:.0f} µs, of a hundred one {p99:.0f} µs"
    yield from _tables(found)


def _tables(found: Evaluation) -> Iterator[str]:
    worst = [one for one in found.tallies() if one.n and one.right < one.n][:_SHOWN]
    if worst:
        yield ""
        yield "Least understood intents (answered / meant):"
        yield from (f"  {one.right:>5} / {one.n:<5} {one.intent}" for one in worst)
    if confusions := found.confusions()[:_SHOWN]:
        yield ""
        yield "Taken for another:"
        yield from (
            f"  {one.count:>5}  {one.meant or 'no intent'} -> {one.answered or 'no intent'}" for one in confusions
        )
        yield ""
        yield "Every mistake with its text: --html report.html"


def _percent(part: float | None) -> str:
    return "    -" if part is None else f"{part:5.1%}"


def _write(path: Path, page: str) -> None:
    write_to(path, page.encode())
    click.echo(f"Report: {path}", err=True)
