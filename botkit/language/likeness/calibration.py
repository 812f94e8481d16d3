"""How sure is sure enough: limits for a model, from how it judges phrases that it has not seen.

The phrases are held out in three parts, and with each part a third of the intents is hidden whole: their phrases stand
for what is out of scope, so that no such text is needed. Of ten messages one is taken to be such a stranger; the
threshold is amid those where most of the ten are answered rightly or rightly declined. The margin is down to where one
in five answers that are a close call is right: to decline them costs more right answers than it spares wrong ones. Near
is down to where more often than not one of the best three is right.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from botkit.language.likeness.encoding import Floats, Numbers
from botkit.language.likeness.head import dual
from botkit.language.likeness.protocol import Build, Example, Limits, Model, Trial

_PARTS: Final = 3
#: How many of the best are suggested.
SUGGESTED: Final = 3
#: The share of messages that are out of scope. Hidden intents are closer to the others than what strangers ask, so that
#: more of these are declined than of those.
_STRANGE: Final = 0.1
#: The same where meanings are known, by which hidden intents are told from the others more easily than strangers are.
STRANGE_BY_MEANING: Final = 0.15
#: Thresholds that do worse by no more than that share of messages do as well: chance decides between them.
_AS_GOOD: Final = 0.005
#: How much a wrong answer counts against a right one, where it is a close call. Both are found on the validation files
#: of CLINC150.
_WRONG: Final = 0.25
#: What is no further ahead than this part of the spread is a tie.
_TIE: Final = 0.01
#: So many phrases of either kind must have been judged, else chance decides.
_ENOUGH: Final = 12
#: What part of the score of the phrases themselves is enough where nothing else is known. Found, like the share above,
#: on the validation files of CLINC150, for two to twenty intents of one to three phrases.
_USUAL: Final = 0.12
#: No more phrases of a part are judged one by one.
_JUDGED: Final = 1_000


def parts_of(own: Numbers, phrases: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """What is learned from and what is judged, as numbers of examples, for each part.

    *own* are the intents of the examples, *phrases* their phrases: examples of one phrase stay together.
    """
    place = np.zeros(len(own), np.intp)
    order = np.argsort(own, kind="stable")
    for mine in np.split(order, np.flatnonzero(np.diff(own[order])) + 1):
        place[mine] = np.unique(phrases[mine], return_inverse=True)[1]
    for part in range(_PARTS):
        is_hidden, is_held = own % _PARTS == part, (place + own) % _PARTS == part
        yield np.flatnonzero(~is_hidden & ~is_held), np.flatnonzero(is_hidden | is_held)


def judged_by_kernel(kernel: Floats, own: Numbers, phrases: Numbers, names: Sequence[str]) -> tuple[Trial, ...]:
    """Judge each phrase by what is learned without it, from how alike (*kernel*) all examples are."""
    trials: list[Trial] = []
    for learned, held in parts_of(own, phrases):
        intents, wanted = np.unique(own[learned], return_inverse=True)
        if len(intents) < 2:
            continue
        factors = dual(kernel[np.ix_(learned, learned)], np.eye(len(intents), dtype=np.float32)[wanted])
        scores = kernel[np.ix_(held, learned)] @ factors
        order = np.argsort(-scores, axis=1, kind="stable")[:, :SUGGESTED]
        known = set(intents.tolist())
        for number, best, sure in zip(
            held.tolist(), intents[order].tolist(), np.take_along_axis(scores, order, 1).tolist(), strict=True
        ):
            ranked = tuple(zip([names[one] for one in best], sure, strict=True))
            is_hidden = int(own[number]) not in known
            trials.append(Trial(int(phrases[number]), names[own[number]], ranked, is_hidden))
    return tuple(trials)


def judged_by_building(build: Build, examples: Sequence[Example], parts: int = _PARTS) -> tuple[Trial, ...]:
    """Judge phrases by models that *build* builds without them: for any model, and as slow as it is."""
    names = {name: number for number, name in enumerate(dict.fromkeys(one.intent for one in examples))}
    own = np.array([names[one.intent] for one in examples], np.intp)
    phrases = np.array([one.number for one in examples], np.intp)
    trials: list[Trial] = []
    for learned, held in list(parts_of(own, phrases))[:parts]:
        known = {examples[number].intent for number in learned.tolist()}
        if len(known) < 2:
            continue
        model = build([examples[number] for number in learned.tolist()])
        for number in held[:: 1 + len(held) // _JUDGED].tolist():
            one = examples[number]
            ranked = tuple(model.rank(one.text))[:SUGGESTED]
            trials.append(Trial(one.number, one.intent, ranked, one.intent not in known))
    return tuple(trials)


def limits_of(
    trials: Sequence[Trial], model: Model, examples: Sequence[Example], strange_share: float = _STRANGE
) -> Limits:
    """The limits that did best in *trials*; where they are too few to tell, what suits most models of such a size.

    *strange_share* of messages are taken to be out of scope.
    """
    right = np.sort([one.score for one in trials if one.is_right])
    strange = np.sort([one.score for one in trials if one.is_hidden and one.ranked])
    if len(right) < _ENOUGH or len(strange) < _ENOUGH:
        return _usual(model, examples)
    known = sum(not one.is_hidden for one in trials)
    levels = np.unique(np.concatenate([right, strange]))
    answered = (len(right) - np.searchsorted(right, levels)) / known
    declined = np.searchsorted(strange, levels) / len(strange)
    good = (1 - strange_share) * answered + strange_share * declined
    as_good = np.flatnonzero(good >= good.max() - _AS_GOOD)
    threshold = float(levels[max(0, int(as_good[0]) - 1)] + levels[as_good[-1]]) / 2
    findable = [one for one in trials if not one.is_hidden]
    spread = float(np.std(np.concatenate([right, strange]))) or 1.0
    close = _turning([(one.lead, one.is_right) for one in findable if one.score >= threshold], 0.0, _WRONG)
    near = _turning([(one.score, one.is_among) for one in findable if one.score < threshold], threshold)
    return Limits(threshold=threshold, margin=max(close, _TIE * spread), near=near, spread=spread)


def _usual(model: Model, examples: Sequence[Example]) -> Limits:
    scores = [ranked[0][1] for one in examples[:_JUDGED] if (ranked := model.rank(one.text))]
    # Where all intents say the same, no score is above another, and nothing is to be answered.
    own = max(float(np.median(scores)) if scores else 0.0, 0.5)
    spread = own / 4
    return Limits(threshold=_USUAL * own, margin=_TIE * spread, near=_USUAL * own / 2, spread=spread)


def _turning(judged: Sequence[tuple[float, bool]], otherwise: float, wrong: float = 1.0) -> float:
    """Down to which value what is right outweighs what is *wrong*; *otherwise* if it never does."""
    falling = sorted(judged, reverse=True)
    balance = np.cumsum([1 if is_right else -wrong for _, is_right in falling])
    if not falling or balance.max() <= 0:
        return otherwise
    return max(0.0, falling[int(balance.argmax())][0])
