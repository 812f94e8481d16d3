"""What a transcript's author is told about a test that failed: what was said, expected and answered, and where."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from attrs import frozen

from botkit.testing.transcripts.expected import Pair
from botkit.testing.transcripts.player import Exchange, Played
from botkit.testing.transcripts.steps import ANYTHING, YOU, Said, Step, Transcript
from botkit.testing.transcripts.suite import Tried
from botkit.testing.transcripts.writer import lines_of

Tone = Literal["plain", "title", "wanted", "got", "aside"]

_MARGIN: Final = 12
#: A beginning that is shorter tells nobody where two answers part.
_TELLING: Final = 12


@frozen
class Line:
    """One line for a terminal, and how it is meant."""

    text: str
    tone: Tone = "plain"


def failures(tried: Tried) -> Iterator[Line]:
    """Every failure of a transcript, in the order of the file."""
    if tried.broken is not None:
        yield Line(tried.broken, "title")
    for played in tried.played:
        for exchange in played.exchanges:
            if not exchange.passed:
                yield from _failure(tried.transcript, played, exchange)


def name_of(transcript: Transcript, played: Played) -> str:
    """What a test is called; one without a name is called after its file."""
    return played.test.name or transcript.file


def _failure(transcript: Transcript, played: Played, exchange: Exchange) -> Iterator[Line]:
    yield Line(f"{transcript.file}:{line_of(exchange)}: {name_of(transcript, played)}", "title")
    for step in exchange.doings:
        yield from (_line("", text) for text in lines_of((step,)))
    for user, pairs in exchange.pairs.items():
        for pair in pairs:
            yield from _pair("" if user == YOU else user, pair)
    for one in exchange.untrue:
        (text,) = lines_of((one.step,))
        yield _line("expected", text, "wanted")
        yield _line("found", one.found, "got")
    yield from _asides(exchange)
    yield Line("")


def line_of(exchange: Exchange) -> int:
    """The line of the first thing that is not as expected."""
    wrong: list[Step] = [one.step for one in exchange.untrue]
    wrong += [pair.expected for some in exchange.pairs.values() for pair in some if pair.expected and not pair.fits]
    return min((step.line for step in wrong), default=max((step.line for step in exchange.doings), default=0))


def _pair(user: str, pair: Pair) -> Iterator[Line]:
    expected = [] if pair.expected is None else list(lines_of((pair.expected,)))
    answered = [] if pair.shown is None else _shown(user, pair.shown)
    if pair.fits:
        yield from (_line("", text) for text in answered)
        return
    yield from _block("expected", expected or ["nothing more"], "wanted")
    yield from _block("answered", answered or ["nothing"], "got")
    if pair.expected is not None and pair.shown is not None:
        yield from _hint(pair.expected.text, pair.shown)


def _hint(expected: str, shown: str) -> Iterator[Line]:
    same = 0
    while same < min(len(expected), len(shown)) and expected[same] == shown[same]:
        same += 1
    if "..." in expected and ANYTHING not in expected:
        yield _line("", f"{ANYTHING} (one character) stands for anything; three dots are three dots", "aside")
    elif same >= _TELLING and "\n" not in expected[:same]:
        yield _line("", f'the same up to "{ANYTHING}{expected[max(0, same - 2 * _TELLING) : same]}"', "aside")


def _block(label: str, texts: Sequence[str], tone: Tone) -> Iterator[Line]:
    yield _line(label, texts[0], tone)
    yield from (_line("", text, tone) for text in texts[1:])


def _shown(user: str, text: str) -> list[str]:
    first, *more = text.split("\n")
    return [f"{user}< {first}", *(f"  {line}" for line in more)]


def _asides(exchange: Exchange) -> Iterator[Line]:
    if exchange.broken is not None:
        yield _line("", exchange.broken, "got")
        return
    for failure in exchange.failures:
        yield _line("", failure, "got")
    said = {step.user: step for step in exchange.doings if isinstance(step, Said) and step.kind == "text"}
    for user, step in said.items():
        yield _line("", f'"{step.text}" was understood as {exchange.understood[user]}', "aside")


def _line(label: str, text: str, tone: Tone = "plain") -> Line:
    return Line(f"  {label:<{_MARGIN - 2}}{text}", tone)
