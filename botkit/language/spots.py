"""Sets of tokens of one message as the bits of an int, so that one step takes a reading on from all of them at once."""

from collections.abc import Iterator

#: Bit n stands for the place before token n; the bit behind all tokens for the end of the message.
Spots = int


def lowest(spots: Spots) -> int:
    """The first of *spots*, of which there is one at least."""
    return (spots & -spots).bit_length() - 1


def highest(spots: Spots) -> int:
    """The last of *spots*; -1 if there is none."""
    return spots.bit_length() - 1


def each(spots: Spots) -> Iterator[int]:
    """All of *spots*, in order.

    >>> list(each(0b1101)), lowest(0b1100), highest(0b1100)
    ([0, 2, 3], 2, 3)
    """
    while spots:
        bit = spots & -spots
        yield bit.bit_length() - 1
        spots ^= bit


def between(first: int, end: int) -> Spots:
    """All from *first* up to, not including, *end*."""
    return (1 << end) - (1 << first) if first < end else 0
