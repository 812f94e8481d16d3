"""The vectors of all phrases as one sparse matrix, and the two products of it that learning needs."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import frozen

from botkit.language.likeness.encoding import Floats, Numbers, Vector

#: Features of more phrases than that are multiplied as a dense matrix, rarer ones pair by pair.
_COMMON: Final = 24


@frozen(eq=False)
class Rows:
    """A sparse matrix of *height* rows: each entry's row, feature and value, ordered by feature and then by row."""

    rows: Numbers
    features: Numbers
    values: Floats
    height: int

    @classmethod
    def of(cls, vectors: Sequence[Vector]) -> "Rows":
        """The matrix that has *vectors* for its rows, of which there is one at least."""
        rows = np.repeat(np.arange(len(vectors)), [len(one.features) for one in vectors])
        features = np.concatenate([one.features for one in vectors])
        values = np.concatenate([one.values for one in vectors])
        order = np.argsort(features, kind="stable")
        return cls(rows[order], features[order], values[order], len(vectors))

    def by_row(self) -> "ByRow":
        """The same entries, ordered by row."""
        order = np.argsort(self.rows, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.rows, minlength=self.height))])
        return ByRow(starts, self.features[order], self.values[order])

    def parted(self) -> "Parted":
        """The same matrix, its common features apart from its rare ones."""
        is_common = np.bincount(self.features) > _COMMON
        number = np.cumsum(is_common) - 1
        there = is_common[self.features]
        dense = np.zeros((self.height, int(is_common.sum())), np.float32)
        dense[self.rows[there], number[self.features[there]]] = self.values[there]
        rare = Rows(self.rows[~there], self.features[~there], self.values[~there], self.height)
        return Parted(np.flatnonzero(is_common), dense, rare)


@frozen(eq=False)
class ByRow:
    """The entries of a sparse matrix, each row's from its start to the next."""

    starts: Numbers
    features: Numbers
    values: Floats


@frozen(eq=False)
class Parted:
    """A sparse matrix whose *common* features are columns of a *dense* one, and whose *rare* ones are entries."""

    common: Numbers
    dense: Floats
    rare: Rows

    def kernel(self) -> Floats:
        """How alike each two rows are: the product of the matrix with itself."""
        product: Floats = self.dense @ self.dense.T
        product += self._of_rare()
        return product

    def _of_rare(self) -> Floats:
        rare, height = self.rare, self.rare.height
        keys, products = [], []
        for apart in range(1, min(_COMMON, len(rare.rows))):
            first = np.flatnonzero(rare.features[apart:] == rare.features[:-apart])
            keys.append(rare.rows[first] * height + rare.rows[first + apart])
            products.append(rare.values[first] * rare.values[first + apart])
        upper = np.zeros((height, height), np.float32)
        if keys:
            upper.ravel()[:] = np.bincount(np.concatenate(keys), np.concatenate(products), height * height)
        upper += upper.T.copy()
        upper[np.diag_indices(height)] += np.bincount(rare.rows, rare.values * rare.values, height).astype(np.float32)
        return upper

    def transposed_times(self, factors: Floats, width: int) -> Floats:
        """The transposed matrix, of *width* features, times *factors*, of which each row belongs to one of ours."""
        product = np.zeros((width, factors.shape[1]), np.float32)
        product[self.common] = self.dense.T @ factors
        rare = self.rare
        if len(rare.rows):
            found, starts = np.unique(rare.features, return_index=True)
            product[found] = np.add.reduceat(factors[rare.rows] * rare.values[:, None], starts)
        return product
