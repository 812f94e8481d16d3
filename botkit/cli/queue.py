"""`botkit queue`."""

import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import click

from botkit.cli.desk import AskedDesk, asking_desk, desk_options
from botkit.cli.exits import PROBLEMS
from botkit.observe import SystemClock
from botkit.stores import Desk
from botkit.work import EVERY_PAGE, Backlog, DeadLetter, Hold

#: How many letters ``--all`` takes at once.
_MOST: Final = 1_000_000


@click.group(name="queue", invoke_without_command=True)
@desk_options
@click.pass_context
def command(context: click.Context, config: str, store: str | None) -> None:
    r"""What waits and what was set aside, beside a running botkit.

    \b
        botkit queue                 how much waits, and since when
        botkit queue list            dead letters, newest first
        botkit queue show ID         one of them, with what it holds
        botkit queue retry ID ...    put them back, in their conversation's order
        botkit queue drop ID ...     forget them

    A dead letter is a message whose handler raised, one for a page that no bot claims, or a reply that could not be
    sent. It is kept for 30 days.
    """
    context.obj = asked = AskedDesk(config, store)
    if context.invoked_subcommand is None:
        backlog = asked.do(lambda desk: desk.backlog())
        for line in _overview(backlog, SystemClock().now()):
            click.echo(line)
        if backlog.dead_events or backlog.dead_deliveries:
            click.echo(f"See them with: botkit queue list{asked.typed}")


def _overview(backlog: Backlog, now: datetime) -> Sequence[str]:
    return [
        _waiting("messages", backlog.events, backlog.oldest_event_at, now),
        _waiting("replies", backlog.deliveries, backlog.oldest_delivery_at, now),
        *(_held(hold) for hold in backlog.holds),
        *_handed_over(backlog, now),
        f"Set aside: {backlog.dead_events} messages and {backlog.dead_deliveries} replies.",
    ]


def _waiting(what: str, count: int, since: datetime | None, now: datetime) -> str:
    if since is None:
        return f"No {what} wait."
    return f"Waiting {what}: {count}, the oldest for {max(0, round((now - since).total_seconds()))} s."


def _handed_over(backlog: Backlog, now: datetime) -> Sequence[str]:
    plural = "" if backlog.muted == 1 else "s"
    told = [f"A person answers in {backlog.muted} conversation{plural}."] if backlog.muted else []
    if backlog.notices:
        told.append(_waiting("notices of handovers", backlog.notices, backlog.oldest_notice_at, now))
    return told


def _held(hold: Hold) -> str:
    pages = "Every page" if EVERY_PAGE in hold.pages else f"Page {', '.join(hold.pages)}"
    return f"{pages} rests until {hold.until:%Y-%m-%d %H:%M:%S} UTC: {hold.reason}."


@command.command(name="list")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="How many to show.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with what each holds.")
@asking_desk
def listed(asked: AskedDesk, limit: int, as_json: bool) -> None:
    """What was set aside, newest first: id, when, and why."""
    letters = asked.do(lambda desk: desk.dead_letters(limit))
    for letter in letters:
        click.echo(json.dumps(_as_json(letter)) if as_json else _line(letter))
    if not letters and not as_json:
        click.echo("Nothing was set aside.")


def _line(letter: DeadLetter) -> str:
    return f"{letter.id}  {letter.at:%Y-%m-%d %H:%M:%S} UTC  {letter.reason.partition(chr(10))[0]}"


def _as_json(letter: DeadLetter) -> dict[str, object]:
    body = json.loads(letter.body) if letter.body else None
    return {"id": letter.id, "at": letter.at.isoformat(), "reason": letter.reason, "body": body}


@command.command()
@click.argument("letter_id", metavar="ID")
@asking_desk
def show(asked: AskedDesk, letter_id: str) -> None:
    """One dead letter, with what it holds: a user's words among them."""
    letter = asked.do(lambda desk: desk.dead_letter(letter_id))
    if letter is None:
        _tell_unknown([letter_id])
    else:
        click.echo(f"{_line(letter)}\n{letter.reason.partition(chr(10))[2]}".rstrip())
        click.echo(json.dumps(_as_json(letter)["body"], indent=2, ensure_ascii=False))


@command.command()
@click.argument("ids", nargs=-1, metavar="ID ...")
@click.option("--all", "every", is_flag=True, help="All that were set aside.")
@asking_desk
def retry(asked: AskedDesk, ids: tuple[str, ...], every: bool) -> None:
    """Put dead letters back: each in its place in its conversation, as if it had never been tried."""
    _change(asked, ids, every, lambda desk, found: desk.replay(found), "Put back")


@command.command()
@click.argument("ids", nargs=-1, metavar="ID ...")
@click.option("--all", "every", is_flag=True, help="All that were set aside.")
@asking_desk
def drop(asked: AskedDesk, ids: tuple[str, ...], every: bool) -> None:
    """Forget dead letters for good."""
    _change(asked, ids, every, lambda desk, found: desk.drop(found), "Forgot")


def _change(
    asked: AskedDesk,
    ids: Sequence[str],
    every: bool,
    change: Callable[[Desk, Sequence[str]], Awaitable[int]],
    done: str,
) -> None:
    if bool(ids) == every:
        raise click.UsageError("Name the ids that botkit queue list shows, or --all.")

    async def changed(desk: Desk) -> tuple[int, Sequence[str]]:
        if every:
            return await change(desk, [letter.id for letter in await desk.dead_letters(_MOST)]), ()
        unknown = [one for one in ids if await desk.dead_letter(one) is None]
        return await change(desk, [one for one in ids if one not in unknown]), unknown

    count, unknown = asked.do(changed)
    click.echo(f"{done} {count} of {count + len(unknown)}.")
    if unknown:
        _tell_unknown(unknown)


def _tell_unknown(ids: Sequence[str]) -> None:
    click.echo(f"There is no dead letter {', '.join(ids)}; see botkit queue list.", err=True)
    sys.exit(PROBLEMS)
