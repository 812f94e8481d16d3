"""`botkit jwt`."""

from random import SystemRandom

import click

from botkit.channels.vonage.tokens import application_token, key_of
from botkit.cli.accounts import account_for
from botkit.cli.options import config_option
from botkit.errors import ConfigError
from botkit.observe import SystemClock


@click.command(name="jwt")
@config_option
@click.option("--page", metavar="ID", help="Which account, where there are several: the one of this page.")
@click.option("--ttl", "ttl_seconds", type=click.IntRange(30, 86_400), default=900, show_default=True, help="Seconds.")
def command(config: str, page: str | None, ttl_seconds: int) -> None:
    r"""Print a token of the Vonage application, as `nexmo jwt:generate` did.

    \b
        curl -H "Authorization: Bearer $(botkit jwt)" …
    """
    account, _ = account_for(config, page, needs_page=False)
    if not account.application_id or not account.private_key:
        raise ConfigError("This account has no application_id and private_key under vonage: in bots.yaml.")
    key, clock, rng = key_of(account), SystemClock(), SystemRandom()
    click.echo(application_token(account.application_id, key, clock=clock, rng=rng, lifetime_seconds=ttl_seconds))
