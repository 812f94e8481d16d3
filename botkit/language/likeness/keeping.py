"""A likeness from a cache, or built and kept there; or built by a backend."""

from collections.abc import Sequence

from botkit.language.likeness.calibration import STRANGE_BY_MEANING, judged_by_building, limits_of
from botkit.language.likeness.kept import key_of, packed, unpacked
from botkit.language.likeness.learning import learn
from botkit.language.likeness.likeness import Likeness
from botkit.language.likeness.meanings import Meanings
from botkit.language.likeness.protocol import Build, Cache, Example


def learned(examples: Sequence[Example], cache: Cache | None, meanings: Meanings | None = None) -> Likeness:
    """What the built-in model learned from *examples* and *meanings*, now or when it was kept in *cache*."""
    key = key_of(examples, meanings)
    content = cache.load(key) if cache is not None else None
    if content is not None and (found := unpacked(content, meanings)) is not None:
        model, trials, limits = found
        return Likeness(model, limits, trials)
    model, trials = learn(examples, meanings)
    if model.encoder.meanings is None:
        limits = limits_of(trials, model, examples)
    else:
        limits = limits_of(trials, model, examples, STRANGE_BY_MEANING)
    if cache is not None:
        cache.save(key, packed(model, trials, limits))
    return Likeness(model, limits, trials)


def built_by(build: Build, examples: Sequence[Example]) -> Likeness:
    """What *build* learns from *examples*; its limits are found by building it three times more."""
    model = build(examples)
    trials = judged_by_building(build, examples)
    likeness = Likeness(model, limits_of(trials, model, examples), trials)
    for one in examples[:1]:
        # Ranking was tried by now. Whether it can tell words is not to be found out by a user.
        likeness.words(one.text, one.intent)
    return likeness
