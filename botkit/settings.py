"""Settings: how one installation runs, as plain values. `botkit.config` reads them from bots.yaml.

Whatever may be a secret, or hold one, stays out of every ``repr``: a failing test and a traceback show those.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, Literal

from attrs import field, frozen

from botkit.errors import Place
from botkit.hours import Hours
from botkit.replies import InDoubtPolicy

MessagesAPI = Literal["v1", "v0.1"]


def without_password(url: str) -> str:
    """The *url* of a store, or its path, as it may be shown to anybody.

    >>> without_password("postgresql://bots:secret@db/shop?password=secret&schema=bakery")
    'postgresql://bots@db/shop?schema=bakery'
    >>> without_password("botkit.db")
    'botkit.db'
    """
    head, found, rest = url.partition("://")
    if not found:
        return url
    # Not by urlsplit: what is no URL may hold a password all the same. Rather too much is left out than too little.
    credentials, at, tail = rest.rpartition("@")
    place, question, query = tail.partition("?")
    options = [one for one in query.split("&") if "password" not in one.partition("=")[0].lower()]
    shown = f"{head}://{re.split('[:?/@]', credentials)[0]}{at}{place}"
    return f"{shown}?{'&'.join(options)}" if question and options else shown


API_URL: Final = "https://api.nexmo.com"
SANDBOX_HOST: Final = "messages-sandbox.nexmo.com"


@frozen(kw_only=True)
class Account:
    r"""Vonage credentials, and the pages that send and receive with them.

    *private_key* is the application's key, as PEM text (PKCS#8 or PKCS#1; line ends may be written ``\n``) or the path
    to it; with it requests carry a JWT. Without it *api_secret* is used (Basic). *signature_secrets* verify webhooks;
    several while rotating. *applications* is an allow-list of application ids for webhooks, empty: any.
    *messages_per_second* is for each page, None: 1 in the sandbox, else 30. *place* is where the key is written,
    for whoever has to mend it.
    """

    application_id: str | None = None
    private_key: str | None = field(default=None, repr=False)
    api_key: str | None = None
    api_secret: str | None = field(default=None, repr=False)
    signature_secrets: tuple[str, ...] = field(default=(), repr=False)
    messages_api: MessagesAPI = "v1"
    base_url: str = field(default=API_URL, repr=False)
    pages: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()
    verify_signatures: bool = True
    messages_per_second: float | None = None
    place: str = field(default="", eq=False, repr=False)


@frozen(kw_only=True)
class ServerSettings:
    """Where `botkit run` listens and under which paths; *metrics_port* None means the port after *port*.

    *public_url* is where its root can be reached from outside, for links to it; None: nowhere.
    """

    host: str = "127.0.0.1"
    port: int = 9000
    inbound: str = "/webhooks/inbound-message"
    status: str = "/webhooks/message-status"
    combined: str = "/webhooks"
    metrics_port: int | None = None
    drain_seconds: float = 15.0
    public_url: str | None = None


@frozen(kw_only=True)
class HandoverSettings:
    """Who is told when a bot hands a conversation over: *webhook* is a URL that takes a POST of JSON, None: nobody."""

    webhook: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class LookupHost:
    """A *host* that bots may look something up at: a name or address, perhaps with a port, in lower case.

    *headers* go with every lookup there. *is_complete* is False where some of them refer to what is not there, so that
    nothing can be looked up.
    """

    host: str
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    is_complete: bool = True


@frozen(kw_only=True)
class Gaps:
    """Whether what a bot has no answer to is kept for its writers to read, for *keep_days*; 0: not at all.

    With *redact* numbers and addresses in it are left out.

    >>> from botkit import Bot
    >>> Bot("shop", gaps=Gaps(keep_days=7)).settings.gaps
    Gaps(keep_days=7, redact=True)
    """

    keep_days: float = 30.0
    redact: bool = True


@frozen(kw_only=True)
class BotSettings:
    """What bots.yaml says of one bot apart from what it understands and answers.

    *in_doubt* says whether a part of a reply that may have been taken when its POST broke off is sent again ("resend":
    it may arrive twice) or not ("drop": it may never arrive). For *handover_length* the bot says nothing where it has
    handed a conversation over to a person and nobody said for how long.
    *disclosure* is said to a user who writes for the first time, before anything else; None: nothing is.
    With *did_you_mean* a text that nothing answers, but that is like an intent, is answered with the choice of those it
    may have meant. *likeness* names what learns from the phrases: "built-in", the same without the table
    of English meanings ("own-words"), an installed backend (`botkit.matching.backends`), or "off". *hours* are when
    somebody is there, in the bot's time zone. *languages* are those that it speaks besides *language* and those of its
    phrases; a text may be a `Translated`, and words may be given by language. *places* are where ``likeness`` and
    lists, such as ``lists.size``, are written, where that is known.
    """

    pages: tuple[str, ...] = ()
    timezone: str = "UTC"
    language: str = "en"
    session_ttl: timedelta | None = None
    handover_length: timedelta = timedelta(hours=12)
    handler_timeout_seconds: float = 60.0
    error_reply: str | None = None
    disclosure: str | None = None
    in_doubt: InDoubtPolicy = "resend"
    gaps: Gaps = Gaps()
    did_you_mean: bool = False
    likeness: str = "built-in"
    languages: tuple[str, ...] = ()
    words: Mapping[str, Sequence[str] | Mapping[str, Sequence[str]]] = field(factory=dict)
    texts: Mapping[str, str] = field(factory=dict)
    hours: Hours | None = None
    places: Mapping[str, Place] = field(factory=dict, eq=False, repr=False)


@frozen(kw_only=True)
class Settings:
    """Everything about an installation but its bots.

    *store* is a path, ``sqlite:///path``, ``postgresql://user@host/database``, or ``:memory:``.

    *keep_days* is how long texts stay in the store after they are done; 0: not at all.
    """

    store: str = field(default="botkit.db", repr=False)
    server: ServerSettings = ServerSettings()
    handover: HandoverSettings = HandoverSettings()
    accounts: tuple[Account, ...] = ()
    lookups: tuple[LookupHost, ...] = ()
    lease_seconds: float = 30.0
    doubt_seconds: float = 30.0
    keep_days: float = 0.0
