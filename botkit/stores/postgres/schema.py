"""The schema: made and upgraded by whoever starts first, while older processes go on."""

import secrets
from typing import Final

from botkit.errors import StoreError, StoreVersionError
from botkit.stores.postgres.connections import Transaction
from botkit.stores.postgres.database import Database
from botkit.stores.statements import Statements, schema_steps

SQL: Final = Statements("postgres_schema")

#: A database that is so many steps newer can still be used: every step leaves the release before it working.
STEPS_AHEAD: Final = 1


async def prepare(transaction: Transaction, database: Database, *, owner: bool) -> None:
    """Bring the schema up to date, once, whoever else does so at the same time.

    Only an *owner* changes it. Raises StoreVersionError for one that is too new, and for one that is too old or not
    there where it may not be changed.
    """
    await transaction.run(SQL.lock, schema=database.schema)
    done = await _done(transaction)
    steps = schema_steps()
    if done > len(steps) + STEPS_AHEAD:
        raise StoreVersionError(
            f"{database} was written by a newer botkit (schema {done}; this one knows {len(steps)}): upgrade this one."
        )
    if done >= len(steps):
        return
    if not owner:
        raise StoreError(f"There is no store for this botkit in {database}: start botkit run on it first.")
    if done == 0:
        await _create(transaction, database)
    for step in steps[done:]:
        await transaction.script(step)
    if done == 0:
        await transaction.run(SQL.keep, name="secret", value=secrets.token_hex(32))
    await transaction.run(SQL.keep, name="schema", value=str(len(steps)))
    await transaction.script(SQL.tune)


async def _done(transaction: Transaction) -> int:
    """How many steps have been done."""
    found = await transaction.row(SQL.meta)
    if found is None or found[0] is None:
        return 0
    row = await transaction.row(SQL.version)
    return int(row[0]) if row else 0


async def _create(transaction: Transaction, database: Database) -> None:
    row = await transaction.row(SQL.namespace, schema=database.schema)
    # Who may not create schemas may still use one that was made for him.
    if row is None or row[0] is None:
        await transaction.script(f'CREATE SCHEMA "{database.schema}"')


async def is_asynchronous(transaction: Transaction) -> bool:
    """Whether the server, or our role, acknowledges commits before they are on disk."""
    row = await transaction.row(SQL.synchronous_commit)
    return row is not None and row[0] == "off"
