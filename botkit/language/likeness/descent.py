"""Finding the lowest point of a smooth convex function of many numbers, with few looks at it: L-BFGS."""

from collections import deque
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
#: Gives the value of a function at a point, and its gradient there.
Slope = Callable[[Doubles], tuple[float, Doubles]]

_REMEMBERED: Final = 8
_SHORTEST_STEP: Final = 1e-4


def lowest(slope: Slope, size: int, steps: int) -> Doubles:
    """Go down from zero by at most *steps* steps (Nocedal 1980, each halved until it goes down enough).

    >>> lowest(lambda at: (float(((at - 3) ** 2).sum()), 2 * (at - 3)), size=2, steps=5).round(3)
    array([3., 3.])
    """
    at = np.zeros(size)
    value, gradient = slope(at)
    remembered: deque[tuple[Doubles, Doubles, float]] = deque(maxlen=_REMEMBERED)
    for _ in range(steps):
        direction = -_bent(gradient, remembered)
        falling = float(gradient @ direction)
        length = 1.0 if remembered else 1.0 / max(1.0, float(np.abs(gradient).max(initial=0.0)))
        there = at + length * direction
        new_value, new_gradient = slope(there)
        while new_value > value + 1e-4 * length * falling:
            length /= 2
            if length < _SHORTEST_STEP:
                return at
            there = at + length * direction
            new_value, new_gradient = slope(there)
        moved, turned = there - at, new_gradient - gradient
        # At the lowest point steps are so short that their squares are nothing at all.
        if (curvature := float(moved @ turned)) > 0 and float(turned @ turned) > 0:
            remembered.append((moved, turned, curvature))
        at, value, gradient = there, new_value, new_gradient
    return at


def _bent(gradient: Doubles, remembered: deque[tuple[Doubles, Doubles, float]]) -> Doubles:
    """The gradient times what the last steps tell about the inverse of the curvature."""
    bent = gradient.copy()
    shares = []
    for moved, turned, curvature in reversed(remembered):
        shares.append(float(moved @ bent) / curvature)
        bent -= shares[-1] * turned
    if remembered:
        _, turned, curvature = remembered[-1]
        bent *= curvature / float(turned @ turned)
    for (moved, turned, curvature), share in zip(remembered, reversed(shares), strict=True):
        bent += (share - float(turned @ bent) / curvature) * moved
    return bent
