"""Matching: what a text is, by every layer that the router asks in turn, and why. Values in, values out."""
