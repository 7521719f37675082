//! Reads what the export says, table by table.

use std::collections::HashMap;

use roster_entity::{
    OrganizationId, UserId, activity, api_token, group_member, idempotency_key, identity, invitation,
    notification, organization, user,
};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, Select,
};

use super::{
    Activity, Answer, ApiToken, Email, Export, FORMAT, Group, Identity, Invitation, Membership, Organization,
    User,
};
use crate::person::{Error, People, mail_files, traces::Traces};

impl People {
    /// All that Roster keeps about a person, as it is at one moment.
    pub async fn export(&self, id: UserId) -> Result<Export, Error> {
        let conn = self.database.snapshot().await?;
        let user = user::Entity::find_by_id(id).one(&conn).await?.ok_or(Error::NotFound(id))?;
        let traces = Traces::of(&conn, user).await?;
        let files = mail_files::of(self.mail_directory.as_deref(), &traces.emails(&conn).await?, &traces)
            .map_err(|error| Error::Files(error, id))?;
        let all = organization::Entity::find().all(&conn).await?;
        let organizations = all.into_iter().map(|organization| (organization.id, organization)).collect();
        let reader = Reader { conn: &conn, traces, organizations };
        let received = invitation::Column::MemberId.is_in(reader.traces.member_ids());
        let export = Export {
            format: FORMAT,
            exported_at: self.clock.now(),
            user: reader.user(),
            identities: reader.identities().await?,
            memberships: reader.memberships().await?,
            invitations: reader.invitations(invitation::Entity::find().filter(received)).await?,
            sent_invitations: reader
                .invitations(invitation::Entity::find().filter(invitation::Column::InvitedBy.eq(id)))
                .await?,
            activities: reader.activities().await?,
            emails: reader.emails().await?,
            api_tokens: reader.api_tokens().await?,
            answers: reader.answers().await?,
            mentions: reader.mentions().await?,
            mail_files: files.iter().map(|file| file.display().to_string()).collect(),
        };
        conn.rollback().await?;
        Ok(export)
    }
}

pub(super) struct Reader<'a> {
    pub(super) conn: &'a DatabaseTransaction,
    pub(super) traces: Traces,
    organizations: HashMap<OrganizationId, organization::Model>,
}

