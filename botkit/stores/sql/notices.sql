-- name: add_notice
-- Known by the mute it is about: a turn that is run again tells nobody twice.
INSERT INTO notices (id, conversation, made_at, due_at, body) VALUES (:id, :conversation, :now, :now, :body)
ON CONFLICT (id) DO NOTHING;

-- name: any_due
SELECT 1 FROM notices WHERE due_at <= :now LIMIT 1;

-- name: claim
-- Those that are due, the oldest first; due again should whoever has them never say what became of them.
UPDATE notices SET attempts = attempts + 1, due_at = :until
WHERE id IN (SELECT id FROM notices WHERE due_at <= :now ORDER BY due_at LIMIT :most {skip_locked})
RETURNING id, conversation, attempts, body;

-- name: told
DELETE FROM notices WHERE id = :id AND attempts = :attempts;

-- name: postpone
UPDATE notices SET due_at = :due_at WHERE id = :id AND attempts = :attempts;

-- name: free
-- After a crash the owner of the file knows that nobody has any.
UPDATE notices SET due_at = :now WHERE due_at > :now;

-- name: forget
DELETE FROM notices WHERE conversation = :conversation;

-- name: prune
DELETE FROM notices WHERE id IN (SELECT id FROM notices WHERE made_at < :dead_before LIMIT :most {skip_locked});

-- name: waiting
SELECT COUNT(*), MIN(made_at) FROM notices;

-- name: muted
-- How many conversations a person answers.
SELECT COUNT(*) FROM conversations WHERE muted_until > :now;

-- name: all_muted
-- Which those are, those first that the bot answers again soonest.
SELECT conversation, mute FROM conversations WHERE muted_until > :now ORDER BY muted_until LIMIT :most;
