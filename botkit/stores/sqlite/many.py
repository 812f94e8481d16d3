"""Many: one statement for each of many rows."""

import re
from collections.abc import Mapping, Sequence
from operator import itemgetter
from sqlite3 import Connection
from typing import Final

_PARAMETER: Final = re.compile(r":(\w+)")


class Many:
    """A *statement* with two parameters or more, for rows that are mappings and may hold others besides.

    Its parameters are bound by place: for each one bound by name the driver makes a text of the name and looks it up,
    which takes longer than many a statement itself.

    >>> import sqlite3
    >>> db = sqlite3.connect(":memory:")
    >>> _ = db.execute("CREATE TABLE cakes (name, price)")
    >>> Many("INSERT INTO cakes VALUES (:name, :price)")(db, [{"price": 3, "name": "tart", "to": "Ann"}])
    1
    >>> db.execute("SELECT * FROM cakes").fetchall()
    [('tart', 3)]
    """

    def __init__(self, statement: str) -> None:
        places = {name: place for place, name in enumerate(dict.fromkeys(_PARAMETER.findall(statement)), 1)}
        self._statement = _PARAMETER.sub(lambda found: f"?{places[found[1]]}", statement)
        self._bound = itemgetter(*places)

    def __call__(self, db: Connection, rows: Sequence[Mapping[str, object]]) -> int:
        """Run it for each of *rows*; gives how many rows of the table that has changed."""
        return db.executemany(self._statement, map(self._bound, rows)).rowcount if rows else 0
