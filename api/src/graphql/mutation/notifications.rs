//! Mutations of notifications.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};

use super::{MutationError, payloads, settle_then};
use crate::{
    graphql::{caller, error::to_graphql, notification::Notification, operations, scope::Scope},
    membership::NotificationResent,
};

/// The email to be sent again.
#[derive(InputObject)]
struct ResendNotificationInput {
    /// The id of the notification: `notification_…`.
    notification_id: ID,
}

/// The answer to `resendNotification`.
#[derive(Default, SimpleObject)]
struct ResendNotificationPayload {
    /// The notification; `null` if there are errors.
    notification: Option<Notification>,
    /// Whether it is sent again; `false` if it is on its way already, or if there are errors.
    changed: bool,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

payloads!(ResendNotificationPayload);

#[derive(Default)]
pub(super) struct NotificationMutation;

#[Object]
impl NotificationMutation {
    /// Sends an email again, with the text that it had: one that was given up, or one that was sent and is asked for once more.
    /// Needs `NOTIFICATIONS_RESEND`. For a new link of an invitation, use `resendInvitation`.
    async fn resend_notification(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The email to be sent again.")] input: ResendNotificationInput,
    ) -> Option<Result<ResendNotificationPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let id = input.notification_id.parse()?;
            operations(ctx).resend_notification(caller, id).await
        };
        settle_then(operation, |done| resent(ctx, done)).await
    }
}

async fn resent(ctx: &Context<'_>, done: NotificationResent) -> Result<ResendNotificationPayload> {
    let scope = Scope::new(operations(ctx), done.access);
    Ok(ResendNotificationPayload {
        notification: Some(Notification::one(&scope, done.notification).await.map_err(to_graphql)?),
        changed: done.changed,
        message: Some(done.message),
        errors: Vec::new(),
    })
}
