-- Most invitations were accepted and most emails sent: the others are found by where they stand.
DROP INDEX invitations_newest_open;
CREATE INDEX invitations_not_accepted ON invitations (organization_id, answer, id {nulls_first}) WHERE answer <> 'ACCEPTED';
DROP INDEX notifications_undelivered;
CREATE INDEX notifications_not_sent ON notifications (organization_id, status, id {nulls_first}) WHERE status <> 'SENT';

-- In another order than the primary keys, so that lists by id are read here and not there (entity/src/keyset.rs).
CREATE INDEX invitations_newest ON invitations (organization_id, id {nulls_first});
DROP INDEX notifications_newest;
CREATE INDEX notifications_newest ON notifications (organization_id, id {nulls_first});
DROP INDEX api_tokens_newest;
CREATE INDEX api_tokens_newest ON api_tokens (organization_id, id {nulls_first});
