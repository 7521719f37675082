//! The activity log with filters: by whom, to whom, what, with which script, and when.

use chrono::{DateTime, TimeDelta, Utc};
use roster_entity::{ActivityId, ApiTokenId, GroupId, MemberId, UserId};
use roster_tests::{ApiToken, Member, On, Organization, Roster, noon};
use rstest::rstest;
use serde_json::{Value, json};

/// Acme, where something happens every minute: what has happened, oldest first, and who and what took part.
struct Minutes {
    acme: Organization,
    ada: Member,
    bob: Member,
    design: String,
    script: ApiToken,
}

/// From the sixth minute on, with the one who did it.
const LOG: [&str; 7] = [
    "GROUP_CREATED Olivia",
    "API_TOKEN_CREATED Ada",
    "GROUP_MEMBER_ADDED Olivia",
    "MEMBER_ROLE_CHANGED Ada",
    "GROUP_MEMBER_REMOVED Ada",
    "GROUP_DELETED Olivia",
    "MEMBER_REMOVED Olivia",
];

impl Minutes {
    async fn happen(on: On) -> Self {
        let roster = Roster::start(on).await;
        let acme = roster.organization("Acme").await;
        let (ada, bob) = (acme.member_as("Ada", "ADMIN", &[]).await, acme.member("Bob").await);
        let minute = || roster.pass(TimeDelta::minutes(1));
        minute();
        let design = acme.group("Design", &[]).await;
        minute();
        let script = acme.api_token_of(&ada).await;
        minute();
        acme.owner.add_to_group(&design, &[&bob]).await.succeeds();
        minute();
        script.change_role(&bob, "ADMIN").await.succeeds();
        minute();
        script.take_out_of_group(&design, &[&bob]).await.succeeds();
        minute();
        acme.owner.delete_group(&design).await.succeeds();
        minute();
        acme.owner.remove(&bob).await.succeeds();
        Self { acme, ada, bob, design, script }
    }

    /// Which of the entries a filter lets through, by their place in [`LOG`], oldest first.
    async fn found(&self, filter: Value) -> Vec<usize> {
        let entries = self.acme.log(filter).await;
        let lines = entries.iter().rev().map(|entry| {
            format!("{} {}", entry["action"].as_str().unwrap(), entry["actor"]["name"].as_str().unwrap())
        });
        lines.filter_map(|line| LOG.iter().position(|known| *known == line)).collect()
    }
}

/// When the entry at this place was written.
fn at(place: i32) -> DateTime<Utc> {
    noon() + TimeDelta::minutes(1) * (place + 1)
}

#[rstest]
#[tokio::test]
async fn each_part_of_a_filter_lets_through_what_it_names(#[values(On::Sqlite, On::Postgres)] on: On) {
    let minutes = Minutes::happen(on).await;
    let Minutes { acme, ada, bob, design, script } = &minutes;
    let (olivia, adas) = (acme.owner.user_id().await, ada.user_id().await);

    for (filter, expected) in [
        (json!(null), &[0, 1, 2, 3, 4, 5, 6][..]),
        (json!({}), &[0, 1, 2, 3, 4, 5, 6]),
        (
            json!({ "actions": null, "actorIds": null, "memberIds": null, "since": null }),
            &[0, 1, 2, 3, 4, 5, 6],
        ),
        (json!({ "actorIds": [olivia] }), &[0, 2, 5, 6]),
        // What a script does, its owner does.
        (json!({ "actorIds": [adas] }), &[1, 3, 4]),
        (json!({ "actorIds": [adas, olivia, adas] }), &[0, 1, 2, 3, 4, 5, 6]),
        (json!({ "memberIds": [bob.id] }), &[2, 3, 4, 6]),
        (json!({ "memberIds": [bob.id, ada.id] }), &[1, 2, 3, 4, 6]),
        // The group is gone; its entries are not.
        (json!({ "groupIds": [design] }), &[0, 2, 4, 5]),
        (json!({ "apiTokenIds": [script.id] }), &[3, 4]),
        (json!({ "actions": ["MEMBER_ROLE_CHANGED"] }), &[3]),
        (json!({ "actions": ["GROUP_CREATED", "GROUP_DELETED", "GROUP_DELETED"] }), &[0, 5]),
        // An empty list names nothing.
        (json!({ "actions": [] }), &[]),
        (json!({ "actorIds": [] }), &[]),
        (json!({ "memberIds": [] }), &[]),
        (json!({ "groupIds": [] }), &[]),
        (json!({ "apiTokenIds": [] }), &[]),
        // All parts hold together.
        (json!({ "groupIds": [design], "actorIds": [olivia] }), &[0, 2, 5]),
        (json!({ "groupIds": [design], "memberIds": [bob.id], "apiTokenIds": [script.id] }), &[4]),
        (json!({ "actorIds": [olivia], "apiTokenIds": [script.id] }), &[]),
        (json!({ "memberIds": [bob.id], "since": at(3), "until": at(6) }), &[3, 4]),
        (
            json!({ "memberIds": [bob.id], "actions": ["MEMBER_REMOVED"], "actorIds": [olivia], "since": at(0) }),
            &[6],
        ),
    ] {
        assert_eq!(minutes.found(filter.clone()).await, expected, "{filter}");
    }
}

