-- Who lives, what each knows, and to whom a conversation is left.

-- name: renew
UPDATE workers SET until = :until WHERE worker = :worker AND side = :side;

-- name: join
INSERT INTO workers (worker, side, knows, until) VALUES (:worker, :side, :knows, :until);

-- name: part
DELETE FROM workers WHERE worker = :worker;

-- name: bury
-- Those that have not said for long that they live.
DELETE FROM workers WHERE worker IN (SELECT worker FROM workers WHERE until <= :now {skip_locked});

-- name: others
SELECT side, knows, max(until) AS until FROM workers WHERE worker <> :worker AND until > :now
GROUP BY side, knows ORDER BY side;

-- name: leave
UPDATE conversations SET left_to = :side, left_until = :until WHERE conversation = :conversation;

-- name: free
-- What was left to sides on which nobody lives any more is anybody's at once.
WITH left_over AS (
    SELECT conversation FROM conversations
    WHERE left_to IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM workers WHERE workers.side = conversations.left_to AND workers.until > :now)
    ORDER BY conversation {lock})
UPDATE conversations SET left_to = NULL, left_until = NULL
FROM left_over WHERE conversations.conversation = left_over.conversation;
