-- Most invitations were accepted and most emails sent: the others are found by where they stand.
CREATE INDEX invitations_not_accepted ON invitations (organization_id, answer, id {nulls_first}) WHERE answer <> 'ACCEPTED';
CREATE INDEX notifications_not_sent ON notifications (organization_id, status, id {nulls_first}) WHERE status <> 'SENT';

-- In another order than the primary keys, so that lists by id are read here and not there (entity/src/keyset.rs).
CREATE INDEX invitations_newest_first ON invitations (organization_id, id {nulls_first});
CREATE INDEX notifications_newest_first ON notifications (organization_id, id {nulls_first});
CREATE INDEX api_tokens_newest_first ON api_tokens (organization_id, id {nulls_first});

DROP INDEX invitations_newest_open;
DROP INDEX notifications_undelivered;
DROP INDEX notifications_newest;
DROP INDEX api_tokens_newest;

-- Emails about an invitation are found by its member. For a few hours the migration before dropped this.
DROP INDEX IF EXISTS notifications_queued_of_invitation;
