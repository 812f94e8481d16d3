-- Conversations that were handed over to a person (mute: the last time, as JSON; it may be over), and what their owners
-- are still to be told of it.

ALTER TABLE conversations ADD COLUMN mute TEXT;
ALTER TABLE conversations ADD COLUMN muted_until BIGINT;
CREATE INDEX conversations_muted ON conversations (muted_until) WHERE muted_until IS NOT NULL;

CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    conversation TEXT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,      -- fencing token, too: counts claims
    made_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX notices_due ON notices (due_at);
CREATE INDEX notices_of ON notices (conversation);
