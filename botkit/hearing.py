"""Hearing: what a message is while a question is open."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Final

from attrs import frozen

from botkit.bot import Bot
from botkit.events import Message
from botkit.flows.form import Form
from botkit.flows.journal import Answer, Asked, Heard
from botkit.flows.question import Question, Reading, Understood, Unfit
from botkit.router import Match
from botkit.routes import Route, matched, reaction, speaking

#: How many other intents are answered before the question insists on an answer.
DIGRESSION_LIMIT: Final = 3
#: What is understood at every question.
GLOBAL: Final = ("cancel", "help", "handover")


@frozen
class Answers:
    """It answers the question."""

    understood: Understood
    heard: Heard


@frozen
class Fills:
    """It fills asked slots, perhaps another one than that which was asked for."""

    values: Mapping[str, object]


@frozen
class Wants:
    """It is a global intent: cancel, help or handover; *route* leads to the bot's own intent of that name."""

    what: str
    route: Route | None = None


@frozen
class Digresses:
    """It is about something else, to which *route* leads."""

    route: Route


@frozen
class Misses:
    """It is no answer; *text* is what to say to it, empty where nobody said."""

    text: str = ""


Verdict = Answers | Fills | Wants | Digresses | Misses


@frozen(kw_only=True)
class Hearing:
    """Judges what is said to a *question* that stands as *asked*.

    *language* is that of the conversation. *before* is an earlier answer that is on offer. *form* is what the question
    is of, and *answers* what it has so far. *flows* are the names of the open flows: whoever begins one of them again
    is in the middle of it already.
    """

    bot: Bot
    question: Question
    asked: Asked
    reading: Reading
    language: str
    before: str | None = None
    form: Form | None = None
    answers: Sequence[Answer] = ()
    flows: Collection[str] = ()

    def judge(self, message: Message, heard: Heard) -> Verdict:
        """What *message* is, in the order of the documentation: the first that fits."""
        fitting = self._match(message, heard, likeness=False)

        @cache
        def match() -> Match | None:
            # What is an answer need not be weighed against every phrase of the bot.
            return fitting or self._match(message, heard, likeness=True)

        return (
            self._wanted(heard, fitting)
            or self._answered(heard)
            or self._alike(heard)
            or self._said_again(match)
            or self._other_language(heard)
            or self._digression(message, fitting)
            or self._filled(heard)
            or self._found(heard, match)
            or self._taken_as_text(heard)
            or Misses()
        )

    def _match(self, message: Message, heard: Heard, *, likeness: bool) -> Match | None:
        if message.kind != "text":
            return None
        choices, language = self.question.choices, self.language
        return self.bot.router.route(message.text, now=heard.at, choices=choices, language=language, likeness=likeness)

    def _wanted(self, heard: Heard, match: Match | None) -> Verdict | None:
        for what in GLOBAL:
            if heard.kind == "text" and self.reading.vocabulary.means(what, heard.text):
                named = self.bot.intents.get(what)
                return Wants(what, None if named is None else matched(self.bot, Match(intent=named, how="exact")))
            if match is not None and match.intent.name == what and _is_literal(match):
                return Wants(what, matched(self.bot, match))
        return None

    def _answered(self, heard: Heard) -> Verdict | None:
        if self.before is not None and self.reading.vocabulary.means("same", heard.text):
            heard = Heard(id=heard.id, at=heard.at, kind="text", text=self.before)
            understood = self.question.read(heard, self.reading)
            return self._checked(understood or Understood(self.before), heard)
        understood = self.question.read(heard, self.reading)
        return None if understood is None else self._checked(understood, heard)

    def _said_again(self, meant: Callable[[], Match | None]) -> Verdict | None:
        """The form's own phrase, said once more with slots in it."""
        match = None if self.form is None else meant()
        if self.form is None or match is None or match.intent.name != self.form.intent:
            return None
        values = {name: value for name, value in match.slots.items() if name in self.form.slots}
        return Fills(values) if values else None

    def _other_language(self, heard: Heard) -> Verdict | None:
        """The wish to go on in another language, unless everything is to be taken for an answer."""
        asked = self.bot.voice.asked_for(heard.text) if heard.kind == "text" and not self.question.strict else None
        return None if asked in (None, self.language) else Digresses(speaking(self.bot, asked))

    def _filled(self, heard: Heard) -> Verdict | None:
        """What a sentence says of the form's slots, unless the question takes all of it as it is."""
        if self.form is None or self.question.is_open:
            return None
        values = self.form.found(heard, self.question.name, self.answers)
        return Fills(values) if values else None

    def _digression(self, message: Message, match: Match | None) -> Verdict | None:
        if self.question.strict or self.asked.digressions >= DIGRESSION_LIMIT:
            return None
        if match is not None and _is_literal(match):
            route = matched(self.bot, match)
            return Misses() if route.flow in self.flows else Digresses(route)
        if message.kind != "text" and self.bot.hook("on", message.kind) is not None:
            return Digresses(reaction(self.bot, message.kind))
        return None

    def _alike(self, heard: Heard) -> Verdict | None:
        """A choice that is only like what was said."""
        if heard.kind != "text":
            return None
        choice = self.bot.router.taken(heard.text, self.question.choices, now=heard.at, language=self.language)
        if choice is None or choice.intent is not None:
            return None
        return self._checked(self.question.taken(choice), heard)

    def _found(self, heard: Heard, meant: Callable[[], Match | None]) -> Verdict | None:
        """A value somewhere in the sentence; then whatever the router understood by likeness."""
        understood = self.question.find(heard, self.reading)
        if understood is not None:
            return self._checked(understood, heard)
        if self.question.strict or self.asked.digressions >= DIGRESSION_LIMIT:
            return None
        match = meant()
        if match is None or match.how in ("choice", "exact", "template"):
            return None
        return Digresses(matched(self.bot, match))

    def _taken_as_text(self, heard: Heard) -> Verdict | None:
        if heard.kind != "text" or not self.question.is_open or not heard.text.strip():
            return None
        return self._checked(Understood(heard.text), heard)

    def _checked(self, understood: Understood, heard: Heard) -> Verdict:
        try:
            self.question.checked(understood.value)
        except Unfit as unfit:
            return Misses(unfit.text)
        return Answers(understood, heard)


def _is_literal(match: Match) -> bool:
    """Whether the match rests on words that the phrase has, and not on slots alone."""
    return match.how in ("choice", "exact") or (match.how == "template" and match.score > 0)
