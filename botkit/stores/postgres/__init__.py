"""The PostgreSQL engine: one database, and any number of processes and machines that run workers on it."""

from botkit.stores.postgres.engine import Postgres

__all__ = ["Postgres"]
