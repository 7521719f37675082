//! The limit of a page: a handler that sends the same rows without GraphQL, without asking who calls and what they may, from
//! one statement. It has its connections, its pool and its sockets as `roster serve` has them.

use anyhow::Result;
use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    serve::ListenerExt,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use roster_entity::{GroupId, MemberId, UserId};
use sea_orm::sqlx::{
    self, AssertSqlSafe, PgPool, Row,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow},
};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncReadExt, stdin},
    net::TcpListener,
};
use uuid::Uuid;

/// What it needs to know.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[arg(long)]
    database: String,
    #[arg(long)]
    connections: u32,
}

/// Which page.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    organization: Uuid,
    /// The name and the id of the member before it.
    after: Option<String>,
    after_id: Option<Uuid>,
    /// A part of the name or address.
    search: Option<String>,
}

/// How many members a page has.
const PAGE: usize = 50;

/// An answer, of the shape of Roster's.
#[derive(Serialize)]
struct Answer {
    data: Data,
}

#[derive(Serialize)]
struct Data {
    organization: Organization,
}

#[derive(Serialize)]
struct Organization {
    members: Members,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    nodes: Vec<Member>,
    page_info: PageInfo,
}

#[derive(Serialize)]
struct Member {
    id: MemberId,
    role: String,
    user: User,
    groups: Vec<Group>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: UserId,
    display_name: String,
    email: String,
}

#[derive(Serialize)]
struct Group {
    id: GroupId,
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

/// Answers until standard input ends, which it does with the process that has started this one.
pub(crate) async fn run(args: Args) -> Result<()> {
    let pools = Pools {
        pages: pool(&args, "force_generic_plan").await?,
        // The best plan depends on how many have the part of a name.
        searches: pool(&args, "force_custom_plan").await?,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("address={}", listener.local_addr()?);
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    let router = Router::new().route("/members", axum::routing::get(page)).with_state(pools);
    tokio::select! {
        served = axum::serve(listener, router) => Ok(served?),
        ended = async { stdin().read_to_end(&mut Vec::new()).await } => ended.map(|_| ()).map_err(Into::into),
    }
}

/// Connections, by how PostgreSQL plans their statements.
#[derive(Clone)]
struct Pools {
    pages: PgPool,
    searches: PgPool,
}

async fn pool(args: &Args, plans: &str) -> Result<PgPool> {
    let options: PgConnectOptions = args.database.parse()?;
    let options = options.statement_cache_capacity(500).options([("plan_cache_mode", plans)]);
    let pool = PgPoolOptions::new().max_connections(args.connections).test_before_acquire(false);
    Ok(pool.connect_with(options).await?)
}

async fn page(
    State(pools): State<Pools>,
    Query(page): Query<Page>,
) -> Result<Json<Answer>, (StatusCode, String)> {
    let failed = |error: sqlx::Error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string());
    let db = if page.search.is_some() { &pools.searches } else { &pools.pages };
    let (members, has_next_page) = fetch(db, page).await.map_err(failed)?;
    let end_cursor = members.last().map(|(name, member)| {
        let key = serde_json::to_vec(&(name, member.id)).expect("plain data");
        BASE64_URL_SAFE_NO_PAD.encode(key)
    });
    let nodes = members.into_iter().map(|(_, member)| member).collect();
    let page_info = PageInfo { has_next_page, end_cursor };
    Ok(Json(Answer { data: Data { organization: Organization { members: Members { nodes, page_info } } } }))
}

/// The members of a page, each with the name it is sorted by, and whether there are more.
async fn fetch(db: &PgPool, page: Page) -> sqlx::Result<(Vec<(String, Member)>, bool)> {
    let mut query = sqlx::query(AssertSqlSafe(statement(page.after.is_some(), page.search.is_some())));
    query = query.bind(page.organization);
    if let Some(after) = page.after {
        query = query.bind(after).bind(page.after_id);
    }
    if let Some(search) = page.search {
        query = query.bind(format!("%{search}%"));
    }
    let rows = query.fetch_all(db).await?;
    let mut members: Vec<(String, Member)> = Vec::with_capacity(PAGE + 1);
    for row in &rows {
        let id = MemberId(row.try_get(0)?);
        if members.last().is_none_or(|(_, last)| last.id != id) {
            members.push(member(id, row)?);
        }
        if let (Some((_, last)), Some(group)) = (members.last_mut(), row.try_get::<Option<Uuid>, _>(6)?) {
            last.groups.push(Group { id: GroupId(group), name: row.try_get(7)? });
        }
    }
    let has_more = members.len() > PAGE;
    members.truncate(PAGE);
    Ok((members, has_more))
}

/// A row for each member and group: less work for PostgreSQL than one for each member with arrays.
fn statement(after: bool, search: bool) -> String {
    let after = if after { "AND (sort_name, id) > ($2, $3)" } else { "" };
    let search = if search { "AND search LIKE $2" } else { "" };
    format!(
        "SELECT m.id, m.role, m.sort_name, u.id, u.name, u.email, g.id, g.name
         FROM (SELECT id, role, sort_name, user_id FROM members
               WHERE organization_id = $1 AND status IN ('INVITED', 'ACTIVE') {after} {search}
               ORDER BY sort_name, id LIMIT 51) AS m
         JOIN users AS u ON u.id = m.user_id
         LEFT JOIN group_members AS of ON of.member_id = m.id
         LEFT JOIN groups AS g ON g.id = of.group_id AND g.organization_id = $1
         ORDER BY m.sort_name, m.id, g.sort_name"
    )
}

fn member(id: MemberId, row: &PgRow) -> sqlx::Result<(String, Member)> {
    let user = User { id: UserId(row.try_get(3)?), display_name: row.try_get(4)?, email: row.try_get(5)? };
    Ok((row.try_get(2)?, Member { id, role: row.try_get(1)?, user, groups: Vec::with_capacity(4) }))
}
