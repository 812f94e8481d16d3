"""What can go wrong, by who must act.

BotkitError
├── ConfigError             the author of bots.yaml or of the settings
├── DefinitionError         the developer who registered it: a bad handler, intent, choice or resource
│   ├── PhraseError             the author of a phrase or template
│   └── BackendError            the developer of a likeness that is installed as a package
├── HandlerError            the developer whose handler raised or returned nonsense
│   ├── HandlerTimeout          … or took longer than its deadline
│   ├── SessionError            … or put into the session what JSON cannot hold, or too much
│   ├── OnceFailed              … or called a function with chat.once that raised
│   ├── UnjournalledAwait       … or asked after it had awaited something outside chat.once
│   ├── JournalFull             … or asked and did too much in one conversation
│   └── CodeChanged             … or its code was changed while a user was in the middle of it
├── Unanswered              raised by chat.ask: a question that got no answer; ends the flow if it is not caught
│   ├── GaveUp                  too many answers that were none
│   └── Timeout                 no answer in time
├── RetryLater              raised by a handler on purpose: run this event again later
├── WebhookError            whoever sent the request; carries the HTTP status to answer
│   ├── BadRequest              400: a body that cannot be read
│   ├── Unauthorized            401: a token that can never become right
│   └── Unverifiable            503: no token, or none of our secrets verifies it; send it again
├── ChannelError            a delivery that was not accepted
│   ├── Rejected                nobody can help it: dead at once (400, 404, 422, window closed)
│   │   └── WindowClosed            the user wrote more than 24 hours ago
│   ├── AccountBlocked          the operator: credentials, credit, permission (401, 402, 403); kept
│   ├── Unavailable             nobody yet: try again (429, 503, no connection); nothing was accepted
│   └── InDoubt                 nobody can know: it may have been accepted (500, 502, 504, time-out)
└── StoreError              the operator: the disk or the database
    ├── StoreLocked             another process runs on this file
    ├── StoreVersionError       the schema is newer than this botkit
    └── LeaseLost               nobody: another worker has taken the conversation over

Cancelled                   raised by chat.ask: the user has had enough; like asyncio's CancelledError no Exception
"""

from collections.abc import Sequence

from attrs import frozen


@frozen
class Place:
    """A place in a file that somebody can open: ``bots.yaml:14:9``.

    >>> str(Place("bots.yaml", 14, 9)), str(Place("bot.py", 3))
    ('bots.yaml:14:9', 'bot.py:3')
    """

    file: str
    line: int
    column: int | None = None

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return where if self.column is None else f"{where}:{self.column}"


class BotkitError(Exception):
    """Anything botkit raises on purpose; its text is one sentence for the person who must act.

    >>> from botkit import Bot, BotkitError
    >>> try:
    ...     Bot("shop", pages="1070")
    ... except BotkitError as error:
    ...     print(error)
    pages takes a list, not the one string '1070'.
    """


class ConfigError(BotkitError):
    """The configuration cannot be used; ``problems`` holds every complaint, each with its place.

    >>> ConfigError("bots.yaml:3:5: expected a text", "bots.yaml:7:1: there is no such key").problems[1]
    'bots.yaml:7:1: there is no such key'
    """

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems: Sequence[str] = problems


class DefinitionError(BotkitError, ValueError):
    """Something was registered on a bot that can never work; raised at registration, with the place.

    >>> from botkit import Bot
    >>> Bot("shop").on_status()
    Traceback (most recent call last):
        ...
    botkit.errors.DefinitionError: @bot.on_status takes at least one state, such as @bot.on_status("rejected").
    """


class PhraseError(DefinitionError):
    """A phrase or template cannot be built; the text names phrase, position and remedy."""


class BackendError(DefinitionError):
    """A likeness of another package cannot be imported, or has raised, or has given what is no ranking of intents.

    The text names the likeness, its function, and the line; what was raised while a user's text was ranked is not
    quoted, as it may be the user's words.
    """


class HandlerError(BotkitError):
    """A handler raised, or returned what is no reply; the original exception is its ``__cause__``.

    >>> from botkit import Bot
    >>> bot = Bot("shop")
    >>> @bot.error
    ... def apologise(chat, error):
    ...     return "Please ask something shorter." if isinstance(error, HandlerError) else "Sorry."
    """


class HandlerTimeout(HandlerError):
    """A handler did not finish within ``handler_timeout_seconds``."""


class SessionError(HandlerError, ValueError):
    """The session was given something JSON cannot hold, or grew past its limit; names the key."""


class OnceFailed(HandlerError):
    """The function that was called with `chat.once` raised; it is raised alike whenever the flow is replayed.

    *function* is its name, *kind* the name of the exception's class, and *text* what the exception said, which may be a
    user's words and is therefore no part of this error's own text.

    >>> failed = OnceFailed("charge", "Declined", "card 4711 was declined")
    >>> str(failed), failed.kind
    ('charge, called with chat.once, raised Declined', 'Declined')
    """

    def __init__(self, function: str, kind: str, text: str) -> None:
        super().__init__(f"{function}, called with chat.once, raised {kind}")
        self.function = function
        self.kind = kind
        self.text = text


