"""Named SQL statements, read from the `.sql` files beside this module.

Both engines share the text. Where their dialects differ it has a token in braces, which an engine fills in:
``{greatest}`` (the larger of two values), ``{lock}`` and ``{skip_locked}`` (row locks, empty where there is one
writer), and in the schema ``{without_rowid}`` (rows are kept in the index of their key, as PostgreSQL cannot). Which
deliveries hold back the later ones, ``{open}``, and which nothing more is done with, ``{done}``, is said in the very
words of their indexes: otherwise SQLite does not use these.
"""

import re
from importlib.resources import files
from typing import Final

_NAME: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_COMMENT: Final = re.compile(r"^--.*\n", re.MULTILINE)
_CONDITIONS: Final = {
    "open": "(state = 'queued' OR state = 'sending' OR state = 'in_doubt')",
    "done": "(state <> 'queued' AND state <> 'sending' AND state <> 'in_doubt' AND state <> 'dead')",
}


class Statements:
    """The statements of one ``.sql`` file, as attributes by name.

    >>> statements = Statements("inbox", greatest="MAX", lock="", skip_locked="")
    >>> statements.anything_ready
    'SELECT 1 FROM conversations WHERE ready_at <= :now LIMIT 1'
    """

    def __init__(self, file: str, **tokens: str) -> None:
        text = (files("botkit.stores") / "sql" / f"{file}.sql").read_text("utf-8")
        names_and_bodies = _NAME.split(text)[1:]
        # As attributes of its own, which are found several times as fast as by __getattr__.
        self.__dict__.update(
            (name, _COMMENT.sub("", body).format(**tokens, **_CONDITIONS).strip().rstrip(";"))
            for name, body in zip(names_and_bodies[::2], names_and_bodies[1::2], strict=True)
        )

    def __getattr__(self, name: str) -> str:
        raise AttributeError(f"There is no statement {name!r}.")


def schema_steps(*, without_rowid: str = "") -> tuple[str, ...]:
    """The steps that make the schema, in order; a store has done as many of them as its version says."""
    folder = files("botkit.stores") / "sql" / "schema"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return tuple((folder / name).read_text("utf-8").format(without_rowid=without_rowid) for name in names)
