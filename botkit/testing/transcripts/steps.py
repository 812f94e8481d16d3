"""Transcripts as values: what is done in a test, what is expected, and where it is written."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Final

from attrs import field, frozen

from botkit.events import Kind

#: Who speaks where nobody is named.
YOU: Final = "you"
#: What stands for anything.
ANYTHING: Final = "…"


@frozen(kw_only=True)
class Step:
    """One thing in a test: the *user* it is about, and the *line* of the file it stands in (0: in none)."""

    line: int = field(default=0, eq=False)
    user: str = YOU


@frozen(kw_only=True)
class Said(Step):
    """``> text``, or ``> [image https://…]``: the user says *text*, or sends a medium by its *url*."""

    text: str = ""
    kind: Kind = "text"
    url: str | None = None


@frozen(kw_only=True)
class Answered(Step):
    """``< text``: the bot answers; ``…`` in *text* stands for anything."""

    text: str


@frozen(kw_only=True)
class Restarted(Step):
    """``! restart``: another process goes on with what the store holds."""


@frozen(kw_only=True)
class Duplicated(Step):
    """``! duplicate``: the user's last message comes once more."""


@frozen(kw_only=True)
class Waited(Step):
    """``! wait 2h``: time passes."""

    length: timedelta


@frozen(kw_only=True)
class Moved(Step):
    """``! at 2026-12-24 09:00``: it becomes *when*, in the bot's time zone."""

    when: str


@frozen(kw_only=True)
class Reported(Step):
    """``! status rejected 1340``: a status comes about the last message that the user was shown."""

    state: str
    code: int | None = None


@frozen(kw_only=True)
class Signalled(Step):
    """``! signal paid = {"amount": 12}``: what a handler waits for has happened; *data* is as it was written."""

    name: str
    data: str = ""


@frozen(kw_only=True)
class Stated(Step):
    """``! lookup https://… = {"status": "baked"}``: what is *found*, as it was written, at *url* from now on."""

    url: str
    found: str


@frozen(kw_only=True)
class Resumed(Step):
    """``! resume``: the owner lets the bot answer again after a handover."""


@frozen(kw_only=True)
class Holds(Step):
    """``! session basket.size = large``, ``! slot number = 42``, ``! intent track``: what is to be true now.

    So are ``! handover billing``, why a person answers, and ``! language de``, what the conversation is in. *key* is
    empty but for sessions and slots; *value* is as it was written.
    """

    what: str
    key: str = ""
    value: str


@frozen(kw_only=True)
class Test:
    """One test: its *name* behind the ``#``, and its steps in order."""

    #: Pytest would take it for one of its own.
    __test__: ClassVar[bool] = False

    name: str
    steps: tuple[Step, ...] = ()
    line: int = field(default=0, eq=False)


@frozen(kw_only=True)
class Transcript:
    """A file of tests, and what its head says of all of them.

    *config* is what ``! config`` names (None: the bots.yaml nearby), *bot* what ``! bot`` names, and *resources* are
    names and what to use in their place, as ``module:attribute``; *lines* are those that ``bot`` and each
    ``resource NAME`` stand in. *mistakes* are why nothing of the file can be run, each with its place.
    """

    file: str
    tests: tuple[Test, ...] = ()
    config: str | None = None
    bot: str | None = None
    resources: Mapping[str, str] = field(factory=dict)
    lines: Mapping[str, int] = field(factory=dict, eq=False)
    mistakes: tuple[str, ...] = ()

    def place(self, directive: str) -> str:
        """Where *directive* stands in the head, as ``file:line``; the file where it does not."""
        return f"{self.file}:{self.lines[directive]}" if directive in self.lines else self.file
