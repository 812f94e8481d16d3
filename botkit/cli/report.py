"""The report of `botkit evaluate`: one page that needs nothing else, with a picture of what is taken for what."""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from typing import Final

from botkit.review.evaluation import Evaluation, Judged

#: More intents are no picture; those with the most mistakes are in it.
_PICTURED: Final = 30
_SHADES: Final = 9
_NOTHING: Final = "no intent"


def report(found: Evaluation, bot: str, data: str) -> str:
    """The page as HTML."""
    style = (files("botkit.cli") / "report.css").read_text("utf-8")
    body = "\n".join((*_figures(found), *_picture(found), *_intents(found), *_mistakes(found.mistakes)))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>How well {escape(bot)} understands</title>
<style>
{style}</style>
</head>
<body>
<main>
<h1>How well {escape(bot)} understands</h1>
<p>{found.n} texts of {escape(data)}</p>
{body}
</main>
</body>
</html>
"""


def _figures(found: Evaluation) -> Iterator[str]:
    names = {
        "Answered as it should be, or rightly not": found.joint_accuracy,
        "Accuracy in scope, before anything is declined": found.accuracy,
        "Out of scope: recall": found.oos_recall,
        "Out of scope: precision": found.oos_precision,
        "Out of scope: F1": found.oos_f1,
        "Out of scope: AUROC": found.auroc,
    }
    yield '<dl class="figures">'
    yield from (f"<div><dt>{name}</dt><dd>{_percent(part)}</dd></div>" for name, part in names.items())
    yield "</dl>"
    p50, p99 = (found.microseconds(part) or 0.0 for part in (0.5, 0.99))
    yield f"<p>Built in {found.build_seconds:.2f} s. A message takes {p50:.0f} µs, of a hundred one {p99:.0f} µs.</p>"


def _picture(found: Evaluation) -> Iterator[str]:
    """A square for each pair of intents, the darker the more often the one was taken for the other."""
    counts = Counter((one.labelled.intent, one.answered) for one in found.judged)
    names = _most_mistaken(found)
    if not names:
        yield "<h2>Taken for another</h2><p>Nothing was.</p>"
        return
    most = max(count for (meant, answered), count in counts.items() if meant != answered)
    yield "<h2>Taken for another</h2>"
    yield f"<p>Rows: what was meant. Columns: what answered. The {_PICTURED} most mistaken at most.</p>"
    yield '<div class="scroll"><table class="picture"><thead><tr><td></td>'
    yield from (f'<th scope="col"><span>{_name(name)}</span></th>' for name in names)
    yield "</tr></thead><tbody>"
    for meant in names:
        cells = (_cell(counts[meant, answered], most, is_right=meant == answered) for answered in names)
        yield f'<tr><th scope="row">{_name(meant)}</th>{"".join(cells)}</tr>'
    yield "</tbody></table></div>"


def _most_mistaken(found: Evaluation) -> list[str | None]:
    weight: Counter[str | None] = Counter()
    for one in found.mistakes:
        weight.update((one.labelled.intent, one.answered))
    return [name for name, _ in weight.most_common(_PICTURED)]


def _cell(count: int, most: int, *, is_right: bool) -> str:
    shade = "right" if is_right else f"shade{min(_SHADES, -(-count * _SHADES // most))}"
    return f'<td class="{shade}">{count or ""}</td>'


def _intents(found: Evaluation) -> Iterator[str]:
    yield '<h2>Intents</h2><div class="scroll"><table><thead><tr><th scope="col">Intent</th><th scope="col">Texts</th>'
    yield '<th scope="col">Answered</th><th scope="col">Recall</th><th scope="col">Precision</th></tr></thead><tbody>'
    for one in found.tallies():
        numbers = (str(one.n), str(one.answered), _percent(one.recall), _percent(one.precision))
        yield f'<tr><th scope="row">{escape(one.intent)}</th>{"".join(f"<td>{number}</td>" for number in numbers)}</tr>'
    yield "</tbody></table></div>"


def _mistakes(mistakes: Sequence[Judged]) -> Iterator[str]:
    yield f"<h2>Mistakes: {len(mistakes)}</h2>"
    if not mistakes:
        return
    yield '<div class="scroll"><table><thead><tr><th scope="col">Line</th><th scope="col">Text</th>'
    yield '<th scope="col">Meant</th><th scope="col">Answered</th><th scope="col">Nearest</th></tr></thead><tbody>'
    for one in mistakes:
        names = (one.labelled.intent, one.answered, one.best)
        cells = "".join(f"<td>{_name(name)}</td>" for name in names)
        yield f'<tr><td>{one.labelled.line}</td><td dir="auto">{escape(one.labelled.text)}</td>{cells}</tr>'
    yield "</tbody></table></div>"


def _name(intent: str | None) -> str:
    return f"<i>{_NOTHING}</i>" if intent is None else escape(intent)


def _percent(part: float | None) -> str:
    return "–" if part is None else f"{part:.1%}"
