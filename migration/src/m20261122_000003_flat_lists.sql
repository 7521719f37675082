-- Lists that cost the same however many members an organization has had.

-- Whom a list shows that is not asked for others: without reading over those who were removed.
CREATE INDEX members_present_by_name ON members (organization_id, sort_name, id) WHERE status <> 'REMOVED';
CREATE INDEX members_present_by_join_date ON members (organization_id, COALESCE(joined_at, created_at), id) WHERE status <> 'REMOVED';
-- Owners and administrators are few among many.
CREATE INDEX members_with_role ON members (organization_id, role, sort_name, id) WHERE role IN ('OWNER', 'ADMIN');

CREATE INDEX invitations_newest_open ON invitations (organization_id, id) WHERE answer = 'PENDING';

DROP INDEX notifications_undelivered;
CREATE INDEX notifications_undelivered ON notifications (organization_id, status, id) WHERE status IN ('QUEUED', 'FAILED');
