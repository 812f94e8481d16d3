-- name: lock
-- Held until the end of the transaction: whoever starts at the same time waits, and finds everything done.
SELECT pg_advisory_xact_lock(hashtextextended('botkit.' || :schema, 0));

-- name: meta
SELECT to_regclass(quote_ident(current_schema()) || '.meta');

-- name: version
SELECT value FROM meta WHERE name = 'schema';

-- name: namespace
SELECT to_regnamespace(quote_ident(:schema));

-- name: keep
INSERT INTO meta (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: tune
-- Rows that are updated again and again leave room beside themselves, and are cleaned up after early.
ALTER TABLE conversations SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE lanes SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE events SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE deliveries SET (autovacuum_vacuum_scale_factor = 0.02);

-- name: synchronous_commit
SELECT current_setting('synchronous_commit');
