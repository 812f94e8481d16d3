-- name: arriving_at
-- What the conversations of arriving events hold, and whether the event is known; :arriving is a JSON list of
-- [conversation, id, fingerprint], answered by place.
SELECT arriving.key, epoch, session, session_version, session_at, choices, flow, mute, next_sequence, ready_at, wake_at, lease_until,
       EXISTS (SELECT 1 FROM events
               WHERE events.conversation = json_extract(arriving.value, '$[0]')
                 AND events.id = json_extract(arriving.value, '$[1]'))
       OR EXISTS (SELECT 1 FROM forgotten WHERE fingerprint = json_extract(arriving.value, '$[2]'))
FROM json_each(:arriving) AS arriving
LEFT JOIN conversations ON conversations.conversation = json_extract(arriving.value, '$[0]');

-- name: any_forgotten
SELECT 1 FROM forgotten LIMIT 1;

-- name: add_event
INSERT INTO events (conversation, sequence, id, state, unclaimed, claims, due_at, accepted_at, body, error)
VALUES (:conversation, :sequence, :id, :state, :unclaimed, :claims, :now, :now, :body, :error);

-- name: arrive
-- Count the event in. It is claimed at once (:claims is 1), or makes its conversation ready unless an earlier event
-- decides when it is looked at; one that only waits for its wake-up is looked at now. Epochs begin anywhere, so that those
-- of a user who was forgotten and comes back are new.
INSERT INTO conversations (conversation, epoch, next_sequence, ready_at, lease_until, opened_at)
VALUES (:conversation, :birth + :claims, 1, :ready_at, :lease_until, :opened_at)
ON CONFLICT (conversation) DO UPDATE SET
    epoch = conversations.epoch + :claims,
    next_sequence = conversations.next_sequence + 1,
    ready_at = CASE
        WHEN conversations.ready_at = conversations.wake_at AND conversations.lease_until = 0
        THEN COALESCE(excluded.ready_at, conversations.ready_at)
        ELSE COALESCE(conversations.ready_at, excluded.ready_at) END,
    lease_until = CASE WHEN :claims = 1 THEN excluded.lease_until ELSE conversations.lease_until END,
    opened_at = {greatest}(COALESCE(conversations.opened_at, excluded.opened_at),
                           COALESCE(excluded.opened_at, conversations.opened_at));

-- name: trim_unclaimed
-- Of what no bot claims keep the newest only.
DELETE FROM events WHERE unclaimed = 1 AND accepted_at < (
    SELECT accepted_at FROM events WHERE unclaimed = 1 ORDER BY accepted_at DESC LIMIT 1 OFFSET :kept - 1);

-- name: anything_ready
SELECT 1 FROM conversations WHERE ready_at <= :now LIMIT 1;

-- name: claim
-- Lease the conversations that are due, those that have waited longest first.
UPDATE conversations SET epoch = epoch + 1, lease_until = :until, ready_at = :until
WHERE conversation IN (
    SELECT conversation FROM conversations WHERE ready_at <= :now ORDER BY ready_at LIMIT :most {skip_locked})
RETURNING conversation, epoch, session, session_version, session_at, choices, flow, mute, wake_at;

-- name: claim_head
-- The oldest waiting event of a claimed conversation, with the claim counted.
UPDATE events SET claims = claims + 1
WHERE conversation = :conversation AND sequence = (
    SELECT sequence FROM events WHERE conversation = :conversation AND state = 0 ORDER BY sequence LIMIT 1)
RETURNING sequence, id, body, claims, failures, accepted_at;

-- name: uncount_claim
UPDATE events SET claims = claims - 1 WHERE conversation = :conversation AND sequence = :sequence;

-- name: put_off
-- End the lease without a turn, and look at it :again; never at the very wake-up, which is due for idle ones only.
UPDATE conversations SET lease_until = 0, ready_at = CASE WHEN wake_at = :again THEN :again + 1 ELSE :again END
WHERE conversation = :conversation;

-- name: add_wake_up
-- A wake-up that is due becomes an event like any other, and is not due again.
INSERT INTO events (conversation, sequence, id, due_at, accepted_at, body)
SELECT conversation, next_sequence, :id, :wake_at, :wake_at, :body FROM conversations
WHERE conversation = :conversation;

