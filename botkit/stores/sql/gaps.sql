-- name: keep
INSERT INTO gaps (conversation, event, bot, language, text, suggested, at, expires_at)
VALUES (:conversation, :event, :bot, :language, :text, :suggested, :at, :expires_at) ON CONFLICT DO NOTHING;

-- name: newest
SELECT bot, language, text, suggested, at, expires_at FROM gaps WHERE expires_at > :now ORDER BY at DESC LIMIT :most;

-- name: export
SELECT text, bot, at FROM gaps WHERE conversation = :conversation ORDER BY at;

-- name: forget
DELETE FROM gaps WHERE conversation = :conversation;

-- name: prune
DELETE FROM gaps WHERE (conversation, event) IN (
    SELECT conversation, event FROM gaps WHERE expires_at <= :now LIMIT :most {skip_locked});
