"""The built-in model: what was learned from all phrases, ready to rank the intents for a message."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from attrs import frozen

from botkit.language.likeness.encoding import Encoder, Floats, Numbers, Vector
from botkit.language.likeness.features import NUMBER, WORDS_LIMIT, shapes
from botkit.language.likeness.protocol import ReadWord
from botkit.language.text import tokens

#: How many intents are ranked.
RANKED: Final = 10


class Head(Protocol):
    """Scores for the intents, from the features of a message."""

    def scores(self, vector: Vector) -> tuple[Sequence[int], Floats]:
        """The intents that may be meant, by number and ascending, some hundreds at most, and the score of each."""
        ...

    def weights(self, intent: int) -> Floats:
        """How much each feature speaks for *intent*, by number."""
        ...

    def turned_to(self, intent: int) -> Floats:
        """How much each number of a direction speaks for *intent*."""
        ...

    def arrays(self) -> Sequence[Floats | Numbers]:
        """What `head_of` makes the same head from."""
        ...


@frozen(eq=False)
class Dense:
    """A head with a weight for each feature and each intent, and of *turned* for each number of a direction."""

    table: Floats
    turned: Floats

    def scores(self, vector: Vector) -> tuple[Sequence[int], Floats]:
        """Every intent, and the score of each."""
        # For so few numbers a method takes half the time of an operator.
        scores: Floats = vector.values.dot(self.table.take(vector.features, axis=0))
        if len(vector.direction):
            scores += vector.direction.dot(self.turned)
        return range(self.table.shape[1]), scores

    def weights(self, intent: int) -> Floats:
        """How much each feature speaks for *intent*."""
        return self.table[:, intent]

    def turned_to(self, intent: int) -> Floats:
        """How much each number of a direction speaks for *intent*."""
        return self.turned[:, intent]

    def arrays(self) -> Sequence[Floats | Numbers]:
        """The tables."""
        return self.table, self.turned


@frozen(eq=False)
class Learned:
    """A model of likeness: *names* of intents by number, an *encoder* for texts and a *head* for their vectors."""

    names: tuple[str, ...]
    encoder: Encoder
    head: Head

    def rank(self, text: str) -> list[tuple[str, float]]:
        """The ten intents that *text* is most like, the best first, of equals the first declared."""
        return self.ranked(self.encoder.vector(text))

    def ranked(self, vector: Vector) -> list[tuple[str, float]]:
        """The ten intents that a text with this *vector* is most like."""
        if not len(vector.features) and not vector.direction.any():
            return []
        intents, scores = self.head.scores(vector)
        order = (-scores).argsort(kind="stable")[:RANKED]
        return [
            (self.names[intents[one]], score) for one, score in zip(order.tolist(), scores[order].tolist(), strict=True)
        ]

    def words(self, text: str, intent: str) -> list[ReadWord]:
        """The words of *text*, how each was read, and how much it spoke for *intent*."""
        said = tokens(text).words[:WORDS_LIMIT]
        if not said:
            return []
        read = self.encoder.read(shapes(said))
        meanings = self._meanings(read, intent)
        return [
            ReadWord(said=word, read=self._as_read(word, meant), weight=weight + meaning, meaning=meaning)
            for word, meant, weight, meaning in zip(said, read, self._weights(read, intent), meanings, strict=True)
        ]

    def _as_read(self, word: str, meant: str) -> str | None:
        """What *word* was read as, in words that somebody has written: all numbers are known where one is."""
        if meant not in self.encoder.words:
            return None
        return word if meant == NUMBER else meant

    def _meanings(self, read: Sequence[str], intent: str) -> list[float]:
        """What the direction of each word adds to the score."""
        shares = self.encoder.shares_of(read)
        if intent not in self.names or not shares.shape[1]:
            return [0.0] * len(read)
        found: list[float] = (shares @ self.head.turned_to(self.names.index(intent))).tolist()
        return found

    def _weights(self, read: Sequence[str], intent: str) -> list[float]:
        """What each word, with the pair it begins, adds to the score; what words share is shared out evenly."""
        if intent not in self.names:
            return [0.0] * len(read)
        vector = self.encoder.of_words(read)
        of_intent = self.head.weights(self.names.index(intent))[vector.features]
        worth: Mapping[int, float] = dict(
            zip(vector.features.tolist(), (vector.values * of_intent).tolist(), strict=True)
        )
        owned = [self.encoder.features_at(read, at) for at in range(len(read))]
        shared: dict[int, int] = {}
        for features in owned:
            for feature in features:
                shared[feature] = shared.get(feature, 0) + 1
        return [sum(worth.get(one, 0.0) / shared[one] for one in features) for features in owned]
