"""A question: what `chat.ask` was given, and what an answer to it becomes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from attrs import evolve

from botkit.errors import HandlerError
from botkit.flows.entries import Heard
from botkit.flows.kinds import MEDIA, Convert, Type, check_choices, check_function, read_kind
from botkit.language import Context, Tokens, tokens
from botkit.language.slots import SlotType, found_in
from botkit.language.vocabulary import Vocabulary
from botkit.replies import Choice, Reply, Text, replies_from
from botkit.router import choice_of

_NUMBERS: Final = frozenset({"int", "decimal"})
_FREE: Final = frozenset({"text", "word"})


class Unfit(ValueError):
    """What the user sent is no answer; *text* is what to tell him, empty where nobody said."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.text = text


class Reading(NamedTuple):
    """What answers are read with: the bot's slot *types*, its *timezone*, and the *vocabulary* of a *language*."""

    types: Mapping[str, SlotType]
    timezone: ZoneInfo
    vocabulary: Vocabulary
    language: str = "en"


class Understood(NamedTuple):
    """What an answer became: its *value*, and the title of the *choice* that was taken, if one was."""

    value: object
    choice: str | None = None


class Question(NamedTuple):
    """Everything about one question; see `Chat.ask` for what its parts mean.

    *kind* is the name of a slot type, a class of media, bool, or a function. *is_slot* says that it asks for
    the slot *name*, *is_wait* that it waits for a signal and not for the user.
    """

    prompt: tuple[Reply, ...]
    kind: Type = "text"
    choices: tuple[Choice, ...] = ()
    check: Callable[..., object] | None = None
    retry_text: str | None = None
    attempts: int = 3
    timeout: timedelta | None = None
    remind: timedelta | None = None
    strict: bool = False
    name: str = ""
    is_slot: bool = False
    is_wait: bool = False
    convert: Convert | None = None

    @property
    def is_open(self) -> bool:
        """Whether any text answers it, so that everything else is tried first."""
        return self.kind == "text" and not self.choices

    @property
    def is_typed(self) -> bool:
        """Whether the value can be kept, so that it need not be read again from the text."""
        return not self.choices and self.kind != "text" and (isinstance(self.kind, str) or self.kind is bool)

    @property
    def type_name(self) -> str:
        """What is asked for, in a journal."""
        if not isinstance(self.kind, str):
            return "bool" if self.kind is bool else ""
        return self.kind if self.convert is None else f"{self.kind}/{self.convert.__name__}"

    # Understanding

    def read(self, heard: Heard, said: Tokens, reading: Reading) -> Understood | None:
        """What *heard*, all of it, answers, of which *said* are the words; None where it is no answer."""
        if heard.kind != "text":
            return self._medium(heard)
        if self.is_open:
            return None
        if self.choices or self.kind in _NUMBERS:
            spelled = _spelled(said, reading.vocabulary)
            if self.choices:
                choice = choice_of(said, self.choices) or choice_of(spelled, self.choices)
                return None if choice is None or choice.intent is not None else self.taken(choice)
            said = spelled
        return self._typed(heard.text, said, Context(heard.at, reading.timezone, (reading.language,)), reading)

    def taken(self, choice: Choice) -> Understood:
        """What *choice*, one of its own, answers."""
        return Understood(self._chosen(choice), choice.title)

    def find(self, heard: Heard, reading: Reading) -> Understood | None:
        """The one value somewhere in a sentence that answers; None where there is none, or more than one."""
        if heard.kind != "text" or self.choices or not isinstance(self.kind, str) or self.kind in _FREE:
            return None
        said = tokens(heard.text)
        context = Context(heard.at, reading.timezone, (reading.language,))
        found = {value for _, _, value in found_in(said, reading.types[self.kind], context)}
        if self.kind in _NUMBERS:
            # In a sentence the word for one is too often an article.
            found |= {number for number in reading.vocabulary.numbers_in(said.words) if number != 1}
        return Understood(self._converted(found.pop())) if len(found) == 1 else None

    def again(self, heard: Heard, choice: str | None, reading: Reading) -> object:
        """The value of an answer that was taken in an earlier turn; raises Unfit where it would not be taken now."""
        if choice is not None:
            taken = next((one for one in self.choices if one.title == choice), None)
            if taken is None:
                raise Unfit
            return self._chosen(taken)
        if self.is_open and heard.kind == "text":
            return self._converted(heard.text)
        understood = self.read(heard, tokens(heard.text), reading) or self.find(heard, reading)
        if understood is None:
            raise Unfit
        return understood.value

    def checked(self, value: object) -> None:
        """Raise Unfit where the question's own check refuses *value*."""
        if self.check is None:
            return
        try:
            verdict = self.check(value)
        except ValueError as error:
            raise Unfit(str(error).strip()) from None
        if verdict is False:
            raise Unfit

    def _chosen(self, choice: Choice) -> object:
        return self._converted(choice.value)

    def _converted(self, value: object) -> object:
        return value if self.convert is None else self.convert(value)

    def _medium(self, heard: Heard) -> Understood | None:
        if isinstance(self.kind, str) or MEDIA.get(self.kind) != heard.kind or not heard.url:
            return None
        return Understood(self.kind(heard.url))

    def _typed(self, text: str, said: Tokens, context: Context, reading: Reading) -> Understood | None:
        if self.kind is bool:
            yes, no = (reading.vocabulary.means(word, text) for word in ("yes", "no"))
            return Understood(yes) if yes != no else None
        if isinstance(self.kind, str):
            return self._whole(said, reading.types[self.kind], context)
        if self.kind in MEDIA:
            return None
        try:
            return Understood(self.kind(text))
        except ValueError:
            return None

    def _whole(self, said: Tokens, slot_type: SlotType, context: Context) -> Understood | None:
        if not said.words:
            return None
        values = [value for end, value in slot_type.values(said, 0, context) if end == len(said)]
        return Understood(self._converted(values[0])) if values else None


