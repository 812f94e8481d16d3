-- The same indexes of deliveries again, in words that SQLite compares with at once: for each row that changes, IN builds a
-- table of what it lists. Statements say `open` and `done` as these indexes do (see statements.py), or do not use them.

DROP INDEX deliveries_open;
CREATE INDEX deliveries_open ON deliveries (conversation, sequence)
    WHERE (state = 'queued' OR state = 'sending' OR state = 'in_doubt');
DROP INDEX deliveries_kept;
CREATE INDEX deliveries_kept ON deliveries (queued_at)
    WHERE body <> '' AND (state <> 'queued' AND state <> 'sending' AND state <> 'in_doubt' AND state <> 'dead');
