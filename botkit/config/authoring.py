"""The bots of bots.yaml, from its checked tree: texts into intents and answers, joined with handlers in Python."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import evolve, frozen

from botkit.bot import Bot, Lists
from botkit.config.answers import MEDIA, Say, SayAny, SayMedium, SayText, Words
from botkit.config.nodes import Items, Keys, Node, Scalar
from botkit.config.problems import Problems, meant
from botkit.errors import BotkitError, DefinitionError, Place
from botkit.language import Slot, parse
from botkit.language.slots import BUILT_IN
from botkit.language.templates import slot_types
from botkit.replies import Choice
from botkit.router import Intent, Phrase
from botkit.settings import BotSettings

ImportName = Callable[[str], object]
Names = Mapping[str, object]

#: Larger numbers are hours and seconds of nothing.
_LARGEST: Final = 1e9
_ONE_OF: Final = ("text", "image", "audio", "video", "file", "any")


@frozen
class Author:
    """Builds one bot from its part of the tree; complaints go to *problems* under *path*."""

    name: str
    tree: Keys
    path: str
    problems: Problems
    import_name: ImportName

    def bot(self) -> Bot | None:
        """The bot, or None where the complaints leave nothing to build."""
        python = list(self._python())
        lists: Lists = {
            **{name: values for one in python for name, values in one.router.lists.items()},
            **self._lists(),
        }
        settings = BotSettings(
            pages=tuple(item.text for item in self._scalars("pages")),
            timezone=self._timezone(python),
            language=self._text("language") or "en",
            session_ttl=self._hours("session_ttl_hours"),
            handler_timeout_seconds=self._number("handler_timeout_seconds") or 60.0,
            error_reply=self._text("error_reply") or None,
        )
        version = max((one.session_version for one in python), default=0)
        bot = Bot(self.name, settings=settings, lists=lists, session_version=version)
        intents = list(self._intents(python, lists))
        self._include(bot, python, intents)
        self._fallback(bot, python)
        return bot

    # Reading the tree

    def _complain(self, node: Node, path: str, text: str) -> None:
        self.problems.add(node.line, node.column, f"{self.path}.{path}" if path else self.path, text)

    def _text(self, key: str) -> str:
        node = self.tree.entries.get(key)
        return node.text.strip() if isinstance(node, Scalar) else ""

    def _number(self, key: str) -> float | None:
        try:
            number = float(self._text(key))
        except ValueError:
            return None
        return number if 0 < number < _LARGEST else None

    def _hours(self, key: str) -> timedelta | None:
        hours = self._number(key)
        return None if hours is None else timedelta(hours=hours)

    def _scalars(self, key: str) -> tuple[Scalar, ...]:
        return _scalars(self.tree.entries.get(key))

    def _keys(self, key: str) -> Mapping[str, Node]:
        node = self.tree.entries.get(key)
        return node.entries if isinstance(node, Keys) else {}

    def _timezone(self, python: list[Bot]) -> str:
        given = self.tree.entries.get("timezone")
        if not isinstance(given, Scalar):
            return python[0].router.timezone.key if python else "UTC"
        try:
            return ZoneInfo(given.text.strip()).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            text = f'there is no time zone "{given.text.strip()}"; write one such as Europe/Berlin'
            self._complain(given, "timezone", text)
            return "UTC"

    def _python(self) -> Iterator[Bot]:
        for scalar in self._scalars("python"):
            try:
                found = self.import_name(scalar.text.strip())
            except BotkitError as error:
                self._complain(scalar, "python", str(error))
            except Exception as error:  # noqa: BLE001 - a module of the author's may raise anything
                text = f"importing {scalar.text.strip()} raised {type(error).__name__}: {error}"
                self._complain(scalar, "python", text)
            else:
                if isinstance(found, Bot):
                    yield found
                else:
                    self._complain(scalar, "python", f"{scalar.text.strip()} is a {type(found).__name__}, not a Bot")

    def _lists(self) -> dict[str, dict[str, list[str]]]:
        lists: dict[str, dict[str, list[str]]] = {}
        for name, node in self._keys("lists").items():
            if name in BUILT_IN or name == "choice":
                self._complain(node, f"lists.{name}", f'"{name}" is a built-in slot type; choose another name')
            elif isinstance(node, Keys):
                lists[name] = {key: [one.text for one in _scalars(value)] for key, value in node.entries.items()}
        return lists

    # Intents

    def _intents(self, python: list[Bot], lists: Lists) -> Iterator[Intent]:
        written = {intent.name: intent for one in python for intent in one.intents.values()}
        types = slot_types(lists)
        known = {*written, *self._keys("intents")}
        for name, node in self._keys("intents").items():
            if isinstance(node, Keys):
                intent = self._intent(name, node, written.pop(name, None), known)
                if intent is not None:
                    yield from self._with_good_phrases(intent, types)
        yield from written.values()

    def _intent(self, name: str, node: Keys, written: Intent | None, known: set[str]) -> Intent | None:
        path = f"intents.{name}"
        declared = Place(self.problems.file, node.line, node.column)
        phrases = tuple(self._phrases(node.entries.get("phrases"), f"{path}.phrases"))
        slots = self._slots(node.entries.get("slots"), f"{path}.slots")
        reply = node.entries.get("reply")
        if written is not None and reply is not None:
            place = f" at {written.place}" if written.place else ""
            self._complain(
                reply, f"{path}.reply", f"this intent is answered in Python already{place}; keep one of the two"
            )
            return None
        strict = _flag(node.entries.get("strict"))
        if written is not None:
            united = {**slots, **written.slots}
            return evolve(written, phrases=(*written.phrases, *phrases), slots=united, strict=strict or written.strict)
        if reply is None:
            self._complain(
                node, path, "nothing answers this intent: give it a reply:, or a handler of this name in Python"
            )
            return None
        names = {slot: None for phrase in phrases for slot in _braces(phrase.text)}
        say = self._say(reply, f"{path}.reply", names, known)
        return Intent(name=name, phrases=phrases, handler=say, slots=slots, strict=strict, place=declared)

    def _phrases(self, node: Node | None, path: str) -> Iterator[Phrase]:
        for scalar in _scalars(node):
            self._check_cut(scalar, path)
            lines = scalar.text.splitlines() if scalar.block else [" ".join(scalar.text.split())]
            for number, line in enumerate(lines, 1 if scalar.block else 0):
                if line.strip():
                    at = scalar.line + number
                    yield Phrase(line.strip(), Place(self.problems.file, at, self._column(at, line, scalar)))

    def _column(self, line: int, text: str, scalar: Scalar) -> int:
        if not scalar.block or line > len(self.problems.lines):
            return scalar.column
        return self.problems.lines[line - 1].find(text.strip()) + 1 or 1

    def _check_cut(self, scalar: Scalar, path: str) -> None:
        if scalar.cut:
            self._complain(
                scalar, path, 'this text is cut off at " #", which begins a comment; put quotes around the text'
            )

    def _slots(self, node: Node | None, path: str) -> dict[str, Slot]:
        slots = {}
        for name, value in (node.entries if isinstance(node, Keys) else {}).items():
            entries = value.entries if isinstance(value, Keys) else {"type": value}
            choices = tuple(one.text for one in _scalars(entries.get("choices")))
            given = entries.get("type")
            kind = given.text.strip() if isinstance(given, Scalar) else "choice" if choices else "text"
            try:
                slots[name] = Slot(kind, choices=choices)
            except ValueError as error:
                self._complain(value, f"{path}.{name}", str(error))
        return slots

    def _with_good_phrases(self, intent: Intent, types: Mapping[str, object]) -> Iterator[Intent]:
        """Complain about every phrase that cannot be built, and leave it out."""
        good = []
        for name, slot in intent.slots.items():
            if slot.type not in types and slot.type != "choice":
                node = self.tree
                text = f'unknown type "{slot.type}"{meant(slot.type, [*types, "choice"])}'
                self._complain(self._slot_node(intent.name, name) or node, f"intents.{intent.name}.slots.{name}", text)
        for phrase in intent.phrases:
            try:
                parse(phrase.text, intent.slots, types)  # type: ignore[arg-type]  # slot types by name
            except DefinitionError as error:
                if phrase.place is None or phrase.place.file != self.problems.file:
                    raise
                if not any(f'unknown type "{slot.type}"' in str(error) for slot in intent.slots.values()):
                    self.problems.add(
                        phrase.place.line,
                        phrase.place.column or 1,
                        f"{self.path}.intents.{intent.name}.phrases",
                        str(error),
                    )
            else:
                good.append(phrase)
        yield evolve(intent, phrases=tuple(good))

    def _slot_node(self, intent: str, slot: str) -> Node | None:
        node: Node | None = self.tree
        for key in ("intents", intent, "slots", slot):
            node = node.entries.get(key) if isinstance(node, Keys) else None
        if isinstance(node, Keys):
            return node.entries.get("type", node)
        return node

    def _include(self, bot: Bot, python: list[Bot], intents: list[Intent]) -> None:
        if self.problems.found:
            return
        joined = {intent.name: intent for intent in intents}
        try:
            for one in python:
                bot.include(one, instead=joined)
            for intent in intents:
                if intent.name not in bot.intents:
                    bot.add(intent)
            bot.check()
        except DefinitionError as error:
            for line in str(error).splitlines():
                self._complain(self.tree, "", line)

    def _fallback(self, bot: Bot, python: list[Bot]) -> None:
        node = self.tree.entries.get("fallback")
        if node is None:
            return
        say = self._say(node, "fallback", {}, set(self._keys("intents")) | set(bot.intents))
        handler = next((one.hook("fallback") for one in python if one.hook("fallback")), None)
        if handler is not None:
            self._complain(node, "fallback", f"there is one in Python already, the {handler}; keep one of the two")
        elif not self.problems.found:
            bot.fallback(say)

    # Answers

    def _say(self, node: Node, path: str, names: Names, intents: set[str]) -> Say:
        nodes = node.items if isinstance(node, Items) else (node,)
        parts = []
        for number, one in enumerate(nodes):
            here = f"{path}[{number + 1}]" if isinstance(node, Items) else path
            part = self._part(one, here, names, intents)
            if part is not None:
                parts.append(part)
        return Say(tuple(parts))

    def _part(self, node: Node, path: str, names: Names, intents: set[str]) -> SayText | SayMedium | SayAny | None:
        if isinstance(node, Scalar):
            return SayText(self._words(node, path, names))
        said = [key for key in _ONE_OF if isinstance(node, Keys) and key in node.entries]
        if not isinstance(node, Keys) or len(said) != 1:
            found = ", ".join(said) or "none"
            self._complain(node, path, f"a reply is exactly one of {', '.join(_ONE_OF)}; found {found}")
            return None
        inner, tag = node.entries[said[0]], _said(node.entries.get("tag"))
        if said[0] == "any":
            return SayAny(tuple(self._say(one, f"{path}.any", names, intents) for one in _items(inner)))
        if not isinstance(inner, Scalar):
            return None
        words = self._words(inner, f"{path}.{said[0]}", names)
        if said[0] == "text":
            return SayText(words, tuple(self._choices(node.entries.get("choices"), f"{path}.choices", intents)), tag)
        if not inner.text.strip().startswith(("https://", "{")):
            told = f'expected a URL that begins with https://, found "{inner.text[:40]}"'
            self._complain(inner, f"{path}.{said[0]}", told)
        return SayMedium(MEDIA[said[0]], words, tag)

    def _words(self, scalar: Scalar, path: str, names: Names) -> Words:
        self._check_cut(scalar, path)
        words = Words.read(scalar.text.strip("\n"))
        if not scalar.text.strip():
            self._complain(scalar, path, "there is nothing to say here; write a text")
        for name in words.names:
            if not name.startswith("session.") and name not in names:
                hint = meant(name, names) or "; known are the slots of the phrases, and {session.…}"
                text = f'no phrase of this intent has a slot "{name}"{hint} (a brace itself is written \\{{)'
                self._complain(scalar, path, text)
        return words

    def _choices(self, node: Node | None, path: str, intents: set[str]) -> Iterator[Choice]:
        for one in _items(node):
            entries = one.entries if isinstance(one, Keys) else {"title": one}
            title, value, intent = (_said(entries.get(key)) for key in ("title", "value", "intent"))
            if not title:
                self._complain(one, path, "a choice needs a title")
                continue
            if intent is not None and intent not in intents:
                self._complain(one, path, f'there is no intent "{intent}"{meant(intent, sorted(intents))}')
            yield Choice(title, value or title, intent=intent)


def _items(node: Node | None) -> tuple[Node, ...]:
    if node is None:
        return ()
    return node.items if isinstance(node, Items) else (node,)


def _scalars(node: Node | None) -> tuple[Scalar, ...]:
    return tuple(one for one in _items(node) if isinstance(one, Scalar))


def _said(node: Node | None) -> str | None:
    return node.text.strip() if isinstance(node, Scalar) else None


def _flag(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.text.strip().lower() in ("true", "yes", "on")


def _braces(phrase: str) -> Iterator[str]:
    for piece in phrase.split("{")[1:]:
        yield piece.partition("}")[0].partition(":")[0].strip()
