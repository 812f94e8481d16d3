"""What lookups find under test: what the test has said, and nothing from any network."""

import json
from collections.abc import Mapping
from typing import Final

from botkit.errors import HandlerError
from botkit.lookups import Found, Missed

#: What a lookup may come to besides an answer, by what it is called in a test.
TIME_OUT: Final = "time-out"
_FIRST: Final = 100
_LAST: Final = 599


def is_url(text: str) -> bool:
    """Whether *text* is the URL of something: no space is in one.

    >>> is_url("https://example.com/a.jpg"), is_url("a.jpg")
    (True, False)
    """
    return text.startswith(("https://", "http://")) and not any(map(str.isspace, text))


def found_as(value: object) -> Found | Missed:
    """What a lookup comes to that is said to be *value*: a mapping or a list, a status such as 404, or ``time-out``.

    >>> found_as({"status": "baked"}), found_as(404)
    (Found(value={'status': 'baked'}), Missed(why='it answered 404', status=404))

    Raises ValueError for anything else.
    """
    if isinstance(value, (Mapping, list)):
        return Found(value)
    if value == TIME_OUT:
        return Missed("it did not answer in time")
    if type(value) is int and _FIRST <= value <= _LAST and value != 200:
        return Missed(f"it answered {value}", value)
    raise ValueError(
        f'a lookup finds JSON, such as {{"status": "baked"}}, or answers a status such as 404, or {TIME_OUT}'
    )


def stated_as(found: Found | Missed) -> str:
    """How a transcript says what was found, in one line; whatever else went wrong is a time-out there.

    >>> stated_as(Found({"status": "baked"})), stated_as(Missed("it answered 404", 404))
    ('{"status": "baked"}', '404')
    """
    if isinstance(found, Found):
        return json.dumps(found.value, ensure_ascii=False)
    is_status = found.status is not None and _FIRST <= found.status <= _LAST
    return str(found.status) if is_status else TIME_OUT


class StatedLookups:
    """Finds at each URL what was *stated*, and fails a turn that looks up anything else."""

    def __init__(self) -> None:
        self.stated: dict[str, Found | Missed] = {}

    async def __call__(self, url: str) -> Found | Missed:
        """What was stated for *url*; raises HandlerError where nothing was."""
        if url not in self.stated:
            raise HandlerError(f'nobody has said what is found there; write ! lookup {url} = {{"field": "value"}}')
        return self.stated[url]
