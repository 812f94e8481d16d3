"""Hearing: what a message is while a question is open."""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from attrs import define

from botkit.bot import Bot
from botkit.conversation.routes import Route, matched, reaction, speaking
from botkit.flows.entries import Answer, Heard
from botkit.flows.form import Form
from botkit.flows.journal import Asked
from botkit.flows.question import Question, Reading, Understood, Unfit
from botkit.language import Tokens, tokens
from botkit.router import Match

#: How many other intents are answered before the question insists on an answer.
DIGRESSION_LIMIT: Final = 3
#: What is understood at every question.
GLOBAL: Final = ("cancel", "help", "handover")


class Answers(NamedTuple):
    """It answers the question."""

    understood: Understood
    heard: Heard


class Fills(NamedTuple):
    """It fills asked slots, perhaps another one than that which was asked for."""

    values: Mapping[str, object]


class Wants(NamedTuple):
    """It is a global intent: cancel, help or handover; *route* leads to the bot's own intent of that name."""

    what: str
    route: Route | None = None


class Digresses(NamedTuple):
    """It is about something else, to which *route* leads."""

    route: Route


class Misses(NamedTuple):
    """It is no answer; *text* is what to say to it, empty where nobody said."""

    text: str = ""


Verdict = Answers | Fills | Wants | Digresses | Misses


@define(kw_only=True, slots=False)
class Hearing:
    """Judges what was *heard*, and *said* in words, while a *question* stood as *asked*.

    *language* is that of the conversation. *before* is an earlier answer that is on offer. *form* is what the question
    is of, and *answers* what it has so far. *flows* are the names of the open flows: whoever begins one of them again
    is in the middle of it already.
    """

    bot: Bot
    heard: Heard
    said: Tokens
    question: Question
    asked: Asked
    reading: Reading
    language: str
    before: str | None = None
    form: Form | None = None
    answers: Sequence[Answer] = ()
    flows: Collection[str] = ()

    def judge(self) -> Verdict:
        """What was heard, in the order of the documentation: the first that fits."""
        fitting = self._match(likeness=False)
        return (
            self._wanted(fitting)
            or self._answered()
            or self._alike()
            or self._said_again(fitting)
            or self._other_language()
            or self._digression(fitting)
            or self._filled()
            or self._found(fitting)
            or self._taken_as_text()
            or Misses()
        )

    @property
    def _is_text(self) -> bool:
        return self.heard.kind == "text"

    @cached_property
    def _alike_to(self) -> Match | None:
        """What it is like, where it fits nothing: what is an answer need not be weighed against every phrase."""
        return self._match(likeness=True)

    def _match(self, *, likeness: bool) -> Match | None:
        if not self._is_text:
            return None
        now, choices, language = self.heard.at, self.question.choices, self.language
        return self.bot.router.route(self.said, now=now, choices=choices, language=language, likeness=likeness)

    def _wanted(self, fitting: Match | None) -> Verdict | None:
        meant = self.reading.vocabulary.meanings(self.heard.text) if self._is_text else ()
        for what in GLOBAL if meant or fitting else ():
            if what in meant:
                named = self.bot.intents.get(what)
                return Wants(what, None if named is None else matched(self.bot, Match(intent=named, how="exact")))
            if fitting is not None and fitting.intent.name == what and _is_literal(fitting):
                return Wants(what, matched(self.bot, fitting))
        return None

    def _answered(self) -> Verdict | None:
        heard, reading = self.heard, self.reading
        if self.before is not None and reading.vocabulary.means("same", heard.text):
            heard = Heard(id=heard.id, at=heard.at, kind="text", text=self.before)
            understood = self.question.read(heard, tokens(self.before), reading)
            return self._checked(understood or Understood(self.before), heard)
        understood = self.question.read(heard, self.said, reading)
        return None if understood is None else self._checked(understood)

    def _alike(self) -> Verdict | None:
        """A choice that is only like what was said."""
        if not self.question.choices or not self._is_text:
            return None
        now, choices, language = self.heard.at, self.question.choices, self.language
        choice = self.bot.router.taken(self.heard.text, choices, now=now, language=language)
        if choice is None or choice.intent is not None:
            return None
        return self._checked(self.question.taken(choice))

    def _said_again(self, fitting: Match | None) -> Verdict | None:
        """The form's own phrase, said once more with slots in it."""
        match = None if self.form is None else fitting or self._alike_to
        if self.form is None or match is None or match.intent.name != self.form.intent:
            return None
        values = {name: value for name, value in match.slots.items() if name in self.form.slots}
        return Fills(values) if values else None

    def _other_language(self) -> Verdict | None:
        """The wish to go on in another language, unless everything is to be taken for an answer."""
        is_heard = self._is_text and not self.question.strict
        asked = self.bot.voice.asked_for(self.heard.text) if is_heard else None
        return None if asked in (None, self.language) else Digresses(speaking(self.bot, asked))

    def _digression(self, fitting: Match | None) -> Verdict | None:
        if not self._may_digress:
            return None
        if fitting is not None and _is_literal(fitting):
            route = matched(self.bot, fitting)
            return Misses() if route.flow in self.flows else Digresses(route)
        if not self._is_text and self.bot.hook("on", self.heard.kind) is not None:
            return Digresses(reaction(self.bot, self.heard.kind))
        return None

    @property
    def _may_digress(self) -> bool:
        return not self.question.strict and self.asked.digressions < DIGRESSION_LIMIT

    def _filled(self) -> Verdict | None:
        """What a sentence says of the form's slots, unless the question takes all of it as it is."""
        if self.form is None or self.question.is_open:
            return None
        values = self.form.found(self.heard, self.question.name, self.answers)
        return Fills(values) if values else None

    def _found(self, fitting: Match | None) -> Verdict | None:
        """A value somewhere in the sentence; then whatever the router understood by likeness."""
        understood = self.question.find(self.heard, self.reading)
        if understood is not None:
            return self._checked(understood)
        match = fitting or self._alike_to if self._may_digress else None
        if match is None or match.how in ("choice", "exact", "template"):
            return None
        return Digresses(matched(self.bot, match))

    def _taken_as_text(self) -> Verdict | None:
        if not self._is_text or not self.question.is_open or not self.heard.text.strip():
            return None
        return self._checked(Understood(self.heard.text))

    def _checked(self, understood: Understood, heard: Heard | None = None) -> Verdict:
        try:
            self.question.checked(understood.value)
        except Unfit as unfit:
            return Misses(unfit.text)
        return Answers(understood, heard or self.heard)


def _is_literal(match: Match) -> bool:
    """Whether the match rests on words that the phrase has, and not on slots alone."""
    return match.how in ("choice", "exact") or (match.how == "template" and match.score > 0)
