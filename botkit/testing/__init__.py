"""What tests of bots and of botkit are made with: a clock that is set by hand."""

from botkit.testing.clock import FakeClock

__all__ = ["FakeClock"]
