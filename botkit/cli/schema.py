"""`botkit schema`."""

import click

from botkit.config import bot_schema_text, schema_text


@click.command(name="schema")
@click.option("--bot", "of_bot", is_flag=True, help="Print that of bots/NAME.yaml, a file with one bot.")
def command(*, of_bot: bool) -> None:
    r"""Print the JSON Schema of bots.yaml.

    Editors use it to complete and to check while you type:

    \b
        botkit schema > bots.schema.json
        # then, as the first line of bots.yaml:
        # yaml-language-server: $schema=bots.schema.json
    """
    click.echo(bot_schema_text() if of_bot else schema_text())
