-- What is known of events whose user was forgotten: enough to recognise one that comes again, and nothing about whom.

CREATE TABLE forgotten (
    fingerprint TEXT PRIMARY KEY,            -- of conversation and event id, with the store's secret
    forgotten_at BIGINT NOT NULL
);
CREATE INDEX forgotten_age ON forgotten (forgotten_at);
