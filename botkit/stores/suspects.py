"""Suspects: events that may be what ends their process, and are handed out so that they take no others with them.

Whatever runs beside a handler that ends its process has its claim counted too, and would in the end be set aside with
it. So what was claimed several times without an outcome is handed out a few at a time, and the claim of the others is
taken back.
"""

from collections.abc import Sequence
from typing import Final

from botkit.work import Work

#: How much later those that were put off are due again.
PUT_OFF_MILLISECONDS: Final = 100


def parted(works: Sequence[Work], suspects: int | None, handed: Sequence[Work] = ()) -> tuple[list[Work], list[Work]]:
    """Those of *works* that are handed out besides what is *handed* out already, and the suspects beyond so many."""
    if suspects is None:
        return list(works), []
    left = max(0, suspects - sum(work.is_suspect for work in handed))
    suspected = [work for work in works if work.is_suspect]
    put_off = {id(work) for work in suspected[left:]}
    return [work for work in works if id(work) not in put_off], suspected[left:]
