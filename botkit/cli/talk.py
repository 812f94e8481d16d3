"""What is typed in `botkit chat`: words for the bot, and commands that begin with a slash."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

from botkit.errors import BackendError, BotkitError
from botkit.events import Address
from botkit.lookups import Found, Missed
from botkit.observe import Alarm, TurnFailed
from botkit.testing import Bench, UserChat
from botkit.testing.lookups import stated_as
from botkit.testing.messenger import Shown
from botkit.testing.moments import duration
from botkit.testing.transcripts import SUFFIX, said, written
from botkit.testing.transcripts.expected import value_of
from botkit.testing.transcripts.recording import Recording
from botkit.testing.transcripts.steps import YOU, Duplicated, Moved, Restarted, Resumed, Signalled, Stated, Step, Waited

Voice = Literal["bot", "note", "failure"]
Show = Callable[[str, Voice], None]

_FORMAT: Final = "%Y-%m-%d %H:%M"


class Talk:
    """A conversation with the bot on *page* of *bench*; what comes of it goes to *show*.

    *head* gives the first lines of a file that the conversation is saved to.
    """

    def __init__(self, bench: Bench, page: str, show: Show, *, head: Callable[[Path], str]) -> None:
        self._bench = bench
        bench.messenger.on_shown = self._shown
        bench.on_failure = self._failed
        bench.on_alarm = self._alarmed
        bench.on_lookup = self._looked_up
        self._show = show
        self._head = head
        self._alarms: set[str] = set()
        self._chats = {YOU: UserChat(bench, Address("messenger", page, YOU))}
        self._chat = self._chats[YOU]
        self._recording = Recording(f"{self._chat.now():{_FORMAT}}")
        self._commands: Mapping[str, tuple[str, Callable[[str], Awaitable[None]]]] = {
            "/restart": ("another process goes on; only what the store holds survives", self._restart),
            "/explain": ("[TEXT]  why the last message, or TEXT, is answered as it is", self._explain),
            "/as": ("USER  be somebody else", self._be),
            "/at": ("2026-12-24 09:00  set the clock, in the bot's time zone", self._move),
            "/wait": ("2h  let time pass", self._wait),
            "/duplicate": ("let the last message come twice", self._duplicate),
            "/signal": ('NAME [{"amount": 12}]  tell the handler that waits for it that it has happened', self._signal),
            "/resume": ("let the bot answer again after a handover", self._resume),
            "/session": ("what the bot remembers of you", self._session),
            "/save": ("FILE [NAME]  save this conversation as a test", self._save),
            "/help": ("this list", self._help),
        }

    @property
    def user(self) -> str:
        """Who speaks."""
        return self._chat.address.user

    @property
    def is_alone(self) -> bool:
        """Whether nobody else has spoken."""
        return len(self._chats) == 1

    @property
    def commands(self) -> list[str]:
        """Every command, for whoever completes lines."""
        return [*self._commands, "/quit"]

    def _shown(self, shown: Shown) -> None:
        self._recording.shown(shown)
        other = shown.address.user != self.user
        self._show(f"(to {shown.address.user}) {shown.text}" if other else shown.text, "bot")

    def _failed(self, failure: TurnFailed) -> None:
        self._show(f"  ({failure.error})", "failure")

    def _alarmed(self, alarm: Alarm) -> None:
        # What is wrong with every message need not be said at each.
        if alarm.text not in self._alarms:
            self._alarms.add(alarm.text)
            self._show(f"  ({alarm.text})", "failure")

    def _looked_up(self, url: str, found: Found | Missed) -> None:
        self._recording.found(Stated(user=self.user, url=url, found=stated_as(found)))
        if isinstance(found, Missed):
            self._show(f"  (nothing was found at {url}: {found.why})", "note")

    async def hear(self, line: str) -> bool:
        """Do what *line* says; False where it says that this is the end."""
        line = line.strip()
        word, _, rest = line.partition(" ")
        if word in ("/quit", "/exit"):
            return False
        if not line:
            return True
        try:
            if word in self._commands:
                await self._commands[word][1](rest.strip())
            elif word.startswith("/") and word[1:].isalpha():
                self._show(f"There is no {word}; /help lists what there is.", "note")
            else:
                await self._say(line)
        except (BotkitError, ValueError) as error:
            self._show(str(error), "note")
        return True

    async def waiting(self) -> int:
        """How many messages are still to be answered, or answers to be sent."""
        backlog = await (await self._bench.app()).store.backlog()
        return backlog.events + backlog.deliveries

    async def _say(self, line: str) -> None:
        step = said(line, user=self.user)
        self._recording.did(step)
        await self._chat.say(step.text, kind=step.kind, url=step.url)

    async def _do(self, step: Step, doing: Awaitable[object]) -> None:
        """Keep *step*, in front of whatever comes of *doing* it; one that cannot be done is not kept."""
        at = len(self._recording.steps)
        self._recording.did(step)
        try:
            await doing
        except ValueError:
            del self._recording.steps[at]
            raise

    # Commands

    async def _restart(self, rest: str) -> None:
        await self._do(Restarted(user=self.user), self._chat.restart())
        self._show("Another process goes on.", "note")

    async def _explain(self, rest: str) -> None:
        if rest:
            bot = self._bench.bot(self._chat.address)
            with suppress(BackendError):  # the explanation tells it
                await asyncio.to_thread(bot.learn)
            told = str(bot.router.explain(rest, now=self._bench.clock.now()))
        elif self._chat.how == "flow":
            told = f"It was heard as an answer to a question of intent {self._chat.intent!r}."
        elif self._chat.how == "muted":
            told = f"A person answers, and not the bot: {await self._chat.handover()}. /resume gives it back."
        else:
            told = str(self._chat.explain() or "Say something first, or write it behind /explain.")
        self._show(told, "note")

    async def _be(self, rest: str) -> None:
        if not rest or not all(letter.isalnum() or letter in "-_" for letter in rest):
            raise ValueError("Write a name behind /as, of letters and digits, such as /as anna.")
        self._chat = self._chats.setdefault(rest, self._chat.user(rest))
        self._show(f"You are {rest} now.", "note")

    async def _move(self, rest: str) -> None:
        await self._do(Moved(user=self.user, when=rest), self._chat.at(rest))
        self._tell_time()

    async def _wait(self, rest: str) -> None:
        length = duration(rest)
        await self._do(Waited(user=self.user, length=length), self._chat.wait(length))
        self._tell_time()

    def _tell_time(self) -> None:
        self._show(f"It is {self._chat.now():%A, {_FORMAT}}.", "note")

    async def _duplicate(self, rest: str) -> None:
        answer = self._chat.duplicate()
        await self._do(Duplicated(user=self.user), answer)
        self._show("It came twice.", "note")

    async def _signal(self, rest: str) -> None:
        name, _, data = rest.partition(" ")
        if not name:
            raise ValueError('Write the name of the signal behind /signal, such as /signal paid {"amount": 12}.')
        step = Signalled(user=self.user, name=name, data=data.strip())
        await self._do(step, self._chat.signal(name, value_of(step.data)))
        self._show(f"{name} has happened.", "note")

    async def _resume(self, rest: str) -> None:
        await self._do(Resumed(user=self.user), self._chat.resume())

    async def _session(self, rest: str) -> None:
        session = await self._chat.session()
        self._show("\n".join(f"{key} = {value!r}" for key, value in session.items()) or "Nothing.", "note")

    async def _save(self, rest: str) -> None:
        name, _, title = rest.partition(" ")
        if not name:
            raise ValueError("Write a file's name behind /save, such as /save hello.chat.txt.")
        file = Path(name if name.endswith(SUFFIX) else f"{name}{SUFFIX}")
        text = written(self._recording.test(title.strip() or f"saved on {self._recording.begun}"))
        told = await asyncio.to_thread(_kept, file, text, self._head(file))
        self._show(f"{told} {file}. Run it with: botkit test {file}", "note")

    async def _help(self, rest: str) -> None:
        width = max(map(len, self._commands))
        lines = [f"{name:<{width}}  {told}" for name, (told, _) in self._commands.items()]
        lines += [f"{'/quit':<{width}}  leave (or Ctrl-D)", "Send media as [image https://…]."]
        self._show("\n".join(lines), "note")


def _kept(file: Path, text: str, head: str) -> str:
    """Write a test at the end of *file*, below *head* where the file is new; say which of the two it was."""
    is_new = not file.exists()
    try:
        with file.open("a", encoding="utf-8") as opened:
            opened.write(f"{head}{text}" if is_new else f"\n{text}")
    except OSError as error:
        raise ValueError(f"{file} cannot be written ({error.strerror}); name another file.") from error
    return "Saved as" if is_new else "Added to"
