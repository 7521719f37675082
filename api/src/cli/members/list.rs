//! `roster members list`: all pages of the list, written as they come.

use std::{
    io::{self, BufWriter, Write},
    process::ExitCode,
};

use serde::{Deserialize, Serialize};

use super::{Common, Found, Role, Which, groups};
use crate::cli::{
    client::Client,
    failure::Failure,
    interrupt::Interrupt,
    output::{Format, Table},
    progress::Progress,
    status::Status,
};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    common: Common,
    /// Only members with one of these statuses; without it, active and invited ones.
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    status: Option<Vec<Status>>,
    /// Only members with one of these roles.
    #[arg(long, value_name = "ROLE", value_delimiter = ',')]
    role: Option<Vec<Role>>,
    /// Only members in this group, by its name; several times: in one of them.
    #[arg(long, value_name = "NAME")]
    group: Vec<String>,
    /// Only members with this text in the name or the email address.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
}

const QUERY: &str = "query ($id: ID, $slug: String, $filter: MemberFilter, $after: String) {
    organization(id: $id, slug: $slug) { members(first: 100, after: $after, filter: $filter) {
        nodes { id role status joinedAt removedAt user { name email } groups { name } }
        pageInfo { hasNextPage endCursor }
    } }
}";

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Vec<Status>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Vec<Role>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
}

#[derive(Serialize)]
struct Variables<'a> {
    #[serde(flatten)]
    organization: Which<'a>,
    filter: &'a Filter,
    after: Option<String>,
}

#[derive(Deserialize)]
struct Organization {
    members: Members,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    nodes: Vec<Node>,
    page_info: super::PageInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    id: String,
    role: String,
    status: String,
    joined_at: Option<String>,
    removed_at: Option<String>,
    user: User,
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct User {
    name: Option<String>,
    email: String,
}

#[derive(Deserialize)]
struct Group {
    name: String,
}

/// A member, as it is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Member {
    id: String,
    name: Option<String>,
    email: String,
    role: String,
    status: String,
    groups: Vec<String>,
    joined_at: Option<String>,
    removed_at: Option<String>,
}

impl From<Node> for Member {
    fn from(node: Node) -> Self {
        Self {
            id: node.id,
            name: node.user.name,
            email: node.user.email,
            role: node.role,
            status: node.status,
            groups: node.groups.into_iter().map(|group| group.name).collect(),
            joined_at: node.joined_at,
            removed_at: node.removed_at,
        }
    }
}

pub(super) fn run(args: Args) -> Result<ExitCode, Failure> {
    let interrupt = Interrupt::listen()?;
    let progress = Progress::beside_output(|| Progress::count("members"));
    let client = Client::new(&args.common.server, interrupt, progress.clone())?;
    let organization = args.common.organization();
    let group_ids = groups::ids(&client, organization, &args.group)?;
    let filter = Filter { status: args.status, role: args.role, group_ids, search: args.search };
    let mut writer = Writer::new(args.common.format(), BufWriter::new(io::stdout().lock()));
    let mut after = None;
    loop {
        let (members, next) = page(&client, organization, &filter, after)?;
        progress.advance(members.len());
        writer.write(&members)?;
        after = next;
        if after.is_none() {
            break;
        }
    }
    progress.finish();
    writer.end()?;
    Ok(ExitCode::SUCCESS)
}

/// One page, and where the next one begins if there is one.
fn page(
    client: &Client,
    organization: Which,
    filter: &Filter,
    after: Option<String>,
) -> Result<(Vec<Member>, Option<String>), Failure> {
    let found: Found<Organization> = client.call(QUERY, Variables { organization, filter, after })?;
    let page = found.organization.members;
    let next = page.page_info.end_cursor.filter(|_| page.page_info.has_next_page);
    Ok((page.nodes.into_iter().map(Member::from).collect(), next))
}

/// Writes page after page, as one JSON array or as one table.
struct Writer<W> {
    format: Format,
    out: W,
    table: Table,
    begun: bool,
}

