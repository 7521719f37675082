ALTER TABLE organizations ADD COLUMN reply_to_email text;
ALTER TABLE organizations ADD COLUMN branding_line text;
ALTER TABLE organizations ADD COLUMN restore_window_days integer NOT NULL DEFAULT 30 CHECK (restore_window_days BETWEEN 0 AND 365);
ALTER TABLE organizations ADD COLUMN allowed_email_domains {json} NOT NULL DEFAULT '[]';

ALTER TABLE members ADD COLUMN restored_at {timestamp};

-- Unique, so that notifications can refer to an activity of their own organization.
DROP INDEX activities_newest;
CREATE UNIQUE INDEX activities_in_organization ON activities (organization_id, id);
CREATE INDEX activities_by_time ON activities (organization_id, created_at, id);
CREATE INDEX activities_by_actor ON activities (organization_id, actor_id, created_at, id);
CREATE INDEX activities_by_member ON activities (organization_id, member_id, created_at, id);
CREATE INDEX activities_by_action ON activities (organization_id, action, created_at, id);
CREATE INDEX activities_by_group ON activities (organization_id, group_id, created_at, id) WHERE group_id IS NOT NULL;
CREATE INDEX activities_by_api_token ON activities (organization_id, api_token_id, created_at, id) WHERE api_token_id IS NOT NULL;

CREATE INDEX api_tokens_newest ON api_tokens (organization_id, id);

CREATE TABLE idempotency_keys (
    organization_id {uuid} NOT NULL REFERENCES organizations (id),
    user_id {uuid} NOT NULL REFERENCES users (id),
    key text NOT NULL,
    request_hash {bytes} NOT NULL,
    answer {json} NOT NULL,
    created_at {timestamp} NOT NULL,
    PRIMARY KEY (organization_id, user_id, key)
);
CREATE INDEX idempotency_keys_oldest ON idempotency_keys (organization_id, created_at);

{notifications}
CREATE INDEX notifications_of_member ON notifications (organization_id, member_id, id);
CREATE INDEX notifications_of_activity ON notifications (organization_id, activity_id) WHERE activity_id IS NOT NULL;
CREATE INDEX notifications_undelivered ON notifications (organization_id, status) WHERE status IN ('QUEUED', 'FAILED');
