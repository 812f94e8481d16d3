"""A conversation as it happens, kept so that it can be saved as a test."""

from attrs import define, field

from botkit.testing.messenger import Shown
from botkit.testing.transcripts.steps import Answered, Moved, Stated, Step, Test


@define
class Recording:
    """What was done and answered, in order; *begun* is when, in the bot's time zone, such as ``2026-12-24 09:00``."""

    begun: str
    steps: list[Step] = field(factory=list)

    def did(self, step: Step) -> None:
        """Keep what was done."""
        self.steps.append(step)

    def shown(self, shown: Shown) -> None:
        """Keep what Messenger showed."""
        self.steps.append(Answered(user=shown.address.user, text=shown.text))

    def found(self, stated: Stated) -> None:
        """Keep what was found, in front of what it was looked up for: that is where a test has to say it."""
        at = len(self.steps)
        while at and isinstance(self.steps[at - 1], Answered):
            at -= 1
        self.steps.insert(max(at - 1, 0), stated)

    def test(self, name: str) -> Test:
        """The conversation as a test, which begins when it did: what was asked about today is asked about then."""
        return Test(name=name, steps=(Moved(when=self.begun), *self.steps))
