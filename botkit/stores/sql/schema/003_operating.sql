-- Pages of which nothing goes out for a while, and what finds the bodies that are kept for a while after they are done.

CREATE TABLE holds (
    page TEXT PRIMARY KEY,                   -- '*': every page
    until BIGINT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX events_kept ON events (accepted_at) WHERE state = 1 AND body IS NOT NULL;
CREATE INDEX deliveries_kept ON deliveries (queued_at)
    WHERE body <> '' AND state NOT IN ('queued', 'sending', 'in_doubt', 'dead');
