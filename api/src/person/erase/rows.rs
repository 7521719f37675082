//! What is done to the rows that are the person's own.

use roster_entity::{
    api_token, group_member, idempotency_key, identity, invitation, member, notification, organization, user,
};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, UpdateMany,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
};

use super::Erasure;

/// What the API tokens of somebody are called who was erased.
pub(super) const TOKEN_NAME: &str = "Erased";

impl Erasure<'_> {
    /// Ends memberships as if the person had left, those to which they were only invited as if that had been revoked, and what
    /// hangs on them. It is not told by email.
    pub(super) async fn end_memberships(&mut self) -> Result<(), DbErr> {
        use member::{Removal, Status};
        for (status, removal, what) in [
            (Status::Active, Removal::Left, "memberships ended"),
            (Status::Invited, Removal::InvitationRevoked, "invited members taken out"),
        ] {
            let end = self
                .members()
                .col_expr(member::Column::Status, Status::Removed.to_value().into())
                .col_expr(member::Column::RemovedAt, self.now.into())
                .col_expr(member::Column::RemovedBy, self.pseudonym.id.into())
                .col_expr(member::Column::Removal, removal.to_value().into())
                .col_expr(member::Column::RestoredAt, Expr::val(None::<chrono::DateTime<chrono::Utc>>))
                .filter(member::Column::Status.eq(status));
            let rows = end.exec(self.conn).await?.rows_affected;
            self.step("members", what, rows);
        }
        let ids = self.traces.member_ids();
        let out = group_member::Entity::delete_many().filter(group_member::Column::MemberId.is_in(ids));
        let rows = out.exec(self.conn).await?.rows_affected;
        self.step("group_members", "rows deleted", rows);
        Ok(())
    }

    /// Revokes open invitations to the person, and replaces the address in all.
    pub(super) async fn revoke_invitations(&mut self) -> Result<(), DbErr> {
        use invitation::{Answer, Column};
        let theirs = || {
            let ids = self.traces.member_ids();
            invitation::Entity::update_many().filter(Column::MemberId.is_in(ids))
        };
        let revoke = theirs()
            .col_expr(Column::Answer, Answer::Revoked.to_value().into())
            .col_expr(Column::AnsweredAt, self.now.into())
            .col_expr(Column::RevokedBy, self.pseudonym.id.into())
            .filter(Column::Answer.eq(Answer::Pending));
        let forget = theirs()
            .col_expr(Column::Email, self.pseudonym.email.clone().into())
            .col_expr(Column::EmailNorm, self.pseudonym.email.normalized().into());
        let revoked = revoke.exec(self.conn).await?.rows_affected;
        let forgotten = forget.exec(self.conn).await?.rows_affected;
        self.step("invitations", "revoked", revoked);
        self.step("invitations", "addresses replaced", forgotten);
        Ok(())
    }

    /// Revokes the person's API tokens, and clears the names of all that they ever had.
    pub(super) async fn forget_tokens(&mut self) -> Result<(), DbErr> {
        use api_token::Column;
        let ids = || self.traces.member_ids();
        let theirs = || api_token::Entity::update_many().filter(Column::MemberId.is_in(ids()));
        let revoke =
            theirs().col_expr(Column::RevokedAt, self.now.into()).filter(Column::RevokedAt.is_null());
        let rename = theirs().col_expr(Column::Name, TOKEN_NAME.into());
        let revoked = revoke.exec(self.conn).await?.rows_affected;
        let renamed = rename.exec(self.conn).await?.rows_affected;
        self.step("api_tokens", "revoked", revoked);
        self.step("api_tokens", "names cleared", renamed);
        self.forget_token_names_in_log().await
    }

    /// Makes anew by what organizations sort and search the person; by a name only where they have joined, as with everybody.
    pub(super) async fn rename_members(&mut self) -> Result<(), DbErr> {
        let nameless = user::Model { name: None, ..self.pseudonym.clone() };
        let mut rows = 0;
        for (who, joined) in [
            (&self.pseudonym, member::Column::JoinedAt.is_not_null()),
            (&nameless, member::Column::JoinedAt.is_null()),
        ] {
            let rename = self
                .members()
                .col_expr(member::Column::SortName, who.sort_name().into())
                .col_expr(member::Column::Search, who.search_text().into())
                .filter(joined);
            rows += rename.exec(self.conn).await?.rows_affected;
        }
        self.step("members", "names replaced", rows);
        Ok(())
    }

    /// Cancels emails to the person that have not left, and replaces the address in all.
    pub(super) async fn forget_emails(&mut self) -> Result<(), DbErr> {
        use notification::Column;
        let theirs = || {
            let ids = self.traces.member_ids();
            notification::Entity::update_many().filter(Column::MemberId.is_in(ids))
        };
        let cancel = theirs()
            .col_expr(Column::Status, notification::Status::Canceled.to_value().into())
            .filter(notification::queued());
        let forget = theirs()
            .col_expr(Column::RecipientEmail, self.pseudonym.email.clone().into())
            .col_expr(Column::RecipientName, none())
            .col_expr(Column::LastError, none());
        let canceled = cancel.exec(self.conn).await?.rows_affected;
        let forgotten = forget.exec(self.conn).await?.rows_affected;
        self.step("notifications", "canceled", canceled);
        self.step("notifications", "recipients replaced", forgotten);
        Ok(())
    }

    /// Empties the settings of organizations that have an address of the person.
    pub(super) async fn forget_contacts(&mut self) -> Result<(), DbErr> {
        use organization::Column;
        for (column, what) in [
            (Column::ContactEmail, "contact addresses emptied"),
            (Column::ReplyToEmail, "reply-to addresses emptied"),
        ] {
            let folded: SimpleExpr = Func::lower(Expr::col(column)).into();
            let empty = organization::Entity::update_many()
                .col_expr(column, none())
                .filter(folded.is_in(&self.traces.addresses));
            let rows = empty.exec(self.conn).await?.rows_affected;
            self.step("organizations", what, rows);
        }
        Ok(())
    }

    /// Deletes how the person signs in, and what they were answered; what is left of them is the pseudonym.
    pub(super) async fn forget_person(&mut self) -> Result<(), DbErr> {
        let id = self.pseudonym.id;
        let out = identity::Entity::delete_many().filter(identity::Column::UserId.eq(id));
        let rows = out.exec(self.conn).await?.rows_affected;
        self.step("identities", "rows deleted", rows);
        let out = idempotency_key::Entity::delete_many().filter(idempotency_key::Column::UserId.eq(id));
        let rows = out.exec(self.conn).await?.rows_affected;
        self.step("idempotency_keys", "rows deleted", rows);
        let pseudonym = self.pseudonym.clone().into_active_model().reset_all();
        user::Entity::update(pseudonym).exec(self.conn).await?;
        self.step("users", "row made a pseudonym", 1);
        Ok(())
    }

    fn members(&self) -> UpdateMany<member::Entity> {
        member::Entity::update_many().filter(member::Column::UserId.eq(self.pseudonym.id))
    }
}

fn none() -> SimpleExpr {
    Expr::val(None::<String>)
}
