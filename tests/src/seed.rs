//! Many rows at once, straight into the database: what would take the API hours.

use std::ops::RangeInclusive;

use roster_entity::{GroupId, OrganizationId};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection};

/// Puts active members into an organization and a group of it. Each has a number of `numbers`, which nobody else in the
/// database may have, and is called `Person`, the number, and `suffix`.
pub async fn seed_members(
    db: &DatabaseConnection,
    organization: &str,
    group: &str,
    numbers: RangeInclusive<usize>,
    suffix: &str,
) {
    let organization: OrganizationId = organization.parse().expect("the id of an organization");
    let group: GroupId = group.parse().expect("the id of a group");
    let backend = db.get_database_backend();
    let (organization, group) = (literal(backend, organization.0), literal(backend, group.0));
    let (user, member) = (id(backend, 1), id(backend, 2));
    let time = match backend {
        DatabaseBackend::Postgres => "timestamptz '2026-11-21T12:00:00Z'",
        _ => "'2026-11-21T12:00:00+00:00'",
    };
    let (first, last) = numbers.into_inner();
    let numbers =
        format!("WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})");
    for insert in [
        format!(
            "{numbers} INSERT INTO users (id, email, email_norm, name, created_at)
             SELECT {user}, 'p' || i || '@example.com', 'p' || i || '@example.com', 'Person ' || i || '{suffix}', {time} FROM n"
        ),
        format!(
            "{numbers} INSERT INTO members (id, organization_id, user_id, role, status, sort_name, search, joined_at, created_at)
             SELECT {member}, {organization}, {user}, 'MEMBER', 'ACTIVE', 'person ' || i, '', {time}, {time} FROM n"
        ),
        format!(
            "{numbers} INSERT INTO group_members (group_id, member_id, organization_id)
             SELECT {group}, {member}, {organization} FROM n"
        ),
    ] {
        db.execute_unprepared(&insert).await.expect("the rows are as the schema wants them");
    }
}

/// Writes an email about a removal to each member of an organization, which should have been sent long ago. The oldest is
/// that to the member with the lowest id.
pub async fn seed_outbox(db: &DatabaseConnection, organization: &str) {
    let organization: OrganizationId = organization.parse().expect("the id of an organization");
    let backend = db.get_database_backend();
    let organization = literal(backend, organization.0);
    let time = match backend {
        DatabaseBackend::Postgres => "timestamptz '2026-11-01T12:00:00Z' + make_interval(secs => i / 1000.0)",
        _ => "strftime('%Y-%m-%dT%H:%M:%f+00:00', '2026-11-01T12:00:00Z', (i / 1000.0) || ' seconds')",
    };
    let snapshot = r#"{"organization": "Acme", "actor": {"name": "Olivia", "email": "olivia@example.com"},
        "contact": "olivia@example.com", "at": "2026-11-01T12:00:00Z", "event": "REMOVED", "groups": ["Design"], "note": null}"#;
    let snapshot = match backend {
        DatabaseBackend::Postgres => format!("'{snapshot}'::jsonb"),
        _ => format!("'{snapshot}'"),
    };
    let id = id(backend, 3);
    let insert = format!(
        "INSERT INTO notifications (id, organization_id, kind, member_id, recipient_email, snapshot, status, attempts, resends, available_at, sweep_at, created_at)
         SELECT {id}, {organization}, 'REMOVED', member, email, {snapshot}, 'QUEUED', 0, 0, {time}, {time}, {time}
         FROM (SELECT m.id AS member, u.email, row_number() OVER (ORDER BY m.id) AS i FROM members m JOIN users u ON u.id = m.user_id
               WHERE m.organization_id = {organization} AND u.email LIKE 'p%@example.com') AS people"
    );
    db.execute_unprepared(&insert).await.expect("the rows are as the schema wants them");
}

/// An id with the number `i` in it, of a kind of its own.
fn id(backend: DatabaseBackend, kind: u8) -> String {
    let start = format!("019aa6000000700{kind}8000");
    match backend {
        DatabaseBackend::Postgres => format!("('{start}' || lpad(to_hex(i), 12, '0'))::uuid"),
        _ => format!("unhex('{start}' || printf('%012x', i))"),
    }
}

fn literal(backend: DatabaseBackend, id: sea_orm::prelude::Uuid) -> String {
    match backend {
        DatabaseBackend::Postgres => format!("'{id}'::uuid"),
        _ => format!("x'{}'", id.simple()),
    }
}
