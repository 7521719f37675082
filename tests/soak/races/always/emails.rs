//! Each email that the log speaks of was sent once, and no other; none is left.

use std::collections::HashMap;

use chrono::TimeDelta;
use roster_entity::{
    OrganizationId,
    notification::{Entity, Status, queued},
};
use roster_tests::Roster;
use sea_orm::{DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};

use super::history::History;

/// How often each mail has arrived, by the first part of its Message-ID, after everything is delivered.
pub(crate) async fn delivered(roster: &Roster) -> HashMap<String, usize> {
    roster.deliver().await;
    if Entity::find().filter(queued()).count(roster.parts().database.write()).await.unwrap() > 0 {
        // On a busy machine the queue may not have been told in time.
        roster.pass(TimeDelta::minutes(1));
        roster.sweep().await;
    }
    let mut mails = HashMap::new();
    for mail in roster.smtp().mails() {
        let id = mail.message_id().split('@').next().unwrap_or_default().to_owned();
        *mails.entry(id).or_default() += 1;
    }
    mails
}

/// The rows are those that the log speaks of; each was sent, or was overtaken before it could be. How many mails arrived.
pub(crate) async fn are_those_of(
    history: &History,
    db: &DatabaseConnection,
    id: OrganizationId,
    mails: &HashMap<String, usize>,
) -> usize {
    let rows = Entity::in_organization(id).all(db).await.unwrap();
    let about = rows.iter().map(|row| (row.activity_id.unwrap(), row.kind)).collect();
    assert_eq!(history.emails, about, "{rows:#?}");
    assert_eq!(rows.len(), history.emails.len(), "two emails for one entry: {rows:#?}");
    let mut sent = 0;
    for row in rows {
        // Each time that somebody had it sent again, it had another Message-ID.
        let times = (0..=row.resends).map(|n| match n {
            0 => row.id.to_string(),
            n => format!("{}.{n}", row.id),
        });
        let arrived: Vec<_> = times.map(|id| mails.get(&id).copied().unwrap_or_default()).collect();
        let (last, earlier) = arrived.split_last().unwrap();
        let expected = match row.status {
            Status::Sent => 1,
            Status::Canceled => 0,
            Status::Queued | Status::Failed => panic!("{row:#?}"),
        };
        assert!(*last == expected && earlier.iter().all(|times| *times == 1), "{arrived:?} of {row:#?}");
        sent += arrived.iter().sum::<usize>();
    }
    sent
}
