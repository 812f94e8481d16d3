"""Which database a URL names, and what may be said of it aloud."""

import re
from typing import Final, Self
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from attrs import field, frozen

from botkit.errors import ConfigError
from botkit.settings import without_password

_SCHEMA: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
#: The options of a URL that are botkit's own; the others are PostgreSQL's.
_OWN: Final = ("schema", "connections", "statement_cache_size")


@frozen(kw_only=True)
class Database:
    """A database as a URL names it, with botkit's own options taken out.

    *schema* is where the tables are, *connections* how many are opened at most, and *statement_cache_size* 0 keeps
    prepared statements from outliving their transaction, as some poolers ask for.

    >>> database = Database.of("postgresql://bots:secret@db.example.com/shop?schema=bakery")
    >>> database.schema, str(database)
    ('bakery', 'postgresql://bots@db.example.com/shop')
    """

    dsn: str = field(repr=False)
    shown: str
    schema: str = "botkit"
    connections: int = 8
    statement_cache_size: int = 100

    @classmethod
    def of(cls, url: str) -> Self:
        """Read *url*; raises ConfigError for what no database can be reached by."""
        shown = without_password(url)
        try:
            parts = urlsplit(url)
            options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        except ValueError:
            raise ConfigError(f"{shown} is no URL: write postgresql://user@host/database.") from None
        own: dict[str, str] = {name: options.pop(name) for name in _OWN if name in options}
        schema = own.get("schema", "botkit")
        if not _SCHEMA.fullmatch(schema):
            raise ConfigError(f"schema={schema} in {shown} is no schema's name: use small letters, digits and _.")
        return cls(
            dsn=urlunsplit(parts._replace(scheme="postgresql", query=urlencode(options))),
            shown=shown,
            schema=schema,
            connections=_number(own, "connections", "8", shown, least=1),
            statement_cache_size=_number(own, "statement_cache_size", "100", shown, least=0),
        )

    def __str__(self) -> str:
        return self.shown

    def hushed(self, text: str) -> str:
        """*text* without the database's password, should it be there."""
        parts = urlsplit(self.dsn)
        options = dict(parse_qsl(parts.query))
        for secret in (parts.password, options.get("password"), options.get("sslpassword")):
            for spelling in (secret, unquote(secret)) if secret else ():
                text = text.replace(spelling, "…")
        return text


def _number(options: dict[str, str], name: str, default: str, shown: str, *, least: int) -> int:
    value = options.get(name, default)
    if not value.isascii() or not value.isdecimal() or len(value) > 4 or int(value) < least:
        raise ConfigError(f"{name}={value} in {shown} is no number from {least} to 9999.")
    return int(value)
