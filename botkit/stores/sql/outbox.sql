-- name: lanes
-- What is known of lanes, and whether their page rests; :wanted is a JSON list of [conversation, page], answered by
-- place.
SELECT wanted.key, lanes.epoch, lanes.next_sequence, lanes.ready_at, conversations.opened_at,
       EXISTS (SELECT 1 FROM holds WHERE holds.page = '*' AND until > :now)
       OR EXISTS (SELECT 1 FROM holds WHERE holds.page = json_extract(wanted.value, '$[1]') AND until > :now)
FROM json_each(:wanted) AS wanted
LEFT JOIN lanes ON lanes.conversation = json_extract(wanted.value, '$[0]')
LEFT JOIN conversations ON conversations.conversation = json_extract(wanted.value, '$[0]');

-- name: known_deliveries
-- Which deliveries are kept already: what a turn sent before it was run again is not sent again.
SELECT deliveries.conversation, deliveries.id FROM json_each(:ids) AS wanted
JOIN deliveries ON deliveries.id = wanted.value;

-- name: add_delivery
INSERT INTO deliveries (conversation, sequence, id, state, attempts, due_at, queued_at, body)
VALUES (:conversation, :sequence, :id, :state, :claims, :now, :now, :body);

-- name: extend_lane
-- Count more deliveries in: the first of them is claimed at once (:claims is 1), or their lane becomes ready unless an
-- earlier one decides when.
INSERT INTO lanes (conversation, page, epoch, next_sequence, ready_at, lease_until)
VALUES (:conversation, :page, :birth + :claims, :count, :ready_at, :lease_until)
ON CONFLICT (conversation) DO UPDATE SET
    epoch = lanes.epoch + :claims,
    next_sequence = lanes.next_sequence + :count,
    ready_at = COALESCE(lanes.ready_at, excluded.ready_at),
    lease_until = CASE WHEN :claims = 1 THEN excluded.lease_until ELSE lanes.lease_until END;

-- name: opened_at
SELECT opened_at FROM conversations WHERE conversation = :conversation;

-- name: due_pages
-- The pages with a lane that is due: one look-up in the index for each page, not one for each lane.
WITH RECURSIVE pages (page) AS (
    SELECT MIN(page) FROM lanes WHERE ready_at IS NOT NULL
    UNION ALL
    SELECT (SELECT MIN(lanes.page) FROM lanes WHERE lanes.page > pages.page AND lanes.ready_at IS NOT NULL)
    FROM pages WHERE pages.page IS NOT NULL)
SELECT page FROM pages
WHERE page IS NOT NULL AND EXISTS (SELECT 1 FROM lanes WHERE lanes.page = pages.page AND lanes.ready_at <= :now)
    AND NOT EXISTS (SELECT 1 FROM holds WHERE holds.page IN (pages.page, '*') AND holds.until > :now);

-- name: claim_lanes
UPDATE lanes SET epoch = epoch + 1, lease_until = :until, ready_at = :until
WHERE conversation IN (
    SELECT conversation FROM lanes
    WHERE page = :page AND ready_at <= :now AND (:since IS NULL OR :since <= (
        SELECT queued_at FROM deliveries
        WHERE deliveries.conversation = lanes.conversation AND {open}
        ORDER BY sequence LIMIT 1))
    ORDER BY ready_at LIMIT :most {skip_locked})
RETURNING conversation, epoch;

-- name: head
-- The oldest delivery of a lane that is not done.
SELECT sequence, state, id, attempts, queued_at, body,
    (SELECT opened_at FROM conversations WHERE conversations.conversation = deliveries.conversation)
FROM deliveries
WHERE conversation = :conversation AND {open} ORDER BY sequence LIMIT 1;

-- name: mark_sending
UPDATE deliveries SET state = 'sending', attempts = attempts + 1
WHERE conversation = :conversation AND sequence = :sequence;

-- name: doubt
-- Its sender has died while sending.
UPDATE deliveries SET state = 'in_doubt', due_at = :doubt_until, reason = 'crash'
WHERE conversation = :conversation AND sequence = :sequence;

-- name: settle
-- What is done needs no body any more (:keep is 0), unless it is to be kept for a while.
UPDATE deliveries SET state = :state, due_at = COALESCE(:due_at, due_at), reason = :reason,
    message_id = COALESCE(:message_id, message_id),
    body = CASE WHEN :keep = 1 THEN body ELSE '' END
WHERE conversation = :conversation AND sequence = :sequence AND state = 'sending';

-- name: hold
INSERT INTO holds (page, until, reason) VALUES (:page, :until, :reason)
ON CONFLICT (page) DO UPDATE SET until = {greatest}(holds.until, excluded.until), reason = excluded.reason;

-- name: holds
SELECT page, until, reason FROM holds WHERE until > :now ORDER BY until, page;

-- name: prune_holds
DELETE FROM holds WHERE until < :now;

-- name: record_message
-- A status was quicker than the 202: only the message id is news.
UPDATE deliveries SET message_id = COALESCE(:message_id, message_id)
WHERE conversation = :conversation AND sequence = :sequence;

-- name: release_lane
-- End the lease; the next delivery's turn comes after those of the conversations that have waited longer.
UPDATE lanes SET lease_until = 0, ready_at = (
    SELECT {greatest}(due_at, :now) FROM deliveries
    WHERE deliveries.conversation = lanes.conversation AND {open}
    ORDER BY sequence LIMIT 1)
WHERE conversation = :conversation AND epoch = :epoch;

