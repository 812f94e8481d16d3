"""Flows: handlers in the middle of a question, kept as small journals and brought back by replaying them.

`journal` says what is kept, `kept` how it is written. `question` reads answers, `form` asks for slots. `drive` steps
through a handler's coroutine, and `run` leads it along its journal.
"""
