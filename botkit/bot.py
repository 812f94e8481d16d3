"""Bot: a router plus one-line sugar, and everything else a developer registers."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import evolve, frozen

from botkit.errors import DefinitionError
from botkit.events import KINDS
from botkit.handlers import Handler, name_of, place_of, read_handler
from botkit.language import Slot
from botkit.router import Intent, Phrase, Router

F = TypeVar("F", bound=Callable[..., object])
Migration = Callable[[dict[str, object], int], Mapping[str, object]]

ERROR_REPLY: Final = "Sorry, something went wrong. Please try again."
FALLBACK_REPLY: Final = "Sorry, I did not get that."


@frozen(kw_only=True)
class Reaction:
    """A handler for what is no intent, and how often it is run again when it raises."""

    handler: Handler
    retries: int = 0


def _say_fallback(chat: object) -> str:
    return FALLBACK_REPLY


class Bot:
    """Everything one bot understands and does.

    *pages* are the Facebook Pages it answers on; none means every page, for an installation's only bot. *timezone* gives
    dates and times their meaning. *lists* are slot types of your own: ``{"size": {"small": ["little"], "large": []}}``.
    A session is forgotten when it was last used longer than *session_ttl* ago. Raise *session_version* together with a
    `migrate_session` hook when the shape of the session changes. A handler that takes longer than
    *handler_timeout_seconds* counts as having raised; *error_reply* is what the user then gets.

    >>> bot = Bot("shop")
    >>> @bot.intent("track {number:int}")
    ... def track(chat, number: int):
    ...     return f"Order {number} is on its way."

    Every decorator registers and returns the function untouched. Raises DefinitionError, naming function and place, for
    what can never work.
    """

    def __init__(
        self,
        name: str = "bot",
        *,
        pages: Sequence[str] = (),
        timezone: str = "UTC",
        language: str = "en",
        lists: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
        session_ttl: timedelta | None = None,
        session_version: int = 0,
        handler_timeout_seconds: float = 60.0,
        error_reply: str = ERROR_REPLY,
    ) -> None:
        self.name = name
        self.pages = tuple(pages)
        self.language = language
        self.session_ttl = session_ttl
        self.session_version = session_version
        self.handler_timeout_seconds = handler_timeout_seconds
        self.error_reply = error_reply
        self.router = Router(lists=lists or {}, timezone=_zone(timezone))
        self.handlers: dict[str, Handler] = {}
        self.kinds: dict[str, Reaction] = {}
        self.statuses: dict[str, Reaction] = {}
        self.middlewares: list[Handler] = []
        self.resources: dict[str, Handler] = {}
        self.migration: Migration | None = None
        self.error_handler: Handler | None = None
        self.fallback_handler: Reaction | None = None

    # Intents

    def add(self, intent: Intent) -> None:
        """Register *intent*; the decorators and bots.yaml come down to this."""
        if intent.name in self.handlers:
            other = self.handlers[intent.name]
            raise DefinitionError(f"There are two intents {intent.name!r}: the first is the {other}. Rename one.")
        handler = read_handler(intent.handler, "chat")
        placed = intent if intent.place else evolve(intent, place=handler.place)
        self.router.add(placed)
        self.handlers[intent.name] = handler

    def intent(
        self,
        *phrases: str,
        name: str | None = None,
        slots: Mapping[str, Slot] | None = None,
        strict: bool = False,
        retries: int = 0,
    ) -> Callable[[F], F]:
        """Run the decorated function for what matches *phrases*; see docs/templates.md for how they are written.

        The intent is called as the function is, or *name*. *slots* gives slots their types. With *strict* its phrases
        match exactly or not at all. When the handler raises it is run again up to *retries* times, then set aside.
        """

        def register(function: F) -> F:
            place = place_of(function)
            self.add(
                Intent(
                    name=name or name_of(function),
                    phrases=tuple(Phrase(phrase, place) for phrase in phrases),
                    handler=function,
                    slots=slots or {},
                    strict=strict,
                    retries=retries,
                    place=place,
                )
            )
            return function

        return register

    # What is no intent

    def on(self, kind: str, *, retries: int = 0) -> Callable[[F], F]:
        """Run the decorated function for messages of *kind*: image, audio, video, file or unsupported."""
        if kind not in KINDS or kind == "text":
            raise DefinitionError(
                f"@bot.on takes {', '.join(KINDS[1:])}, not {kind!r}; text is matched by @bot.intent."
            )
        return partial(self._react, self.kinds, (kind,), retries)

    def on_status(self, *states: str, retries: int = 0) -> Callable[[F], F]:
        """Run the decorated function when a delivery reaches one of *states*: submitted, delivered, read, rejected, …."""
        if not states:
            raise DefinitionError("@bot.on_status takes at least one state, such as 'rejected'.")
        return partial(self._react, self.statuses, states, retries)

    def _react(self, table: dict[str, Reaction], keys: Iterable[str], retries: int, function: F) -> F:
        reaction = Reaction(handler=read_handler(function, "chat"), retries=retries)
        for key in keys:
            if key in table:
                raise DefinitionError(f"There are two handlers for {key!r}: the first is the {table[key].handler}.")
            table[key] = reaction
        return function

    def fallback(self, function: F) -> F:
        """Run the decorated function for what nothing else answers."""
        if self.fallback_handler is not None:
            raise DefinitionError(f"There are two fallbacks: the first is the {self.fallback_handler.handler}.")
        self.fallback_handler = Reaction(handler=read_handler(function, "chat"))
        return function

    def error(self, function: F) -> F:
        """Run the decorated function, ``(chat, error)``, when a handler has raised: what it returns is sent."""
        if self.error_handler is not None:
            raise DefinitionError(f"There are two error handlers: the first is the {self.error_handler}.")
        self.error_handler = read_handler(function, "chat", "error")
        return function

    # What surrounds handlers

    def middleware(self, function: F) -> F:
        """Wrap every turn in the decorated ``async def m(chat, proceed)``; the first registered is the outermost.

        ``await proceed()`` runs what is inside and returns its replies; what the middleware returns is sent instead.
        """
        handler = read_handler(function, "chat", "proceed")
        if handler.mode != "async":
            raise DefinitionError(f"The middleware {handler.name!r} at {handler.place} must be an async function.")
        self.middlewares.append(handler)
        return function

    def resource(self, function: F) -> F:
        """Open what the decorated function gives when the app starts, and hand it to handlers under its name.

        An async generator function yields the resource once and closes it after the ``yield``; an async function returns
        it.
        """
        handler = read_handler(function)
        if handler.mode == "sync" or handler.required:
            raise DefinitionError(f"The resource {handler.name!r} at {handler.place} must be async and take nothing.")
        if handler.name in self.resources:
            raise DefinitionError(
                f"There are two resources {handler.name!r}: one is the {self.resources[handler.name]}."
            )
        self.resources[handler.name] = handler
        return function

    def migrate_session(self, function: Migration) -> Migration:
        """Bring a kept session up to `session_version` with the decorated ``(session, version)``, which returns it."""
        self.migration = function
        return function

    def include(self, other: "Bot") -> None:
        """Take over everything registered on *other*, so that a bot can be kept in several modules."""
        for intent in other.router.intents:
            self.add(intent)
        for key, reaction in other.kinds.items():
            self._react(self.kinds, (key,), reaction.retries, reaction.handler.function)
        for key, reaction in other.statuses.items():
            self._react(self.statuses, (key,), reaction.retries, reaction.handler.function)
        if other.fallback_handler is not None:
            self.fallback(other.fallback_handler.handler.function)
        if other.error_handler is not None:
            self.error(other.error_handler.function)
        for middleware in other.middlewares:
            self.middleware(middleware.function)
        for resource in other.resources.values():
            self.resource(resource.function)
        self.migration = self.migration or other.migration

    # Asked by turns and servers

    def listens_to(self, state: str) -> bool:
        """Whether a status of *state* is to become an event."""
        return state in self.statuses

    def reaction_to(self, kind: str) -> Reaction:
        """Who handles a message of *kind* that is no intent."""
        return self.kinds.get(kind) or self.fallback_handler or _FALLBACK

    def check(self) -> None:
        """Check what can only be known once everything is registered: raises DefinitionError, naming the handler.

        A parameter without a default must be a slot that every phrase of its intent fills, or a resource.
        """
        for intent in self.router.intents:
            filled = self.router.filled(intent)
            self._check_parameters(self.handlers[intent.name], filled)
        others = [reaction.handler for reaction in (*self.kinds.values(), *self.statuses.values())]
        if self.fallback_handler is not None:
            others.append(self.fallback_handler.handler)
        for handler in (*others, *self.middlewares, *([self.error_handler] if self.error_handler else [])):
            self._check_parameters(handler, frozenset())

    def _check_parameters(self, handler: Handler, filled: frozenset[str]) -> None:
        for name in sorted(handler.required - filled - self.resources.keys()):
            raise DefinitionError(
                f"The {handler} takes {name!r}, which is neither a resource nor a slot that every one of its phrases "
                f"fills; give it a default, or register a resource of that name."
            )


_FALLBACK: Final = Reaction(handler=read_handler(_say_fallback, "chat"))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise DefinitionError(f"There is no time zone {name!r}; write one such as Europe/Berlin.") from None


async def open_resources(bot: Bot, stack: AsyncExitStack, given: Mapping[str, object]) -> dict[str, object]:
    """Open the resources of *bot* on *stack*, which closes them; one that is *given* is used instead of opened.

    Raises DefinitionError, naming the resource and its place, for one that does not open.
    """
    opened: dict[str, object] = {}
    for name, handler in bot.resources.items():
        if name in given:
            opened[name] = given[name]
            continue
        try:
            opened[name] = await _open(handler, stack)
        except Exception as error:
            raise DefinitionError(
                f"The resource {name!r} at {handler.place} did not open: {type(error).__name__}: {error}"
            ) from error
    return opened


async def _open(handler: Handler, stack: AsyncExitStack) -> object:
    opening = handler.function()
    if handler.mode == "stream":
        assert isinstance(opening, AsyncIterator)
        return await stack.enter_async_context(asynccontextmanager(lambda: opening)())
    assert isinstance(opening, Awaitable)
    return await opening
