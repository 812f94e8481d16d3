"""Bot: a router plus one-line sugar, and everything else a developer registers."""

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from types import MappingProxyType
from typing import Final, TypedDict, TypeVar, Unpack

from attrs import evolve

from botkit.agreement import check_filled, disagreements
from botkit.chat import Chat
from botkit.errors import DefinitionError
from botkit.events import KINDS
from botkit.handlers import Handler, OnChange, name_of, place_of, read_handler
from botkit.hooks import Hook, Moment, read_hook
from botkit.language import Slot
from botkit.language.likeness import Cache
from botkit.language.meanings import meanings_of
from botkit.language.vocabulary import in_all_languages, known_language, phrase
from botkit.matching.backends import BUILT_IN, OFF, backend, check_backend
from botkit.matching.tongues import Failed
from botkit.options import BotOptions, Lists, check_bot, check_intent, lists_of, phrases_of, settings_of, zone_of
from botkit.pictures import Picture
from botkit.places import called_at
from botkit.replies import Text
from botkit.router import Intent, Phrase, Router, no_meanings
from botkit.settings import BotSettings
from botkit.voice import Voice
from botkit.work import STATE_OF_STATUS

F = TypeVar("F", bound=Callable[..., object])


class Bot:
    """Everything one bot understands and does.

    *settings* may be given whole or one by one: *pages* are the Facebook Pages it answers on (none: every page, for an
    installation's only bot); *timezone* gives dates and times their meaning; a session is forgotten that was last used
    longer than *session_ttl* ago; a turn that takes longer than *handler_timeout_seconds* counts as having raised, and
    *error_reply* is what the user then gets. *in_doubt* says whether a reply that may have arrived is sent again
    ("resend") or not ("drop"). *handover_length* is how long it stays silent once a person answers; *gaps* says how
    what it has no answer to is kept. *likeness* is "built-in", "off", or an installed backend; with *did_you_mean* what
    is like an intent, and not enough so, is answered with a choice of what it may have meant. *words* and *texts*
    replace what botkit itself understands and says while a question is open, in the bot's *language*:
    ``words={"cancel": ["stop"]}``, or by language. Any text may be a `Translated`; *languages* are those of such texts,
    where no phrase is in them. *lists* are slot types of your own, as in ``{"size": {"small": ["little"]}}``, whose
    values may be Translated, too. When the shape of the session changes, raise *session_version* and register a
    `migrate_session` hook.

    >>> bot = Bot("shop", timezone="Europe/Berlin")
    >>> @bot.intent("track {number:int}")
    ... def track(chat, number: int):
    ...     return f"Order {number} is on its way."

    Every decorator registers, over one `add`, and returns the function untouched. Raises DefinitionError, naming
    function and place, for what can never work.
    """

    def __init__(
        self,
        name: str = "bot",
        *,
        settings: BotSettings | None = None,
        lists: Lists | None = None,
        session_version: int = 0,
        **options: Unpack[BotOptions],
    ) -> None:
        check_bot(name, settings, session_version)
        self.name = name
        self.settings = settings_of(settings or BotSettings(), options)
        self.lists = lists_of(lists)
        if settings is None and (place := called_at()) is not None:
            written = ["likeness", *(f"lists.{one}" for one in self.lists)]
            self.settings = evolve(self.settings, places=dict.fromkeys(written, place))
        self.session_version = session_version
        self.timezone = zone_of(self.settings.timezone)
        #: What botkit itself understands and says, in each of the bot's languages.
        self.voice = Voice(self.settings)
        self.router = Router(
            lists=self.lists,
            timezone=self.timezone,
            language=self.settings.language,
            places=self.settings.places,
        )
        #: Pictures of its own, by the end of their addresses.
        self.pictures: dict[str, Picture] = {}
        self._intents: dict[str, Intent] = {}
        self._handlers: dict[str, Handler] = {}
        self._hooks: dict[tuple[Moment, str], tuple[Hook, Handler]] = {}
        #: What every turn is wrapped in, the outermost first.
        self.middlewares: tuple[Handler, ...] = ()
        self._is_checked = False

    @property
    def pages(self) -> tuple[str, ...]:
        """The Facebook Pages it answers on; none means every page."""
        return self.settings.pages

    @property
    def error_text(self) -> Text:
        """What is said to a user whose message was set aside."""
        return Text(self.settings.error_reply or in_all_languages("texts.error"))

    @property
    def intents(self) -> Mapping[str, Intent]:
        """The intents by name, in the order they were registered."""
        return MappingProxyType(self._intents)

    @property
    def hooks(self) -> Sequence[Hook]:
        """Everything else that is registered, in order."""
        return [hook for hook, _ in self._hooks.values()]

    @property
    def resources(self) -> Mapping[str, Handler]:
        """The functions that open the resources, by name."""
        return {name: handler for (moment, name), (_, handler) in self._hooks.items() if moment == "resource"}

    # Registering

    def add(self, part: Intent | Hook) -> None:
        """Register *part*; every decorator, and bots.yaml, comes down to this."""
        self._is_checked = False
        if isinstance(part, Intent):
            self._add_intent(part)
        else:
            self._add_hook(part)

    def intent(
        self,
        *phrases: str | Mapping[str, Sequence[str]],
        name: str | None = None,
        slots: Mapping[str, Slot] | None = None,
        regexes: Sequence[str] = (),
        strict: bool = False,
        retries: int = 0,
        version: int = 0,
        on_change: OnChange = "restart",
        confirm: str | None = None,
    ) -> Callable[[F], F]:
        """Run the decorated function for what matches one of *phrases*, with the chat first and the slots by name.

        Phrases of several languages are given by language, as in ``{"en": ["hello"], "de": ["guten Tag"]}``: whoever
        says one of those goes on in that language (`Chat.language`).
        The intent is called as the function is, or *name*. *slots* gives slots their types where the phrases do not,
        and asks for those with ``Slot(ask=…)``; *confirm*, which may say ``{slot}``, is asked when all are filled.
        *regexes* are regular expressions of RE2, for the extra ``botkit[regex]``, searched where no phrase fits; their
        named groups are slots too. With *strict* its phrases match as they are written or not at all. When the handler
        raises it is run again up to *retries* times, after 1, 2, 4, … at most 60 seconds. Without phrases it is there
        for a `Choice`, or for phrases that bots.yaml adds.

        Raise *version* when the function asks or does other things, or the same in another order: users who are in the
        middle of it begin anew, with what they said on offer where its questions have names. With
        ``on_change="park"`` their messages are set aside instead, until a version that knows them runs again.
        """
        flags: _Flags = {
            "strict": strict,
            "retries": retries,
            "version": version,
            "on_change": on_change,
            "confirm": confirm,
        }
        check_intent(name=name, slots=slots or {}, regexes=regexes, flags=flags)
        return partial(self._intended, tuple(phrases_of(phrases)), name, slots or {}, regexes, **flags)

    def _intended(
        self,
        phrases: Sequence[tuple[str, str | None]],
        name: str | None,
        slots: Mapping[str, Slot],
        regexes: Sequence[str],
        function: F,
        **flags: Unpack["_Flags"],
    ) -> F:
        place = place_of(function)
        self.add(
            Intent(
                name=name or name_of(function),
                phrases=tuple(Phrase(phrase, place, language) for phrase, language in phrases),
                handler=function,
                slots=slots,
                regexes=tuple(Phrase(regex, place) for regex in regexes),
                place=place,
                **flags,
            )
        )
        return function

    def on(self, kind: str, *, retries: int = 0) -> Callable[[F], F]:
        """Run the decorated function for messages of *kind*: image, audio, video, file or unsupported."""
        if kind not in KINDS[1:]:
            known = ", ".join(KINDS[1:])
            raise DefinitionError(f"@bot.on takes one of {known}, not {kind!r:.60}; text is for @bot.intent.")
        return partial(self._hooked, "on", (kind,), retries=retries)

    def on_status(self, *states: str, retries: int = 0) -> Callable[[F], F]:
        """Run the decorated function when a delivery reaches one of *states*: submitted, delivered, read, rejected, ….

        Its ``chat.status`` says what happened, and what it returns is sent like any reply, so that a handler for
        "submitted" that answers would never come to an end. When it raises, the user hears nothing of it.
        """
        if not states:
            raise DefinitionError('@bot.on_status takes at least one state, such as @bot.on_status("rejected").')
        for state in states:
            if state not in STATE_OF_STATUS and (close := get_close_matches(str(state), STATE_OF_STATUS, 1, 0.8)):
                raise DefinitionError(f'@bot.on_status takes {state!r:.60} for a state; did you mean "{close[0]}"?')
        return partial(self._hooked, "on_status", states, retries=retries)

    def fallback(self, function: F) -> F:
        """Run the decorated function for what nothing else answers; without it the bot says it did not get that."""
        return self._hooked("fallback", ("",), function)

    def greeting(self, function: F) -> F:
        """Say what the decorated function returns to a user who writes for the first time, before anything else.

        It is in place of the fallback: whoever says hello is not told that he was not understood.
        """
        return self._hooked("greeting", ("",), function)

    def error(self, function: F) -> F:
        """Run the decorated ``(chat, error)`` when the event of a handler that raised is set aside.

        What it returns is sent; where that is None, ``error_reply`` is. It sees the session as it was before the turn,
        and what it writes there is not kept.
        """
        return self._hooked("error", ("",), function)

    def middleware(self, function: F) -> F:
        """Wrap every turn in the decorated ``async def m(chat, proceed)``; the first registered is the outermost.

        ``await proceed()`` runs what is inside, and gives its replies as a tuple; what the middleware returns is sent
        in their place. What ``chat.send`` sent inside has left already and is not among them.
        """
        return self._hooked("middleware", (str(place_of(function)),), function)

    def resource(self, function: F) -> F:
        """Open what the decorated function gives when the app starts, and hand it to handlers under its name.

        It is an async generator function that yields the resource once, and closes it after the ``yield``; or an async
        function that returns it.
        """
        return self._hooked("resource", (name_of(function),), function)

    def migrate_session(self, function: F) -> F:
        """Bring a session kept by an older ``session_version`` up to date with the decorated ``(session, version)``.

        It gets the old session as a dict, and its version, and returns the new session; it is a plain function.
        """
        return self._hooked("migrate_session", ("",), function)

    def include(self, other: "Bot", *, instead: Mapping[str, Intent] | None = None) -> None:
        """Register everything that is registered on *other* by now, so that a bot can be kept in several modules.

        Its lists are taken over, its settings are not. *instead* gives intents to register in place of those of the
        same name. Raises DefinitionError where both bots have a part of the same name, and for what is no bot.
        """
        if not isinstance(other, Bot):
            raise DefinitionError(f"include takes a Bot, as in bot.include(orders.bot), not {other!r:.60}.")
        self._add_lists(other)
        for intent in other.intents.values():
            self.add((instead or {}).get(intent.name, intent))
        for hook in other.hooks:
            self.add(hook)
        self.pictures.update(other.pictures)

    def _add_lists(self, other: "Bot") -> None:
        for name, values in other.lists.items():
            if self.lists.setdefault(name, values) != values:
                raise DefinitionError(
                    f"Bots {self.name!r} and {other.name!r} have different lists {name!r}; rename one."
                )
        self.router = Router(lists=self.lists, timezone=self.timezone, language=self.settings.language)
        for intent in self._intents.values():
            self.router.add(intent)

    def _hooked(self, moment: Moment, names: Sequence[str], function: F, *, retries: int = 0) -> F:
        for name in names:
            self.add(Hook(moment=moment, name=name, function=function, retries=retries))
        return function

    def _add_intent(self, intent: Intent) -> None:
        handler = evolve(
            read_handler(intent.handler, name=intent.name, place=intent.place, retries=intent.retries),
            version=intent.version,
            on_change=intent.on_change,
        )
        if not intent.name.strip() or intent.name == "<lambda>":
            raise DefinitionError(f"The {handler} needs a name as an intent; give it one with name=.")
        if intent.name in self._handlers:
            raise DefinitionError(f"The {handler} takes the name of the {self._handlers[intent.name]}; rename one.")
        read = self.router.read(intent)
        check_filled(read, handler)
        self.voice.speak(filter(None, (one.language for one in (*intent.phrases, *intent.regexes))))
        self.router.keep(read)
        self._intents[intent.name] = intent
        self._handlers[intent.name] = handler

    def _add_hook(self, hook: Hook) -> None:
        handler = read_hook(hook)
        there = self._hooks.setdefault((hook.moment, hook.name), (hook, handler))[1]
        if there.function is not handler.function:
            raise DefinitionError(
                f"The {handler} stands where the {there} is registered already; take one of them away."
            )
        self.middlewares = tuple(one for (moment, _), (_, one) in self._hooks.items() if moment == "middleware")

    # Asked by turns, servers and doors

    def handler(self, intent: str) -> Handler:
        """Who answers *intent*; raises KeyError where there is none of that name."""
        return self._handlers[intent]

    def hook(self, moment: Moment, name: str = "") -> Handler | None:
        """Who is called at *moment* for *name*, None if nobody is."""
        found = self._hooks.get((moment, name))
        return None if found is None else found[1]

    def reaction(self, kind: str) -> Handler:
        """Who answers a message of *kind* that is no intent."""
        return self.hook("on", kind) or self.hook("fallback") or _FALLBACK

    def listens_to(self, state: str) -> bool:
        """Whether a status of *state* is to become an event."""
        return ("on_status", state) in self._hooks

    def learn(self, *, cache: Cache | None = None, failed: Failed | None = None) -> None:
        """Learn from the phrases what other words mean (`Router.learn`); an app does so when it starts.

        Models are kept in *cache*, if one is given. Raises DefinitionError for a backend that is not installed, and
        BackendError for one that cannot learn. Where it cannot judge a text later, *failed* is told, and only phrases
        are understood; by default that raises BackendError too.
        """
        if self.settings.likeness == OFF:
            self.router.settle()
        else:
            self.teach(self.router, cache=cache, failed=failed)

    def teach(self, router: Router, *, cache: Cache | None = None, failed: Failed | None = None) -> None:
        """Let *router* learn as the bot's own does: with its backend, or the meanings of words in each language."""
        likeness = self.settings.likeness
        meanings = meanings_of if likeness == BUILT_IN else no_meanings
        try:
            build = backend(likeness, self._where_likeness)
            router.learn(build=build, cache=cache, meanings=meanings, failed=failed)
        except DefinitionError as error:
            router.forgo(error)
            raise

    @property
    def _where_likeness(self) -> str:
        place = self.settings.places.get("likeness")
        return f"{place}: Bot {self.name}: " if place is not None else f"Bot {self.name}: "

    def check(self) -> None:
        """Check what can be known only once everything is registered; an app does so when it is made.

        Raises DefinitionError with every problem, one a line: a parameter without a default that is neither a slot that
        every phrase fills nor a resource, a slot in ``slots=`` that no phrase has, a ``session_version`` without a
        hook that migrates, or a likeness that is not installed.
        """
        if self._is_checked:
            return
        problems = [
            problem
            for name, intent in self._intents.items()
            for problem in disagreements(intent, self._handlers[name], self.router, self.resources)
        ]
        problems += [
            f"The {handler} takes {name!r}, which is no resource of bot {self.name!r}; give it a default."
            for _, handler in self._hooks.values()
            for name in sorted(handler.required - self.resources.keys())
        ]
        if self.session_version and self.hook("migrate_session") is None:
            problems.append(
                f"Bot {self.name!r} has session_version={self.session_version} and no @bot.migrate_session."
            )
        try:
            check_backend(self.settings.likeness, self._where_likeness)
        except DefinitionError as error:
            problems.append(str(error))
        if problems:
            raise DefinitionError("\n".join(dict.fromkeys(problems)))
        self._is_checked = True


class _Flags(TypedDict):
    strict: bool
    retries: int
    version: int
    on_change: OnChange
    confirm: str | None


async def _not_understood(chat: Chat) -> str:
    return phrase(known_language(chat.languages), "texts.retry")


_FALLBACK: Final = read_handler(_not_understood, what="built-in fallback")
