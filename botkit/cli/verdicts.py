"""Failures of transcripts on a terminal."""

from collections.abc import Mapping
from functools import partial
from typing import Final

import click

from botkit.testing.transcripts import Tried, failures

_STYLES: Final[Mapping[str, partial[str]]] = {
    "title": partial(click.style, bold=True),
    "wanted": partial(click.style, fg="red"),
    "got": partial(click.style, fg="green"),
    "aside": partial(click.style, dim=True),
}


def show_failures(tried: Tried) -> None:
    """Show what failed in one transcript, in colours where this is a terminal."""
    for line in failures(tried):
        click.echo(_STYLES[line.tone](line.text) if line.tone in _STYLES else line.text)
