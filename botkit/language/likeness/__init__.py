"""Likeness: what a text means that is no phrase, learned from the phrases when the bot is built.

`learned` gives a `Likeness` for examples. The model behind it is the built-in one, which knows the words, pairs of
words and runs of letters of the examples and repairs typos to them; or that of a *backend*, which is any function that
obeys `Build`. Nothing here touches a file: a `Cache`, and a table of `Meanings`, are handed in.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from botkit.language.likeness.likeness import Candidate, Guess, Likeness
from botkit.language.likeness.protocol import Build, Cache, Example, Explains, Limits, Model, ReadWord, Trial

if TYPE_CHECKING:
    from botkit.language.likeness.meanings import Meanings

__all__ = [
    "Build", "Cache", "Candidate", "Example", "Explains", "Guess", "Likeness", "Limits", "Model", "ReadWord", "Trial",
    "learned",
]  # fmt: skip


def learned(
    examples: Sequence[Example],
    *,
    build: Build | None = None,
    cache: Cache | None = None,
    meanings: "Meanings | None" = None,
) -> Likeness:
    """What is learned from *examples*: by the built-in model, or by that of *build*.

    The built-in one knows *meanings* of words too, where most words of the examples are among them. It is taken from
    *cache* where it was kept there, and kept there otherwise; *build* keeps its own. It takes about a second for 1,500
    examples of 150 intents, so call it off the event loop.

    >>> said = {"hours": ["when do you open", "are you open today"], "cake": ["I want a cake", "a big cake please"]}
    >>> likeness = learned([Example(intent, text) for intent, texts in said.items() for text in texts])
    >>> likeness.guess("are yuo oepn on sunday").answers.intent
    'hours'
    >>> likeness.guess("tell me a joke").answers is None
    True
    """
    # numpy takes longer to import than all of botkit, and a bot that only answers exact phrases never needs it.
    from botkit.language.likeness import keeping  # noqa: PLC0415 - see above

    return keeping.built_by(build, examples) if build is not None else keeping.learned(examples, cache, meanings)
