"""Compact JSON: text without a space too many, by encoders that are made once, and read the shortest way.

`json.JSONEncoder` makes another encoder in C for every value, which takes longer than that one takes to write a small
value. What contains itself ends in a RecursionError here, and must have been refused before (`botkit.plain`).
"""

import json
from collections.abc import Callable
from json import encoder
from typing import Any, Final

Encode = Callable[[object], str]
#: What comes out is what JSON can hold.
Decode = Callable[[str], Any]


def _encode(escaped: Callable[[str], str], *, ascii_only: bool) -> Encode:
    plain = json.JSONEncoder(separators=(",", ":"), ensure_ascii=ascii_only)
    # A Python without the part in C has none, and no need of this either.
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:
        return plain.encode
    chunks = make(None, plain.default, escaped, None, ":", ",", False, False, True)
    return lambda value: "".join(chunks(value, 0))


#: What is beyond ASCII is written as escapes.
ascii_json: Final = _encode(encoder.encode_basestring_ascii, ascii_only=True)
#: What is beyond ASCII is written as it is.
unicode_json: Final = _encode(encoder.encode_basestring, ascii_only=False)


def reader_of(decoder: json.JSONDecoder) -> Decode:
    """What reads JSON as *decoder* does, but looks for white space before and behind it only where there is some."""

    def read(text: str) -> Any:
        try:
            value, end = decoder.raw_decode(text)
        except json.JSONDecodeError:
            end = -1
        return value if end == len(text) else decoder.decode(text)

    return read


#: Raises ValueError for what is no JSON, and RecursionError for what is too deep.
read_json: Final[Decode] = reader_of(json.JSONDecoder())
