"""What a server prints in passing, for whoever looks."""

import os
import sys

import click


def say(text: str, *, err: bool = False) -> None:
    """Print *text*; that it cannot be written, as to a full disk or a terminal that was closed, stops nothing.

    Once that has happened to stdout nothing more is written there: what is left in it would fail anew at the end.
    """
    try:
        click.echo(text, err=err)
    except OSError:
        if not err:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
