"""Learning: from examples to the built-in model, with what it takes to say when it is sure."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import frozen

from botkit.language.likeness.calibration import judged_by_building, judged_by_kernel
from botkit.language.likeness.encoding import Encoder
from botkit.language.likeness.features import shapes
from botkit.language.likeness.head import dual
from botkit.language.likeness.meanings import Meanings
from botkit.language.likeness.model import Dense, Learned
from botkit.language.likeness.protocol import Example, Trial
from botkit.language.likeness.rivalry import wide
from botkit.language.likeness.rows import Rows
from botkit.language.text import tokens

#: Up to so many intents and examples each feature has a weight for each intent.
INTENTS_LIMIT: Final = 500
_EXAMPLES_LIMIT: Final = 4_000
#: A table of meanings is used where it has that part of the words: another language has some of its words, too.
_COVERED: Final = 0.7
#: So many phrases of an intent that is alone say what there is to say.
_ENOUGH: Final = 1_000


@frozen
class Lesson:
    """What the examples say: the intents by number, in the order of their first examples, and each example's words."""

    names: tuple[str, ...]
    own: tuple[int, ...]
    phrases: tuple[int, ...]
    texts: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> "Lesson":
        """What *examples* say; an example of which no word is left teaches nothing."""
        numbers: dict[str, int] = {}
        kept = [(one, tuple(shapes(tokens(one.text).words))) for one in examples]
        kept = [(one, words) for one, words in kept if words]
        own = tuple(numbers.setdefault(one.intent, len(numbers)) for one, _ in kept)
        return cls(tuple(numbers), own, tuple(one.number for one, _ in kept), tuple(words for _, words in kept))


def learn(examples: Sequence[Example], meanings: Meanings | None = None) -> tuple[Learned, tuple[Trial, ...]]:
    """The model of *examples*, and how phrases are judged by what is learned without them.

    *meanings* say what phrases do not. They are left out where they have too few of the words, and for very many
    intents or examples.
    """
    lesson = Lesson.of(examples)
    if meanings is not None and not _is_covered(lesson, meanings):
        meanings = None
    if len(lesson.names) <= INTENTS_LIMIT and len(lesson.texts) <= _EXAMPLES_LIMIT:
        return _dense(lesson, meanings)
    return learn_wide(examples), judged_by_building(learn_wide, examples, parts=1)


def _is_covered(lesson: Lesson, meanings: Meanings) -> bool:
    """Whether so many of the words are in the table that they are of its language."""
    words = {word for text in lesson.texts for word in text}
    return sum(map(meanings.covers, words)) >= _COVERED * len(words)


def learn_dense(examples: Sequence[Example], meanings: Meanings | None = None) -> Learned:
    """The model of *examples* that weighs every feature for every intent."""
    return _dense(Lesson.of(examples), meanings)[0]


def learn_wide(examples: Sequence[Example]) -> Learned:
    """The model of *examples* with a head that grows with their number only."""
    lesson = Lesson.of(examples)
    if len(lesson.names) < 2:
        # There is nothing to tell an intent from that is alone, and some of its phrases say enough.
        return learn_dense(examples[:_ENOUGH])
    encoder = Encoder.of(lesson.texts)
    rows = Rows.of([encoder.of_words(words) for words in lesson.texts])
    return Learned(lesson.names, encoder, wide(rows, np.array(lesson.own, np.intp), len(encoder.weights)))


def _dense(lesson: Lesson, meanings: Meanings | None) -> tuple[Learned, tuple[Trial, ...]]:
    if not lesson.names:
        nothing = np.zeros((0, 0), np.float32)
        return Learned((), Encoder.of(()), Dense(nothing, nothing)), ()
    encoder = Encoder.of(lesson.texts, meanings)
    vectors = [encoder.of_words(words) for words in lesson.texts]
    rows = Rows.of(vectors).parted()
    directions = np.stack([one.direction for one in vectors])
    own = np.array(lesson.own, np.intp)
    kernel = rows.kernel() + directions @ directions.T
    # An intent that is alone is learned against a second one that has no phrases.
    wanted = np.eye(max(2, len(lesson.names)), dtype=np.float32)[own]
    factors = dual(kernel, wanted)[:, : len(lesson.names)]
    head = Dense(rows.transposed_times(factors, len(encoder.weights)), directions.T @ factors)
    trials = judged_by_kernel(kernel, own, np.array(lesson.phrases, np.intp), lesson.names)
    return Learned(lesson.names, encoder, head), trials
