"""bots.yaml and the environment into bots and settings. Reading files and importing names are passed in by the door.

A file goes one way: its text (`source`) becomes a tree of texts with places (`reader`, `syntax` for what cannot be
read), references are followed (`environment`), the schema says what each text is (`shape`), and settings
(`installation`) and bots (`bots`) are built. Every step adds what is wrong to `problems` and breaks that part of the
tree, so that the next step goes on with the rest: an author is told everything at once, and nothing twice. Bots may
also stand in files of their own beside it (`files`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from attrs import evolve, frozen

from botkit.bot import Bot
from botkit.config.album import ReadFile
from botkit.config.bots import ImportName
from botkit.config.environment import Environment, without_references
from botkit.config.files import authors_of, bot_file, check_pages, errors_of
from botkit.config.installation import check_exposure, check_public_url, listed_pages, settings_from
from botkit.config.lookups import is_known
from botkit.config.nodes import Keys, Node
from botkit.config.problems import TOLD_LIMIT, Enough, Problems
from botkit.config.reader import parse
from botkit.config.schema import bot_schema_text, schema_text
from botkit.config.shape import shaped
from botkit.reach import is_loopback
from botkit.settings import Settings

__all__ = [
    "Configuration",
    "bot_schema_text",
    "check_exposure",
    "check_public_url",
    "is_loopback",
    "read",
    "schema_text",
]


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
    read_file: ReadFile,
    import_name: ImportName,
    secrets: bool,
    read_picture: ReadFile | None = None,
    beside: Mapping[str, str | bytes] = MappingProxyType({}),
) -> Configuration:
    """Read the *text* of a bots.yaml called *file*, of at most 1 MB; *read_file* reads what settings refer to.

    *read_picture* (default: *read_file*) reads what bots show, and may refuse with DefinitionError. *beside* are the
    texts of files by their paths, each of which is one bot of its file's name (``bots/NAME.yaml``).
    References to *environment* and files are followed in store and server, in vonage and handover with *secrets*, and
    in lookups, where only with *secrets* it is a mistake that one leads nowhere.
    Raises ConfigError with every complaint at once, the first hundred of each file with line, column and a caret.

    >>> found = read(
    ...     "{version: 1, bots: {bakery: {pages: 41}}}", file="bots.yaml", environment={}, read_file=open,
    ...     import_name=__import__, secrets=False, beside={"bots/cafe.yaml": "pages: 42"},
    ... )
    >>> [bot.name for bot in found.bots]
    ['bakery', 'cafe']
    """
    problems, others = Problems(file), {name: Problems(name) for name in beside}
    every = (problems, *others.values())
    try:
        files = [bot_file(content, others[name]) for name, content in beside.items()]
        followed = Environment(environment, read_file)
        tree, settings = _installation(text, problems, followed, secrets=secrets)
        hosts = [one.host for one in settings.lookups] if is_known(tree) else None
        pictures = read_picture or read_file
        authors = list(authors_of(tree, problems, files, import_name, hosts=hosts, read_file=pictures))
        check_pages(authors, listed_pages(tree))
        bots = tuple(bot for author in authors if (bot := author.bot()) is not None)
    except Enough:
        raise errors_of(every) from None
    if any(one.found for one in every):
        raise errors_of(every)
    warnings = [
        *(warning for one in every for warning in one.warnings),
        *(str(warning) for bot in bots for warning in bot.router.warnings),
    ]
    return Configuration(settings=settings, bots=bots, warnings=_bounded(warnings, file))


def _installation(
    text: str | bytes, problems: Problems, environment: Environment, *, secrets: bool
) -> tuple[Node | None, Settings]:
    """The checked tree of a bots.yaml, None where nothing could be read, and its settings."""
    tree = parse(text, problems)
    if tree is None:
        if not problems.found:
            problems.add((1, 1), (), "the file is empty; it begins with version: 1, and bots: below it")
        return None, Settings()
    tree = shaped(_followed(tree, environment, problems, secrets=secrets), problems)
    return tree, settings_from(tree, problems, secrets=secrets)


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
    if (lookups := entries.get("lookups")) is not None:
        # What is tried out at home may lack what it takes for real: it is missed when it is used.
        told = problems if secrets else Problems(problems.file)
        entries["lookups"] = environment.expanded(lookups, ("lookups",), told)
    return evolve(tree, entries=entries)
