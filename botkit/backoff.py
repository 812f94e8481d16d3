"""How long to wait before trying again."""

from random import Random

from attrs import frozen


@frozen(kw_only=True)
class Backoff:
    """Waits that double from *first_seconds* up to *longest_seconds*, jittered where an rng is given.

    >>> [Backoff(first_seconds=1, longest_seconds=5).seconds(attempt) for attempt in (1, 2, 3, 4)]
    [1.0, 2.0, 4.0, 5]
    """

    first_seconds: float
    longest_seconds: float

    def seconds(self, attempt: int, rng: Random | None = None) -> float:
        """The wait after the *attempt*-th try (from 1); with *rng* anywhere between half of it and all of it."""
        longest = min(self.longest_seconds, self.first_seconds * 2.0 ** min(attempt - 1, 32))
        return longest if rng is None else longest * rng.uniform(0.5, 1.0)
