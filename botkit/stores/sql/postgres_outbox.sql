-- What PostgreSQL does to many deliveries in one statement. Whoever moves a delivery holds its lane; lanes are locked in
-- the order of their keys, after conversations.

-- name: queue
-- Put deliveries at the end of their lanes, each id once; a lane is ready unless an earlier delivery decides when.
WITH wanted AS (
    SELECT * FROM unnest(:conversations::text[], :pages::text[], :ids::text[], :bodies::text[], :births::bigint[],
                         :nows::bigint[])
    WITH ORDINALITY AS wanted (conversation, page, id, body, birth, now, place)),
fresh AS MATERIALIZED (
    SELECT DISTINCT ON (conversation, id) * FROM wanted
    WHERE NOT EXISTS (SELECT 1 FROM deliveries
                      WHERE deliveries.id = wanted.id AND deliveries.conversation = wanted.conversation)
    ORDER BY conversation, id, place),
extended AS (
    INSERT INTO lanes (conversation, page, epoch, next_sequence, ready_at)
    SELECT conversation, min(page), max(birth), count(*), min(now)
    FROM fresh GROUP BY conversation ORDER BY conversation
    ON CONFLICT (conversation) DO UPDATE SET
        next_sequence = lanes.next_sequence + excluded.next_sequence,
        ready_at = COALESCE(lanes.ready_at, excluded.ready_at)
    RETURNING conversation, next_sequence)
INSERT INTO deliveries (conversation, sequence, id, due_at, queued_at, body)
SELECT conversation,
       next_sequence - count(*) OVER (PARTITION BY conversation)
           + row_number() OVER (PARTITION BY conversation ORDER BY place) - 1,
       id, now, now, body
FROM fresh JOIN extended USING (conversation)
ON CONFLICT (id, conversation) DO NOTHING
RETURNING conversation, id;

-- name: add_paces
INSERT INTO paces (page, due_at) SELECT page, 0 FROM unnest(:pages::text[]) AS wanted (page) ORDER BY page
ON CONFLICT DO NOTHING;

-- name: paces
-- The pages' paces; those another process is at are left to it.
SELECT page, due_at FROM paces WHERE page = ANY(:pages::text[]) ORDER BY page FOR UPDATE SKIP LOCKED;

-- name: keep_paces
UPDATE paces SET due_at = kept.due_at
FROM unnest(:pages::text[], :dues::bigint[]) AS kept (page, due_at) WHERE paces.page = kept.page;

-- name: claim_lanes
-- Of each page lease as many lanes as it may send now, those that have waited longest first.
WITH due AS MATERIALIZED (
    SELECT lane.conversation, lane.ready_at
    FROM unnest(:pages::text[], :mosts::bigint[]) AS allowed (page, most)
    CROSS JOIN LATERAL (
        SELECT conversation, ready_at FROM lanes
        WHERE lanes.page = allowed.page AND lanes.ready_at <= :now AND (:since::bigint IS NULL OR :since::bigint <= (
            SELECT queued_at FROM deliveries
            WHERE deliveries.conversation = lanes.conversation AND {open}
            ORDER BY sequence LIMIT 1))
        ORDER BY lanes.ready_at LIMIT allowed.most {skip_locked}) AS lane)
UPDATE lanes SET epoch = lanes.epoch + :step, lease_until = :until, ready_at = :until
FROM due WHERE lanes.conversation = due.conversation
RETURNING lanes.conversation, lanes.page, lanes.epoch, due.ready_at AS waited_since;

-- name: claim_heads
-- The head of each lane goes out; one whose sender has died while sending is in doubt instead.
WITH heads AS MATERIALIZED (
    SELECT head.* FROM unnest(:conversations::text[]) AS claimed (conversation)
    CROSS JOIN LATERAL (
        SELECT deliveries.conversation, sequence, state FROM deliveries
        WHERE deliveries.conversation = claimed.conversation AND {open}
        ORDER BY sequence LIMIT 1) AS head)
UPDATE deliveries SET
    state = CASE heads.state WHEN 'sending' THEN 'in_doubt' ELSE 'sending' END,
    attempts = attempts + CASE heads.state WHEN 'sending' THEN 0 ELSE 1 END,
    due_at = CASE heads.state WHEN 'sending' THEN :doubt_until ELSE due_at END,
    reason = CASE heads.state WHEN 'sending' THEN 'crash' ELSE reason END
