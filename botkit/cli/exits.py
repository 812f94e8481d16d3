"""Exit codes: 0 fine, 1 found problems, 2 wrong usage, which is click's own."""

from typing import Final

PROBLEMS: Final = 1