-- name: still_ready
-- Which of :conversations, a JSON list, have more to send.
SELECT lanes.conversation FROM json_each(:conversations) AS done
JOIN lanes ON lanes.conversation = done.value WHERE ready_at IS NOT NULL;

-- name: refresh_lane
-- A status has moved an open delivery: a lane that nobody holds may go on.
UPDATE lanes SET ready_at = (
    SELECT due_at FROM deliveries
    WHERE deliveries.conversation = lanes.conversation AND {open}
    ORDER BY sequence LIMIT 1)
WHERE conversation = :conversation AND lease_until <= :now;

-- name: doubt_everything
-- After a crash: whatever was being sent may have been accepted.
UPDATE deliveries SET state = 'in_doubt', due_at = :doubt_until, reason = 'crash' WHERE state = 'sending';

-- name: free_lanes
UPDATE lanes SET lease_until = 0, epoch = epoch + 1, ready_at = (
    SELECT due_at FROM deliveries
    WHERE deliveries.conversation = lanes.conversation AND {open}
    ORDER BY sequence LIMIT 1)
WHERE lease_until > 0;

-- name: find_all
-- What statuses are about by their own word, whoever's it is; :ids is a JSON list.
SELECT deliveries.conversation, sequence, deliveries.id, state FROM json_each(:ids) AS wanted
JOIN deliveries ON deliveries.id = wanted.value;

-- name: find_by_address
SELECT conversation, sequence, id, state FROM deliveries WHERE conversation = :conversation AND id = :id;

-- name: find_by_id
SELECT conversation, sequence, id, state FROM deliveries WHERE id = :id LIMIT 1;

-- name: find_by_message
SELECT conversation, sequence, id, state FROM deliveries WHERE message_id = :message_id LIMIT 1;

-- name: move
UPDATE deliveries SET state = :state, reason = COALESCE(:reason, reason),
    message_id = COALESCE(message_id, :message_id),
    body = CASE WHEN :keep = 1 THEN body ELSE '' END
WHERE conversation = :conversation AND sequence = :sequence;

-- name: keep_early
INSERT INTO early_statuses (message_id, state, reason, noted_at) VALUES (:message_id, :state, :reason, :now)
ON CONFLICT (message_id, state) DO NOTHING;

-- name: trim_early
DELETE FROM early_statuses WHERE noted_at < (
    SELECT noted_at FROM early_statuses ORDER BY noted_at DESC LIMIT 1 OFFSET :kept - 1);

-- name: early
SELECT state, reason FROM early_statuses WHERE message_id = :message_id;

-- name: any_early
SELECT 1 FROM early_statuses LIMIT 1;

-- name: forget_early
DELETE FROM early_statuses WHERE message_id = :message_id;

-- name: known_conversation
SELECT 1 FROM conversations WHERE conversation = :conversation;

-- name: revive_delivery
UPDATE deliveries SET state = 'queued', due_at = :now, queued_at = :now, attempts = 0, reason = NULL
WHERE conversation = :conversation AND sequence = :sequence AND state = 'dead';

-- name: wake_lane
UPDATE lanes SET ready_at = CASE WHEN lease_until > :now THEN ready_at ELSE :now END
WHERE conversation = :conversation;

-- name: dead_deliveries
SELECT conversation, sequence, queued_at, body, reason FROM deliveries
WHERE state = 'dead' ORDER BY queued_at DESC LIMIT :most;

-- name: dead_delivery
SELECT conversation, sequence, queued_at, body, reason FROM deliveries
WHERE conversation = :conversation AND sequence = :sequence AND state = 'dead';

-- name: drop_delivery
DELETE FROM deliveries WHERE conversation = :conversation AND sequence = :sequence AND state = 'dead';

-- name: waiting_deliveries
SELECT COUNT(*), MIN(queued_at) FROM deliveries WHERE {open};

-- name: count_dead_deliveries
SELECT COUNT(*) FROM deliveries WHERE state = 'dead';

-- name: deliveries_of
SELECT id, body, state, attempts, message_id, reason FROM deliveries
WHERE conversation = :conversation ORDER BY sequence;

-- name: erase_deliveries
-- Bodies that were kept for a while after they were done.
UPDATE deliveries SET body = '' WHERE (conversation, sequence) IN (
    SELECT conversation, sequence FROM deliveries
    WHERE queued_at < :erase_before AND body <> '' AND {done}
    LIMIT :most {skip_locked});

-- name: prune_deliveries
DELETE FROM deliveries WHERE (conversation, sequence) IN (
    SELECT conversation, sequence FROM deliveries
    WHERE queued_at < :before AND state IN ('sent', 'delivered', 'read', 'rejected', 'undeliverable')
    LIMIT :most {skip_locked})
RETURNING conversation;

-- name: forget_lane_of
-- An empty lane need not be known.
DELETE FROM lanes WHERE conversation IN (
    SELECT conversation FROM lanes
    WHERE conversation = :conversation AND lease_until = 0 AND ready_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.conversation = lanes.conversation)
    {skip_locked});

-- name: prune_dead_deliveries
DELETE FROM deliveries WHERE (conversation, sequence) IN (
    SELECT conversation, sequence FROM deliveries WHERE state = 'dead' AND queued_at < :dead_before LIMIT :most {skip_locked});

-- name: prune_early
DELETE FROM early_statuses WHERE noted_at < :before;

-- name: export_deliveries
SELECT id, state, queued_at, attempts, message_id, reason, body FROM deliveries
WHERE conversation = :conversation ORDER BY sequence;

-- name: forget_deliveries
DELETE FROM deliveries WHERE conversation = :conversation;

-- name: forget_lane
DELETE FROM lanes WHERE conversation = :conversation;
