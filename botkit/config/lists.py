"""``lists:`` of a bot: slot types of its own, from the tree into values with their synonyms."""

from collections.abc import Iterator, Sequence
from typing import Final

from botkit.bot import Bot
from botkit.config.nodes import Keys, Node, Path, Scalar, entry, keys_of, said, scalars_of
from botkit.config.problems import Problems
from botkit.config.translations import Translations
from botkit.language import tokens
from botkit.language.slots import BUILT_IN
from botkit.language.wordlists import SPELLING_LIMIT
from botkit.options import Lists
from botkit.translated import Translated

_RESERVED: Final = frozenset({*BUILT_IN, "choice"})


def lists_of(node: Node | None, path: Path, translations: Translations, python: Sequence[Bot]) -> Lists:
    """The lists of bots.yaml and of Python together."""
    problems = translations.problems
    lists = {name: values for bot in python for name, values in bot.lists.items()}
    for name, one in node.keys.items() if isinstance(node, Keys) else ():
        inner, here = entry(node, name), (*path, name)
        values = dict(_value(value, words, (*here, value), translations) for value, words in keys_of(inner).items())
        if name in _RESERVED:
            problems.add(one, path, f'"{name}" is a slot type already; choose another name')
        elif not name.isidentifier():
            problems.add(one, path, f'"{name[:40]}" cannot be the name of a list; use letters, digits and _')
        elif lists.get(name, values) != values:
            problems.add(one, path, f'there is another list "{name}" in Python; rename one of the two')
        else:
            # What is too long is told here, so that phrases with the list are no mistakes too.
            lists[name] = {} if _tell_too_long(inner, here, problems) else values
    return lists


def _value(value: str, node: Node, path: Path, translations: Translations) -> tuple[str, list[str]]:
    """A value and its synonyms; in another language than the bot's it is called as the first that is given for it."""
    synonyms = [said(word) for word in _words(node)]
    by_language = translations.names(node, path) or {}
    named = {language: said(words[0]) for language, node in by_language.items() if (words := scalars_of(node))}
    # It is always what it is in the bot's own language, whose names come first.
    named.pop(translations.own, None)
    return Translated({translations.own: value, **named}) if named else value, synonyms


def _words(node: Node) -> Iterator[Scalar]:
    """The synonyms of a value, in whatever language."""
    yield from scalars_of(node)
    for inner in keys_of(node).values():
        yield from scalars_of(inner)


def _tell_too_long(node: Node | None, path: Path, problems: Problems) -> bool:
    """Whether a list has values or synonyms that nobody could say as one."""
    if not isinstance(node, Keys):
        return False
    spellings = (*node.keys.values(), *(one for inner in node.entries.values() for one in _words(inner)))
    too_long = [one for one in spellings if len(tokens(said(one))) > SPELLING_LIMIT]
    for one in too_long:
        problems.add(one, path, f"this value has more than {SPELLING_LIMIT} words; shorten it")
    return bool(too_long)
