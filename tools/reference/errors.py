"""The exceptions."""

import inspect
import re

from botkit import errors


def errors_page() -> str:
    """Every exception, whose it is a kind of, and who must act."""
    text = [
        "# Errors",
        "What botkit raises on purpose, in `botkit.errors`. Each says in one sentence what happened and what to do.",
        _tree(),
    ]
    for name, error in inspect.getmembers(errors, inspect.isclass):
        if issubclass(error, BaseException):
            kinds = ", ".join(f"`{base.__name__}`" for base in error.__bases__)
            text.append(f"## {name}\n\nA kind of {kinds}.\n\n{_plain(inspect.getdoc(error) or '')}")
    return "\n\n".join(text)


def _tree() -> str:
    return "```text\n" + (errors.__doc__ or "").partition("\n\n")[2].strip() + "\n```"


def _plain(doc: str) -> str:
    """A docstring as Markdown: examples as blocks, names as code."""
    prose, _, example = doc.partition("\n\n>>> ")
    prose = re.sub(r"(?<!`)`(\w[\w.]*)`(?!`)", r"`\1`", prose.replace("``", "`"))
    return f"{prose}\n\n```pycon\n>>> {example}\n```" if example else prose