impl<W: Write> Writer<W> {
    fn new(format: Format, out: W) -> Self {
        Self { format, out, table: Table::default(), begun: false }
    }

    fn write(&mut self, members: &[Member]) -> io::Result<()> {
        match self.format {
            Format::Json => self.json(members)?,
            Format::Table => self.rows(members)?,
        }
        self.begun = true;
        self.out.flush()
    }

    /// One member a line, so that it can also be read with other tools than a JSON parser.
    fn json(&mut self, members: &[Member]) -> io::Result<()> {
        if !self.begun {
            self.out.write_all(b"[")?;
        }
        for (position, member) in members.iter().enumerate() {
            let separator: &[u8] = if self.begun || position > 0 { b",\n" } else { b"\n" };
            self.out.write_all(separator)?;
            serde_json::to_writer(&mut self.out, member)?;
        }
        Ok(())
    }

    fn rows(&mut self, members: &[Member]) -> io::Result<()> {
        let mut rows = Vec::with_capacity(members.len() + 1);
        if !self.begun {
            rows.push(["NAME", "EMAIL", "ROLE", "STATUS", "SINCE", "ID", "GROUPS"].map(str::to_owned));
        }
        rows.extend(members.iter().map(row));
        self.table.write(&mut self.out, &rows)
    }

    fn end(&mut self) -> io::Result<()> {
        if self.format == Format::Json {
            self.out.write_all(b"\n]\n")?;
        }
        self.out.flush()
    }
}

/// `SINCE` is the day from which on the status holds.
fn row(member: &Member) -> [String; 7] {
    let since = member.removed_at.as_ref().or(member.joined_at.as_ref());
    let day = since.map(|time| time.chars().take(10).collect()).unwrap_or_default();
    [
        member.name.clone().unwrap_or_default(),
        member.email.clone(),
        member.role.to_lowercase(),
        member.status.to_lowercase(),
        day,
        member.id.clone(),
        member.groups.join(", "),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str) -> Member {
        Member {
            id: format!("member_{name}"),
            name: Some(name.to_owned()),
            email: format!("{name}@example.com"),
            role: "MEMBER".to_owned(),
            status: "ACTIVE".to_owned(),
            groups: vec!["Design".to_owned(), "On-call".to_owned()],
            joined_at: Some("2026-11-21T12:00:00Z".to_owned()),
            removed_at: None,
        }
    }

    fn written(format: Format, pages: &[&[Member]]) -> String {
        let mut writer = Writer::new(format, Vec::new());
        pages.iter().for_each(|page| writer.write(page).unwrap());
        writer.end().unwrap();
        String::from_utf8(writer.out).unwrap()
    }

    #[test]
    fn pages_make_one_array() {
        for (pages, names) in [
            (vec![vec![]], vec![]),
            (vec![vec!["ada"]], vec!["ada"]),
            (vec![vec!["ada", "bob"], vec!["zoe"]], vec!["ada", "bob", "zoe"]),
        ] {
            let pages: Vec<Vec<_>> =
                pages.into_iter().map(|page| page.into_iter().map(member).collect()).collect();
            let pages: Vec<&[Member]> = pages.iter().map(Vec::as_slice).collect();
            let array: Vec<serde_json::Value> = serde_json::from_str(&written(Format::Json, &pages)).unwrap();
            assert_eq!(array.iter().map(|member| &member["name"]).collect::<Vec<_>>(), names);
        }
    }

    #[test]
    fn pages_make_one_table() {
        let table = written(Format::Table, &[&[member("ada")], &[member("bob")]]);
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines[0], "NAME  EMAIL            ROLE    STATUS  SINCE       ID          GROUPS");
        assert_eq!(
            lines[1],
            "ada   ada@example.com  member  active  2026-11-21  member_ada  Design, On-call"
        );
        assert_eq!((lines.len(), lines[2].starts_with("bob ")), (3, true));
    }
}