class UnjournalledAwait(HandlerError):
    """A handler awaited something outside `chat.once` and then asked: replaying it would do that again.

    >>> async def book(chat, calendar):
    ...     free = await chat.once(calendar.free_days)  # and not: await calendar.free_days()
    ...     return f"Booked for {await chat.ask('Which day?', choices=free)}."
    """


class JournalFull(HandlerError):
    """A flow has more entries or more bytes than its journal may hold."""


class CodeChanged(HandlerError):
    """A flow no longer does what its journal says it did: its code was changed under a live conversation."""


class Unanswered(BotkitError):
    """A question that got no answer; a flow that does not catch it ends with its text."""


class GaveUp(Unanswered):
    """So many answers in a row were none that `chat.ask` gives up.

    >>> async def book(chat):
    ...     try:
    ...         return f"A table for {await chat.ask('For how many?', type=int, attempts=2)}."
    ...     except GaveUp:
    ...         return chat.handover("could not say for how many")
    """


class Timeout(Unanswered):
    """Nobody answered within the ``timeout`` of `chat.ask`.

    >>> from datetime import timedelta
    >>> async def book(chat):
    ...     try:
    ...         return f"A table for {await chat.ask('For how many?', type=int, timeout=timedelta(hours=1))}."
    ...     except Timeout:
    ...         return "I have not kept the table for you."
    """


class Cancelled(BaseException):
    """The user cancelled while a question was open; a flow that does not catch it ends.

    No ``Exception``, so that a handler's ``except Exception`` does not take it for an error.

    >>> async def book(chat):
    ...     try:
    ...         return f"A table for {await chat.ask('For how many?', type=int)}."
    ...     except Cancelled:
    ...         return "As you like."
    """


class RetryLater(BotkitError):
    """Raise this in a handler to run the same event again after *seconds*, holding back only its conversation.

    The session stays as it was. The event is set aside as a dead letter once 24 hours have passed since it arrived.

    >>> RetryLater(30).seconds
    30
    """

    def __init__(self, seconds: float) -> None:
        try:
            is_possible = 0 <= seconds <= 86_400
        except TypeError:
            is_possible = False
        if not is_possible:
            raise ValueError(f"RetryLater takes 0 to 86400 seconds (24 hours), not {seconds!r}.")
        super().__init__(f"Run again in {seconds} s.")
        self.seconds = seconds


class WebhookError(BotkitError):
    """A webhook that is not taken; ``status`` is the HTTP answer and ``reason`` a stable word for logs and metrics.

    >>> Unverifiable("no secret of ours verifies it", reason="bad_signature").status
    503
    """

    status = 500

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class BadRequest(WebhookError):
    """The body cannot be read as a message or a status; answered 400, so that it is never sent again."""

    status = 400


class Unauthorized(WebhookError):
    """The token can never become right; answered 401, so that it is never sent again."""

    status = 401


class Unverifiable(WebhookError):
    """The token is missing, or signed with a secret we do not have; answered 503, so that it is sent again."""

    status = 503


class ChannelError(BotkitError):
    """A delivery was not accepted; the branches say what happens to it next.

    >>> Rejected("the page does not exist", reason="not_found", status=404).reason
    'not_found'
    """

    def __init__(self, message: str, *, reason: str, status: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status


class Rejected(ChannelError):
    """The channel will never accept this delivery: it is dead at once.

    >>> async def tell(client, user):
    ...     try:
    ...         return await client.send("1070", user, "Your cake is ready.")
    ...     except Rejected as error:
    ...         return f"Write a letter: {error}"
    """


class WindowClosed(Rejected):
    """The user last wrote more than 24 hours ago, so that Messenger refuses an untagged reply."""


class AccountBlocked(ChannelError):
    """The account may not send now (credentials, credit, permission): deliveries are kept until the operator acts.

    >>> AccountBlocked("top up the account", reason="low_balance", status=402).status
    402
    """


class Unavailable(ChannelError):
    """The channel took nothing and says so: try again, after ``retry_after_seconds`` where it names a time.

    >>> Unavailable("too fast", reason="rate_limited", status=429, retry_after_seconds=15).retry_after_seconds
    15
    """

    def __init__(
        self, message: str, *, reason: str, status: int | None = None, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(message, reason=reason, status=status)
        self.retry_after_seconds = retry_after_seconds


class InDoubt(ChannelError):
    """The request went out and no usable answer came back: the delivery may or may not have been accepted.

    >>> async def tell(client, user):
    ...     try:
    ...         return await client.send("1070", user, "Your cake is ready.")
    ...     except InDoubt:
    ...         return await client.send("1070", user, "Your cake is ready, in case you have not heard of it.")
    """


class StoreError(BotkitError):
    """The store cannot do what was asked of it; nothing of the operation was kept.

    >>> async def cancel(app, address, order):
    ...     try:
    ...         await app.send(address, f"Order {order} is cancelled.")
    ...     except StoreError as error:
    ...         print(f"Try again: {error}")
    """


class StoreLocked(StoreError):
    """Another process already runs on this store; the text names it."""


class StoreVersionError(StoreError):
    """The store was written by a newer botkit than this one."""


class LeaseLost(StoreError):
    """The conversation has been claimed by somebody else meanwhile: nothing of this turn may be kept."""
