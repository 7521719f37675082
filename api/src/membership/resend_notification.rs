//! Sending an email again: one that was given up, or one that was sent and is asked for once more.

use roster_entity::{
    InvitationId, NotificationId, Permission, activity, invitation, member,
    notification::{self, Event},
};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::{
    Access, Code, Error, Membership, Problem, Result, SWEEP_GRACE,
    place::Place,
    transaction::{Entry, Transaction, retrying},
};
use crate::identity::Caller;

/// An email that is sent again.
#[derive(Debug)]
pub struct NotificationResent {
    /// The caller's access to the organization.
    pub access: Access,
    /// The email.
    pub notification: notification::Model,
    /// `false` if it is on its way already.
    pub changed: bool,
    /// What to tell the caller.
    pub message: String,
}

impl Membership {
    /// Sends an email again, with the text that it had.
    pub async fn resend_notification(
        &self,
        caller: &Caller,
        id: NotificationId,
    ) -> Result<NotificationResent> {
        let resent = retrying(|| self.resend_notification_once(caller, id)).await?;
        if resent.changed {
            self.wake_worker(&[id]).await;
        }
        Ok(resent)
    }

    async fn resend_notification_once(
        &self,
        caller: &Caller,
        id: NotificationId,
    ) -> Result<NotificationResent> {
        let place = Place::Notification(id);
        let mut tx = self.begin().await?;
        let access = tx.enter(caller, place).await?;
        access.require(Permission::NotificationsResend)?;
        let notification = notification::Entity::in_organization(access.organization.id)
            .filter(notification::Column::Id.eq(id))
            .one(&tx.conn)
            .await?
            .ok_or(Error::NotFound(place.what()))?;
        let recipient = notification.recipient_email.clone();
        if notification.status == notification::Status::Queued {
            let message = format!("The email to {recipient} is on its way already.");
            return Ok(NotificationResent { access, notification, changed: false, message });
        }
        check_holds(&tx, &access, &notification).await?;
        self.check_not_too_soon(&tx, &notification)?;
        self.check_may_send_again(&access.organization, &recipient).await?;

        let (status, sent_at) = (notification.status, notification.sent_at);
        let (member, invitation, resends) =
            (notification.member_id, notification.invitation_id, notification.resends);
        let mut again = notification.into_active_model();
        again.status = Set(notification::Status::Queued);
        again.attempts = Set(0);
        again.resends = Set(resends + 1);
        again.available_at = Set(tx.now);
        again.sweep_at = Set(tx.now + SWEEP_GRACE);
        again.last_error = Set(None);
        again.sent_at = Set(None);
        let notification = again.update(&tx.conn).await?;
        let entry = Entry {
            member: Some(member),
            invitation,
            before: Some(json!({ "notification": id, "status": status, "sentAt": sent_at })),
            ..Entry::new(activity::Action::NotificationResent)
        };
        tx.record(&access.actor(), entry);
        tx.commit().await?;
        let message = format!("The email to {recipient} is sent again.");
        Ok(NotificationResent { access, notification, changed: true, message })
    }

    fn check_not_too_soon(&self, tx: &Transaction<'_>, notification: &notification::Model) -> Result<()> {
        let Some(sent_at) = notification.sent_at else { return Ok(()) };
        let Some(seconds) = self.resend_wait(sent_at, tx.now) else { return Ok(()) };
        let message = format!(
            "The email to {} was sent a moment ago. Wait {seconds} seconds before you send it again.",
            notification.recipient_email,
        );
        Err(Problem::new(Code::ResendTooSoon, message).about(notification.member_id).after(seconds).into())
    }
}

/// Refuses an email that would tell what is no longer so.
async fn check_holds(
    tx: &Transaction<'_>,
    access: &Access,
    notification: &notification::Model,
) -> Result<()> {
    let overtaken =
        |message: String| Problem::new(Code::NotificationOvertaken, message).about(notification.member_id);
    let (member, user) = tx.member(access, notification.member_id).await?;
    if user.is_erased() {
        return Err(overtaken(
            "The data of this person was erased: there is no address to send it to.".to_owned(),
        )
        .into());
    }
    let at = Some(notification.snapshot.at);
    let holds = match &notification.snapshot.event {
        Event::Invitation { invitation_id, link_version, .. } => {
            return check_link(tx, notification, *invitation_id, *link_version).await;
        }
        Event::Removed { .. } | Event::InvitationRevoked { .. } => member.removed_at == at,
        Event::Restored { .. } => member.restored_at == at,
        Event::RoleChanged { after, .. } => member.status == member::Status::Active && member.role == *after,
    };
    if holds && notification.status != notification::Status::Canceled {
        return Ok(());
    }
    let message = format!(
        "What this email says of {} is no longer so: their membership of {} has changed since.",
        user.display_name(),
        access.organization.name
    );
    Err(overtaken(message).into())
}

/// Refuses an invitation whose link does not work.
async fn check_link(
    tx: &Transaction<'_>,
    notification: &notification::Model,
    id: InvitationId,
    version: i32,
) -> Result<()> {
    let open = invitation::Entity::open(notification.organization_id)
        .filter(invitation::Column::Id.eq(id))
        .one(&tx.conn)
        .await?;
    let overtaken =
        |message| Problem::new(Code::NotificationOvertaken, message).about(notification.member_id);
    match open {
        Some(open) if open.link_version == version && open.expires_at > tx.now => Ok(()),
        Some(_) => {
            let message = "The link in this email no longer works. Resend the invitation instead.";
            Err(Problem { invitation: Some(id), ..overtaken(message) }.into())
        }
        None => {
            let message = "The invitation in this email was answered or revoked.";
            Err(overtaken(message).into())
        }
    }
}
