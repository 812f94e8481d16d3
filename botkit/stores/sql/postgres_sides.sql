-- Who lives, what each knows, and to whom a conversation is left.

-- name: renew
UPDATE workers SET until = :until WHERE worker = :worker AND side = :side;

-- name: join
INSERT INTO workers (worker, side, knows, until) VALUES (:worker, :side, :knows, :until)
ON CONFLICT (worker) DO UPDATE SET side = excluded.side, knows = excluded.knows, until = excluded.until;

-- name: part
DELETE FROM workers WHERE worker = :worker;

-- name: bury
-- Those that have not said for long that they live.
DELETE FROM workers WHERE worker IN (SELECT worker FROM workers WHERE until <= :now {skip_locked});

-- name: others
SELECT DISTINCT side, knows FROM workers WHERE worker <> :worker AND until > :now ORDER BY side;

-- name: leave
UPDATE conversations SET left_to = :side WHERE conversation = :conversation;
