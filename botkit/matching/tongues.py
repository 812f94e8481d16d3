"""Tongues: what a text means that is no phrase, in a bot whose phrases are in several languages.

Each language is learned by itself, from its own phrases: words of two languages that are spelled alike do not mix, and
the English table of meanings is for English alone. A bot of one language has one tongue, which then decides alone.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Self

from attrs import frozen

from botkit.errors import BackendError
from botkit.language import Context, Tokens
from botkit.language.likeness import Build, Cache
from botkit.matching.intents import Read
from botkit.matching.understanding import NOTHING, Understanding, Understood, understanding_of
from botkit.matching.weighing import Weighed

if TYPE_CHECKING:
    from botkit.language.likeness.meanings import Meanings

#: Is told what went wrong.
Failed = Callable[[BackendError], None]
#: How much surer another language must be than that of the conversation.
LEAD: Final = 0.1


@frozen(eq=False)
class Tongues:
    """What was learned from the phrases of each language, that of the bot first.

    *failed* is told where a backend cannot judge a text, of which nothing is understood then; None: that is raised.
    *failure* is why nothing was learned, where something should have been.
    """

    learned: Sequence[Understanding] = ()
    failed: Failed | None = None
    failure: str | None = None

    @classmethod
    def of(
        cls,
        reads: Sequence[Read],
        *,
        own: str,
        build: Build | None,
        cache: Cache | None,
        meanings: "Callable[[str], Meanings | None]",
        failed: Failed | None,
    ) -> Self:
        """Learn each language of the phrases; those that do not say in which they are count as the bot's *own*."""
        languages = dict.fromkeys([own, *(one.language or own for read in reads for one in read.intent.phrases)])
        found = (
            understanding_of(reads, language=one, own=own, build=build, cache=cache, meanings=meanings(one))
            for one in languages
        )
        return cls([one for one in found if one is not None], failed)

    def judge(self, said: Tokens, context: Context, language: str) -> Understood:
        """What *said* is taken for in a conversation in *language*; another language must be surer."""
        try:
            if len(self.learned) == 1:
                return self.learned[0].judge(said, context)
            return self._judged(said, context, language)[1] or NOTHING
        except BackendError as error:
            self._tell(error)
            return NOTHING

    def weigh(self, said: Tokens, context: Context, language: str) -> tuple[Weighed | None, str | None]:
        """What *said* is taken for, and why, None where nothing was learned; and what went wrong."""
        try:
            one, _ = self._judged(said, context, language)
            return None if one is None else one.weigh(said, context), self.failure
        except BackendError as error:
            self._tell(error)
            return None, str(error)

    def _judged(
        self, said: Tokens, context: Context, language: str
    ) -> tuple[Understanding, Understood] | tuple[None, None]:
        judged = [(one, one.judge(said, context)) for one in self.learned]
        return max(judged, key=lambda each: _worth(each[0], each[1], language)) if judged else (None, None)

    def _tell(self, error: BackendError) -> None:
        if self.failed is None:
            raise error
        self.failed(error)


def _worth(one: Understanding, understood: Understood, language: str) -> tuple[bool, bool, float]:
    """How much what was understood in one language counts: an answer more than a suggestion, and then the surer."""
    sure = max((candidate.sure for candidate in understood.guess.candidates), default=-1.0)
    lead = LEAD if one.language == language else 0.0
    return understood.match is not None, bool(understood.near), sure + lead
