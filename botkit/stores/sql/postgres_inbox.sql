-- What PostgreSQL does to many conversations in one statement. Rows are locked in the order of their keys, so that no two
-- transactions wait for each other; and what depends on a lock is a statement of its own, so that it sees what was
-- committed while the lock was waited for.

-- name: lock
SELECT 1 FROM conversations WHERE conversation = ANY(:conversations::text[]) ORDER BY conversation FOR UPDATE;

-- name: accept
-- Keep events under the next sequences of their conversations, each id once, and make the conversations ready unless
-- something earlier decides when they are looked at; one that only waits for its wake-up is looked at now.
WITH arriving AS (
    SELECT * FROM unnest(
        :conversations::text[], :ids::text[], :fingerprints::text[], :states::smallint[], :nows::bigint[],
        :births::bigint[], :openings::bigint[], :bodies::text[], :errors::text[])
    WITH ORDINALITY AS arriving (conversation, id, fingerprint, state, now, birth, opened_at, body, error, place)),
fresh AS MATERIALIZED (
    SELECT DISTINCT ON (conversation, id) * FROM arriving
    WHERE NOT EXISTS (SELECT 1 FROM events
                      WHERE events.conversation = arriving.conversation AND events.id = arriving.id)
      AND NOT EXISTS (SELECT 1 FROM forgotten WHERE forgotten.fingerprint = arriving.fingerprint)
    ORDER BY conversation, id, place),
counted AS (
    INSERT INTO conversations (conversation, epoch, next_sequence, ready_at, opened_at)
    SELECT conversation, max(birth), count(*), min(now) FILTER (WHERE state = 0), max(opened_at)
    FROM fresh GROUP BY conversation ORDER BY conversation
    ON CONFLICT (conversation) DO UPDATE SET
        next_sequence = conversations.next_sequence + excluded.next_sequence,
        ready_at = CASE
            WHEN conversations.ready_at = conversations.wake_at AND conversations.lease_until = 0
            THEN COALESCE(excluded.ready_at, conversations.ready_at)
            ELSE COALESCE(conversations.ready_at, excluded.ready_at) END,
        opened_at = {greatest}(conversations.opened_at, excluded.opened_at)
    RETURNING conversation, next_sequence)
INSERT INTO events (conversation, sequence, id, state, unclaimed, due_at, accepted_at, body, error)
SELECT conversation,
       next_sequence - count(*) OVER (PARTITION BY conversation)
           + row_number() OVER (PARTITION BY conversation ORDER BY place) - 1,
       id, state, CASE state WHEN 0 THEN 0 ELSE 1 END, now, now, body, error
FROM fresh JOIN counted USING (conversation)
ON CONFLICT (conversation, id) DO NOTHING
RETURNING conversation, id;

-- name: claim
-- Lease the conversations that are due, those that have waited longest first; those another process is at are left to it,
-- and so are those that are left to another side.
WITH due AS MATERIALIZED (
    SELECT conversation, ready_at FROM conversations
    WHERE ready_at <= :now AND (left_until IS NULL OR left_until <= :now OR left_to = :side)
    ORDER BY ready_at LIMIT :most {skip_locked})
UPDATE conversations SET
    epoch = conversations.epoch + :step, lease_until = :until, ready_at = :until, left_to = NULL, left_until = NULL
FROM due WHERE conversations.conversation = due.conversation
RETURNING conversations.conversation, epoch, session, session_version, session_at, choices, flow, mute, wake_at,
    due.ready_at AS waited_since;

-- name: claim_heads
-- The oldest waiting event of each claimed conversation, with the claim counted.
WITH heads AS MATERIALIZED (
    SELECT head.* FROM unnest(:conversations::text[]) AS claimed (conversation)
    CROSS JOIN LATERAL (
        SELECT events.conversation, sequence FROM events
        WHERE events.conversation = claimed.conversation AND state = 0 ORDER BY sequence LIMIT 1) AS head)
UPDATE events SET claims = claims + 1
FROM heads WHERE events.conversation = heads.conversation AND events.sequence = heads.sequence
RETURNING events.conversation, events.sequence, id, body, claims, failures, accepted_at;

-- name: uncount_claims
UPDATE events SET claims = claims - 1
FROM unnest(:conversations::text[], :sequences::bigint[]) AS uncounted (conversation, sequence)
WHERE events.conversation = uncounted.conversation AND events.sequence = uncounted.sequence;

-- name: put_off
-- End leases without a turn, and look at them :again; never at the very wake-up, which is due for idle ones only.
UPDATE conversations SET lease_until = 0, ready_at = CASE WHEN wake_at = :again THEN :again::bigint + 1 ELSE :again END
WHERE conversation = ANY(:conversations::text[]);

-- name: bury
UPDATE events SET state = 2, error = :error
FROM unnest(:conversations::text[], :sequences::bigint[]) AS buried (conversation, sequence)
WHERE events.conversation = buried.conversation AND events.sequence = buried.sequence;

-- name: add_wake_ups
-- Wake-ups that are due become events like any other, and are not due again.
WITH waking AS (
    SELECT * FROM unnest(:conversations::text[], :ids::text[], :wakes::bigint[], :bodies::text[])
    AS waking (conversation, id, wake_at, body)),
counted AS (
    UPDATE conversations SET next_sequence = next_sequence + 1, wake_at = NULL
    FROM waking WHERE conversations.conversation = waking.conversation
    RETURNING conversations.conversation, next_sequence - 1 AS sequence)
