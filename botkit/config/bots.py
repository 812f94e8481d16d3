"""The bots of bots.yaml, from its checked tree: texts into intents and answers, joined with handlers in Python."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from attrs import evolve, frozen

from botkit.bot import Bot
from botkit.config.album import Album, ReadFile
from botkit.config.conduct import Conduct, language_of
from botkit.config.inquiry import HOOK, SayFound
from botkit.config.lists import lists_of
from botkit.config.lookups import answered, check_time
from botkit.config.nodes import Broken, Items, Keys, Node, Path, Scalar, entry, keys_of, said, scalars_of, shown_path
from botkit.config.phrases import Phrases
from botkit.config.problems import Problems
from botkit.config.reactions import Reactions
from botkit.config.speech import Speech
from botkit.config.translations import Translations
from botkit.config.words import Titles
from botkit.errors import BotkitError, DefinitionError
from botkit.hooks import Hook
from botkit.hours import Hours
from botkit.language import Slot
from botkit.language.templates import slot_types
from botkit.options import Lists
from botkit.router import Intent, Phrase
from botkit.settings import BotSettings

ImportName = Callable[[str], object]


@frozen(kw_only=True)
class Author:
    """Builds the bot called *name* from its part of the tree; complaints go to *problems*.

    *key* is where its name stands, and *path* leads to its part: it is empty in a file of its own. *python* are the
    bots that its ``python:`` names, with where each is named, and *hosts* where it may look something up (None: nobody
    knows).
    """

    name: str
    key: Scalar
    tree: Node
    path: Path
    problems: Problems
    python: Sequence[tuple[Scalar, Bot]]
    lists: Lists
    hosts: Collection[str] | None
    album: Album
    translations: Translations

    @classmethod
    def of(
        cls,
        key: Scalar,
        tree: Node,
        path: Path,
        *,
        problems: Problems,
        import_name: ImportName,
        hosts: Collection[str] | None,
        read_file: ReadFile,
    ) -> "Author":
        """The author of the bot at *tree*, with what it names in Python imported by *import_name*."""
        python = tuple(_imported(entry(tree, "python"), (*path, "python"), problems, import_name))
        own = language_of(tree, python[0][1].settings if python else BotSettings())
        translations = Translations(problems, own)
        lists = lists_of(entry(tree, "lists"), (*path, "lists"), translations, [bot for _, bot in python])
        return cls(
            name=key.text,
            key=key,
            tree=tree,
            path=path,
            problems=problems,
            python=python,
            lists=lists,
            hosts=hosts,
            album=Album(read_file),
            translations=translations,
        )

    def bot(self) -> Bot | None:
        """The bot; None where a complaint leaves nothing to build."""
        before = len(self.problems.found)
        settings, joined, intents = self._settings(), {}, []
        known = tuple({**self._written(), **keys_of(entry(self.tree, "intents"))})
        for intent in self._intents(known, settings.hours):
            joined[intent.name] = intent
            intents.append(intent)
        self._warn_of_dead_ends(intents)
        reactions = Reactions(
            tree=self.tree,
            path=self.path,
            translations=self.translations,
            intents=known,
            python=self.python,
            hours=settings.hours,
            album=self.album,
        )
        hooks = list(reactions.hooks())
        if any(isinstance(intent.handler, SayFound) for intent in intents):
            hooks.append(HOOK)
            seconds = entry(self.tree, "handler_timeout_seconds") or self.key
            check_time(seconds, settings.handler_timeout_seconds, self.path, self.problems)
        if len(self.problems.found) > before or any(isinstance(one, Broken) for one in keys_of(self.tree).values()):
            return None
        self.translations.warn()
        settings = evolve(settings, languages=(*settings.languages, *self.translations.languages[1:]))
        version = max((bot.session_version for _, bot in self.python), default=0)
        bot = Bot(self.name, settings=settings, lists=self.lists, session_version=version)
        bot.pictures.update(self.album.pictures)
        self._register(bot, joined, hooks)
        return bot

    def has_broken(self, *keys: str) -> bool:
        """Whether something is wrong with what stands under one of *keys*, so that nobody knows what was meant."""
        return any(isinstance(entry(self.tree, key), Broken) for key in keys)

    def pages(self) -> Iterator[tuple[str, Scalar, Path]]:
        """The pages that the bot claims, each with where it does."""
        for number, page in enumerate(scalars_of(entry(self.tree, "pages"))):
            yield said(page), page, (*self.path, "pages", number)
        if "pages" not in keys_of(self.tree):
            yield from ((page, self.key, self.path) for page in self._base().pages)

    def _base(self) -> BotSettings:
        """What holds where bots.yaml says nothing: what the first bot in Python was given."""
        return self.python[0][1].settings if self.python else BotSettings()

    def _settings(self) -> BotSettings:
        pages = tuple(dict.fromkeys(page for page, _, _ in self.pages()))
        return evolve(Conduct(self.tree, self.path, self._base(), self.translations).settings(), pages=pages)

    # Intents

    def _written(self) -> Mapping[str, Intent]:
        """The intents in Python by name."""
        return {name: intent for _, bot in self.python for name, intent in bot.intents.items()}

    def _intents(self, known: tuple[str, ...], hours: Hours | None) -> Iterator[Intent]:
        written = self._written()
        reader = Phrases(self.translations, slot_types(self.lists))
        scratch = Bot(self.name, lists=self.lists)
        intents = entry(self.tree, "intents")
        for name, node in keys_of(intents).items():
            assert isinstance(intents, Keys)
            if isinstance(node, Keys):
                yield from _IntentAuthor(
                    name=name,
                    key=intents.keys[name],
                    tree=node,
                    path=(*self.path, "intents", name),
                    reader=reader,
                    known=known,
                    hosts=self.hosts,
                    hours=hours,
                    album=self.album,
                ).intent(written.get(name), scratch)

    def _warn_of_dead_ends(self, intents: Iterable[Intent]) -> None:
        """Warn of what nobody can say and no choice leads to; what Python leads to nobody can tell."""
        led_to = frozenset(_led_to(self.tree))
        for one in () if self.python else intents:
            if one.place is not None and not one.phrases and not one.regexes and one.name not in led_to:
                where = shown_path((*self.path, "intents", one.name))
                self.problems.warn(one.place, f"{where}: no phrase and no choice leads here; write its phrases:")

    def _register(self, bot: Bot, joined: Mapping[str, Intent], hooks: Iterable[Hook]) -> None:
        for scalar, one in self.python:
            try:
                bot.include(one, instead=joined)
            except DefinitionError as error:
                self.problems.add(scalar, (*self.path, "python"), str(error))
                return
        try:
            for intent in joined.values():
                if intent.name not in bot.intents:
                    bot.add(intent)
            for hook in hooks:
                bot.add(hook)
            bot.check()
        except DefinitionError as error:
            for line in str(error).splitlines():
                self.problems.add(self.key, self.path, line)


@frozen(kw_only=True)
class _IntentAuthor:
    """Builds one intent from its part of the *tree*; *known* are the names of all intents of its bot."""

    name: str
    key: Scalar
    tree: Keys
    path: Path
    reader: Phrases
    known: tuple[str, ...]
    hosts: Collection[str] | None
    hours: Hours | None
    album: Album

    def intent(self, written: Intent | None, scratch: Bot) -> Iterator[Intent]:
        """The intent, joined with the one *written* in Python; nothing where a complaint leaves nothing to build.

        A joined one is registered on *scratch*, to learn whether its handler can be called with what its phrases say.
        """
        if not self.name.strip():
            self._complain("an intent needs a name in front of its colon")
        slots = self._slots(written)
        phrases, filled, titles = self._phrases(slots)
        regexes, grouped = self._regexes()
        filled |= grouped
        asked = frozenset(name for name, slot in slots.items() if slot.ask is not None)
        named = filled | asked | (_named(written) if written is not None else frozenset())
        self._check_slots(named)
        confirm = self._confirm(asked, named)
        if written is not None:
            joined = evolve(
                written,
                phrases=(*written.phrases, *phrases),
                regexes=(*written.regexes, *regexes),
                slots=slots,
                confirm=confirm or written.confirm,
            )
            yield from self._joined(joined, scratch)
            return
        answer = entry(self.tree, "reply")
        if answer is None:
            self._complain("nothing answers this intent: give it a reply:, or a handler of this name in Python")
            return
        self._check_retries()
        speech = Speech(
            self.reader.translations,
            self.known,
            named,
            hours=self.hours,
            album=self.album,
            titles=titles,
        )
        yield Intent(
            name=self.name,
            phrases=phrases,
            regexes=regexes,
            handler=answered(self.tree, self.path, speech, self.hosts),
            slots=slots,
            strict=self._strict(),
            confirm=confirm,
            place=self.reader.problems.place(self.key),
        )

    def _complain(self, told: str, node: Node | None = None, key: str = "") -> None:
        path = (*self.path, key) if key else self.path
        self.reader.problems.add(self.key if node is None else node, path, told)

    def _slots(self, written: Intent | None) -> dict[str, Slot]:
        """The slots of both, Python's first."""
        slots = self.reader.slots(entry(self.tree, "slots"), (*self.path, "slots"))
        theirs = {} if written is None else written.slots
        for name in slots.keys() & theirs.keys():
            if slots[name] != theirs[name]:
                told = f'in Python the slot "{name}" is of type {theirs[name].type}; keep one of the two'
                self._complain(told, entry(entry(self.tree, "slots"), name), "slots")
        return {**slots, **theirs}

    def _phrases(self, slots: Mapping[str, Slot]) -> tuple[tuple[Phrase, ...], frozenset[str], Titles]:
        """The phrases that can be built, the slots that they have, and what values of slots are called."""
        good, names, titles = [], frozenset[str](), dict(self._titles(slots))
        for phrase, path in self.reader.phrases(entry(self.tree, "phrases"), (*self.path, "phrases")):
            template = self.reader.template(phrase, path, slots)
            if template is not None:
                good.append(phrase)
                names |= template.named
                titles |= {name: one.titles for name, one in template.types.items() if one.titles}
        return tuple(good), names, titles

    def _titles(self, slots: Mapping[str, Slot]) -> Iterator[tuple[str, Mapping[str, str]]]:
        for name, slot in slots.items():
            if slot.choices:
                yield name, {str(one): one for one in slot.choices}
            elif slot.type in self.reader.types:
                yield name, self.reader.types[slot.type].titles

    def _regexes(self) -> tuple[tuple[Phrase, ...], frozenset[str]]:
        """The regular expressions that can be read, and the slots that they have."""
        found = tuple(self.reader.regexes(entry(self.tree, "regexes"), (*self.path, "regexes")))
        return tuple(one.phrase for one in found), frozenset[str]().union(*(one.named for one in found))

    def _check_slots(self, filled: frozenset[str]) -> None:
        slots = entry(self.tree, "slots")
        if isinstance(entry(self.tree, "phrases"), Broken) or not isinstance(slots, Keys):
            return
        for name, key in slots.keys.items():
            if name not in filled:
                told = f'no phrase of this intent has a slot "{name}"'
                self.reader.problems.add(key, (*self.path, "slots"), told, word=name, known=sorted(filled))

    def _check_retries(self) -> None:
        node = entry(self.tree, "retries")
        if isinstance(node, Scalar):
            self._complain("this is for handlers in Python; a reply: never fails", node, "retries")

    def _confirm(self, asked: frozenset[str], named: frozenset[str]) -> str | None:
        """What is asked in the end; it may say the slots, and nothing that is remembered."""
        node, path = entry(self.tree, "confirm"), (*self.path, "confirm")
        if node is None or isinstance(node, Broken):
            return None
        if not asked:
            self._complain("there is nothing to confirm: no slot of this intent has an ask:", node, "confirm")
        translations = self.reader.translations
        Speech(translations, self.known, named, remembers=False).answer(node, path)
        return translations.wording(node, path) or None

    def _strict(self) -> bool:
        node = entry(self.tree, "strict")
        return isinstance(node, Scalar) and node.value is True

    def _joined(self, written: Intent, scratch: Bot) -> Iterator[Intent]:
        answer = entry(self.tree, "reply")
        if answer is not None:
            at = f" at {written.place}" if written.place else ""
            self._complain(f"this intent is answered in Python already{at}; keep one of the two", answer, "reply")
            return
        lookup = entry(self.tree, "lookup")
        if lookup is not None:
            self._complain("a lookup: goes with a reply:, and this intent is answered in Python", lookup, "lookup")
            return
        retries = entry(self.tree, "retries")
        count = retries.value if isinstance(retries, Scalar) and isinstance(retries.value, int) else written.retries
        joined = evolve(written, strict=self._strict() or written.strict, retries=count)
        try:
            scratch.add(joined)
        except DefinitionError as error:
            self._complain(str(error))
        yield joined


def _led_to(node: Node) -> Iterator[str]:
    """The intents that choices lead to, wherever these stand."""
    if isinstance(intent := entry(node, "intent"), Scalar):
        yield said(intent)
    for inner in (*keys_of(node).values(), *(node.items if isinstance(node, Items) else ())):
        yield from _led_to(inner)


def _named(intent: Intent) -> frozenset[str]:
    """The slots that an intent's phrases name, whatever they are."""
    pieces = [piece for phrase in intent.phrases for piece in phrase.text.split("{")[1:]]
    return frozenset(piece.partition("}")[0].partition(":")[0].strip() for piece in pieces)


def _imported(
    node: Node | None, path: Path, problems: Problems, import_name: ImportName
) -> Iterator[tuple[Scalar, Bot]]:
    for scalar in scalars_of(node):
        name = said(scalar)
        try:
            found = import_name(name)
        except BotkitError as error:
            problems.add(scalar, path, str(error))
        else:
            if isinstance(found, Bot):
                yield scalar, found
            else:
                problems.add(scalar, path, f"{name} is a {type(found).__name__}, not a Bot")
