"""botkit: Facebook Messenger bots over the Vonage Messages API.

>>> bot = Bot()
>>> @bot.intent("hello", "good morning")
... def greet(chat):
...     return "Hello!"
"""

from typing import TYPE_CHECKING

from botkit.bot import Bot
from botkit.chat import Chat
from botkit.errors import (
    AccountBlocked,
    BotkitError,
    Cancelled,
    ChannelError,
    ConfigError,
    DefinitionError,
    GaveUp,
    HandlerError,
    InDoubt,
    OnceFailed,
    Rejected,
    RetryLater,
    StoreError,
    Timeout,
    Unavailable,
    UnjournalledAwait,
    WebhookError,
)
from botkit.events import Address, Message, Status
from botkit.hours import Hours
from botkit.language import Slot
from botkit.replies import Audio, Choice, Custom, File, Image, Reply, Text, Video
from botkit.settings import Gaps
from botkit.translated import Translated

if TYPE_CHECKING:
    from botkit.app import App
    from botkit.channels.vonage import Client

__all__ = [
    "AccountBlocked",
    "Address",
    "App",
    "Audio",
    "Bot",
    "BotkitError",
    "Cancelled",
    "ChannelError",
    "Chat",
    "Choice",
    "Client",
    "ConfigError",
    "Custom",
    "DefinitionError",
    "File",
    "Gaps",
    "GaveUp",
    "HandlerError",
    "Hours",
    "Image",
    "InDoubt",
    "Message",
    "OnceFailed",
    "Rejected",
    "Reply",
    "RetryLater",
    "Slot",
    "Status",
    "StoreError",
    "Text",
    "Timeout",
    "Translated",
    "Unavailable",
    "UnjournalledAwait",
    "Video",
    "WebhookError",
]


def __getattr__(name: str) -> object:
    # App and Client bring aiohttp and cryptography along: a bot's own module should not have to wait for them.
    if name == "App":
        from botkit.app import App  # noqa: PLC0415 - see above

        return App
    if name == "Client":
        from botkit.channels.vonage import Client  # noqa: PLC0415 - see above

        return Client
    raise AttributeError(f"module 'botkit' has no attribute {name!r}")
