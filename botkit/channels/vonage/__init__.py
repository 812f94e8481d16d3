"""Facebook Messenger over the Vonage Messages API, v1 and v0.1, both ways."""

from botkit.channels.vonage.channel import Vonage
from botkit.channels.vonage.client import Client

__all__ = ["Client", "Vonage"]
