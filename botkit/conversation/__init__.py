"""A conversation: which handler an event belongs to, the flows that are open in it, and what one event does to them."""
