"""Printing what was measured."""

import os
import statistics
from collections.abc import Sequence

from attrs import frozen


@frozen(kw_only=True)
class Figure:
    """One ratio with the bar it is held against; *most* and *least* say which way is good."""

    name: str
    ratios: Sequence[float]
    most: float | None = None
    least: float | None = None

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return statistics.median(self.ratios)

    def line(self) -> str:
        """The figure in a line: the median, its spread, and where there is one the bar and the verdict."""
        spread = f"{min(self.ratios):.2f}-{max(self.ratios):.2f}"
        if self.most is None and self.least is None:
            return f"  {self.name:<62} {self.median:6.2f}  ({spread})"
        bar = f"<= {self.most:g}" if self.most is not None else f">= {self.least:g}"
        good = self.median <= self.most if self.most is not None else self.median >= (self.least or 0)
        return f"  {self.name:<62} {self.median:6.2f}  ({spread}, bar {bar})  {'ok' if good else 'MISSED'}"


def show(title: str, figures: Sequence[Figure], notes: Sequence[str] = ()) -> None:
    """Print one benchmark's table."""
    print(f"{title}  (load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores)")
    for figure in figures:
        print(figure.line())
    for note in notes:
        print(f"  {note}")
    print(flush=True)
