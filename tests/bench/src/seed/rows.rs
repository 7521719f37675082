//! Puts rows into the database with COPY.

use anyhow::Result;
use sea_orm::sqlx::{self, PgConnection, PgPool};

use super::{ADMIN, Block, GROUPS, Kind, OWNER, Person, id, names::person};

/// How many bytes go to the server at once.
const CHUNK: usize = 1 << 20;
/// When everything was made that was seeded.
const TIME: &str = "2026-11-01T12:00:00Z";

/// Puts the organizations of a block into the database, with their groups and members.
pub(crate) async fn insert(db: &PgPool, block: &Block) -> Result<()> {
    let mut conn = db.acquire().await?;
    // The rows refer to each other as they should, and checking that for each of millions takes minutes.
    sqlx::query("SET session_replication_role = replica").execute(&mut *conn).await?;
    everywhere(&mut conn).await?;
    organizations(&mut conn, block).await?;
    members(&mut conn, block).await?;
    sqlx::query("RESET session_replication_role").execute(&mut *conn).await?;
    Ok(())
}

/// What PostgreSQL does by itself after a while, and must not do while something is measured.
pub(crate) async fn vacuum(db: &PgPool) -> Result<()> {
    for statement in ["VACUUM ANALYZE", "CHECKPOINT"] {
        sqlx::query(statement).execute(db).await?;
    }
    Ok(())
}

/// The people who are in all organizations.
async fn everywhere(conn: &mut PgConnection) -> Result<()> {
    for Person { number, name, email, .. } in [ADMIN, OWNER] {
        sqlx::query(
            "INSERT INTO users (id, email, email_norm, name, created_at) VALUES ($1, $2, $2, $3, now())
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(id(Kind::User, number))
        .bind(email)
        .bind(name)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

async fn organizations(conn: &mut PgConnection, block: &Block) -> Result<()> {
    let size = block.size();
    let rows = block.organizations.clone().map(|number| {
        format!("{}\tacme-{number}\tAcme {number}\tt\t7\t{TIME}\n", id(Kind::Organization, number))
    });
    let columns = "organizations (id, slug, name, revocation_email, invitation_lifetime_days, created_at)";
    copy(conn, columns, rows).await?;

    let groups = block.organizations.clone().flat_map(|organization| {
        (0..GROUPS).map(move |group| {
            let (group_id, organization) =
                (id(Kind::Group, organization * 100 + group), id(Kind::Organization, organization));
            format!(
                "{group_id}\t{organization}\tTeam {group:02}\tteam {group:02}\tOne of {GROUPS}\t[]\t{TIME}\n"
            )
        })
    });
    copy(conn, "groups (id, organization_id, name, sort_name, description, permissions, created_at)", groups)
        .await?;

    let staff = block.organizations.clone().flat_map(|organization| {
        [&ADMIN, &OWNER].map(|person| {
            let Person { number, name, email, role } = *person;
            let member = id(Kind::Member, (number + 1) * 100_000 + organization);
            let (organization, user) = (id(Kind::Organization, organization), id(Kind::User, number));
            let folded = name.to_lowercase();
            format!(
                "{member}\t{organization}\t{user}\t{role}\tACTIVE\t{folded}\t{folded}\\n{email}\t{TIME}\t{TIME}\n"
            )
        })
    });
    copy(conn, MEMBERS, staff).await?;
    eprintln!("  {} organization(s) of {size}", block.count());
    Ok(())
}

const MEMBERS: &str =
    "members (id, organization_id, user_id, role, status, sort_name, search, joined_at, created_at)";

async fn members(conn: &mut PgConnection, block: &Block) -> Result<()> {
    let size = block.size();
    let people = || {
        let index = |number: u64| (number - block.members.start) / block.count();
        block.members.clone().map(move |number| (number, person(number, index(number), size)))
    };
    let users = people().map(|(_, user)| {
        let name = user.name.as_deref().unwrap_or_default();
        let email = user.email.as_str();
        let email_norm = user.email.normalized();
        format!("{}\t{email}\t{}\t{name}\t{TIME}\n", user.id.0, email_norm.as_str())
    });
    copy(conn, "users (id, email, email_norm, name, created_at)", users).await?;

    let rows = people().map(|(number, user)| {
        let organization = id(Kind::Organization, block.organization_of(number));
        let (member, user_id) = (id(Kind::Member, number), user.id.0);
        let (sort_name, search) = (user.sort_name(), user.search_text().replace('\n', "\\n"));
        format!(
            "{member}\t{organization}\t{user_id}\tMEMBER\tACTIVE\t{sort_name}\t{search}\t{TIME}\t{TIME}\n"
        )
    });
    copy(conn, MEMBERS, rows).await?;

    let memberships = block.members.clone().flat_map(|number| {
        let organization = block.organization_of(number);
        block.groups_of(number).map(|group| {
            let group = id(Kind::Group, organization * 100 + group);
            format!("{group}\t{}\t{}\n", id(Kind::Member, number), id(Kind::Organization, organization))
        })
    });
    copy(conn, "group_members (group_id, member_id, organization_id)", memberships).await
}

async fn copy(conn: &mut PgConnection, into: &str, rows: impl Iterator<Item = String>) -> Result<()> {
    let mut copy = conn.copy_in_raw(&format!("COPY {into} FROM STDIN")).await?;
    let mut chunk = String::with_capacity(CHUNK * 2);
    for row in rows {
        chunk.push_str(&row);
        if chunk.len() >= CHUNK {
            copy.send(chunk.as_bytes()).await?;
            chunk.clear();
        }
    }
    copy.send(chunk.as_bytes()).await?;
    copy.finish().await?;
    Ok(())
}
