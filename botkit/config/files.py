"""The bots of an installation by the files they stand in: below ``bots:`` in bots.yaml, or each in bots/NAME.yaml."""

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from pathlib import PurePath

from attrs import frozen

from botkit.config.album import ReadFile
from botkit.config.bots import Author, ImportName
from botkit.config.nodes import Keys, Node, Path, Scalar, entry
from botkit.config.problems import Problems, closest
from botkit.config.reader import parse
from botkit.config.shape import shaped
from botkit.errors import ConfigError


@frozen
class BotFile:
    """A file whose *tree* is one bot, called as the file is; the tree is None where nothing could be read."""

    problems: Problems
    tree: Node | None = None

    @property
    def name(self) -> Scalar:
        """What the bot is called; it stands nowhere in the file, so that its beginning stands for it."""
        return Scalar(text=PurePath(self.problems.file).stem, line=1, column=1)


def bot_file(text: str | bytes, problems: Problems) -> BotFile:
    """The bot of one file, its shape checked."""
    tree = parse(text, problems)
    if tree is None and not problems.found:
        problems.add((1, 1), (), "the file is empty; a bot's keys stand in it, such as intents: and fallback:")
    return BotFile(problems, None if tree is None else shaped(tree, problems, "bot"))


def authors_of(
    tree: Node | None,
    problems: Problems,
    beside: Sequence[BotFile],
    import_name: ImportName,
    *,
    hosts: Collection[str] | None,
    read_file: ReadFile,
) -> Iterator[Author]:
    """The authors of all bots: those in the *tree* of a bots.yaml, then those of the files *beside* it.

    *hosts* are those at which they may look something up, None where nobody knows. *read_file* reads their pictures.
    """
    author = partial(Author.of, import_name=import_name, hosts=hosts, read_file=read_file)
    if isinstance(tree, Keys) and "bots" not in tree.entries and not beside and closest("bots", tree.keys) is None:
        told = 'the key "bots" is missing; or give each bot a file of its own beside this one, as bots/NAME.yaml'
        problems.add(tree, (), told)
    bots = entry(tree, "bots")
    taken = dict[str, str]()
    for name, key in bots.keys.items() if isinstance(bots, Keys) else ():
        if not name.strip():
            problems.add(key, ("bots",), "a bot needs a name in front of its colon")
            continue
        taken[name] = str(problems.place(key))
        if isinstance(one := entry(bots, name), Keys):
            yield author(key, one, ("bots", name), problems=problems)
    for file in beside:
        there = taken.setdefault(file.name.text, file.problems.file)
        if there != file.problems.file:
            told = f'there is a bot "{file.name.text[:40]}" already, at {there}; keep one of the two'
            file.problems.add(file.name, (), told)
        elif isinstance(file.tree, Keys):
            yield author(file.name, file.tree, (), problems=file.problems)


def check_pages(authors: Sequence[Author], listed: Collection[str] | None) -> None:
    """Complain of pages that two bots claim, that no account has *listed*, and of bots without any among several."""
    claimed: dict[str, tuple[Author, Scalar]] = {}
    for author in authors:
        pages: list[tuple[str, Scalar, Path]] = list(author.pages())
        if not pages and len(authors) > 1 and not author.has_broken("pages", "python"):
            told = "where there are several bots each needs pages: with the ids of its Facebook Pages"
            author.problems.add(author.key, author.path, told)
        for page, node, path in pages:
            other, first = claimed.setdefault(page, (author, node))
            if other is not author:
                at = other.problems.place(first)
                told = f'page {page[:40]} is claimed by the bot "{other.name[:40]}" already, at {at}'
                author.problems.add(node, path, told)
            elif listed is not None and page not in listed:
                told = f"page {page[:40]} is among the pages of no account under vonage: list it there, or leave it out"
                author.problems.add(node, path, told)


def errors_of(each: Sequence[Problems]) -> ConfigError:
    """What is wrong in *each* file, as one error."""
    return ConfigError(*(told for problems in each if problems.found for told in problems.error().problems))
