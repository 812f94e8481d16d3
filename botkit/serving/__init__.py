"""A process that serves: its ports, who may hold a connection to them, and what ends it when it stands still."""
