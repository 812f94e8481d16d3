"""What every test may rely on: examples are found without deadlines, and nothing is skipped in silence."""

import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

# Machines that run tests are shared: a slow example is no failure.
settings.register_profile("botkit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("botkit")

_skipped: list[str] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember what is skipped, and why."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(f"{item.nodeid}: {call.excinfo.value if call.excinfo else ''}")
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was not tested."""
    for line in _skipped:
        terminalreporter.write_line(f"SKIPPED: {line}", yellow=True, bold=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where everything must be tested, what is not has failed."""
    if _skipped and os.environ.get("CI") == "true":
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
