"""The disk: how long a flush takes here, and a library that makes it take as long as it does on another disk.

It is for Linux, is built by the machine's C compiler in a temporary folder, and is loaded before a process that is to
be slowed down: every fsync and fdatasync of it does what it always does, and then sleeps until so much time has passed.
Such a process keeps its files in memory, so that what others do to this disk meanwhile is not measured too.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - where Linux has it
_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

static int slowly(const char *name, int file) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int (*flush)(int) = (int (*)(int)) dlsym(RTLD_NEXT, name);
    int result = flush(file), error = errno;
    const char *least = getenv("FLUSH_MICROSECONDS");
    long nanoseconds = until.tv_nsec + (least ? atol(least) : 0) * 1000;
    until.tv_sec += nanoseconds / 1000000000;
    until.tv_nsec = nanoseconds % 1000000000;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) {}
    errno = error;
    return result;
}

int fsync(int file) { return slowly("fsync", file); }
int fdatasync(int file) { return slowly("fdatasync", file); }
"""


def flush_microseconds(environment: Mapping[str, str] | None = None) -> float:
    """What a flush of one page that was appended takes in the folder in which stores are measured.

    It is measured in a process with that *environment*, as what is measured is.
    """
    command = [sys.executable, "-m", "benchmarks.disk"]
    told = subprocess.run(command, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, check=True)
    return float(told.stdout)


@contextmanager
def slow_disks() -> Iterator[Path | None]:
    """The library, as long as it is needed; None where it cannot be built or used."""
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None or not _IN_MEMORY.is_dir():
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "slow.so"
        command = [compiler, "-shared", "-fPIC", "-O2", "-x", "c", "-", "-o", str(library), "-ldl"]
        subprocess.run(command, input=_SOURCE.encode(), check=True)
        yield library


def slowed(library: Path, milliseconds: float) -> Mapping[str, str]:
    """The environment of a process whose flushes take *milliseconds*."""
    return {"LD_PRELOAD": str(library), "FLUSH_MICROSECONDS": f"{milliseconds * 1_000:.0f}", "TMPDIR": str(_IN_MEMORY)}


def _measured() -> float:
    times = []
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "flushed").open("wb", buffering=0) as file:
        for _ in range(200):
            file.write(b"x" * 4_096)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


if __name__ == "__main__":
    print(_measured())
