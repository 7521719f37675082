-- Lists that cost the same however many members an organization has had.

-- Whom a list shows that is not asked for others: without reading over those who were removed.
CREATE INDEX members_present_by_name ON members (organization_id, sort_name, id) WHERE status <> 'REMOVED';
CREATE INDEX members_present_by_join_date ON members (organization_id, COALESCE(joined_at, created_at), id) WHERE status <> 'REMOVED';
-- Owners and administrators are few among many.
CREATE INDEX members_with_role ON members (organization_id, role, sort_name, id) WHERE role IN ('OWNER', 'ADMIN');

-- Most invitations were accepted and most emails sent: the others are found by where they stand.
CREATE INDEX invitations_not_accepted ON invitations (organization_id, answer, id {nulls_first}) WHERE answer <> 'ACCEPTED';

DROP INDEX notifications_undelivered;
CREATE INDEX notifications_not_sent ON notifications (organization_id, status, id {nulls_first}) WHERE status <> 'SENT';

-- Emails about an invitation are found by its member.
DROP INDEX notifications_queued_of_invitation;

-- In another order than the primary keys, so that lists by id are read here and not there (entity/src/keyset.rs).
CREATE INDEX invitations_newest ON invitations (organization_id, id {nulls_first});
DROP INDEX notifications_newest;
CREATE INDEX notifications_newest ON notifications (organization_id, id {nulls_first});
DROP INDEX api_tokens_newest;
CREATE INDEX api_tokens_newest ON api_tokens (organization_id, id {nulls_first});