INSERT INTO events (conversation, sequence, id, due_at, accepted_at, body)
SELECT conversation, sequence, id, wake_at, wake_at, body FROM waking JOIN counted USING (conversation);

-- name: release
-- End leases; ready again when the oldest waiting event is due, or without one at the wake-up.
UPDATE conversations SET lease_until = 0, ready_at = COALESCE((
    SELECT due_at FROM events
    WHERE events.conversation = conversations.conversation AND state = 0 ORDER BY sequence LIMIT 1), wake_at)
WHERE conversation = ANY(:conversations::text[]);

-- name: fence
-- Which of the leases still hold. A statement of its own: the next ones then see what arrived while this one waited.
SELECT conversations.conversation, conversations.epoch, lease_until > 0 AS is_leased FROM conversations
JOIN unnest(:conversations::text[], :epochs::bigint[]) AS held (conversation, epoch)
    ON conversations.conversation = held.conversation AND conversations.epoch = held.epoch
ORDER BY conversations.conversation FOR UPDATE OF conversations;

-- name: extend_leases
-- Those that have ended meanwhile stay ended: their conversations may be handed out at once.
UPDATE conversations SET lease_until = :until, ready_at = :until
WHERE conversation = ANY(:conversations::text[]) AND lease_until > 0;

-- name: end_events
-- Done (1), dead (2), or to be run again (0). Failures are counted from what they were, so that a commit that is repeated
-- counts once.
UPDATE events SET
    state = ended.state,
    failures = ended.failures,
    claims = CASE ended.state WHEN 0 THEN 0 ELSE events.claims END,
    due_at = COALESCE(ended.due_at, events.due_at),
    error = COALESCE(ended.error, events.error),
    body = CASE WHEN ended.state = 1 AND NOT ended.keep THEN NULL ELSE events.body END
FROM unnest(:conversations::text[], :sequences::bigint[], :states::smallint[], :failures::bigint[], :dues::bigint[],
            :errors::text[], :keeps::boolean[]) AS ended (conversation, sequence, state, failures, due_at, error, keep)
WHERE events.conversation = ended.conversation AND events.sequence = ended.sequence AND events.state = 0;

-- name: end_turns
-- What turns changed of their conversations (NULL leaves as it was; a flow goes with its wake-up, a mute with its end;
-- one that failed leaves the session), and the end of their leases.
UPDATE conversations SET
    session = COALESCE(ended.session, conversations.session),
    session_version = COALESCE(ended.session_version, conversations.session_version),
    session_at = COALESCE(ended.session_at, conversations.session_at),
    choices = COALESCE(ended.choices, conversations.choices),
    flow = COALESCE(ended.flow, conversations.flow),
    wake_at = CASE WHEN ended.flow IS NULL THEN conversations.wake_at ELSE ended.wake_at END,
    mute = COALESCE(ended.mute, conversations.mute),
    muted_until = COALESCE(ended.muted_until, conversations.muted_until),
    lease_until = 0,
    ready_at = COALESCE((
        SELECT events.due_at FROM events
        WHERE events.conversation = conversations.conversation AND events.state = 0 ORDER BY events.sequence LIMIT 1),
        CASE WHEN ended.flow IS NULL THEN conversations.wake_at ELSE ended.wake_at END)
FROM unnest(:conversations::text[], :sessions::text[], :versions::bigint[], :session_ats::bigint[], :choices::text[],
            :flows::text[], :wakes::bigint[], :mutes::text[], :mute_ends::bigint[])
    AS ended (conversation, session, session_version, session_at, choices, flow, wake_at, mute, muted_until)
WHERE conversations.conversation = ended.conversation
RETURNING conversations.conversation, conversations.ready_at;

-- name: ended
-- What became of events whose leases are gone: a commit may have been kept although its answer was lost.
SELECT events.conversation, events.sequence, events.state, events.claims FROM events
JOIN unnest(:conversations::text[], :sequences::bigint[]) AS asked (conversation, sequence)
    ON events.conversation = asked.conversation AND events.sequence = asked.sequence;

-- name: unclaimed_of
-- What was set aside because no bot claimed the page whose conversations begin with :prefix.
SELECT conversation, sequence FROM events
WHERE unclaimed = 1 AND starts_with(conversation, :prefix) AND body IS NOT NULL
ORDER BY accepted_at LIMIT :most;

-- name: forget_idle
-- Conversations of which nothing is remembered and nothing waits need not be known; those somebody is at are left alone.
WITH idle AS (
    SELECT conversation FROM conversations
    WHERE conversation = ANY(:conversations::text[]) AND lease_until = 0 AND ready_at IS NULL
        AND COALESCE(session, '{{}}') = '{{}}' AND COALESCE(flow, '') = '' AND COALESCE(choices, '[]') = '[]'
        AND COALESCE(opened_at, 0) < :before AND COALESCE(muted_until, 0) <= :now
        AND NOT EXISTS (SELECT 1 FROM events WHERE events.conversation = conversations.conversation)
    {skip_locked})
DELETE FROM conversations USING idle WHERE conversations.conversation = idle.conversation;

-- name: remember_forgotten
INSERT INTO forgotten (fingerprint, forgotten_at)
SELECT fingerprint, :now FROM unnest(:fingerprints::text[]) AS known (fingerprint) ON CONFLICT DO NOTHING;