-- name: woken
UPDATE conversations SET next_sequence = next_sequence + 1, wake_at = NULL WHERE conversation = :conversation;

-- name: renew
-- A lease that has ended meanwhile stays ended: its conversation may be handed out at once.
UPDATE conversations SET
    lease_until = CASE WHEN lease_until > 0 THEN :until ELSE lease_until END,
    ready_at = CASE WHEN lease_until > 0 THEN :until ELSE ready_at END
WHERE conversation = :conversation AND epoch = :epoch;

-- name: fence
SELECT 1 FROM conversations WHERE conversation = :conversation AND epoch = :epoch {lock};

-- name: finish_event
-- Done: the id is kept to recognise duplicates, the body is not, unless it is to be kept for a while.
UPDATE events SET state = 1, body = CASE WHEN :keep = 1 THEN body END, error = COALESCE(:unanswered, error)
WHERE conversation = :conversation AND sequence = :sequence AND state = 0;

-- name: postpone_event
-- Counted from :failures, so that a commit that is repeated counts once.
UPDATE events SET failures = :failures + 1, claims = 0, due_at = :due_at, error = :error
WHERE conversation = :conversation AND sequence = :sequence AND state = 0;

-- name: bury_event
UPDATE events SET state = 2, error = :error WHERE conversation = :conversation AND sequence = :sequence AND state = 0;

-- name: release
-- End the lease; ready again when the oldest waiting event is due, or without one at the wake-up.
UPDATE conversations SET lease_until = 0, ready_at = COALESCE((
    SELECT due_at FROM events
    WHERE events.conversation = conversations.conversation AND state = 0 ORDER BY sequence LIMIT 1), wake_at)
WHERE conversation = :conversation AND epoch = :epoch;

-- name: finish_turn
-- What a turn changed of its conversation (NULL leaves as it was; a flow goes with its wake-up, a mute with its end),
-- and the end of its lease.
UPDATE conversations SET
    session = COALESCE(:session, session),
    session_version = :session_version,
    session_at = :now,
    choices = COALESCE(:choices, choices),
    flow = COALESCE(:flow, flow),
    wake_at = CASE WHEN :flow IS NULL THEN wake_at ELSE :wake_at END,
    mute = COALESCE(:mute, mute),
    muted_until = COALESCE(:muted_until, muted_until),
    lease_until = 0,
    ready_at = COALESCE((
        SELECT due_at FROM events
        WHERE events.conversation = conversations.conversation AND state = 0 ORDER BY sequence LIMIT 1),
        CASE WHEN :flow IS NULL THEN wake_at ELSE :wake_at END)
WHERE conversation = :conversation AND epoch = :epoch;

-- name: still_ready
-- Which of :conversations, a JSON list, are to be looked at again.
SELECT conversations.conversation FROM json_each(:conversations) AS done
JOIN conversations ON conversations.conversation = done.value WHERE ready_at IS NOT NULL;

-- name: keep_failed
-- What a turn that failed leaves: the choices of its last reply, where its flow stands now, and who answers from now on.
UPDATE conversations SET
    choices = COALESCE(:choices, choices),
    flow = COALESCE(:flow, flow),
    wake_at = CASE WHEN :flow IS NULL THEN wake_at ELSE :wake_at END,
    mute = COALESCE(:mute, mute),
    muted_until = COALESCE(:muted_until, muted_until)
WHERE conversation = :conversation AND epoch = :epoch;

-- name: keep_flow
-- The journal of a flow in the middle of its turn.
UPDATE conversations SET flow = :flow WHERE conversation = :conversation AND epoch = :epoch;

-- name: free_leases
-- After a crash the owner of the file knows that nobody holds a lease.
UPDATE conversations SET lease_until = 0, epoch = epoch + 1, ready_at = COALESCE((
    SELECT due_at FROM events
    WHERE events.conversation = conversations.conversation AND state = 0 ORDER BY sequence LIMIT 1), wake_at)
WHERE lease_until > 0;

-- name: revive_event
UPDATE events SET state = 0, unclaimed = 0, claims = 0, failures = 0, due_at = :now, error = NULL
WHERE conversation = :conversation AND sequence = :sequence AND state = 2 AND body IS NOT NULL;