def _spelled(said: Tokens, vocabulary: Vocabulary) -> Tokens:
    """The text, with a number word that is all of it as a figure."""
    number = vocabulary.number(said.surface) if said.words else None
    return said if number is None else tokens(str(number))


# Asking


def question(
    prompt: object, kind: Type, choices: Sequence[Choice | str] | None, reading: Reading, **options: object
) -> Question:
    """Put a question together from what `chat.ask` was given; raises HandlerError for what cannot be asked."""
    try:
        shown, offered = _offering(replies_from(prompt), choices)
    except (TypeError, ValueError) as error:
        raise HandlerError(f"chat.ask was given what is no prompt: {error}") from None
    name, convert = read_kind(kind, reading.types)
    if offered:
        check_choices(kind, name, convert, offered)
    # The rest of the signature of chat.ask, as it is.
    asked = Question(prompt=shown, kind=name, choices=offered, convert=convert, **options)  # type: ignore[arg-type]
    _check(asked)
    return asked


def _check(asked: Question) -> None:
    if asked.attempts < 1:
        raise HandlerError(f"chat.ask was given attempts={asked.attempts!r}; it is 1 or more")
    if asked.timeout is not None:
        _check_span("timeout", asked.timeout)
    if asked.remind is not None:
        _check_span("remind", asked.remind)
    if asked.check is not None:
        check_function("check", asked.check, "no function")
    if asked.retry_text is not None:
        _check_retry_text(asked.retry_text)


def _check_span(option: str, span: object) -> None:
    if not (isinstance(span, timedelta) and span > timedelta(0)):
        raise HandlerError(f"chat.ask was given {option}={span!r}; it takes a timedelta above 0")


def _check_retry_text(text: str) -> None:
    try:
        Text(text)
    except (TypeError, ValueError) as error:
        raise HandlerError(f"chat.ask was given what is no retry_text: {error}") from None


def _offering(
    prompt: tuple[Reply, ...], choices: Sequence[Choice | str] | None
) -> tuple[tuple[Reply, ...], tuple[Choice, ...]]:
    """The prompt with *choices* below its last text, and the choices it offers."""
    if not prompt:
        raise ValueError("there is nothing to show")
    if choices is None:
        return prompt, _choices_of(prompt[-1])
    texts = [number for number, reply in enumerate(prompt) if isinstance(reply, Text)]
    if not texts:
        raise ValueError("choices are shown below a text, and there is none")
    at = texts[-1]
    text = evolve(prompt[at], choices=choices)  # type: ignore[call-arg]  # it is a Text
    return (*prompt[:at], text, *prompt[at + 1 :]), _choices_of(text)


def _choices_of(reply: Reply) -> tuple[Choice, ...]:
    return reply.choices if isinstance(reply, Text) else ()