#[rstest]
#[tokio::test]
async fn since_is_a_time_or_later_and_until_is_before_one(#[values(On::Sqlite, On::Postgres)] on: On) {
    let minutes = Minutes::happen(on).await;
    let moment = TimeDelta::microseconds(1);

    for (filter, expected) in [
        (json!({ "since": at(5) }), &[5, 6][..]),
        (json!({ "since": at(5) - moment }), &[5, 6]),
        (json!({ "since": at(5) + moment }), &[6]),
        (json!({ "until": at(1) }), &[0]),
        (json!({ "until": at(1) + moment }), &[0, 1]),
        (json!({ "since": at(2), "until": at(4) }), &[2, 3]),
        (json!({ "since": at(2), "until": at(2) }), &[]),
        (json!({ "since": at(4), "until": at(2) }), &[]),
        // The same moment in another place on earth.
        (json!({ "since": "2026-11-21T14:06:00+02:00" }), &[5, 6]),
        (json!({ "since": "1970-01-01T00:00:00Z", "until": "9999-12-31T23:59:59Z" }), &[0, 1, 2, 3, 4, 5, 6]),
    ] {
        assert_eq!(minutes.found(filter.clone()).await, expected, "{filter}");
    }
    for time in ["1969-12-31T23:59:59Z", "+010000-01-01T00:00:00Z", "yesterday"] {
        let query = "query ($id: ID!, $time: DateTime) { organization(id: $id) {
            activities(filter: { until: $time }) { nodes { id } } } }";
        let answer = minutes.acme.owner.graphql(query, json!({ "id": minutes.acme.id, "time": time })).await;
        assert_eq!(answer.error_code(), "BAD_USER_INPUT", "{time}");
    }
}

#[rstest]
#[tokio::test]
async fn ids_of_nothing_and_of_others_find_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let minutes = Minutes::happen(on).await;
    let globex = minutes.acme.owner.roster.organization_of("Gina", "Globex").await;
    let (group, member) = (globex.group("Sales", &[]).await, globex.member("Zed").await);
    globex.owner.add_to_group(&group, &[&member]).await.succeeds();
    let script = globex.api_token_of(&globex.owner).await;
    assert!(!globex.log(json!({ "groupIds": [group] })).await.is_empty());

    for filter in [
        json!({ "actorIds": [globex.owner.user_id().await] }),
        json!({ "memberIds": [member.id] }),
        json!({ "groupIds": [group] }),
        json!({ "apiTokenIds": [script.id] }),
        json!({ "actorIds": [UserId::generate(noon())] }),
        json!({ "memberIds": [MemberId::generate(noon())] }),
        json!({ "groupIds": [GroupId::generate(noon())] }),
        json!({ "apiTokenIds": [ApiTokenId::generate(noon())] }),
    ] {
        assert_eq!(minutes.acme.log(filter.clone()).await, Vec::<Value>::new(), "{filter}");
    }
}

#[rstest]
#[tokio::test]
async fn ids_of_another_kind_and_too_many_are_refused(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ask = async |filter: Value| {
        let query = "query ($id: ID!, $filter: ActivityFilter) { organization(id: $id) {
            activities(filter: $filter) { nodes { id } } } }";
        acme.owner.graphql(query, json!({ "id": acme.id, "filter": filter })).await
    };
    let kinds = [
        ("actorIds", "user", UserId::generate(noon()).to_string()),
        ("memberIds", "member", MemberId::generate(noon()).to_string()),
        ("groupIds", "group", GroupId::generate(noon()).to_string()),
        ("apiTokenIds", "apitoken", ApiTokenId::generate(noon()).to_string()),
    ];
    for (part, kind, id) in kinds {
        let found = ask(json!({ part: vec![&id; 100] })).await;
        assert_eq!(found.at("/organization/activities/nodes"), &json!([]));
        let too_many = ask(json!({ part: vec![&id; 101] })).await;
        assert_eq!(too_many.error_code(), "BAD_USER_INPUT");
        assert_eq!(too_many.error_message(), format!("{part} has 101 ids. Give at most 100."));
        let other = ask(json!({ part: [id, ActivityId::generate(noon()).to_string()] })).await;
        assert_eq!(other.error_code(), "BAD_USER_INPUT");
        let sentence = format!("Expected an id of the form {kind}_…, but this one begins with activity_.");
        assert_eq!(other.error_message(), sentence);
    }
}

/// Several API processes write one log, and their clocks are not quite the same.
#[rstest]
#[tokio::test]
async fn the_log_is_ordered_by_the_time_of_what_happened(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    for (name, minutes) in [("Late", 3), ("Early", -2), ("Between", 1)] {
        roster.pass(TimeDelta::minutes(minutes));
        acme.group(name, &[]).await;
    }
    let log = acme.log(json!({ "actions": ["GROUP_CREATED"] })).await;
    let names: Vec<_> = log.iter().map(|entry| entry["after"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Late", "Between", "Early"]);
}
