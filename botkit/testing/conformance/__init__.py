"""What a store must do to be one: checks that know no engine, to certify one's own with.

Each check is a coroutine function that takes a `Trial` and raises AssertionError where a promise of `botkit.stores` is
not kept; its name says which. With pytest an engine is certified by

    @pytest.mark.parametrize("check", [*CHECKS, *LASTING], ids=name_of)
    async def test_my_store(check, tmp_path):
        await run(check, lambda *, clock, keep_days: MyStore(tmp_path / "my.db", clock=clock, keep_days=keep_days))

and anywhere else by `run` alone:

>>> import asyncio
>>> from botkit.stores import open_store
>>> def in_memory(*, clock, keep_days):
...     return open_store(":memory:", clock=clock, keep_days=keep_days)
>>> for check in CHECKS[:3]:
...     asyncio.run(run(check, in_memory))

CHECKS are for every engine. LASTING are for those whose content outlives the process, SHARED for those that several
processes may open at once.
"""

from typing import Final

from botkit.testing.conformance import (
    crowd,
    desk,
    events,
    flows,
    gaps,
    handover,
    lasting,
    outbox,
    privacy,
    retention,
    shared,
    sides,
)
from botkit.testing.conformance.trial import Check, Opening, Trial, checks_of, run

__all__ = ["CHECKS", "LASTING", "SHARED", "Check", "Opening", "Trial", "name_of", "run"]

CHECKS: Final[tuple[Check, ...]] = tuple(
    check
    for module in (events, flows, handover, gaps, outbox, desk, retention, privacy, crowd)
    for check in checks_of(module)
)
LASTING: Final[tuple[Check, ...]] = checks_of(lasting)
SHARED: Final[tuple[Check, ...]] = (*checks_of(shared), *checks_of(sides))


def name_of(check: Check) -> str:
    """The promise that *check* is about, in words.

    >>> name_of(CHECKS[0])
    'a message comes out as it went in'
    """
    return check.__name__.replace("_", " ")
