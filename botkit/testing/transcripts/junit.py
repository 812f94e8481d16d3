"""The results of transcripts as JUnit's XML, which every build server reads.

The form is that of https://github.com/testmoapp/junitxml: a suite for each file, a case for each test.
"""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from botkit.testing.transcripts.player import Played
from botkit.testing.transcripts.report import failures, name_of
from botkit.testing.transcripts.suite import Tried


def junit(results: Sequence[Tried]) -> bytes:
    """The XML document, in UTF-8."""
    root = ET.Element("testsuites", _counts([one for tried in results for one in tried.played], results))
    for tried in results:
        suite = ET.SubElement(root, "testsuite", {"name": tried.transcript.file, **_counts(tried.played, [tried])})
        if tried.broken is not None:
            case = ET.SubElement(suite, "testcase", {"name": tried.transcript.file, "classname": tried.transcript.file})
            ET.SubElement(case, "error", {"message": _legal(tried.broken)})
        for played in tried.played:
            _case(suite, tried, played)
    ET.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode").encode()


def _case(suite: ET.Element, tried: Tried, played: Played) -> None:
    file = tried.transcript.file
    about = {"name": _legal(name_of(tried.transcript, played)), "classname": file, "file": file}
    case = ET.SubElement(suite, "testcase", {**about, "line": str(played.test.line), "time": f"{played.seconds:.3f}"})
    if not played.passed:
        lines = [line.text for line in failures(Tried(transcript=tried.transcript, played=(played,)))]
        ET.SubElement(case, "failure", {"message": _legal(lines[0])}).text = _legal("\n".join(lines))


def _counts(played: Sequence[Played], tried: Sequence[Tried]) -> dict[str, str]:
    broken = sum(one.broken is not None for one in tried)
    return {
        "tests": str(len(played) + broken),
        "failures": str(sum(not one.passed for one in played)),
        "errors": str(broken),
        "time": f"{sum(one.seconds for one in played):.3f}",
    }


def _legal(text: str) -> str:
    """*text* without the characters that XML cannot hold."""
    return "".join(letter if _is_legal(ord(letter)) else "\ufffd" for letter in text)


def _is_legal(code: int) -> bool:
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
