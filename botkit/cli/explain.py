"""`botkit explain`."""

import json
from contextlib import suppress

import click

from botkit.cli.options import bot_called, config_option, configuration
from botkit.errors import BackendError
from botkit.loading import models
from botkit.observe import SystemClock


@click.command(name="explain")
@click.argument("text")
@config_option
@click.option("--bot", "name", metavar="NAME", help="Which bot, where there are several.")
@click.option(
    "--language", default="", metavar="CODE", help="What the conversation is in. Default: the bot's language."
)
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(text: str, config: str, name: str | None, language: str, *, as_json: bool) -> None:
    r"""Say why TEXT is answered as it is: what it is compared as, which phrase wins, and why the others lose.

    \b
        botkit explain "are you open on sundays?"
    """
    bot = bot_called(name, configuration(config, secrets=False))
    # A likeness of another package that fails is told with the explanation.
    with suppress(BackendError):
        bot.learn(cache=models(), failed=lambda error: None)
    explanation = bot.router.explain(text, now=SystemClock().now(), language=language)
    if as_json:
        click.echo(json.dumps(explanation.to_json(), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(explanation.lines()))
