//! A page that is asked for: of Roster, of the minimal handler, and by its statements.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::Contest;
use crate::{
    http::{self, Connection, Request},
    seed::{Block, COMMON_PART, RARE_PART},
    statements::{Script, Witness, show},
};

/// What a frontend asks for.
const DOCUMENT: &str = "query ($organization: ID!, $after: String, $filter: MemberFilter) {
  organization(id: $organization) {
    members(first: 50, after: $after, filter: $filter) {
      nodes { id role user { id displayName email } groups { id name } }
      pageInfo { hasNextPage endCursor }
    }
  }
}";

/// A page without anything but where it ends, for walking.
const STEP: &str = "query ($organization: ID!, $after: String) {
  organization(id: $organization) { members(first: 100, after: $after) { pageInfo { endCursor } } }
}";

/// How many members stand before the page ten thousand pages deep.
const DEEP: u64 = 10_000 * 50;

/// Which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    First,
    /// Ten thousand pages deep, or the last full one of a smaller organization.
    Deep,
    /// By a part of a name that few have.
    RareName,
    /// By a part of a name that many have.
    CommonName,
}

impl Look {
    pub(super) const ALL: [Self; 4] = [Self::First, Self::Deep, Self::RareName, Self::CommonName];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::First => "first page",
            Self::Deep => "deep page",
            Self::RareName => "search, 60 found",
            Self::CommonName => "search, many found",
        }
    }

    fn search(self) -> Option<&'static str> {
        match self {
            Self::First | Self::Deep => None,
            Self::RareName => Some(RARE_PART),
            Self::CommonName => Some(COMMON_PART),
        }
    }
}

/// What a frontend asks for when it shows the members of an organization.
pub(crate) fn first_page(block: &Block, token: &str) -> Request {
    http::graphql(token, DOCUMENT, &json!({ "organization": block.organization() }))
}

/// A page, and what its answers must be.
pub(super) struct Case {
    pub(super) members: u64,
    pub(super) look: Look,
    /// How many pages of 50 stand before it.
    pub(super) depth: u64,
    pub(super) roster: Request,
    pub(super) roster_length: usize,
    pub(super) minimal: Request,
    pub(super) minimal_length: usize,
    /// How many statements Roster needs.
    pub(super) statements: usize,
    pub(super) script: Script,
}

impl Case {
    /// Looks the answers through: fifty members each, and the same from both.
    pub(super) async fn prepare(
        contest: &Contest<'_>,
        witness: &Witness,
        block: &Block,
        look: Look,
        token: &str,
    ) -> Result<Self> {
        let organization = block.organization();
        let depth = if look == Look::Deep { deep_page(block.size()) } else { 0 };
        let after = match depth {
            0 => None,
            _ => Some(walk(contest, token, &organization.to_string(), depth * 50).await?),
        };
        let filter = look.search().map(|search| json!({ "search": search }));
        let variables = json!({ "organization": organization, "after": after, "filter": filter });
        let roster = http::graphql(token, DOCUMENT, &variables);

        let mut path = format!("/members?organization={}", organization.0);
        if let Some(search) = look.search() {
            path += &format!("&search={search}");
        }
        if after.is_some() {
            let (name, id) = member_before(contest, block, depth * 50).await?;
            path += &format!("&after={}&after_id={id}", in_query(&name));
        }
        let minimal = http::get(&path);

        let (ours, roster_length) = answer(contest.roster.address, &roster).await?;
        let (theirs, minimal_length) = answer(contest.minimal_address, &minimal).await?;
        ensure!(nodes(&ours)?.len() == 50, "not fifty members, but {}", nodes(&ours)?.len());
        ensure!(
            nodes(&ours)? == nodes(&theirs)?,
            "different members from Roster and from the minimal handler"
        );
        // Once, for what is prepared or remembered the first time.
        witness.statements_of(&roster).await?;
        let (statements, _) = witness.statements_of(&roster).await?;
        show(contest.site, look.name(), &statements);
        let script = Script::of(&contest.site.db, "", &statements, &[]).await?;
        Ok(Self {
            members: block.size(),
            look,
            depth,
            roster,
            roster_length,
            minimal,
            minimal_length,
            statements: statements.len(),
            script,
        })
    }

    pub(super) fn title(&self) -> String {
        format!("{} of {} members", self.look.name(), self.members)
    }
}

/// How many full pages stand before the deep one.
fn deep_page(members: u64) -> u64 {
    (members.min(DEEP + 50) / 50).saturating_sub(1)
}

/// The cursor after so many members.
async fn walk(contest: &Contest<'_>, token: &str, organization: &str, members: u64) -> Result<String> {
    let mut connection = Connection::open(contest.roster.address).await?;
    let mut after = Value::Null;
    for walked in (0..members).step_by(100) {
        let step = STEP.replace("100", &100.min(members - walked).to_string());
        let request = http::graphql(token, &step, &json!({ "organization": organization, "after": after }));
        let (status, body) = connection.exchange(&request).await?;
        let answer: Value = serde_json::from_slice(body)?;
        after = answer["data"]["organization"]["members"]["pageInfo"]["endCursor"].clone();
        ensure!(status == 200 && after.is_string(), "no cursor after {walked} members: {status} {answer}");
    }
    Ok(after.as_str().context("it is a text")?.to_owned())
}

/// The name that the last of the first so many members is sorted by, and the id.
async fn member_before(contest: &Contest<'_>, block: &Block, members: u64) -> Result<(String, uuid::Uuid)> {
    let last = sea_orm::sqlx::query_as(
        "SELECT sort_name, id FROM members WHERE organization_id = $1 ORDER BY sort_name, id OFFSET $2 LIMIT 1",
    );
    let offset = i64::try_from(members - 1)?;
    Ok(last.bind(block.organization().0).bind(offset).fetch_one(&contest.site.db).await?)
}

/// A text as it stands in the query of an address.
fn in_query(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn answer(address: std::net::SocketAddr, request: &Request) -> Result<(Value, usize)> {
    let mut connection = Connection::open(address).await?;
    let (status, body) = connection.exchange(request).await?;
    ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(body));
    let answer: Value = serde_json::from_slice(body)?;
    ensure!(answer.get("errors").is_none(), "{answer}");
    Ok((answer, body.len()))
}

fn nodes(answer: &Value) -> Result<&Vec<Value>> {
    answer["data"]["organization"]["members"]["nodes"]
        .as_array()
        .with_context(|| format!("no members: {answer}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deep_page_is_full_and_at_most_ten_thousand_deep() {
        assert_eq!([1_000, 1_002, 1_049, 100_000, 1_000_000].map(deep_page), [19, 19, 19, 1_999, 10_000]);
    }
}
