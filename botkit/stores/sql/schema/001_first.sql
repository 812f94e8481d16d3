-- The first schema. Times are milliseconds since 1970 in UTC; JSON is text; every key begins with the conversation.

CREATE TABLE conversations (
    conversation TEXT PRIMARY KEY,           -- Address.key
    epoch BIGINT NOT NULL DEFAULT 0,         -- fencing token: counts claims
    next_sequence BIGINT NOT NULL DEFAULT 0,
    ready_at BIGINT,                         -- when to look at it again; NULL: nothing to do
    lease_until BIGINT NOT NULL DEFAULT 0,
    opened_at BIGINT,                        -- when the user last wrote
    session TEXT,
    session_version BIGINT NOT NULL DEFAULT 0,
    session_at BIGINT,
    choices TEXT
){without_rowid};
CREATE INDEX conversations_ready ON conversations (ready_at) WHERE ready_at IS NOT NULL;

CREATE TABLE events (
    conversation TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    id TEXT NOT NULL,
    state SMALLINT NOT NULL DEFAULT 0,       -- 0 waiting, 1 done, 2 dead
    unclaimed SMALLINT NOT NULL DEFAULT 0,   -- 1: set aside because no bot claims its page
    claims BIGINT NOT NULL DEFAULT 0,
    failures BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    accepted_at BIGINT NOT NULL,
    body TEXT,
    error TEXT,
    PRIMARY KEY (conversation, sequence),
    UNIQUE (conversation, id)
);
CREATE INDEX events_waiting ON events (conversation, sequence) WHERE state = 0;
CREATE INDEX events_age ON events (accepted_at);
CREATE INDEX events_dead ON events (accepted_at) WHERE state = 2;
CREATE INDEX events_unclaimed ON events (accepted_at) WHERE unclaimed = 1;

CREATE TABLE lanes (                         -- one a conversation: its deliveries go out one at a time
    conversation TEXT PRIMARY KEY,
    page TEXT NOT NULL,
    epoch BIGINT NOT NULL DEFAULT 0,
    next_sequence BIGINT NOT NULL DEFAULT 0,
    ready_at BIGINT,
    lease_until BIGINT NOT NULL DEFAULT 0
){without_rowid};
CREATE INDEX lanes_ready ON lanes (page, ready_at) WHERE ready_at IS NOT NULL;

CREATE TABLE deliveries (
    conversation TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    id TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued',
    attempts BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    queued_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    message_id TEXT,
    reason TEXT,
    PRIMARY KEY (conversation, sequence),
    UNIQUE (id, conversation)                -- in this order it also finds a status's delivery by client_ref alone
);
CREATE INDEX deliveries_open ON deliveries (conversation, sequence) WHERE state IN ('queued', 'sending', 'in_doubt');
CREATE INDEX deliveries_dead ON deliveries (queued_at) WHERE state = 'dead';
CREATE INDEX deliveries_message ON deliveries (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX deliveries_age ON deliveries (queued_at);

CREATE TABLE early_statuses (                -- statuses that came before the 202 they belong to
    message_id TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    noted_at BIGINT NOT NULL,
    PRIMARY KEY (message_id, state)
);
CREATE INDEX early_statuses_age ON early_statuses (noted_at);

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
