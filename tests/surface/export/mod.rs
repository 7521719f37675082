//! Exports: what is in the files, who gets them, and that a part never looks like the whole.

mod access;
mod activities;
mod broken_off;
mod members;
mod pages;
mod parameters;

use reqwest::{RequestBuilder, Url};
use roster_tests::{Member, Organization, Person};
use serde_json::Value;

use crate::reply::Reply;

/// A request for an export, as somebody.
fn export(person: &Person, table: &str, parameters: &[(&str, &str)]) -> RequestBuilder {
    let url = format!("{}/export/{table}", person.roster.url());
    let request = person.roster.http().get(Url::parse_with_params(&url, parameters).unwrap());
    match &person.token {
        Some(token) => request.bearer_auth(token),
        None => request,
    }
}

/// An export that must succeed.
async fn exported(person: &Person, table: &str, parameters: &[(&str, &str)]) -> Reply {
    let reply = Reply::to(export(person, table, parameters)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply
}

/// The rows of an export in JSON lines.
async fn lines(person: &Person, table: &str, parameters: &[(&str, &str)]) -> Vec<Value> {
    let parameters = [parameters, &[("format", "jsonl")]].concat();
    let body = exported(person, table, &parameters).await.body;
    assert!(body.is_empty() || body.ends_with('\n'), "{body}");
    body.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

/// The records of an export in CSV, the names of the columns first.
async fn records(person: &Person, table: &str, parameters: &[(&str, &str)]) -> Vec<Vec<String>> {
    let body = exported(person, table, parameters).await.body;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(body.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// One field of every row.
fn column<'a>(rows: &'a [Value], name: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[name].as_str().unwrap_or_else(|| panic!("no {name}: {row}"))).collect()
}

/// Somebody of any name and address, who joins.
async fn joins(organization: &Organization, name: &str, address: &str, groups: &[&str]) -> Member {
    let roster = &organization.owner.person.roster;
    let person = roster.person_with_address(name, address);
    let invited = organization.invite_by(&organization.owner, address, "MEMBER", groups).await;
    let id = invited.succeeds()["results"][0]["member"]["id"].as_str().unwrap().to_owned();
    person.accept(&roster.link_token(address).await).await.succeeds();
    Member { person, id, invitation_id: String::new() }
}
