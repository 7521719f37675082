//! What changes leave in the database: the same, whoever makes them, or what is compared is not the same.

use anyhow::{Result, ensure};
use sea_orm::sqlx::{self, PgPool};

use crate::seed::{Kind, id};

/// Of removals of so many members, from the first on.
pub(super) async fn of_removals(db: &PgPool, first: u64, count: u64) -> Result<()> {
    let found: (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM members WHERE id BETWEEN $1 AND $2 AND status = 'REMOVED'),
                (SELECT count(*) FROM group_members WHERE member_id BETWEEN $1 AND $2),
                (SELECT count(*) FROM activities WHERE member_id BETWEEN $1 AND $2 AND action = 'MEMBER_REMOVED'),
                (SELECT count(*) FROM notifications WHERE member_id BETWEEN $1 AND $2 AND kind = 'REMOVED')",
    )
    .bind(id(Kind::Member, first))
    .bind(id(Kind::Member, first + count - 1))
    .fetch_one(db)
    .await?;
    let all = i64::try_from(count)?;
    ensure!(
        found == (all, 0, all, all),
        "of {count} removals are left {} members removed, {} rows of groups, {} activities and {} emails",
        found.0,
        found.1,
        found.2,
        found.3
    );
    Ok(())
}

/// Of invitations of so many people, from the first on.
pub(super) async fn of_invitations(db: &PgPool, first: u64, count: u64) -> Result<()> {
    let address = |number: u64| format!("invited.{number:012}@example.com");
    let found: (i64, i64, i64) = sqlx::query_as(
        r#"SELECT count(*), count(n.id), count(a.id)
           FROM invitations AS i
           JOIN members AS m ON m.id = i.member_id AND m.status = 'INVITED'
           LEFT JOIN notifications AS n ON n.invitation_id = i.id
           LEFT JOIN activities AS a ON a.invitation_id = i.id
           WHERE i.email_norm COLLATE "C" BETWEEN $1 AND $2"#,
    )
    .bind(address(first))
    .bind(address(first + count - 1))
    .fetch_one(db)
    .await?;
    let all = i64::try_from(count)?;
    ensure!(
        found == (all, all, all),
        "of {count} invitations are left {} open ones, {} emails and {} activities",
        found.0,
        found.1,
        found.2
    );
    Ok(())
}
