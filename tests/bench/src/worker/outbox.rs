//! An outbox that is full of emails to be sent.

use anyhow::Result;
use roster_entity::NotificationId;
use sea_orm::sqlx;

use crate::{
    roster::QUEUE,
    seed::{ADMIN, Block, Kind, START_OF_IDS, id},
    site::Site,
};

/// How a worker comes to know of the emails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Their ids are in the queue.
    Queue,
    /// The queue has lost them: the sweep finds them.
    Sweep,
}

/// Emails to the members of an organization, one for each.
pub(crate) struct Outbox<'a> {
    site: &'a Site,
    block: Block,
}

impl<'a> Outbox<'a> {
    pub(crate) fn new(site: &'a Site, block: &Block) -> Self {
        Self { site, block: block.clone() }
    }

    /// Leaves no email behind, and no id in the queue.
    pub(crate) async fn clear(&self) -> Result<()> {
        sqlx::query("TRUNCATE notifications").execute(&self.site.db).await?;
        let mut redis =
            redis::Client::open(self.site.redis.as_str())?.get_multiplexed_async_connection().await?;
        Ok(redis::cmd("DEL").arg(QUEUE).query_async(&mut redis).await?)
    }

    /// Puts so many emails into it, and nothing else.
    pub(crate) async fn fill(&self, source: Source, mails: u64) -> Result<()> {
        self.clear().await?;
        // Far enough ahead that it is not yet found by the sweep, and not so far that it is taken for a mistake.
        let sweep_at = if source == Source::Queue { 100.0 } else { -1.0 };
        let first = self.block.members.start;
        sqlx::query(
            "INSERT INTO notifications
                 (id, organization_id, kind, member_id, recipient_email, recipient_name, snapshot, status, attempts, resends,
                  available_at, sweep_at, created_at)
             SELECT replace(m.id::text, '-7002-', '-7005-')::uuid, m.organization_id, 'REMOVED', m.id, u.email, u.name,
                    jsonb_build_object(
                        'organization', o.name, 'actor', jsonb_build_object('name', a.name, 'email', a.email),
                        'contact', a.email, 'at', now(), 'event', 'REMOVED', 'note', 'Thank you for everything.',
                        'groups', jsonb_build_array('Team 01', 'Team 08', 'Team 14')),
                    'QUEUED', 0, 0, now(), now() + make_interval(secs => $4), now()
             FROM members AS m
             JOIN users AS u ON u.id = m.user_id
             JOIN organizations AS o ON o.id = m.organization_id
             JOIN users AS a ON a.id = $3
             WHERE m.id BETWEEN $1 AND $2
             ORDER BY m.id",
        )
        .bind(id(Kind::Member, first))
        .bind(id(Kind::Member, first + mails - 1))
        .bind(id(Kind::User, ADMIN.number))
        .bind(sweep_at)
        .execute(&self.site.db)
        .await?;
        for statement in ["VACUUM ANALYZE notifications", "CHECKPOINT"] {
            sqlx::query(statement).execute(&self.site.db).await?;
        }
        if source == Source::Queue { self.push(first, mails).await } else { Ok(()) }
    }

    async fn push(&self, first: u64, mails: u64) -> Result<()> {
        let mut redis =
            redis::Client::open(self.site.redis.as_str())?.get_multiplexed_async_connection().await?;
        let ids: Vec<_> = (first..first + mails).map(|number| notification(number).to_string()).collect();
        for some in ids.chunks(1000) {
            let _: u64 = redis::cmd("RPUSH").arg(QUEUE).arg(some).query_async(&mut redis).await?;
        }
        Ok(())
    }

    /// How many emails are still to be sent, and how many were.
    pub(crate) async fn queued_and_sent(&self) -> Result<(i64, i64)> {
        let count = "SELECT count(*) FILTER (WHERE status = 'QUEUED'), count(*) FILTER (WHERE status = 'SENT') FROM notifications";
        Ok(sqlx::query_as(count).fetch_one(&self.site.db).await?)
    }
}

/// The email to a member.
fn notification(number: u64) -> NotificationId {
    let text = format!("{START_OF_IDS}5-8000-{number:012}");
    NotificationId(text.parse().expect("twelve digits"))
}
