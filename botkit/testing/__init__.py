"""What bots, and botkit itself, are tested with: conversations without a wire, and clocks that are set by hand.

As a plugin of pytest (``pytest_plugins = ["botkit.testing"]``) it brings the fixture `bot_tester`; docs/testing.md
tells the rest. PYTEST_DONT_REWRITE: nothing here asserts for a test.
"""

from botkit.testing.bench import Bench
from botkit.testing.clock import FakeClock
from botkit.testing.messenger import Fault, Messenger
from botkit.testing.userchat import UserChat

__all__ = ["Bench", "FakeClock", "Fault", "Messenger", "UserChat"]

#: The fixture is apart, so that nobody else waits for pytest.
pytest_plugins = ("botkit.testing.fixture",)
