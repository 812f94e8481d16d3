-- Where each conversation's open flows stand, as JSON (NULL or empty: none is open), and when its open question is to be
-- looked at without a message (NULL: never).

ALTER TABLE conversations ADD COLUMN flow TEXT;
ALTER TABLE conversations ADD COLUMN wake_at BIGINT;
