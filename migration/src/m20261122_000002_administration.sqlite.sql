CREATE TABLE new_notifications (
    id {uuid} PRIMARY KEY,
    organization_id {uuid} NOT NULL,
    kind text NOT NULL CHECK (kind IN ('INVITATION', 'INVITATION_REVOKED', 'REMOVED', 'RESTORED', 'ROLE_CHANGED')),
    member_id {uuid} NOT NULL,
    invitation_id {uuid},
    activity_id {uuid},
    recipient_email text NOT NULL,
    recipient_name text,
    snapshot {json} NOT NULL,
    status text NOT NULL CHECK (status IN ('QUEUED', 'SENT', 'FAILED', 'CANCELED')),
    attempts integer NOT NULL,
    resends integer NOT NULL DEFAULT 0,
    available_at {timestamp} NOT NULL,
    sweep_at {timestamp} NOT NULL,
    last_error text,
    sent_at {timestamp},
    created_at {timestamp} NOT NULL,
    FOREIGN KEY (organization_id, member_id) REFERENCES members (organization_id, id),
    FOREIGN KEY (organization_id, invitation_id) REFERENCES invitations (organization_id, id),
    FOREIGN KEY (organization_id, activity_id) REFERENCES activities (organization_id, id),
    CHECK ((status = 'SENT') = (sent_at IS NOT NULL))
);
INSERT INTO new_notifications
    (id, organization_id, kind, member_id, invitation_id, recipient_email, recipient_name, snapshot, status, attempts,
     available_at, sweep_at, last_error, sent_at, created_at)
SELECT
    id, organization_id, kind, member_id, invitation_id, recipient_email, recipient_name, snapshot, status, attempts,
    available_at, sweep_at, last_error, sent_at, created_at
FROM notifications;
DROP TABLE notifications;
ALTER TABLE new_notifications RENAME TO notifications;
CREATE INDEX notifications_newest ON notifications (organization_id, id);
CREATE INDEX notifications_to_sweep ON notifications (sweep_at) WHERE status = 'QUEUED';
CREATE INDEX notifications_queued_of_invitation ON notifications (invitation_id) WHERE status = 'QUEUED';
