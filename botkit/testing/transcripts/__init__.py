"""Transcripts: tests of bots as plain text, which a content writer reads and writes; docs/testing.md shows them."""

from botkit.testing.transcripts.finding import SUFFIX, find_transcripts, head_for, read_transcripts, transcripts_of
from botkit.testing.transcripts.junit import junit
from botkit.testing.transcripts.player import Played, play
from botkit.testing.transcripts.reader import DIRECTIVES, read_transcript, said
from botkit.testing.transcripts.report import Line, failures
from botkit.testing.transcripts.steps import Test, Transcript
from botkit.testing.transcripts.storyboard import storyboard
from botkit.testing.transcripts.suite import Tried, run_transcripts
from botkit.testing.transcripts.writer import written

__all__ = [
    "DIRECTIVES", "SUFFIX", "Line", "Played", "Test", "Transcript", "Tried", "failures", "find_transcripts", "head_for",
    "junit", "play", "read_transcript", "read_transcripts", "run_transcripts", "said", "storyboard", "transcripts_of",
    "written",
]  # fmt: skip
