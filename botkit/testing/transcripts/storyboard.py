"""A page that shows conversations as chat bubbles, for people to look at and to sign off.

One file that needs nothing else: no script, no picture and no style from anywhere. Media are shown as links.
"""

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files

from botkit.testing.transcripts.expected import Pair
from botkit.testing.transcripts.player import Exchange, Played
from botkit.testing.transcripts.report import name_of
from botkit.testing.transcripts.steps import YOU, Moved, Said, Step, Transcript, Waited
from botkit.testing.transcripts.suite import Tried
from botkit.testing.transcripts.writer import directive

_MEDIA = ("[image] ", "[audio] ", "[video] ", "[file] ")


def storyboard(results: Sequence[Tried]) -> str:
    """The page as HTML."""
    played = [one for tried in results for one in tried.played]
    failed = sum(not one.passed for one in played) + sum(tried.broken is not None for tried in results)
    verdict = f"{failed} failed" if failed else "all passed"
    body = "\n".join(line for tried in results for line in _file(tried))
    style = (files("botkit.testing.transcripts") / "storyboard.css").read_text("utf-8")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Storyboard</title>
<style>
{style}</style>
</head>
<body>
<main>
<h1>Storyboard</h1>
<p class="summary">{_count(len(played), "conversation")}, {verdict}</p>
{body}
</main>
</body>
</html>
"""


def _file(tried: Tried) -> Iterator[str]:
    yield f"<section><h2>{escape(tried.transcript.file)}</h2>"
    if tried.broken is not None:
        yield from (f'<p class="failed">{escape(line)}</p>' for line in tried.broken.splitlines())
    for played in tried.played:
        yield from _test(tried.transcript, played)
    yield "</section>"


def _test(transcript: Transcript, played: Played) -> Iterator[str]:
    verdict = "passed" if played.passed else "failed"
    yield f"<article><header><h3>{escape(name_of(transcript, played))}</h3>"
    yield f'<span class="verdict {verdict}">{verdict}</span></header><ol>'
    if played.exchanges and not any(isinstance(step, (Moved, Waited)) for step in played.exchanges[0].doings):
        yield _note(f"{played.exchanges[0].at:%Y-%m-%d %H:%M}")
    for exchange in played.exchanges:
        yield from _exchange(exchange)
    yield "</ol></article>"


def _exchange(exchange: Exchange) -> Iterator[str]:
    for step in exchange.doings:
        yield _said(step) if isinstance(step, Said) else _note(_told(step))
    for user, pairs in exchange.pairs.items():
        for pair in pairs:
            yield from _answer(user, pair)
    for one in exchange.untrue:
        yield _note(f"{one.step.what} {one.step.key}: expected {one.step.value}, found {one.found}", wrong=True)
    for told in (*exchange.failures, *([exchange.broken] if exchange.broken else [])):
        yield _note(told, wrong=True)


def _told(step: Step) -> str:
    match step:
        case Moved():
            return step.when
        case Waited():
            return f"{directive(step).removeprefix('wait ')} later"
    return directive(step)


def _said(step: Said) -> str:
    return _bubble("user", step.user, step.text if step.kind == "text" else f"[{step.kind}] {step.url or ''}")


def _answer(user: str, pair: Pair) -> Iterator[str]:
    whom = "" if user == YOU else f"to {user}"
    if pair.fits:
        yield _bubble("bot", whom, pair.shown or "")
        return
    if pair.expected is not None:
        yield _bubble("bot wanted", whom, pair.expected.text, why="expected")
    if pair.shown is not None:
        yield _bubble("bot wrong", whom, pair.shown, why="answered instead" if pair.expected else "not expected")


def _bubble(kind: str, who: str, text: str, *, why: str = "") -> str:
    named = f'<span class="who">{escape(who)}</span>' if who not in ("", YOU) else ""
    told = f'<span class="why">{escape(why)}</span>' if why else ""
    return f'<li class="{kind}">{named}<p class="bubble">{_content(text)}</p>{told}</li>'


def _content(text: str) -> str:
    kind = next((kind for kind in _MEDIA if text.startswith(kind)), None)
    url = text.removeprefix(kind or "")
    if kind is None or not url.startswith(("https://", "http://")):
        return escape(text)
    return f'{escape(kind)}<a href="{escape(url)}" rel="noreferrer">{escape(url)}</a>'


def _note(text: str, *, wrong: bool = False) -> str:
    return f'<li class="note{" wrong" if wrong else ""}">{escape(text)}</li>'


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
