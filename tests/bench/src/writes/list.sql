-- Removes :size members of an organization, in turn from number :start on, as sets: what Roster writes, and in as few
-- steps as PostgreSQL can do it. The ids of the rows of the log and of the emails are made from those of the members.
\set first :start + :i * :size
\set last :first + :size - 1
\set i :i + 1
BEGIN;
SELECT name FROM organizations WHERE id = :organization::uuid FOR NO KEY UPDATE;
WITH wanted AS MATERIALIZED (
    SELECT ('019aa000-0000-7002-8000-' || lpad(n::text, 12, '0'))::uuid AS id
    FROM generate_series(:first::bigint, :last::bigint) AS n
), ended AS (
    UPDATE members AS m
    SET status = 'REMOVED', removed_at = now(), removed_by = :caller::uuid, removal = 'REMOVED', removal_note = NULL,
        restored_at = NULL
    FROM wanted
    WHERE m.id = wanted.id AND m.organization_id = :organization::uuid AND m.status <> 'REMOVED'
    RETURNING m.id, m.user_id, m.role
), left_groups AS (
    DELETE FROM group_members AS g USING wanted WHERE g.member_id = wanted.id RETURNING g.member_id, g.group_id
), named AS (
    SELECT l.member_id, jsonb_agg(g.name ORDER BY g.sort_name) AS names,
           jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name) ORDER BY g.sort_name) AS groups
    FROM left_groups AS l JOIN groups AS g ON g.id = l.group_id
    GROUP BY l.member_id
), revoked AS (
    UPDATE api_tokens AS t SET revoked_at = now() FROM wanted WHERE t.member_id = wanted.id AND t.revoked_at IS NULL
), canceled AS (
    UPDATE notifications AS n SET status = 'CANCELED' FROM wanted
    WHERE n.organization_id = :organization::uuid AND n.member_id = wanted.id AND n.kind = 'RESTORED' AND n.attempts > 0
      AND n.status = 'QUEUED'
), logged AS (
    INSERT INTO activities (id, organization_id, action, actor_id, member_id, before, created_at)
    SELECT replace(e.id::text, '-7002-', '-7009-')::uuid, :organization::uuid, 'MEMBER_REMOVED', :caller::uuid, e.id,
           jsonb_build_object('role', e.role, 'groups', COALESCE(n.groups, '[]')), now()
    FROM ended AS e LEFT JOIN named AS n ON n.member_id = e.id
    RETURNING id, member_id
)
INSERT INTO notifications (id, organization_id, kind, member_id, activity_id, recipient_email, recipient_name, snapshot,
                           status, attempts, resends, available_at, sweep_at, created_at)
SELECT replace(e.id::text, '-7002-', '-7009-')::uuid, :organization::uuid, 'REMOVED', e.id, l.id, u.email, u.name,
       jsonb_build_object(
           'organization', o.name, 'actor', jsonb_build_object('name', a.name, 'email', a.email), 'contact', a.email,
           'at', now(), 'event', 'REMOVED', 'groups', COALESCE(n.names, '[]'), 'note', NULL),
       'QUEUED', 0, 0, now(), now() + interval '60 seconds', now()
FROM ended AS e
JOIN logged AS l ON l.member_id = e.id
JOIN users AS u ON u.id = e.user_id
JOIN organizations AS o ON o.id = :organization::uuid
JOIN users AS a ON a.id = :caller::uuid
LEFT JOIN named AS n ON n.member_id = e.id;
COMMIT;
