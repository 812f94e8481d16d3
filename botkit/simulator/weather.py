"""Bad weather: how the simulator misbehaves when it is asked to."""

from typing import Final, Literal, get_args

from attrs import field, frozen

Mood = Literal["answer", "hang", "half_close", "reset", "accept_and_reset", "accept_and_hang", "slow"]

MOODS: Final = get_args(Mood)


@frozen(kw_only=True)
class Weather:
    """What happens to the next *times* requests.

    ``answer`` answers *status* with the documented error; ``hang`` never answers and accepts nothing; ``half_close``
    shuts the connection without an answer; ``reset`` breaks it; ``accept_and_reset`` and ``accept_and_hang`` do so
    after the message was accepted; ``slow`` answers after *seconds*. *page* limits it to one page's requests.
    """

    mood: Mood = field(default="answer")
    status: int = 503
    retry_after_seconds: int | None = None
    seconds: float = 1.0
    times: int = 1
    page: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.mood not in MOODS:
            raise ValueError(f"There is no weather {self.mood!r}; known are {', '.join(MOODS)}.")
