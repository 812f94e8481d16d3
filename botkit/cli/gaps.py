"""`botkit gaps`."""

import json
from collections.abc import Iterator, Sequence

import click

from botkit.cli.desk import AskedDesk, desk_options
from botkit.cli.options import configuration
from botkit.loading import models
from botkit.review.gaps import Group, as_yaml, by_count, grouped

#: How many other wordings are shown beside the most frequent one.
_OTHERS = 3


@click.command(name="gaps")
@desk_options
@click.option("--bot", "name", metavar="NAME", help="Only what this bot has no answer to.")
@click.option("--language", metavar="CODE", help="Only what was said in this language, such as en.")
@click.option("--most", default=20, show_default=True, type=click.IntRange(1, 1_000), help="How many groups to show.")
@click.option("--yaml", "as_text", is_flag=True, help="Print only the YAML to paste.")
@click.option("--json", "as_json", is_flag=True, help="Print the groups as JSON, one a line.")
def command(
    config: str, store: str | None, name: str | None, language: str | None, most: int, *, as_text: bool, as_json: bool
) -> None:
    r"""What users asked that no bot has an answer to, what is alike together, and as YAML to paste.

    \b
        botkit gaps
        botkit gaps --yaml >> answers.yaml

    Numbers and addresses are left out of what is kept (# and @), for 30 days; gaps: in bots.yaml changes that. When you
    have written the answers, botkit diff shows what is answered otherwise now.
    """
    gaps = AskedDesk(config, store).do(lambda desk: desk.gaps())
    bots = configuration(config, secrets=False).bots
    asked = [gap for gap in gaps if name in (None, gap.bot) and language in (None, gap.language)]
    for bot in bots:
        if any(gap.bot == bot.name for gap in asked):
            bot.learn(cache=models())
    groups = by_count(grouped(asked, bots))[:most]
    if as_json:
        lines = [json.dumps(group.to_json(), ensure_ascii=False) for group in groups]
    elif as_text:
        lines = list(_pasted(groups, [intent for bot in bots for intent in bot.intents]))
    else:
        lines = list(_told(groups, len(asked), [intent for bot in bots for intent in bot.intents]))
    for line in lines:
        click.echo(line)


def _told(groups: Sequence[Group], count: int, taken: Sequence[str]) -> Iterator[str]:
    if not groups:
        yield "There is nothing that was not understood."
        return
    yield f"{count} message{' was' if count == 1 else 's were'} not understood. The most frequent:"
    for group in groups:
        yield ""
        yield f"{group.count:>5}  {group.texts[0]}"
        others = group.texts[1 : 1 + _OTHERS]
        yield from (f"       {text}" for text in others)
        if len(group.texts) > 1 + _OTHERS:
            yield f"       and {len(group.texts) - 1 - _OTHERS} other wordings"
        yield f"       ({group.bot}, {group.language}, last on {group.last:%Y-%m-%d}{_next(group)})"
    if all(group.answered is not None for group in groups):
        return
    yield ""
    yield "As new intents, to be pasted below intents: and given answers (or move phrases to an intent that is near):"
    yield ""
    yield from _pasted(groups, taken)


def _next(group: Group) -> str:
    if group.answered is not None:
        return f"; answered by now: {group.answered}"
    return "" if group.near is None else f"; nearest: {group.near.intent} ({group.near.sure:.2f})"


def _pasted(groups: Sequence[Group], taken: Sequence[str]) -> Iterator[str]:
    groups = [group for group in groups if group.answered is None]
    names = {group.bot for group in groups}
    for name in sorted(names):
        if len(names) > 1:
            yield f"# {name}"
        yield as_yaml([group for group in groups if group.bot == name], taken).rstrip("\n")
