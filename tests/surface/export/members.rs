//! The members in a file.

use chrono::TimeDelta;
use roster_tests::{On, Organization, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use super::{column, export, exported, joins, lines, records};
use crate::reply::Reply;

const COLUMNS: [&str; 11] = [
    "id",
    "name",
    "email",
    "role",
    "status",
    "groups",
    "invitedAt",
    "joinedAt",
    "removedAt",
    "removedBy",
    "removalReason",
];

/// Acme with somebody in each status, each a day after the other.
async fn acme(on: On) -> Organization {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (design, on_call) = (acme.group("Design", &[]).await, acme.group("On-call", &[]).await);
    roster.pass(TimeDelta::days(1));
    acme.member_as("Bob", "ADMIN", &[&on_call, &design]).await;
    roster.pass(TimeDelta::days(1));
    let carol = acme.member_as("Carol", "MEMBER", &[&design]).await;
    roster.pass(TimeDelta::days(1));
    acme.invited_as("Ida", "MEMBER", &[&design]).await;
    let note = json!({ "memberId": carol.id, "note": "Between you and me." });
    acme.owner.remove_with(note).await.succeeds();
    acme
}

#[rstest]
#[tokio::test]
async fn json_lines_hold_every_member_with_every_field(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = acme(on).await;

    let mut rows = lines(&acme.owner, "members", &[("organization", &acme.slug)]).await;
    for row in &mut rows {
        assert!(row["id"].as_str().unwrap().starts_with("member_"), "{row}");
        row.as_object_mut().unwrap().remove("id");
    }

    let expected = [
        json!({ "name": "Olivia", "email": "olivia@example.com", "role": "OWNER", "status": "ACTIVE", "groups": [],
            "invitedAt": null, "joinedAt": "2026-11-21T12:00:00Z",
            "removedAt": null, "removedBy": null, "removalReason": null }),
        json!({ "name": "Bob", "email": "bob@example.com", "role": "ADMIN", "status": "ACTIVE", "groups": ["Design", "On-call"],
            "invitedAt": "2026-11-22T12:00:00Z", "joinedAt": "2026-11-22T12:00:00Z",
            "removedAt": null, "removedBy": null, "removalReason": null }),
        json!({ "name": "Carol", "email": "carol@example.com", "role": "MEMBER", "status": "REMOVED", "groups": [],
            "invitedAt": "2026-11-23T12:00:00Z", "joinedAt": "2026-11-23T12:00:00Z",
            "removedAt": "2026-11-24T12:00:00Z", "removedBy": "Olivia", "removalReason": "REMOVED" }),
        json!({ "name": null, "email": "ida@example.com", "role": "MEMBER", "status": "INVITED", "groups": ["Design"],
            "invitedAt": "2026-11-24T12:00:00Z", "joinedAt": null,
            "removedAt": null, "removedBy": null, "removalReason": null }),
    ];
    assert_eq!(rows, expected);
}

#[rstest]
#[tokio::test]
async fn csv_holds_the_same(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = acme(on).await;
    let all = [("organization", acme.id.as_str()), ("format", "csv")];

    let records = records(&acme.owner, "members", &all).await;
    let rows = lines(&acme.owner, "members", &all[..1]).await;

    assert_eq!(records[0], COLUMNS);
    for (record, row) in records[1..].iter().zip(&rows) {
        let text = |name| match &row[name] {
            Value::Null => String::new(),
            Value::Array(texts) => {
                texts.iter().map(|text| text.as_str().unwrap()).collect::<Vec<_>>().join("; ")
            }
            text => text.as_str().unwrap().to_owned(),
        };
        assert_eq!(record, &COLUMNS.map(text), "{row}");
    }
    assert_eq!((records.len(), rows.len()), (5, 4));
}

#[tokio::test]
async fn a_file_has_a_name_and_a_type() {
    let acme = acme(On::Sqlite).await;

    for (format, media_type, extension) in
        [("csv", "text/csv; charset=utf-8; header=present", "csv"), ("jsonl", "application/jsonl", "jsonl")]
    {
        let parameters = [("organization", acme.slug.as_str()), ("format", format)];
        for table in ["members", "activities"] {
            let reply = exported(&acme.owner, table, &parameters).await;
            assert_eq!(reply.header("content-type"), media_type);
            let name = format!("attachment; filename=\"acme-{table}-2026-11-24.{extension}\"");
            assert_eq!(reply.header("content-disposition"), name);
            assert_eq!(reply.header("cache-control"), "no-store");
            assert_eq!(reply.header("x-content-type-options"), "nosniff");
            for name in ["authorization", "origin"] {
                assert!(reply.header("vary").contains(name), "{reply:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_export_and_read_the_name_of_the_file() {
    let app = "https://app.example.com";
    let roster = Roster::start_with(On::Sqlite, |config| {
        config.http.allowed_origins = vec![app.to_owned()];
    })
    .await;
    let acme = roster.organization("Acme").await;

    for (origin, allowed) in [(app, app), ("https://evil.example.com", "")] {
        let request = export(&acme.owner, "members", &[("organization", &acme.id)]).header("Origin", origin);
        let reply = Reply::to(request).await;
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, allowed));
        assert!(reply.header("access-control-expose-headers").contains("content-disposition"));
    }
}

#[rstest]
#[tokio::test]
async fn names_of_every_kind_come_through(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let names = [
        "Robert \"Bob\", Jr.; \\N",
        "=HYPERLINK(\"http://evil.example\")",
        "+31 6 1234",
        "-1+1",
        "@SUM(A1)",
        "מרים العربية",
        "Zoë 👩‍💻",
        "'quoted'",
    ];
    let groups = ["=A, \"B\"", "C; D"];
    let ids = [acme.group(groups[0], &[]).await, acme.group(groups[1], &[]).await];
    for (i, name) in names.iter().enumerate() {
        joins(&acme, name, &format!("n{i}@example.com"), &[&ids[0], &ids[1]]).await;
    }
    joins(&acme, "Ann\r\nBcc: \u{202E}x", "ann@example.com", &[]).await;
    let all = [("organization", acme.id.as_str())];

    let rows = lines(&acme.owner, "members", &all).await;
    assert_eq!(column(&rows[1..], "name"), [&names[..], &["Ann Bcc: x"]].concat());
    assert_eq!(rows[1]["groups"], json!(groups));

    let records = records(&acme.owner, "members", &all).await;
    for (record, name) in records[2..].iter().zip(names) {
        let formula = name.starts_with(['=', '+', '-', '@']);
        assert_eq!(record[1], if formula { format!("'{name}") } else { name.to_owned() });
        assert_eq!(record[5], "'=A, \"B\"; C; D");
    }
    assert_eq!(records.len(), 2 + names.len() + 1);
}

/// Zoë is known in Globex; Acme has only guessed her address, and she does not want to join.
#[rstest]
#[tokio::test]
async fn the_name_of_somebody_who_never_joined_is_not_told(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let zoe = roster.organization_of("Gina", "Globex").await.member("Zoe").await;
    let acme = roster.organization("Acme").await;
    acme.invited("Zoe").await;
    let all = [("organization", acme.id.as_str())];

    let invited = lines(&acme.owner, "members", &all).await;
    zoe.decline(&roster.link_token(&zoe.address).await).await.succeeds();
    let declined = lines(&acme.owner, "members", &all).await;
    let log = exported(&acme.owner, "activities", &all).await.body;

    assert_eq!((&invited[1]["name"], &invited[1]["email"]), (&Value::Null, &json!(zoe.address)));
    assert_eq!((&declined[1]["name"], &declined[1]["removedBy"]), (&Value::Null, &json!(zoe.address)));
    assert_eq!(declined[1]["removalReason"], "INVITATION_DECLINED");
    assert!(log.contains("INVITATION_DECLINED") && !log.contains("Zoe"), "{log}");
}

#[rstest]
#[tokio::test]
async fn the_note_to_somebody_who_was_removed_stays_between_them(#[values(On::Sqlite, On::Postgres)] on: On) {
    let acme = acme(on).await;
    for format in ["csv", "jsonl"] {
        let parameters = [("organization", acme.id.as_str()), ("format", format)];
        let body = exported(&acme.owner, "members", &parameters).await.body;
        assert!(body.contains("carol@example.com") && !body.contains("Between you and me"), "{body}");
    }
}

#[rstest]
#[case::one("REMOVED", &["Carol"])]
#[case::several("ACTIVE,REMOVED", &["Olivia", "Bob", "Carol"])]
#[case::in_any_order_and_twice("REMOVED,ACTIVE,REMOVED", &["Olivia", "Bob", "Carol"])]
#[tokio::test]
async fn members_can_be_chosen_by_status(
    #[values(On::Sqlite, On::Postgres)] on: On,
    #[case] status: &str,
    #[case] names: &[&str],
) {
    let acme = acme(on).await;
    let rows = lines(&acme.owner, "members", &[("organization", &acme.id), ("status", status)]).await;
    assert_eq!(column(&rows, "name"), names);
}
