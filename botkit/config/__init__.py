"""bots.yaml and the environment into bots and settings. Reading files and importing names are passed in by the door.

A file goes one way: its text (`source`) becomes a tree of texts with places (`reader`, `syntax` for what cannot be
read), references are followed (`environment`), the schema says what each text is (`shape`), and settings
(`installation`) and bots (`bots`) are built. Every step adds what is wrong to `problems` and breaks that part of the
tree, so that the next step goes on with the rest: an author is told everything at once, and nothing twice.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from attrs import evolve, frozen

from botkit.bot import Bot
from botkit.config.bots import Author, ImportName
from botkit.config.environment import Environment, without_references
from botkit.config.installation import check_exposure, check_public_url, is_loopback, settings_from
from botkit.config.nodes import Keys, Node, Path, Scalar, entry
from botkit.config.problems import TOLD_LIMIT, Enough, Problems
from botkit.config.reader import parse
from botkit.config.shape import schema_text, shaped
from botkit.settings import Settings

__all__ = ["Configuration", "check_exposure", "check_public_url", "is_loopback", "read", "schema_text"]


#: The parts of a file whose references lead to secrets.
_SECRET: Final = ("vonage", "handover")


@frozen(kw_only=True)
class Configuration:
    """An installation: its settings and its bots, and *warnings* about what runs but is hardly meant."""

    settings: Settings
    bots: tuple[Bot, ...]
    warnings: tuple[str, ...] = ()


def read(
    text: str | bytes,
    *,
    file: str,
    environment: Mapping[str, str],
    read_file: Callable[[str], str | bytes],
    import_name: ImportName,
    secrets: bool,
) -> Configuration:
    """Read the *text* of a bots.yaml called *file*, of at most 1 MB.

    References to *environment* and files are followed in store and server, and in vonage and handover with *secrets*.
    Raises ConfigError with every complaint at once, the first hundred of them each with line, column and a caret.

    >>> found = read(
    ...     "{version: 1, bots: {bakery: {fallback: 'Hello!'}}}", file="bots.yaml", environment={},
    ...     read_file=open, import_name=__import__, secrets=False,
    ... )
    >>> [bot.name for bot in found.bots]
    ['bakery']
    """
    problems = Problems(file)
    followed = Environment(environment, read_file)
    try:
        return _configuration(text, problems, followed, import_name, secrets=secrets)
    except Enough:
        raise problems.error() from None


def _configuration(
    text: str | bytes, problems: Problems, environment: Environment, import_name: ImportName, *, secrets: bool
) -> Configuration:
    tree = parse(text, problems)
    if tree is None:
        if not problems.found:
            problems.add((1, 1), (), "the file is empty; it begins with version: 1, and bots: below it")
        raise problems.error()
    tree = shaped(_followed(tree, environment, problems, secrets=secrets), problems)
    settings = settings_from(tree, problems, secrets=secrets)
    authors = list(_authors(entry(tree, "bots"), problems, import_name))
    _check_pages(authors, problems)
    bots = [bot for author in authors if (bot := author.bot()) is not None]
    if problems.found:
        raise problems.error()
    warnings = [*problems.warnings, *(str(warning) for bot in bots for warning in bot.router.warnings)]
    return Configuration(settings=settings, bots=tuple(bots), warnings=_bounded(warnings, problems.file))


def _bounded(warnings: list[str], file: str) -> tuple[str, ...]:
    """The first of the *warnings*, each once, and how many more there are."""
    each = list(dict.fromkeys(warnings))
    more = [f"{file}: and {len(each) - TOLD_LIMIT} more"] if len(each) > TOLD_LIMIT else []
    return (*each[:TOLD_LIMIT], *more)


def _followed(tree: Node, environment: Environment, problems: Problems, *, secrets: bool) -> Node:
    """The tree with the references in its settings followed; those to secrets only with *secrets*."""
    if not isinstance(tree, Keys):
        return tree
    entries = dict(tree.entries)
    for key in ("store", "server", *_SECRET):
        if key in entries and (secrets or key not in _SECRET):
            entries[key] = environment.expanded(entries[key], (key,), problems)
        elif key in entries:
            entries[key] = without_references(entries[key])
    return evolve(tree, entries=entries)


def _authors(bots: Node | None, problems: Problems, import_name: ImportName) -> Iterator[Author]:
    if not isinstance(bots, Keys):
        return
    for name, tree in bots.entries.items():
        key = bots.keys[name]
        if not name.strip():
            problems.add(key, ("bots",), "a bot needs a name in front of its colon")
        elif isinstance(tree, Keys):
            yield Author.of(name, key, tree, problems, import_name)


def _check_pages(authors: list[Author], problems: Problems) -> None:
    claimed: dict[str, tuple[str, Scalar]] = {}
    for author in authors:
        pages: list[tuple[str, Scalar, Path]] = list(author.pages())
        if not pages and len(authors) > 1 and not author.has_broken("pages", "python"):
            told = "where there are several bots each needs pages: with the ids of its Facebook Pages"
            problems.add(author.key, author.path, told)
        for page, node, path in pages:
            other, first = claimed.setdefault(page, (author.name, node))
            if other != author.name:
                told = f'page {page[:40]} is claimed by the bot "{other[:40]}" already, at {problems.place(first)}'
                problems.add(node, path, told)
