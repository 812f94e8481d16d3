"""`botkit flows`."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Final

import click

from botkit.bot import Bot
from botkit.cli.desk import AskedDesk, desk_options
from botkit.cli.exits import PROBLEMS
from botkit.cli.options import configuration
from botkit.conversation.rehearsal import Live, live_flows, rehearsed
from botkit.directory import Directory
from botkit.observe import SystemClock
from botkit.resources import open_resources
from botkit.stores import Desk

_PAGE: Final = 200


@click.command(name="flows")
@desk_options
@click.option("--replay", is_flag=True, help="Replay each with the code that is here, and say what becomes of it.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON, one a line.")
def command(config: str, store: str | None, *, replay: bool, as_json: bool) -> None:
    r"""The conversations that are under way: who waits for what, and since when.

    \b
        botkit flows                                           those of the running bots
        botkit flows --replay --store postgresql://bots@db/shop    before a deploy

    With --replay each is replayed along its journal by the bots of CONFIG, up to its open question: nothing is sent,
    kept or called again, but the bots' resources are opened. Exit code 1 if one does not go on where it stands.
    """
    bots = configuration(config, secrets=False).bots
    found = AskedDesk(config, store).do(lambda desk: _found(desk, bots, replay=replay))
    lines = [json.dumps(live.to_json()) for live in found] if as_json else list(_told(found, replay=replay))
    for line in lines:
        click.echo(line)
    if any(live.fate not in (None, "goes on") for live in found):
        sys.exit(PROBLEMS)


async def _found(desk: Desk, bots: Sequence[Bot], *, replay: bool) -> list[Live]:
    directory, now, found = Directory(bots), SystemClock().now(), list[Live]()
    async with AsyncExitStack() as stack:
        resources: Mapping[str, Mapping[str, object]] = {}
        if replay:
            resources = {bot.name: await open_resources(bot, stack, {}) for bot in bots}
        after = ""
        while addresses := await desk.in_flows(after, _PAGE):
            for address in addresses:
                bot, conversation = directory.find(address), await desk.conversation(address)
                if conversation is None or not conversation.flow:
                    continue
                if replay:
                    own = resources[bot.name] if bot is not None else {}
                    found += await rehearsed(bot, conversation, now=now, resources=own)
                else:
                    found += [live for live, _ in live_flows(bot, conversation)]
            after = addresses[-1].key
    return found


def _told(found: Sequence[Live], *, replay: bool) -> Iterator[str]:
    if not found:
        yield "No conversation is under way."
        return
    for live in found:
        place = f"page {live.address.page}, user {live.address.user}"
        since = "" if live.since is None else f" since {live.since:%Y-%m-%d %H:%M} UTC"
        until = "" if live.until is None else f", until {live.until:%Y-%m-%d %H:%M}"
        waits = f" waits at {live.question}{until}" if live.question else " is at no question"
        yield f"{live.name} ({live.bot or 'no bot'}, version {live.version}, {live.entries} entries){waits}{since}"
        yield f"    {place}{f': {live.fate}' if live.fate else ''}{f': {live.why}' if live.why else ''}"
    fates = Counter(live.fate for live in found if live.fate is not None)
    yield f"{len(found)} under way{''.join(f'; {count} {fate}' for fate, count in sorted(fates.items()))}."
    if not replay:
        yield "Before a deploy: botkit flows --replay"
