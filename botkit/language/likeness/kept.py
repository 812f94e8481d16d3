"""A learned model as bytes, and back: numbers and text only, and nothing that could run.

The first bytes are a digest of the others, so that whatever was cut off, mixed up or changed is seen before it is read.
"""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final

import numpy as np
from attrs import asdict
from numpy.typing import NDArray

from botkit.language.likeness.encoding import Encoder
from botkit.language.likeness.meanings import Meanings
from botkit.language.likeness.model import Dense, Head, Learned
from botkit.language.likeness.protocol import Example, Limits, Trial
from botkit.language.likeness.vocabulary import Vocabulary
from botkit.language.likeness.wide import Supported, Wide

#: Counted up whenever the same examples would give another model, or another form of it.
VERSION: Final = 9
_DIGEST_BYTES: Final = 32

Contents = tuple[Learned, tuple[Trial, ...], Limits]


def key_of(examples: Sequence[Example], meanings: Meanings | None = None) -> str:
    """Under what a model of *examples* and *meanings* is kept: letters and digits that no others have."""
    said = [
        VERSION,
        meanings.version if meanings is not None else "",
        [[one.intent, one.text, one.number] for one in examples],
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=True).encode()).hexdigest()


def packed(model: Learned, trials: Sequence[Trial], limits: Limits) -> bytes:
    """The bytes that `unpacked` reads."""
    encoder = model.encoder
    number = encoder.words
    texts = {
        "names": model.names,
        "words": list(number),
        "counts": [encoder.vocabulary.counts[word] for word in number],
        "firsts": [number.get(first, -1) for first, _ in encoder.pairs],
        "seconds": [number.get(second, -1) for _, second in encoder.pairs],
        "grams": list(encoder.grams),
        "trials": [[one.number for one in trials], [one.intent for one in trials], [one.is_hidden for one in trials]],
        "ranked": [[name for one in trials for name, _ in one.ranked], [len(one.ranked) for one in trials]],
        "scores": [score for one in trials for _, score in one.ranked],
        "limits": asdict(limits),
    }
    body = io.BytesIO()
    for array in (np.frombuffer(json.dumps(texts).encode(), np.uint8), encoder.weights, *model.head.arrays()):
        np.save(body, array, allow_pickle=False)
    return _digest(body.getbuffer()) + body.getvalue()


def unpacked(content: bytes, meanings: Meanings | None = None) -> Contents | None:
    """What was packed, learned with the same *meanings*; None for bytes that `packed` did not give."""
    if _digest(memoryview(content)[_DIGEST_BYTES:]) != content[:_DIGEST_BYTES]:
        return None
    body = io.BytesIO(content)
    body.seek(_DIGEST_BYTES)
    arrays = []
    while body.tell() < len(content):
        arrays.append(np.load(body, allow_pickle=False))
    texts = json.loads(arrays[0].tobytes())
    words, counts = texts["words"], texts["counts"]
    # The last of these, at -1, is what stands next to the first and the last word of a text.
    ends = [*words, ""]
    pairs = [(ends[first], ends[second]) for first, second in zip(texts["firsts"], texts["seconds"], strict=True)]
    vocabulary = Vocabulary.counted(dict(zip(words, counts, strict=True)), pairs)
    head = _head_of(arrays[2:])
    used = meanings if isinstance(head, Dense) and len(head.turned) else None
    encoder = Encoder.numbered(vocabulary, words, pairs, texts["grams"], arrays[1], used)
    model = Learned(tuple(texts["names"]), encoder, head)
    return model, _trials(texts), Limits(**texts["limits"])


# JSON has no type.
def _trials(texts: Mapping[str, Any]) -> tuple[Trial, ...]:
    names, lengths = texts["ranked"]
    ranked = iter(list(zip(names, texts["scores"], strict=True)))
    return tuple(
        Trial(number, intent, tuple(islice(ranked, length)), is_hidden)
        for number, intent, is_hidden, length in zip(*texts["trials"], lengths, strict=True)
    )


def _head_of(arrays: Sequence[NDArray[Any]]) -> Head:
    if len(arrays) == 2:
        return Dense(arrays[0], arrays[1])
    starts, features, width, weights = arrays
    return Wide(Supported(starts, features, int(width[0])), weights)


def _digest(body: memoryview) -> bytes:
    return hashlib.sha256(body).digest()
