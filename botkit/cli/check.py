"""`botkit check`."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from typing import Final

import click

from botkit.cli.exits import PROBLEMS
from botkit.cli.options import config_option, configuration, counted, typed
from botkit.loading import models
from botkit.observe import SystemClock
from botkit.review.advice import Advice, advice_on, learned_from

#: How many hints of each kind are shown.
SHOWN: Final = 5


@click.command(name="check")
@config_option
@click.option("--strict", is_flag=True, help="Exit 1 for warnings too.")
@click.option("--all", "in_full", is_flag=True, help="Show every hint, not a few of each kind.")
def command(config: str, *, strict: bool, in_full: bool) -> None:
    """Find every mistake in bots.yaml, all at once, and run the transcripts beside it.

    Each mistake is printed as file:line:column with the line it is about. Warnings are about what runs but is hardly
    meant, such as a phrase that two intents claim. Hints are about what could be understood better. Exit code 1 if
    there are errors, or a transcript fails.
    """
    loaded = configuration(config, secrets=False)
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}")
    for bot in loaded.bots:
        phrases = counted(sum(len(intent.phrases) for intent in bot.intents.values()), "phrase")
        bot.learn(cache=models())
        learned = learned_from(bot)
        well = f" {learned}" if learned else ""
        click.echo(f"{bot.name}: {counted(len(bot.intents), 'intent')} with {phrases}.{well}")
        for line in _hints(advice_on(bot, now=SystemClock().now()), None if in_full else SHOWN):
            click.echo(line)
    if not _transcripts_pass(config) or (strict and loaded.warnings):
        sys.exit(PROBLEMS)
    click.echo(f"No mistakes found. Next: botkit run --dev{typed(config)}")


def _hints(found: Sequence[Advice], most: int | None) -> Iterator[str]:
    """*found*, of each kind at most *most*."""
    for kind in dict.fromkeys(one.kind for one in found):
        alike = [one for one in found if one.kind == kind]
        yield from (f"hint: {one}" for one in alike[:most])
        if most is not None and len(alike) > most:
            yield f"hint: … and {len(alike) - most} more like this; botkit check --all shows them."


def _transcripts_pass(config: str) -> bool:
    # Who has made a mistake in bots.yaml is told so before what plays transcripts is loaded.
    from botkit.cli.verdicts import show_failures  # noqa: PLC0415 - see above
    from botkit.testing.transcripts import run_transcripts, transcripts_of  # noqa: PLC0415 - see above

    found = transcripts_of(config)
    if not found:
        return True
    tried = asyncio.run(run_transcripts(found, on_tried=show_failures))
    played = [one for some in tried for one in some.played]
    click.echo(f"{sum(one.passed for one in played)} of {len(played)} transcript tests passed.")
    return all(one.passed for one in tried)
