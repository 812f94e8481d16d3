"""bots.yaml and the environment into bots and settings. Reading files and importing names are passed in by the door."""

from collections.abc import Callable, Mapping

from attrs import frozen

from botkit.bot import Bot
from botkit.config.authoring import Author, ImportName
from botkit.config.environment import Environment
from botkit.config.installation import check_exposure, is_loopback, settings_from
from botkit.config.nodes import Items, Keys, Scalar, parse
from botkit.config.problems import Problems
from botkit.config.shape import check, schema_text
from botkit.settings import Settings

__all__ = ["Configuration", "check_exposure", "is_loopback", "read", "schema_text"]


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
    read_file: Callable[[str], bytes],
    import_name: ImportName,
    secrets: bool,
) -> Configuration:
    """Read the *text* of a bots.yaml called *file*.

    References to *environment* and files are resolved in store and server, and under ``vonage:`` with *secrets*.
    Raises ConfigError with every complaint at once, each with line, column and a caret.
    """
    problems = Problems(file)
    tree = parse(text, problems)
    if problems.found or tree is None:
        if not problems.found:
            problems.add(1, 1, "", "the file is empty; it begins with version: 1, and bots: below it")
        raise problems.error()
    value = check(tree, problems)
    if not isinstance(tree, Keys) or not isinstance(value, dict):
        raise problems.error()
    problems.tell_once()
    settings = Settings()
    if not problems.found:
        settings = settings_from(value, tree, Environment(environment, read_file), problems, secrets=secrets)
    bots = tuple(_bots(tree, problems, import_name))
    _check_pages(tree, problems)
    if problems.found:
        raise problems.error()
    warnings = tuple(str(warning) for bot in bots for warning in bot.router.warnings)
    return Configuration(settings=settings, bots=bots, warnings=warnings)


def _bots(tree: Keys, problems: Problems, import_name: ImportName) -> list[Bot]:
    bots = tree.entries.get("bots")
    if not isinstance(bots, Keys):
        return []
    built = [
        Author(name, node, f"bots.{name}", problems, import_name).bot()
        for name, node in bots.entries.items()
        if isinstance(node, Keys)
    ]
    return [bot for bot in built if bot is not None]


def _check_pages(tree: Keys, problems: Problems) -> None:
    bots = tree.entries.get("bots")
    if not isinstance(bots, Keys):
        return
    claimed: dict[str, str] = {}
    for name, node in bots.entries.items():
        pages = node.entries.get("pages") if isinstance(node, Keys) else None
        if pages is None and len(bots.entries) > 1:
            problems.add(node.line, node.column, f"bots.{name}", "where there are several bots, each needs its pages:")
        for page in pages.items if isinstance(pages, Items) else ():
            if isinstance(page, Scalar) and claimed.setdefault(page.text, name) != name:
                text = f'page {page.text} is claimed by the bot "{claimed[page.text]}" already'
                problems.add(page.line, page.column, f"bots.{name}.pages", text)
