-- How far the pace of each page is used up, for the processes that share a database.

CREATE TABLE paces (
    page TEXT PRIMARY KEY,
    due_at BIGINT NOT NULL                   -- in microseconds since 1970
);
