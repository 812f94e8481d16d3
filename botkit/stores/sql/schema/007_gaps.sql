-- What users said that no intent was found for, for the bot's writers to read, until it expires.

CREATE TABLE gaps (
    conversation TEXT NOT NULL,
    event TEXT NOT NULL,
    bot TEXT NOT NULL,
    language TEXT NOT NULL,
    text TEXT NOT NULL,
    suggested TEXT NOT NULL,                 -- the intents that were offered instead, as JSON
    at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (conversation, event)
);
CREATE INDEX gaps_newest ON gaps (at);
CREATE INDEX gaps_expiry ON gaps (expires_at);
