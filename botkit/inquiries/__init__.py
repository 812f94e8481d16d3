"""The way out for lookups: one GET of JSON, to hosts that settings name, and to no other."""

from botkit.inquiries.client import Inquiries
from botkit.inquiries.guard import NotPublic, guarded

__all__ = ["Inquiries", "NotPublic", "guarded"]
