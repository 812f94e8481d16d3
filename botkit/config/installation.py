"""The settings of one installation, from the checked tree of bots.yaml."""

from collections.abc import Collection, Iterator
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import frozen

from botkit.config.lookups import lookup_hosts
from botkit.config.nodes import (
    Broken,
    Items,
    Keys,
    Node,
    Path,
    Scalar,
    entry,
    items_of,
    keys_of,
    said,
    scalars_of,
    shown_path,
)
from botkit.config.problems import Problems
from botkit.errors import ConfigError
from botkit.reach import is_loopback
from botkit.settings import API_URL, Account, HandoverSettings, ServerSettings, Settings

_PUBLIC: Final = "https://bots.example.com"
_WEBHOOK: Final = "https://example.com/handovers"
_PATHS: Final = ("inbound", "status", "combined")
_UNVERIFIED: Final = "false is for this machine only, and {}, or have signatures verified"


def settings_from(tree: Node, problems: Problems, *, secrets: bool) -> Settings:
    """Settings from a tree whose references are followed; without *secrets* there are no accounts.

    What is wrong with those is told all the same, as far as it is written out, and what they lack is a warning.
    """
    server = ServerSettings(**_values(entry(tree, "server")))
    _check_paths(server, entry(tree, "server"), problems)
    _check_url(entry(tree, "server"), ("server", "public_url"), _PUBLIC, problems)
    handover = HandoverSettings(**_values(entry(tree, "handover")))
    _check_url(entry(tree, "handover"), ("handover", "webhook"), _WEBHOOK, problems, may_query=True)
    vonage = entry(tree, "vonage")
    if secrets and vonage is None:
        problems.add(tree, (), 'the key "vonage" is missing; `botkit run --dev` needs none')
    authors = list(_accounts(vonage))
    _check_pages(authors, problems)
    accounts = tuple(author.account(server, problems, secrets=secrets) for author in authors)
    return Settings(
        store=_beside(said(entry(tree, "store")) or Settings().store, problems.file),
        server=server,
        handover=handover,
        accounts=accounts if secrets else (),
        lookups=lookup_hosts(tree, problems),
        **{
            key: value for key, value in _values(tree).items() if key in ("lease_seconds", "doubt_seconds", "keep_days")
        },
    )


def _values(node: Node | None) -> dict[str, Any]:
    """The values of a mapping that are no lists or mappings; the schema says what they are."""
    return {
        key: one.value.strip() if isinstance(one.value, str) else one.value
        for key, one in keys_of(node).items()
        if isinstance(one, Scalar)
    }


def _beside(path: str, file: str) -> str:
    """A relative path is relative to the file that names it."""
    return path if "://" in path or path == ":memory:" else str(PurePath(file).parent / path)


def _check_paths(server: ServerSettings, node: Node | None, problems: Problems) -> None:
    taken = {"/health/live": "botkit's own health check", "/health/ready": "botkit's own health check"}
    for name in _PATHS:
        path = getattr(server, name)
        owner = taken.setdefault(path, f"server.{name}")
        given = entry(node, name) or node
        if owner != f"server.{name}" and given is not None:
            problems.add(given, ("server", name), f"this is the path of {owner} already; take another")


def _accounts(vonage: Node | None) -> Iterator["_AccountAuthor"]:
    for number, node in enumerate(items_of(vonage)):
        path: Path = ("vonage", number) if isinstance(vonage, Items) else ("vonage",)
        if isinstance(node, Keys):
            yield _AccountAuthor(node, path)


