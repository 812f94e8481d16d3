"""Settings as values: what of them may be seen."""

from typing import get_type_hints

import pytest
from attrs import Attribute, evolve, fields

from botkit.settings import Account, ServerSettings, Settings

#: The texts that a ``repr`` may show: none of them is a secret, and none can hold one.
HARMLESS = {
    "Account": {"application_id", "api_key", "messages_api", "pages", "applications"},
    "ServerSettings": {"host", "inbound", "status", "combined", "public_url"},
    "Settings": set(),
}


def texts(kind: type) -> "list[Attribute[object]]":
    """The fields that hold text."""
    hints = get_type_hints(kind)
    return [one for one in fields(kind) if "str" in str(hints[one.name]) or "Literal" in str(hints[one.name])]


@pytest.mark.parametrize("kind", [Account, ServerSettings, Settings])
def test_no_field_that_may_hold_a_secret_is_shown(kind: type) -> None:
    """A new field that holds text is shown only once somebody has thought about it, here."""
    marked = {one.name: f"hush-{one.name}-hush" for one in texts(kind)}
    values = {name: (mark,) if isinstance(getattr(kind(), name), tuple) else mark for name, mark in marked.items()}
    shown = repr(kind(**values))

    assert {name for name, mark in marked.items() if mark in shown} == HARMLESS[kind.__name__]


def test_an_installation_shows_no_password() -> None:
    """Neither its store's nor its accounts'."""
    account = Account(
        private_key="-----BEGIN hush",
        api_secret="hush",
        signature_secrets=("hush",),
        base_url="https://u:hush@a.example",
    )
    settings = evolve(Settings(), store="postgresql://botkit:hush@db.example/botkit", accounts=(account,))

    assert "hush" not in repr(settings)
