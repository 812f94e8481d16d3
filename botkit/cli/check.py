"""`botkit check`."""

import sys

import click

from botkit.cli.options import config_option, configuration


@click.command(name="check")
@config_option
@click.option("--strict", is_flag=True, help="Exit 1 for warnings too.")
def command(config: str, *, strict: bool) -> None:
    """Find every mistake in bots.yaml, all at once.

    Each is printed as file:line:column with the line it is about. Warnings are about what runs but is hardly meant,
    such as a phrase that two intents claim. Exit code 1 if there are errors.
    """
    loaded = configuration(config, secrets=False)
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}")
    for bot in loaded.bots:
        phrases = sum(len(intent.phrases) for intent in bot.intents.values())
        click.echo(f"{bot.name}: {len(bot.intents)} intents with {phrases} phrases.")
    if strict and loaded.warnings:
        sys.exit(1)
    click.echo("No mistakes found. Next: botkit run --dev")
