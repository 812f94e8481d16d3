"""`botkit send`."""

import asyncio

import click

from botkit.channels.vonage import Client
from botkit.cli.accounts import account_for
from botkit.cli.options import config_option, something
from botkit.replies import Text
from botkit.settings import Account


@click.command(name="send")
@click.argument("user", callback=something)
@click.argument("text", callback=something)
@config_option
@click.option("--page", metavar="ID", callback=something, help="The page to send from, where the account has several.")
@click.option(
    "--tag",
    metavar="TAG",
    callback=something,
    help="A message tag, such as HUMAN_AGENT, for users who wrote over 24 hours ago.",
)
def command(user: str, text: str, config: str, page: str | None, tag: str | None) -> None:
    r"""Send TEXT to USER (a PSID) now, past the store, and print the message_uuid.

    \b
        botkit send 2519283798 "Your cake is ready."

    Messenger takes it only if the user has written in the last 24 hours, or with a --tag.
    """
    account, sender = account_for(config, page)
    click.echo(asyncio.run(_send(account, sender, user, Text(text, tag=tag))))


async def _send(account: Account, page: str, user: str, reply: Text) -> str:
    async with Client(account) as client:
        return await client.send(page=page, user=user, reply=reply)
