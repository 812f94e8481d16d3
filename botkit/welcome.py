"""Welcome: what a user is told who writes for the first time."""

from botkit.bot import Bot
from botkit.events import Message
from botkit.work import Work


def is_first_contact(work: Work) -> bool:
    """Whether this is the first message of which anything is known.

    Who was forgotten (`botkit user forget`) writes for the first time again, and so does who has nothing in his session
    and was silent for as long as ids are known. A turn that is run again stays what it was.
    """
    return work.sequence == 0 and isinstance(work.event, Message)


def is_greeted(bot: Bot, work: Work) -> bool:
    """Whether a greeting stands in place of the fallback."""
    return is_first_contact(work) and bot.hook("greeting") is not None
