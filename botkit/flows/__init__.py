"""Flows: handlers in the middle of a question, kept as small journals and brought back by replaying them."""

from botkit.flows.journal import Answer, Asked, Flow, Heard, Result
from botkit.flows.kept import read_flows, written
from botkit.flows.question import Question
from botkit.flows.run import Ended, Run

__all__ = ["Answer", "Asked", "Ended", "Flow", "Heard", "Question", "Result", "Run", "read_flows", "written"]
