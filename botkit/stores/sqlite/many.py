"""Many: one statement for each of many rows."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from sqlite3 import Connection
from typing import Final

Row = Mapping[str, object]

_PARAMETER: Final = re.compile(r":(\w+)")


def for_each(db: Connection, statement: str, rows: Sequence[Row]) -> int:
    """Run *statement*, which has two parameters or more, for each of *rows*; gives how many rows it has changed.

    Its parameters are bound by place: for each one bound by name the driver makes a text of the name and looks it up,
    which takes longer than many a statement itself. Rows may hold more than it asks for.

    >>> import sqlite3
    >>> db = sqlite3.connect(":memory:")
    >>> _ = db.execute("CREATE TABLE cakes (name, price)")
    >>> for_each(db, "INSERT INTO cakes VALUES (:name, :price)", [{"price": 3, "name": "tart", "to": "Ann"}])
    1
    >>> db.execute("SELECT * FROM cakes").fetchall()
    [('tart', 3)]
    """
    placed, bound = _placed(statement)
    return db.executemany(placed, map(bound, rows)).rowcount if rows else 0


@lru_cache
def _placed(statement: str) -> tuple[str, Callable[[Row], tuple[object, ...]]]:
    # Not ?1 and ?2: CPython 3.12.0 to 3.12.3 take those for names.
    return _PARAMETER.sub("?", statement), itemgetter(*_PARAMETER.findall(statement))
