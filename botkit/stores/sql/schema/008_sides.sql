-- What each live process on a shared database knows, for old and new code to run side by side; and to which side a
-- conversation is left, and how long, by one that did not know what it needs (NULL: to anybody).

CREATE TABLE workers (
    worker TEXT PRIMARY KEY,                 -- one a process
    side TEXT NOT NULL,                      -- the same for all that know the same
    knows TEXT NOT NULL,                     -- as JSON
    until BIGINT NOT NULL                    -- it lives so long at least
);
ALTER TABLE conversations ADD COLUMN left_to TEXT;
ALTER TABLE conversations ADD COLUMN left_until BIGINT;
CREATE INDEX conversations_left ON conversations (left_to) WHERE left_to IS NOT NULL;
