"""Understanding text: words, slots and templates. Values in, values out."""

from botkit.language.slots import Context, Slot
from botkit.language.templates import Template, parse
from botkit.language.text import Tokens, normalise, tokens

__all__ = ["Context", "Slot", "Template", "Tokens", "normalise", "parse", "tokens"]
