"""Lines as they are typed: with editing and history on a terminal, as they come in a pipe."""

import sys
from collections.abc import Callable, Iterator, Sequence
from io import TextIOWrapper

import click


def typed_lines(prompt: Callable[[], str], words: Sequence[str]) -> Iterator[str]:
    """Every line until the end (Ctrl-D, Ctrl-C); *words* are completed by Tab where there is readline.

    The *prompt* is shown on a terminal only. What is typed is remembered until the end, and not written anywhere.
    """
    is_terminal = sys.stdin.isatty()
    if is_terminal:
        _edit(words)
    elif isinstance(sys.stdin, TextIOWrapper):
        # A pipe may hold anything, and one wrong byte is no reason to stop.
        sys.stdin.reconfigure(errors="replace")
    while True:
        try:
            line = input(prompt() if is_terminal else "")
        except (EOFError, KeyboardInterrupt):
            if is_terminal:
                click.echo()
            return
        yield line


def _edit(words: Sequence[str]) -> None:
    try:
        import readline  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    readline.set_completer_delims("")
    readline.set_completer(lambda typed, number: _nth(words, typed, number))
    # macOS has another library under this name, with another language.
    readline.parse_and_bind("bind ^I rl_complete" if "libedit" in (readline.__doc__ or "") else "tab: complete")


def _nth(words: Sequence[str], typed: str, number: int) -> str | None:
    fitting = [word for word in words if typed and word.startswith(typed)]
    return fitting[number] if number < len(fitting) else None
