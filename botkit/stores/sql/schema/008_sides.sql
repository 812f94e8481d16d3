-- What each live process on a shared database knows, for old and new code to run side by side; and to which side a
-- conversation was left by one that did not know what it needs (NULL: to anybody).

CREATE TABLE workers (
    worker TEXT PRIMARY KEY,                 -- one a process
    side TEXT NOT NULL,                      -- the same for all that know the same
    knows TEXT NOT NULL,                     -- as JSON
    until BIGINT NOT NULL                    -- lives so long at least
);
ALTER TABLE conversations ADD COLUMN left_to TEXT;