@frozen
class _AccountAuthor:
    """Reads one account from its part of the *tree*."""

    tree: Keys
    path: Path

    def account(self, server: ServerSettings, problems: Problems, *, secrets: bool) -> Account:
        """The account of a *server*; what cannot work is added to *problems*."""
        fields = _values(self.tree)
        fields.pop("signature_secret", None)
        for name in ("pages", "applications"):
            fields[name] = self._texts(name)
        if "private_key" in fields and "-----BEGIN" not in fields["private_key"]:
            fields["private_key"] = _beside(fields["private_key"], problems.file)
        place = str(problems.place(self.tree.entries.get("private_key", self.tree)))
        account = Account(**fields, signature_secrets=self._texts("signature_secret"), place=place)
        for told in self._lacking():
            if secrets:
                problems.add(self.tree, self.path, told)
            else:
                problems.warn(problems.place(self.tree), f"{shown_path(self.path)}: {told}; `botkit run` refuses this")
        self._check_url(account, problems)
        if not account.verify_signatures and (exposed := _exposed(server)):
            self._complain(problems, "verify_signatures", _UNVERIFIED.format(exposed))
        return account

    def pages(self) -> Iterator[tuple[Scalar, Path]]:
        """The account's pages, each with its path."""
        for number, page in enumerate(scalars_of(entry(self.tree, "pages"))):
            yield page, (*self.path, "pages", number)

    def _texts(self, key: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(said(one) for one in scalars_of(entry(self.tree, key))))

    def _complain(self, problems: Problems, key: str, told: str) -> None:
        node = self.tree.entries.get(key, self.tree)
        problems.add(node, (*self.path, key) if key in self.tree.entries else self.path, told)

    def _lacking(self) -> Iterator[str]:
        """What the account cannot send or verify without."""
        has = self.tree.entries
        if ("application_id" in has) != ("private_key" in has):
            absent = "private_key" if "application_id" in has else "application_id"
            yield f"{absent} is missing; application_id and private_key go together"
        elif "application_id" not in has and not ("api_key" in has and "api_secret" in has):
            yield "an account needs application_id and private_key, or api_key and api_secret"
        verify = entry(self.tree, "verify_signatures")
        if isinstance(verify, Broken) or (isinstance(verify, Scalar) and verify.value is False):
            return
        missing = [key for key in ("api_key", "signature_secret") if key not in has]
        if len(missing) == 2:
            yield "api_key and signature_secret are missing; they show that webhooks come from Vonage"
        elif missing:
            told = "api_key and signature_secret together show that webhooks come from Vonage"
            yield f"{missing[0]} is missing; {told}"

    def _check_url(self, account: Account, problems: Problems) -> None:
        told = _wrong_url(account.base_url, API_URL)
        if told:
            self._complain(problems, "base_url", told)


def _check_url(
    node: Node | None, path: tuple[str, str], example: str, problems: Problems, *, may_query: bool = False
) -> None:
    url = entry(node, path[1])
    told = _wrong_url(said(url), example, may_query=may_query) if isinstance(url, Scalar) else ""
    if told and url is not None:
        problems.add(url, path, told)


def check_public_url(text: str) -> None:
    """Refuse what links cannot begin with; raises ConfigError."""
    if told := _wrong_url(text, _PUBLIC):
        raise ConfigError(f"--public-url: {told}.")


def _wrong_url(text: str, example: str, *, may_query: bool = False) -> str:
    """Why *text* is no URL such as *example*, empty if it is one; says nothing of what it holds."""
    try:
        url = urlsplit(text)
        host = url.hostname or ""
        _ = url.port
    except ValueError:
        return f"this is no URL; write one such as {example}"
    if url.scheme not in ("https", "http") or not host or any(map(str.isspace, text)):
        return f"this is no URL; write one such as {example}"
    if url.scheme == "http" and not is_loopback(host):
        return "this begins with https://; http:// is for this machine only"
    if url.username is not None or url.fragment or (url.query and not may_query):
        return f"this holds no password{'' if may_query else ' and no query'}; write it as in {example}"
    return ""


def _check_pages(authors: list[_AccountAuthor], problems: Problems) -> None:
    claimed: dict[str, Scalar] = {}
    for author in authors:
        if len(authors) > 1 and "pages" not in author.tree.entries:
            problems.add(author.tree, author.path, "where there are several accounts each needs its pages")
        for page, path in author.pages():
            first = claimed.setdefault(said(page), page)
            if first is not page:
                named = "this page" if page.secret or first.secret else f"page {said(page)[:40]}"
                problems.add(page, path, f"{named} is listed already, at {problems.place(first)}; name it once")


def listed_pages(tree: Node | None) -> Collection[str] | None:
    """The pages that the accounts list; None where that is every page, or nobody can tell."""
    authors = list(_accounts(entry(tree, "vonage")))
    lists = [author.tree.entries.get("pages") for author in authors]
    if not all(isinstance(item, Scalar) for pages in lists if pages is not None for item in items_of(pages)):
        return None
    return {said(page) for author in authors for page, _ in author.pages()} if any(lists) else None


def _exposed(server: ServerSettings) -> str:
    """What leads others to *server*, and what to do about it; empty where nothing does."""
    if not is_loopback(server.host):
        return "server.host can be reached from others; listen on 127.0.0.1"
    url = server.public_url
    if url is not None and not _wrong_url(url, _PUBLIC) and not is_loopback(urlsplit(url).hostname or ""):
        return "server.public_url leads others here; leave it out"
    return ""


def check_exposure(settings: Settings) -> None:
    """Refuse unverified webhooks where strangers could send them; asked again after the command line had its say.

    Raises ConfigError where an account has ``verify_signatures: false`` and other machines can reach the server.
    """
    unverified = any(not account.verify_signatures for account in settings.accounts)
    if unverified and (exposed := _exposed(settings.server)):
        raise ConfigError(f"verify_signatures: {_UNVERIFIED.format(exposed)}")
