"""A process that learns and answers, ours or scikit-learn's: one JSON a line in, one out.

``python learner.py ours|scikit``. It runs by itself, so that either can be measured in an interpreter of its own.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

Taught = Sequence[Sequence[str]]
#: The answer to a text: an intent, how sure it is, and whether it is sure enough.
Answer = tuple[str | None, float, bool]
Ask = Callable[[str], Answer]

#: For single-threaded linear algebra, to be set before it is imported.
ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def ours(taught: Taught, how: str) -> Ask:
    """Learned by botkit: as an English bot does it, or, by *how*, without the table or with one head only."""
    # Each late import here is of what the other interpreter has not got.
    from botkit.language.likeness import Example, learned  # noqa: PLC0415 - see above
    from botkit.language.likeness.learning import learn_dense, learn_wide  # noqa: PLC0415 - see above
    from botkit.language.meanings import meanings_of  # noqa: PLC0415 - see above

    examples = [Example(intent, text, number) for number, (text, intent) in enumerate(taught)]
    if how in ("dense", "wide"):
        model = {"dense": learn_dense, "wide": learn_wide}[how](examples)
        return lambda text: (*next(iter(model.rank(text)), (None, -1e9)), True)
    likeness = learned(examples, meanings=None if how == "own-words" else meanings_of("en"))

    def ask(text: str) -> Answer:
        guess = likeness.guess(text)
        best = guess.candidates[0] if guess.candidates else None
        return (best.intent, best.score, guess.answers is not None) if best else (None, -1e9, False)

    return ask


def kept(taught: Taught) -> Callable[[], object]:
    """Taking what was learned from a cache in memory."""
    from botkit.language.likeness import Example, learned  # noqa: PLC0415 - see above
    from botkit.language.meanings import meanings_of  # noqa: PLC0415 - see above

    class Memory:
        content: bytes | None = None

        def load(self, key: str) -> bytes | None:
            return self.content

        def save(self, key: str, content: bytes) -> None:
            self.content = content

    examples = [Example(intent, text, number) for number, (text, intent) in enumerate(taught)]
    memory = Memory()
    learned(examples, cache=memory, meanings=meanings_of("en"))
    return lambda: learned(examples, cache=memory, meanings=meanings_of("en"))


def read_table() -> object:
    """The English table, read anew."""
    from botkit.language.meanings import ENGLISH, table_in  # noqa: PLC0415 - see above

    return table_in(ENGLISH)


def scikit(taught: Taught, how: str) -> Ask:
    """Logistic regression over the tf-idf of words, pairs of words and runs of letters, as scikit-learn's users do it.

    The strength of the ridge and the runs of letters are the best on the validation files of CLINC150 and HWU64.
    """
    # mypy runs where botkit is installed, and scikit-learn is not.
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-not-found]  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found]  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline, make_union  # type: ignore[import-not-found]  # noqa: PLC0415

    words, letters = TfidfVectorizer(ngram_range=(1, 2)), TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5))
    head = make_pipeline(make_union(words, letters), LogisticRegression(C=30, max_iter=1_000))
    head.fit([text for text, _ in taught], [intent for _, intent in taught])
    return lambda text: (str(head.predict([text])[0]), 0.0, True)


class Learner:
    """What answers requests: ``learn``, ``answer``, ``time``, ``keep`` and ``read``."""

    def __init__(self, learn: Callable[[Taught, str], Ask]) -> None:
        self._learn = learn
        self._ask: Ask | None = None

    # JSON has no type.
    def reply(self, request: dict[str, Any]) -> object:
        """The answer to *request*."""
        if "learn" in request:
            started = time.process_time()
            self._ask = self._learn(request["learn"], request.get("how", ""))
            return time.process_time() - started
        if "keep" in request:
            take = kept(request["keep"])
            started = time.process_time()
            take()
            return time.process_time() - started
        if "read" in request:
            started = time.process_time()
            read_table()
            return time.process_time() - started
        assert self._ask is not None
        if "time" in request:
            return _microseconds(self._ask, request["time"])
        return [self._ask(text) for text in request["answer"]]


def _microseconds(ask: Ask, texts: Sequence[str]) -> float:
    started = time.process_time()
    for text in texts:
        ask(text)
    return (time.process_time() - started) / len(texts) * 1e6


def main() -> None:
    """Answer each line."""
    os.environ.update(ONE_THREAD)
    learner = Learner({"ours": ours, "scikit": scikit}[sys.argv[1]])
    for line in sys.stdin:
        print(json.dumps(learner.reply(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
