"""The checker: decides from a history alone what was lost, duplicated, out of order, or in doubt.

Every user was to be shown a certain transcript. A reply that is shown again under the same ``client_ref`` is a
duplicate, unless it was in doubt: a process or database died after it was first taken, no status had told the bot of it
before, and the bot waited for one before it sent it again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from attrs import field, frozen

from chaos.history import History, Taken

#: What somebody sent just before his death may be taken so much later.
GRACE: Final = timedelta(seconds=0.2)


@frozen(kw_only=True)
class Verdict:
    """What went wrong, in sentences, and which replies were shown again as promised (`doubted`)."""

    lost: Sequence[str] = ()
    duplicated: Sequence[str] = ()
    disordered: Sequence[str] = ()
    doubted: Sequence[str] = field(default=(), eq=False)

    @property
    def is_kept(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.duplicated or self.disordered)

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(
            lost=(*self.lost, *other.lost),
            duplicated=(*self.duplicated, *other.duplicated),
            disordered=(*self.disordered, *other.disordered),
            doubted=(*self.doubted, *other.doubted),
        )


def check(history: History, expected: Mapping[str, Sequence[str]], *, doubt: timedelta) -> Verdict:
    """Judge *history*, in which each user was to be shown what is *expected*; doubts were to last *doubt*."""
    verdict = Verdict(
        lost=[f"{history.unanswered} webhooks were never acknowledged"] if history.unanswered else (),
        duplicated=[
            f"{user} paid {len(set(keys))} times: {', '.join(sorted(set(keys)))}"
            for user, keys in history.payments.items()
            if len(set(keys)) > 1
        ],
    )
    for user, texts in expected.items():
        taken = [one for one in history.taken if one.user == user]
        verdict += _repeated(history, taken, doubt) + _compared(user, taken, texts)
    return verdict


def _repeated(history: History, taken: Sequence[Taken], doubt: timedelta) -> Verdict:
    last: dict[str, Taken] = {}
    duplicated, doubted = list[str](), list[str]()
    for one in taken:
        before = last.get(one.ref)
        last[one.ref] = one
        if before is not None:
            why = _unjustified(history, before, one, doubt)
            (doubted if why is None else duplicated).append(
                f"{one.user} was shown {one.text!r} again: {why or 'doubt'}"
            )
    return Verdict(duplicated=duplicated, doubted=doubted)


def _unjustified(history: History, before: Taken, again: Taken, doubt: timedelta) -> str | None:
    deaths = [death for death in history.deaths if before.at - GRACE <= death.at <= again.at]
    if not deaths:
        return "nothing died meanwhile"
    if any(told.ref == again.ref and told.at < deaths[0].at for told in history.told):
        return f"a status had told of it before the death at {deaths[0].point}"
    if again.at - deaths[0].at < doubt:
        return f"only {again.at - deaths[0].at} after the death at {deaths[0].point}, without waiting for its status"
    return None


def _compared(user: str, taken: Sequence[Taken], expected: Sequence[str]) -> Verdict:
    firsts = {one.ref: one.text for one in reversed(taken)}
    shown = [firsts.pop(one.ref) for one in taken if one.ref in firsts]
    missing, surplus = Counter(expected) - Counter(shown), Counter(shown) - Counter(expected)
    is_disordered = not missing and not surplus and shown != list(expected)
    return Verdict(
        lost=[f"{user} was never shown {text!r}" for text in missing.elements()],
        duplicated=[f"{user} was shown {text!r}, which was not to be" for text in surplus.elements()],
        disordered=[f"{user} was shown {', '.join(shown)}"] if is_disordered else (),
    )
