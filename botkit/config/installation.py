"""The settings of one installation, from the checked tree of bots.yaml."""

import ipaddress
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import urlsplit

from botkit.config.environment import Environment
from botkit.config.nodes import Items, Keys, Node, Scalar
from botkit.config.problems import Problems
from botkit.errors import ConfigError
from botkit.settings import Account, ServerSettings, Settings

_PLACES: Final = ("store", "server", "vonage")


def settings_from(
    value: dict[str, object], tree: Keys, environment: Environment, problems: Problems, *, secrets: bool
) -> Settings:
    """Settings with their references resolved; under ``vonage:`` only with *secrets*."""
    # The shape is checked: what the schema says about types holds.
    resolved: dict[str, Any] = {
        key: _resolved(tree.entries[key], value[key], key, environment, problems)
        for key in _PLACES
        if key in value and (secrets or key != "vonage")
    }
    if secrets and "vonage" not in value:
        problems.add(tree.line, tree.column, "", 'the key "vonage" is missing; `botkit run --dev` needs none')
    if problems.found:
        return Settings()
    accounts = resolved.get("vonage", [])
    accounts = accounts if isinstance(accounts, list) else [accounts]
    server = ServerSettings(**resolved.get("server", {}))
    settings = Settings(
        store=_beside(str(resolved.get("store", Settings().store)), problems.file),
        server=server,
        accounts=tuple(_account(one, problems.file) for one in accounts),
        lease_seconds=float(str(value.get("lease_seconds", 30))),
        doubt_seconds=float(str(value.get("doubt_seconds", 30))),
    )
    _check_accounts(settings, tree, problems)
    return settings


def _resolved(node: Node, value: object, path: str, environment: Environment, problems: Problems) -> object:
    if isinstance(node, Keys) and isinstance(value, dict):
        return {
            key: _resolved(node.entries[key], inner, f"{path}.{key}", environment, problems)
            for key, inner in value.items()
        }
    if isinstance(node, Items) and isinstance(value, list):
        return [_resolved(*pair, path, environment, problems) for pair in zip(node.items, value, strict=True)]
    if isinstance(node, Scalar) and isinstance(value, str):
        return environment.expanded(node, path, problems)
    return value


def _account(given: Mapping[str, Any], file: str) -> Account:
    fields = dict(given)
    secret = fields.pop("signature_secret", ())
    fields["signature_secrets"] = (secret,) if isinstance(secret, str) else tuple(secret)
    for name in ("pages", "applications"):
        if name in fields:
            fields[name] = tuple(fields[name])
    key = str(fields.get("private_key", ""))
    if key and "-----BEGIN" not in key:
        fields["private_key"] = str(PurePath(file).parent / key)
    return Account(**fields)


def _beside(store: str, file: str) -> str:
    """A relative path is relative to the file that names it."""
    return store if "://" in store or store == ":memory:" else str(PurePath(file).parent / store)


def _check_accounts(settings: Settings, tree: Keys, problems: Problems) -> None:
    node = tree.entries.get("vonage", tree)
    seen: set[str] = set()
    for account in settings.accounts:
        for text in _account_problems(account):
            problems.add(node.line, node.column, "vonage", text)
        for page in account.pages:
            if page in seen:
                problems.add(node.line, node.column, "vonage", f"page {page} has two accounts; name it in one")
            seen.add(page)
    try:
        check_exposure(settings)
    except ConfigError as error:
        problems.add(node.line, node.column, "vonage", str(error))


def _account_problems(account: Account) -> list[str]:
    found = []
    if not (account.application_id and account.private_key) and not (account.api_key and account.api_secret):
        found.append("an account needs application_id and private_key, or api_key and api_secret")
    if account.verify_signatures and not (account.api_key and any(account.signature_secrets)):
        found.append("api_key and signature_secret are missing; they verify that webhooks come from Vonage")
    url = urlsplit(account.base_url)
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.hostname or "")):
        found.append(f'base_url begins with https:// (http only to this machine), found "{account.base_url}"')
    return found


def is_loopback(host: str) -> bool:
    """Whether *host* can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_exposure(settings: Settings) -> None:
    """Refuse unverified webhooks where strangers could send them; asked again after the command line had its say."""
    unverified = any(not account.verify_signatures for account in settings.accounts)
    if unverified and not is_loopback(settings.server.host):
        raise ConfigError(
            f"verify_signatures: false is for this machine only, and {settings.server.host} can be reached from others"
        )