FROM heads WHERE deliveries.conversation = heads.conversation AND deliveries.sequence = heads.sequence
RETURNING deliveries.conversation, deliveries.sequence, heads.state AS was, id, attempts, queued_at, body,
    (SELECT opened_at FROM conversations WHERE conversations.conversation = deliveries.conversation) AS opened_at;

-- name: release
-- End leases; a lane's next delivery comes after those of the conversations that have waited longer.
UPDATE lanes SET lease_until = 0, ready_at = (
    SELECT {greatest}(due_at, :now::bigint) FROM deliveries
    WHERE deliveries.conversation = lanes.conversation AND {open}
    ORDER BY sequence LIMIT 1)
WHERE conversation = ANY(:conversations::text[])
RETURNING conversation, ready_at;

-- name: fence
-- Which of the leases still hold; a statement of its own, as that of conversations.
SELECT lanes.conversation, lanes.epoch, lease_until > 0 AS is_leased FROM lanes
JOIN unnest(:conversations::text[], :epochs::bigint[]) AS held (conversation, epoch)
    ON lanes.conversation = held.conversation AND lanes.epoch = held.epoch
ORDER BY lanes.conversation FOR UPDATE OF lanes;

-- name: put_back
-- Deliveries whose claim was lost are as they were before; what a status says of them stays.
UPDATE deliveries SET state = CASE WHEN doubted THEN 'in_doubt' ELSE 'queued' END, attempts = attempts - 1
FROM unnest(:conversations::text[], :sequences::bigint[], :doubts::boolean[]) AS lost (conversation, sequence, doubted)
WHERE deliveries.conversation = lost.conversation AND deliveries.sequence = lost.sequence AND state = 'sending';

-- name: lock_lane
SELECT 1 FROM lanes WHERE conversation = :conversation FOR UPDATE;

-- name: lock_messages
-- A status and the settlement that tells whose it is may come at the same time: one of the two must see the other.
SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended(message_id, 0) AS key FROM unnest(:message_ids::text[]) AS noted (message_id)
    ORDER BY key) AS keys;

-- name: settle
-- What is done needs no body any more, unless it is to be kept for a while.
UPDATE deliveries SET
    state = settled.state,
    due_at = COALESCE(settled.due_at, deliveries.due_at),
    reason = settled.reason,
    message_id = COALESCE(settled.message_id, deliveries.message_id),
    body = CASE WHEN :keep::boolean OR settled.state IN ('queued', 'in_doubt', 'dead') THEN body ELSE '' END
FROM unnest(:conversations::text[], :sequences::bigint[], :states::text[], :dues::bigint[], :reasons::text[],
            :message_ids::text[]) AS settled (conversation, sequence, state, due_at, reason, message_id)
WHERE deliveries.conversation = settled.conversation AND deliveries.sequence = settled.sequence
    AND deliveries.state = 'sending'
RETURNING deliveries.conversation;

-- name: record_messages
-- A status was quicker than the 202: only the message id is news.
UPDATE deliveries SET message_id = COALESCE(settled.message_id, deliveries.message_id)
FROM unnest(:conversations::text[], :sequences::bigint[], :message_ids::text[])
    AS settled (conversation, sequence, message_id)
WHERE deliveries.conversation = settled.conversation AND deliveries.sequence = settled.sequence;

-- name: forget_lanes
-- Empty lanes need not be known; those somebody is at are left alone.
WITH idle AS (
    SELECT conversation FROM lanes
    WHERE conversation = ANY(:conversations::text[]) AND lease_until = 0 AND ready_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.conversation = lanes.conversation)
    {skip_locked})
DELETE FROM lanes USING idle WHERE lanes.conversation = idle.conversation;

-- name: early
SELECT message_id, state, reason FROM early_statuses WHERE message_id = ANY(:message_ids::text[]);

-- name: settled
-- What became of deliveries whose leases are gone: a settlement may have been kept although its answer was lost.
SELECT deliveries.conversation, deliveries.sequence, deliveries.state, deliveries.message_id FROM deliveries
JOIN unnest(:conversations::text[], :sequences::bigint[]) AS asked (conversation, sequence)
    ON deliveries.conversation = asked.conversation AND deliveries.sequence = asked.sequence;
