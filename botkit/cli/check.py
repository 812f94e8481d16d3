"""`botkit check`."""

import asyncio
import sys

import click

from botkit.cli.exits import PROBLEMS
from botkit.cli.options import config_option, configuration
from botkit.cli.verdicts import show_failures
from botkit.testing.transcripts import run_transcripts, transcripts_of


@click.command(name="check")
@config_option
@click.option("--strict", is_flag=True, help="Exit 1 for warnings too.")
def command(config: str, *, strict: bool) -> None:
    """Find every mistake in bots.yaml, all at once, and run the transcripts beside it.

    Each mistake is printed as file:line:column with the line it is about. Warnings are about what runs but is hardly
    meant, such as a phrase that two intents claim. Exit code 1 if there are errors, or a transcript fails.
    """
    loaded = configuration(config, secrets=False)
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}")
    for bot in loaded.bots:
        phrases = sum(len(intent.phrases) for intent in bot.intents.values())
        click.echo(f"{bot.name}: {len(bot.intents)} intents with {phrases} phrases.")
    if not _transcripts_pass(config) or (strict and loaded.warnings):
        sys.exit(PROBLEMS)
    click.echo("No mistakes found. Next: botkit run --dev")


def _transcripts_pass(config: str) -> bool:
    found = transcripts_of(config)
    if not found:
        return True
    tried = asyncio.run(run_transcripts(found, on_tried=show_failures))
    played = [one for some in tried for one in some.played]
    click.echo(f"{sum(one.passed for one in played)} of {len(played)} transcript tests passed.")
    return all(one.passed for one in tried)
