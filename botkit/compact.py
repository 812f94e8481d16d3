"""Compact JSON: text without a space too many, by encoders that are made once.

`json.JSONEncoder` makes another encoder in C for every value, which takes longer than that one takes to write a small
value. What contains itself ends in a RecursionError here, and must have been refused before (`botkit.plain`).
"""

import json
from collections.abc import Callable
from json import encoder
from typing import Final

Encode = Callable[[object], str]


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
