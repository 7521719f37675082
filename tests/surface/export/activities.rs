//! The activity log in a file.

use chrono::TimeDelta;
use roster_entity::{Permission, Permissions};
use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use super::{column, exported, lines, records};

const COLUMNS: [&str; 13] = [
    "id",
    "at",
    "action",
    "actorName",
    "actorEmail",
    "apiTokenId",
    "memberId",
    "member",
    "invitationId",
    "groupId",
    "before",
    "after",
    "reason",
];

#[rstest]
#[tokio::test]
async fn every_entry_is_there_with_every_field_oldest_first(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let script = acme.api_token_of(&acme.owner).await;
    roster.pass(TimeDelta::hours(1));
    script.change_role(&bob, "ADMIN").await.succeeds();
    let input = json!({ "memberId": bob.id, "note": "=1+1, \"bye\"\nTake care." });
    acme.owner.remove_with(input).await.succeeds();
    let design = acme.group("Design", &[]).await;
    let all = [("organization", acme.id.as_str())];

    let rows = lines(&acme.owner, "activities", &all).await;

    let actions = [
        "ORGANIZATION_CREATED",
        "MEMBER_INVITED",
        "INVITATION_ACCEPTED",
        "API_TOKEN_CREATED",
        "MEMBER_ROLE_CHANGED",
        "MEMBER_REMOVED",
        "GROUP_CREATED",
    ];
    assert_eq!(column(&rows, "action"), actions);
    let (changed, removed) = (&rows[4], &rows[5]);
    assert!(changed["id"].as_str().unwrap().starts_with("activity_"), "{changed}");
    let expected = json!({
        "id": changed["id"], "at": "2026-11-21T13:00:00Z", "action": "MEMBER_ROLE_CHANGED",
        "actorName": "Olivia", "actorEmail": "olivia@example.com", "apiTokenId": script.id,
        "memberId": bob.id, "member": "Bob", "invitationId": null, "groupId": null,
        "before": { "role": "MEMBER" }, "after": { "role": "ADMIN" }, "reason": null,
    });
    assert_eq!(changed, &expected);
    assert_eq!(
        (&removed["apiTokenId"], &removed["reason"]),
        (&Value::Null, &json!("=1+1, \"bye\"\nTake care."))
    );
    assert_eq!((&rows[2]["actorName"], &rows[2]["invitationId"]), (&json!("Bob"), &json!(bob.invitation_id)));
    assert_eq!(rows[6]["groupId"], json!(design));

    let records = records(&acme.owner, "activities", &all).await;
    assert_eq!(records[0], COLUMNS);
    for (record, row) in records[1..].iter().zip(&rows) {
        for (field, name) in record.iter().zip(COLUMNS) {
            match &row[name] {
                Value::Null => assert_eq!(field, ""),
                Value::String(text) if text.starts_with('=') => assert_eq!(field, &format!("'{text}")),
                Value::String(text) => assert_eq!(field, text),
                json => assert_eq!(&serde_json::from_str::<Value>(field).unwrap(), json),
            }
        }
    }
    assert_eq!(records.len(), 1 + rows.len());
}

#[rstest]
#[tokio::test]
async fn whoever_may_not_see_members_is_not_told_their_names(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    let only_log = Permissions::from_iter([Permission::ActivitiesRead]);
    let script = acme.api_token_with(&acme.owner, Some(only_log)).await;
    let all = [("organization", acme.id.as_str())];

    let (full, limited) =
        (lines(&acme.owner, "activities", &all).await, lines(&script, "activities", &all).await);

    assert_eq!((full.len(), limited.len()), (5, 5));
    for (full, limited) in full.iter().zip(&limited) {
        let mut expected = full.clone();
        expected["member"] = Value::Null;
        assert_eq!(limited, &expected);
    }
    assert_eq!(full[3]["member"], "Bob");
    assert!(full[3]["action"] == "MEMBER_REMOVED", "{full:#?}");
}

#[rstest]
#[tokio::test]
async fn a_period_has_its_first_moment_and_not_its_last(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    for name in ["A", "B", "C"] {
        roster.pass(TimeDelta::hours(1));
        acme.group(name, &[]).await;
    }
    let times = async |parameters: &[(&str, &str)]| {
        let parameters = [parameters, &[("organization", acme.slug.as_str())]].concat();
        let rows = lines(&acme.owner, "activities", &parameters).await;
        column(&rows, "at").iter().map(|at| at[11..16].to_owned()).collect::<Vec<_>>()
    };

    assert_eq!(times(&[]).await, ["12:00", "13:00", "14:00", "15:00"]);
    assert_eq!(times(&[("since", "2026-11-21T13:00:00Z")]).await, ["13:00", "14:00", "15:00"]);
    assert_eq!(times(&[("until", "2026-11-21T14:00:00Z")]).await, ["12:00", "13:00"]);
    let hour = [("since", "2026-11-21T14:00:00+01:00"), ("until", "2026-11-21T13:00:00.000001Z")];
    assert_eq!(times(&hour).await, ["13:00"]);
    assert_eq!(times(&[("since", "2026-11-21T15:00:00.000001Z")]).await, [""; 0]);
    assert_eq!(times(&[("since", "0001-01-01T00:00:00Z"), ("until", "9999-12-31T00:00:00Z")]).await.len(), 4);

    let nothing = [("organization", acme.slug.as_str()), ("until", "2000-01-01T00:00:00Z")];
    let csv = exported(&acme.owner, "activities", &nothing).await.body;
    assert_eq!(csv, COLUMNS.join(",") + "\r\n", "an empty file has its names");
}
