"""How far one message is followed through the phrases: so far that no phrases make a long one dear, however many.

A step takes a reading on by one edge of the trees, from all places of a message at once, so that it costs what there is
of the message. Phrases that people write are told apart by their words: among 5,000 of them no message took more than
11 steps, and a letter of 2,000 characters that ends with a number, a day and an hour took 12. Only where many phrases
that are unlike one another fit the same words at once there are more to take, as many as there are phrases: to find
such at once is the problem of partial match, of which no solution is known that needs less (Rivest, "Partial-match
retrieval algorithms", 1976). So there are so many for each message, and what is found by then is what there is, the
same each time. What is dear is paid before it is done, and not done with less, so that the last step costs no more than
the others; only what the one that is found takes is asked for, whatever that costs.
"""

from typing import Final

#: Steps times characters: 20 steps for the longest message, 200 for one of 200 characters.
EFFORT: Final = 40_000
#: A message with more characters for each of its words, those behind it included, has few of them.
WORD: Final = 6
#: What costs a step besides: to look at so many words, to look up so many one by one, or in one set, and to take down
#: so many values.
LOOKED_AT: Final = 16
LOOKED_UP: Final = 64
GATHERED: Final = 400
TAKEN_DOWN: Final = 4


def steps_for(characters: int, words: int) -> int:
    """How many steps a message of so many characters, one at least, may take.

    Of one that has few words for its length a tenth costs so much less that the whole may take only half as many.

    >>> steps_for(2_000, 350), steps_for(2_000, 10), steps_for(200, 35)
    (20, 10, 200)
    """
    return EFFORT // max(characters, 2 * characters - WORD * words)