-- name: wake
-- A replayed event is the oldest of its conversation: look at it now, unless it is being worked on.
UPDATE conversations SET ready_at = CASE WHEN lease_until > :now THEN ready_at ELSE :now END
WHERE conversation = :conversation;

-- name: dead_events
SELECT conversation, sequence, accepted_at, body, error FROM events
WHERE state = 2 ORDER BY accepted_at DESC LIMIT :most;

-- name: dead_event
SELECT conversation, sequence, accepted_at, body, error FROM events
WHERE conversation = :conversation AND sequence = :sequence AND state = 2;

-- name: drop_event
-- Its id stays known until it is old enough.
UPDATE events SET state = 1, body = NULL, unclaimed = 0
WHERE conversation = :conversation AND sequence = :sequence AND state = 2;

-- name: unclaimed_of
-- What was set aside because no bot claimed the page whose conversations begin with :prefix.
SELECT conversation, sequence FROM events
WHERE unclaimed = 1 AND substr(conversation, 1, length(:prefix)) = :prefix AND body IS NOT NULL
ORDER BY accepted_at LIMIT :most;

-- name: waiting_events
SELECT COUNT(*), MIN(accepted_at) FROM events WHERE state = 0;

-- name: count_dead_events
SELECT COUNT(*) FROM events WHERE state = 2;

-- name: conversation
SELECT session, choices, opened_at, flow, mute, wake_at,
       (SELECT COUNT(*) FROM events WHERE events.conversation = conversations.conversation AND state = 0)
FROM conversations WHERE conversation = :conversation;

-- name: in_flows
SELECT conversation FROM conversations WHERE flow <> '' AND conversation > :after ORDER BY conversation LIMIT :most;

-- name: erase_events
-- Bodies that were kept for a while after they were done.
UPDATE events SET body = NULL WHERE (conversation, sequence) IN (
    SELECT conversation, sequence FROM events
    WHERE state = 1 AND body IS NOT NULL AND accepted_at < :erase_before LIMIT :most {skip_locked});

-- name: prune_events
DELETE FROM events WHERE (conversation, sequence) IN (
    SELECT conversation, sequence FROM events WHERE state = 1 AND accepted_at < :before LIMIT :most {skip_locked})
RETURNING conversation;

-- name: forget_idle
-- A conversation of which nothing is remembered and nothing waits need not be known.
DELETE FROM conversations WHERE conversation IN (
    SELECT conversation FROM conversations
    WHERE conversation = :conversation AND lease_until = 0 AND ready_at IS NULL
        AND COALESCE(session, '{{}}') = '{{}}' AND COALESCE(flow, '') = '' AND COALESCE(choices, '[]') = '[]'
        AND COALESCE(opened_at, 0) < :before AND COALESCE(muted_until, 0) <= :now
        AND NOT EXISTS (SELECT 1 FROM events WHERE events.conversation = conversations.conversation)
    {skip_locked});

-- name: prune_mutes
-- Mutes that have been over for a while.
UPDATE conversations SET mute = NULL, muted_until = NULL WHERE conversation IN (
    SELECT conversation FROM conversations WHERE muted_until < :before LIMIT :most {skip_locked})
RETURNING conversation;

-- name: prune_dead_events
DELETE FROM events WHERE (conversation, sequence) IN (
    SELECT conversation, sequence FROM events WHERE state = 2 AND accepted_at < :dead_before LIMIT :most {skip_locked});

-- name: export_conversation
SELECT session, choices, flow, opened_at, session_at, mute FROM conversations WHERE conversation = :conversation;

-- name: export_events
SELECT id, state, accepted_at, body, error FROM events WHERE conversation = :conversation ORDER BY sequence;

-- name: event_ids
SELECT id FROM events WHERE conversation = :conversation;

-- name: forget_events
DELETE FROM events WHERE conversation = :conversation;

-- name: forget_conversation
DELETE FROM conversations WHERE conversation = :conversation;

-- name: remember_forgotten
INSERT INTO forgotten (fingerprint, forgotten_at) VALUES (:fingerprint, :now) ON CONFLICT DO NOTHING;

-- name: prune_forgotten
DELETE FROM forgotten WHERE fingerprint IN (
    SELECT fingerprint FROM forgotten WHERE forgotten_at < :ids_before LIMIT :most {skip_locked});

-- name: secret
SELECT value FROM meta WHERE name = 'secret';
