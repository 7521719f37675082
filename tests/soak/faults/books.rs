//! Everything that can be seen from the outside when the storm is over.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use roster_entity::{
    activity, group_member, member,
    notification::{self, Kind, Status},
    user,
};
use roster_tests::smtp_server::{Receipt, TakenMail};
use sea_orm::{DatabaseConnection, EntityTrait};
use serde_json::{Value, json};

use super::{
    clients::Front,
    told::{Outcome, Told},
    world::{LIST, World, connect},
};

/// What is there, and what was said.
pub(super) struct Books {
    pub(super) told: Vec<Told>,
    /// The answers to the errands that have a key, when they were asked once more afterwards: with the number in `told`.
    pub(super) told_again: Vec<(usize, Value)>,
    /// With their addresses.
    pub(super) members: Vec<(member::Model, String)>,
    pub(super) notifications: Vec<notification::Model>,
    pub(super) activities: Vec<activity::Model>,
    pub(super) group_members: Vec<group_member::Model>,
    /// The emails as GraphQL shows them to the owner, by id.
    pub(super) shown: BTreeMap<String, Value>,
    /// The mails about each notification, by Message-ID, in the order in which they came.
    pub(super) mails: BTreeMap<String, Vec<TakenMail>>,
    /// The addresses that have no mailbox.
    pub(super) unknown: BTreeSet<String>,
    pub(super) killed: Vec<String>,
    pub(super) ids_in_redis: usize,
    pub(super) lasted: Duration,
}

impl Books {
    pub(super) async fn open(world: &World, told: Vec<Told>, lasted: Duration) -> Self {
        let mut told_again = Vec::new();
        for (number, told) in told.iter().enumerate().filter(|(_, told)| told.errand.has_key()) {
            told_again.push((number, world.front.insist(number, told.errand.clone()).await.payload));
        }
        let mut mails = BTreeMap::<_, Vec<_>>::new();
        for taken in world.smtp.taken() {
            mails.entry(taken.mail.message_id()).or_default().push(taken);
        }
        let db = connect(&world.postgres).await;
        Self {
            told,
            told_again,
            members: members(&db).await,
            notifications: notification::Entity::find().all(&db).await.unwrap(),
            activities: activity::Entity::find().all(&db).await.unwrap(),
            group_members: group_member::Entity::find().all(&db).await.unwrap(),
            shown: shown(&world.front, &world.acme.id).await,
            mails,
            unknown: world.unknown.clone(),
            killed: world.killed.clone(),
            ids_in_redis: world.redis.length(LIST).await,
            lasted,
        }
    }

    /// The copies that came before another copy.
    pub(super) fn repeated(&self) -> Vec<&TakenMail> {
        self.mails.values().flat_map(|copies| &copies[..copies.len() - 1]).collect()
    }

    pub(super) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &notification::Model> {
        self.notifications.iter().filter(move |row| row.kind == kind)
    }
}

/// The id in the header of the mail about a notification.
pub(super) fn message_id(row: &notification::Model) -> String {
    format!("{}@acme.example", row.id)
}

async fn members(db: &DatabaseConnection) -> Vec<(member::Model, String)> {
    let members = member::Entity::find().find_also_related(user::Entity).all(db).await.unwrap();
    let with_address = |(member, user): (member::Model, Option<user::Model>)| {
        (member, user.unwrap().email.as_str().to_owned())
    };
    members.into_iter().map(with_address).collect()
}

/// Page by page, as a client reads them.
async fn shown(front: &Front, organization: &str) -> BTreeMap<String, Value> {
    let query = "query ($id: ID!, $after: String) { organization(id: $id) { notifications(first: 100, after: $after) {
        nodes { id status lastError attempts } pageInfo { hasNextPage endCursor } } } }";
    let url = format!("{}/graphql", front.urls.read().unwrap()[0]);
    let (mut all, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let body = json!({ "query": query, "variables": { "id": organization, "after": after } });
        let request = front.http.post(&url).bearer_auth(&front.token).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let list = &answer["data"]["organization"]["notifications"];
        let nodes = list["nodes"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
        all.extend(nodes.iter().map(|node| (node["id"].as_str().unwrap().to_owned(), node.clone())));
        if list["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = list["pageInfo"]["endCursor"].clone();
    }
}

/// All numbers, as the two sides of the equations.
impl fmt::Display for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settled = |removals: bool| {
            let told = self.told.iter().filter(|told| told.is_removal() == removals);
            let outcomes = told.flat_map(Told::settled).filter(|(_, outcome)| *outcome == Outcome::Done);
            outcomes.count()
        };
        let members = |status| self.members.iter().filter(|(member, _)| member.status == status).count();
        let rows = |status| self.notifications.iter().filter(|row| row.status == status).count();
        let logged = |action| self.activities.iter().filter(|entry| entry.action == action).count();
        let repeated = self.repeated();
        let because = |receipt| repeated.iter().filter(|taken| taken.receipt == receipt).count();
        let by_killed = repeated.iter().filter(|taken| self.killed.contains(&taken.client)).count();
        writeln!(
            f,
            "removals: {} answered as done now, {} members removed, {} emails, {} in the log",
            settled(true),
            members(member::Status::Removed),
            self.of_kind(Kind::Removed).count(),
            logged(activity::Action::MemberRemoved),
        )?;
        writeln!(
            f,
            "invitations: {} answered as done now, {} members invited, {} emails, {} in the log",
            settled(false),
            members(member::Status::Invited),
            self.of_kind(Kind::Invitation).count(),
            logged(activity::Action::MemberInvited),
        )?;
        writeln!(
            f,
            "clients: {} errands, asked {} times, {} tries that may have been done without a word of it, {} asked again under their key",
            self.told.len(),
            self.told.iter().map(|told| told.asked).sum::<usize>(),
            self.told.iter().map(|told| told.doubts).sum::<usize>(),
            self.told_again.len(),
        )?;
        writeln!(
            f,
            "emails: {} sent, {} failed, {} queued, {} canceled, after {} attempts (at most {} for one)",
            rows(Status::Sent),
            rows(Status::Failed),
            rows(Status::Queued),
            rows(Status::Canceled),
            self.notifications.iter().map(|row| row.attempts).sum::<i32>(),
            self.notifications.iter().map(|row| row.attempts).max().unwrap_or_default(),
        )?;
        write!(
            f,
            "mails: {} taken, {} of them repeated later: {} without an answer, {} whose answer may be lost, {} whose answer was heard; {} by killed workers, of which there were {}. It took {:?}.",
            self.mails.values().map(Vec::len).sum::<usize>(),
            repeated.len(),
            because(Receipt::Withheld),
            because(Receipt::Lost),
            because(Receipt::Heard) + because(Receipt::Given),
            by_killed,
            self.killed.len(),
            self.lasted,
        )
    }
}
