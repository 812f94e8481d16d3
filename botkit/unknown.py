"""What a bot has no answer to: as much of a message as may be kept, for its writers to read."""

from collections.abc import Sequence
from datetime import timedelta

from botkit.bot import Bot
from botkit.language.redaction import LENGTH_LIMIT, redacted
from botkit.work import Gap, Work


def gap_of(bot: Bot, work: Work, text: str, *, language: str, suggested: Sequence[str] = ()) -> Gap | None:
    """*text* as a gap of *bot*, None where the bot's settings keep none, or where it says nothing."""
    settings = bot.settings.gaps
    kept = redacted(text) if settings.redact else text[:LENGTH_LIMIT]
    if not settings.keep_days or not kept.strip():
        return None
    return Gap(
        bot=bot.name,
        language=language,
        text=kept,
        suggested=tuple(suggested),
        at=work.now,
        until=work.now + timedelta(days=settings.keep_days),
    )
