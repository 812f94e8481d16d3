"""What leaves in a turn: replies become deliveries whose ids are fixed by their cause, so that none leaves twice."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from difflib import get_close_matches
from typing import Final, Literal

from botkit.bot import Bot
from botkit.errors import HandlerError
from botkit.replies import Choice, Limits, Reply, Text, in_language, parts, replies_from
from botkit.work import Mute, Queued, Work, delivery_id

#: Commits deliveries in the middle of a turn, and where its flows stand, None where that has not changed.
Checkpoint = Callable[[tuple[Queued, ...], str | None], Awaitable[None]]
Cause = Literal["send", "return", "error"]

#: How long a bot can be muted, and how long a reason may be.
LONGEST_MUTE: Final = timedelta(days=365)
REASON_LIMIT: Final = 500


class Leaving:
    """Counts what leaves in one turn, sends what leaves at once, and remembers the choices that were offered last.

    *language* says which language the conversation is in now.
    """

    def __init__(
        self,
        bot: Bot,
        work: Work,
        limits: Limits,
        checkpoint: Callable[[tuple[Queued, ...]], Awaitable[None]],
        language: Callable[[], str],
    ) -> None:
        self._bot = bot
        self._work = work
        self._limits = limits
        self._checkpoint = checkpoint
        self._language = language
        self._ordinals: dict[Cause, int] = {}
        self._is_over = False
        #: What `chat.send` counts as now: an error handler's must not take the ids of the handler's.
        self.cause: Cause = "send"
        #: The choices of the last reply that left, None if none left.
        self.choices: tuple[Choice, ...] | None = None
        #: What the checkpoint raised: the turn is lost, whatever the handler makes of it.
        self.broken: Exception | None = None
        #: How the conversation is handed over in this turn, None if it is not.
        self.mute: Mute | None = None
        self.replies = 0
        self.parts = 0

    async def send(self, reply: object, language: str | None = None) -> None:
        """Commit *reply* in the middle of the turn, so that it leaves at once; in *language*, if that is another."""
        if self._is_over:
            raise HandlerError("chat.send was called after the turn had ended; App.send writes to a user at any time")
        try:
            replies = replies_from(reply)
        except (TypeError, ValueError) as error:
            raise HandlerError(f"chat.send was given what is no reply: {error}") from None
        queued = self.queued(in_language(replies, lambda: self._languages(language)), self.cause)
        if not queued:
            return
        await self._checkpoint(queued)

    def queued(self, replies: Sequence[Reply], cause: Cause) -> tuple[Queued, ...]:
        """Number *replies*, cut them into parts and give each its id; raises HandlerError for an impossible choice."""
        replies = in_language(replies, self._languages)
        for reply in replies:
            self._check_choices(reply)
        address, event_id = self._work.address, self._work.event.id
        queued: list[Queued] = []
        for reply in replies:
            ordinal = self._ordinals.get(cause, 0)
            self._ordinals[cause] = ordinal + 1
            for number, part in enumerate(parts(reply, self._limits, in_doubt=self._bot.settings.in_doubt)):
                queued.append(Queued(delivery_id(address, event_id, f"{cause}.{ordinal}", number), part))
            self.choices = reply.choices if isinstance(reply, Text) else ()
        self.replies += len(replies)
        self.parts += len(queued)
        return tuple(queued)

    def _languages(self, language: str | None = None) -> tuple[str, str]:
        return (language or self._language(), self._bot.settings.language)

    def hand_over(self, reason: object, length: timedelta | None = None, is_past: bool = False) -> Text:
        """Mute the bot from the end of this turn on, and give what to tell the user; what is said last counts.

        With *is_past* that was done in an earlier turn. Raises HandlerError for a reason or a length that is none.
        """
        if self._is_over:
            raise HandlerError("chat.handover was called after the turn had ended")
        length = self._bot.settings.handover_length if length is None else length
        if not isinstance(reason, str) or not reason.strip():
            raise HandlerError('chat.handover takes a reason in words, such as chat.handover("billing")')
        if not timedelta(0) < length <= LONGEST_MUTE:
            raise HandlerError(f"chat.handover takes a length above 0 and of at most a year, not {length}")
        work = self._work
        mute_id = delivery_id(work.address, work.event.id, "handover", 0)
        if not is_past:
            self.mute = Mute(id=mute_id, reason=reason.strip()[:REASON_LIMIT], at=work.now, until=work.now + length)
        return Text(self._bot.voice.vocabulary(self._language()).text("handover"))

    @property
    def notice(self) -> bool:
        """Whether this turn hands the conversation over, so that somebody has to be told."""
        return self.mute is not None and self.mute.until > self._work.now

    def has_left(self, cause: Cause) -> bool:
        """Whether anything has left for *cause*."""
        return cause in self._ordinals

    def close(self) -> None:
        """Refuse whatever is still sent: the turn is over."""
        self._is_over = True

    def _check_choices(self, reply: Reply) -> None:
        for choice in reply.choices if isinstance(reply, Text) else ():
            if choice.intent is not None:
                self._check_intent(choice.intent)

    def _check_intent(self, name: str) -> None:
        bot = self._bot
        if name not in bot.intents:
            close = get_close_matches(name, bot.intents, 1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise HandlerError(f"offers a choice for the intent {name!r}, which bot {bot.name!r} does not have{hint}")
        handler = bot.handler(name)
        if needed := sorted(handler.required - bot.resources.keys() - bot.intents[name].asked.keys()):
            raise HandlerError(
                f"offers a choice for the {handler}, which needs {needed[0]!r}, and a choice fills no slot"
            )
