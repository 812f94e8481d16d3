"""`botkit schema`."""

import click

from botkit.config import schema_text


@click.command(name="schema")
def command() -> None:
    r"""Print the JSON Schema of bots.yaml.

    Editors use it to complete and to check while you type:

    \b
        botkit schema > bots.schema.json
        # then, as the first line of bots.yaml:
        # yaml-language-server: $schema=bots.schema.json
    """
    click.echo(schema_text())
