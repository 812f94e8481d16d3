"""What every test may rely on: examples are found without deadlines, and nothing is skipped in silence."""

import gc
import os
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from cafes import YAML, Cafe, built
from servers import CANNOT_RUN, PostgresServer, postgres_server

# Machines that run tests are shared: a slow example is no failure.
settings.register_profile("botkit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("botkit")

# A check that fails shows the values it compared.
pytest.register_assert_rewrite("botkit.testing.conformance")

_skipped: list[str] = []


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL, started once; skipped only where it cannot run at all."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(postgres_server())
        except CANNOT_RUN as error:
            pytest.skip(f"PostgreSQL cannot run here ({type(error).__name__}: {error})")
        yield server


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make the report of a test while no garbage is collected.

    pytest parses the source of a test that failed. CPython 3.11 may collect garbage in the middle of ``ast.parse``, and
    where what is collected makes it parse something else (a traceback with its carets, say) the outer call ends in
    "SystemError: AST constructor recursion depth mismatch", and with it the whole run. 3.12 collects between bytecodes.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return (yield)
    finally:
        if was_enabled:
            gc.enable()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember which test is skipped; reports arrive here from other processes too."""
    if not hasattr(report, "wasxfail"):
        _note(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Remember which module is skipped as a whole."""
    _note(report)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tested."""
    for line in _skipped:
        terminalreporter.write_line(f"SKIPPED: {line}", yellow=True, bold=True)
    if _skipped and _everything_counts():
        terminalreporter.write_line(
            "With CI=true everything is tested: what is skipped has failed.", red=True, bold=True
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything must be tested, what is not has failed."""
    if (
        _skipped
        and _everything_counts()
        and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _note(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        _skipped.append(f"{report.nodeid}: {reason}")


def _everything_counts() -> bool:
    return os.environ.get("CI") == "true"


@pytest.fixture
async def cafe(tmp_path: Path) -> AsyncIterator[Cafe]:
    """A café in YAML."""
    (tmp_path / "bots.yaml").write_text(YAML.replace("ANSWER", "At 8."))
    cafe = built(tmp_path)
    async with cafe.app:
        yield cafe
