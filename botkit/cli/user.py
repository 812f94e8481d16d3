"""`botkit user`."""

import json
import sys
from functools import partial

import click

from botkit.cli.desk import AskedDesk, asking_desk, desk_options
from botkit.cli.exits import PROBLEMS
from botkit.conversation.muted import resuming
from botkit.events import Address
from botkit.monitoring import LogObserver, configure_logging
from botkit.observe import SystemClock, UserForgotten
from botkit.stores import Desk, Engine
from botkit.work import Forgotten, Mute

CHANNEL = "messenger"


def _person(context: click.Context, parameter: click.Parameter, said: str) -> Address:
    page, _, user = said.partition("/")
    if not page or not user:
        raise click.BadParameter(f"{said!r} is not of the form PAGE/PSID, such as 107083064136738/2519283798.")
    return Address(CHANNEL, page, user)


@click.group(name="user")
@desk_options
@click.pass_context
def command(context: click.Context, config: str, store: str | None) -> None:
    r"""What is kept of one user, beside a running botkit.

    \b
        botkit user export PAGE/PSID     everything that is kept, as JSON
        botkit user forget PAGE/PSID     erase it
        botkit user muted                whom a person answers, after a handover
        botkit user resume PAGE/PSID     let the bot answer again, after a handover

    PSID is the user's page-scoped id, as chat.user_id gives it.
    """
    context.obj = AskedDesk(config, store)


@command.command()
@click.argument("person", callback=_person, metavar="PAGE/PSID")
@asking_desk
def export(asked: AskedDesk, person: Address) -> None:
    """Print everything that is kept of a user: session, open conversation, messages and replies."""
    kept = asked.do(lambda desk: desk.export(person))
    if kept is None:
        _tell_unknown(person)
    click.echo(json.dumps(kept, indent=2, ensure_ascii=False))


@command.command()
@click.argument("person", callback=_person, metavar="PAGE/PSID")
@asking_desk
def forget(asked: AskedDesk, person: Address) -> None:
    """Erase everything that is kept of a user, at once and for good.

    A turn that is under way keeps nothing any more. A message that Vonage delivers again in the next 72 hours is not
    taken for new; one that the user writes himself begins anew. A line without personal data goes to the log.
    """

    async def forgotten(desk: Desk) -> Forgotten | None:
        erased = await desk.forget(person)
        if erased is not None:
            configure_logging()
            observer = LogObserver(await desk.secret())
            observer(UserForgotten(address=person, events=erased.events, deliveries=erased.deliveries))
        return erased

    erased = asked.do(forgotten)
    if erased is None:
        _tell_unknown(person)
    else:
        click.echo(f"Forgot {erased.events} messages and {erased.deliveries} replies.")


@command.command()
@click.argument("person", callback=_person, metavar="PAGE/PSID")
@asking_desk
def resume(asked: AskedDesk, person: Address) -> None:
    """Let the bot answer a user again whose conversation was handed over to a person.

    Works beside a running botkit, which hears of it within a second; without one it happens after the next start.
    """
    mute = asked.use(partial(_resumed, person))
    if mute is None:
        click.echo(f"The bot answers user {person.user} of page {person.page} already.", err=True)
        sys.exit(PROBLEMS)
    click.echo(f"The bot answers user {person.user} of page {person.page} again.")


@command.command()
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="How many to show.")
@asking_desk
def muted(asked: AskedDesk, limit: int) -> None:
    """Whose conversations a person answers, and not the bot: until when, and why."""
    found = asked.do(lambda desk: desk.muted(limit))
    for person, mute in found:
        click.echo(f"{person.page}/{person.user}  until {mute.until:%Y-%m-%d %H:%M} UTC  {mute.reason}")
    if not found:
        click.echo("The bot answers everybody.")


async def _resumed(person: Address, store: Engine) -> Mute | None:
    conversation, now = await store.conversation(person), SystemClock().now()
    mute = None if conversation is None else conversation.mute
    if mute is None or mute.until <= now:
        return None
    await store.accept(resuming(person, mute))
    return mute


def _tell_unknown(person: Address) -> None:
    click.echo(f"Nothing is kept of user {person.user} of page {person.page}.", err=True)
    sys.exit(PROBLEMS)