impl Reader<'_> {
    pub(super) fn organization(&self, id: OrganizationId) -> Organization {
        let found = self.organizations.get(&id);
        let text = |of: fn(&organization::Model) -> &str| found.map(of).unwrap_or_default().to_owned();
        Organization { id, slug: text(|o| &o.slug), name: text(|o| &o.name) }
    }

    fn user(&self) -> User {
        let user = self.traces.user.clone();
        User {
            id: user.id,
            email_verified: user.email_verified(),
            email_normalized: user.email_norm.map(|email| email.as_str().to_owned()),
            email: user.email.to_string(),
            name: user.name,
            created_at: user.created_at,
        }
    }

    async fn identities(&self) -> Result<Vec<Identity>, DbErr> {
        let theirs = identity::Entity::find()
            .filter(identity::Column::UserId.eq(self.traces.user.id))
            .order_by_asc(identity::Column::Issuer)
            .order_by_asc(identity::Column::Subject);
        let identity = |row: identity::Model| Identity {
            issuer: row.issuer,
            subject: row.subject,
            created_at: row.created_at,
        };
        Ok(theirs.all(self.conn).await?.into_iter().map(identity).collect())
    }

    async fn memberships(&self) -> Result<Vec<Membership>, DbErr> {
        let mut memberships = Vec::new();
        for row in &self.traces.members {
            let row = row.clone();
            let mut groups = group_member::groups_of(self.conn, row.organization_id, [row.id]).await?;
            let groups = groups.remove(&row.id).unwrap_or_default();
            memberships.push(Membership {
                id: row.id,
                organization: self.organization(row.organization_id),
                role: row.role,
                status: row.status,
                groups: groups
                    .into_iter()
                    .map(|group| Group { id: group.id, name: group.name.clone() })
                    .collect(),
                search: row.search,
                sort_name: row.sort_name,
                invited_at: row.invited_at,
                joined_at: row.joined_at,
                removed_at: row.removed_at,
                removed_by: row.removed_by,
                removal: row.removal,
                removal_note: row.removal_note,
                restored_at: row.restored_at,
                created_at: row.created_at,
            });
        }
        memberships.sort_by_key(|membership| membership.id);
        Ok(memberships)
    }

    async fn invitations(&self, which: Select<invitation::Entity>) -> Result<Vec<Invitation>, DbErr> {
        let invitation = |row: invitation::Model| Invitation {
            id: row.id,
            organization: self.organization(row.organization_id),
            member_id: row.member_id,
            email: row.email.to_string(),
            email_normalized: row.email_norm.as_str().to_owned(),
            answer: row.answer,
            expires_at: row.expires_at,
            sent_at: row.sent_at,
            invited_by: row.invited_by,
            answered_at: row.answered_at,
            revoked_by: row.revoked_by,
            created_at: row.created_at,
        };
        let rows = which.order_by_asc(invitation::Column::Id).all(self.conn).await?;
        Ok(rows.into_iter().map(invitation).collect())
    }

    async fn activities(&self) -> Result<Vec<Activity>, DbErr> {
        let by_or_to = Condition::any()
            .add(activity::Column::ActorId.eq(self.traces.user.id))
            .add(activity::Column::MemberId.is_in(self.traces.member_ids()));
        let rows = activity::Entity::find().filter(by_or_to).order_by_asc(activity::Column::Id);
        let activity = |row: activity::Model| Activity {
            id: row.id,
            organization: self.organization(row.organization_id),
            action: row.action,
            actor: row.actor_id,
            api_token: row.api_token_id,
            member: row.member_id,
            invitation: row.invitation_id,
            group: row.group_id,
            before: row.before,
            after: row.after,
            reason: row.reason,
            created_at: row.created_at,
        };
        Ok(rows.all(self.conn).await?.into_iter().map(activity).collect())
    }

    async fn emails(&self) -> Result<Vec<Email>, DbErr> {
        let to_them = notification::Entity::find()
            .filter(notification::Column::MemberId.is_in(self.traces.member_ids()))
            .order_by_asc(notification::Column::Id);
        let email = |row: notification::Model| Email {
            id: row.id,
            organization: self.organization(row.organization_id),
            kind: row.kind,
            recipient_email: row.recipient_email.to_string(),
            recipient_name: row.recipient_name,
            snapshot: row.snapshot,
            status: row.status,
            attempts: row.attempts,
            resends: row.resends,
            last_error: row.last_error,
            sent_at: row.sent_at,
            created_at: row.created_at,
        };
        Ok(to_them.all(self.conn).await?.into_iter().map(email).collect())
    }

    async fn api_tokens(&self) -> Result<Vec<ApiToken>, DbErr> {
        let theirs = api_token::Entity::find()
            .filter(api_token::Column::MemberId.is_in(self.traces.member_ids()))
            .order_by_asc(api_token::Column::Id);
        let token = |row: api_token::Model| ApiToken {
            id: row.id,
            organization: self.organization(row.organization_id),
            name: row.name,
            permissions: row.permissions,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
            created_at: row.created_at,
        };
        Ok(theirs.all(self.conn).await?.into_iter().map(token).collect())
    }

    async fn answers(&self) -> Result<Vec<Answer>, DbErr> {
        use idempotency_key::Column;
        let theirs = idempotency_key::Entity::find()
            .filter(Column::UserId.eq(self.traces.user.id))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Column::OrganizationId)
            .order_by_asc(Column::Key);
        let answer = |row: idempotency_key::Model| Answer {
            organization: self.organization(row.organization_id),
            key: row.key,
            answer: row.answer,
            created_at: row.created_at,
        };
        Ok(theirs.all(self.conn).await?.into_iter().map(answer).collect())
    }
}
