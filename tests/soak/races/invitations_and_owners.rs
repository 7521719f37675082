//! Two requests at the same moment, on several threads and many times over: whoever comes first, there is one winner,
//! one entry in the log, one email, and an owner. Which of the two wins is left open.

use roster_tests::{Member, On, Organization, Payload, Roster};
use rstest::rstest;
use serde_json::{Value, json};

pub(crate) const ROUNDS: usize = 10;

/// What came of a mutation: `done`, `unchanged` or the code of its error.
pub(crate) fn outcome(payload: &Payload) -> String {
    let answer = &payload.answer.0;
    if let Some(code) = answer["errors"][0]["extensions"]["code"].as_str() {
        return code.to_owned();
    }
    let payload = answer["data"].as_object().and_then(|data| data.values().next()).unwrap();
    let error =
        [&payload["errors"][0], &payload["results"][0]["error"]].into_iter().find_map(|e| e["code"].as_str());
    error.unwrap_or(if payload["changed"] == false { "unchanged" } else { "done" }).to_owned()
}

/// Those of both, where it does not matter which was which.
pub(crate) fn sorted(one: &Payload, other: &Payload) -> [String; 2] {
    let mut outcomes = [outcome(one), outcome(other)];
    outcomes.sort();
    outcomes
}

/// A person's status in an organization, and what the log and the emails say of them, oldest first.
pub(crate) async fn story(acme: &Organization, member: &Member) -> (String, Vec<String>, Vec<String>) {
    let query = "query ($id: ID!) { node(id: $id) { ... on Member { status user { displayName } } } }";
    let node = acme.owner.graphql(query, json!({ "id": member.id })).await.at("/node").clone();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let about = format!(" → {}", text(&node["user"]["displayName"]));
    let log = acme.activities().await.into_iter().rev().filter(|entry| entry.ends_with(&about));
    let actions = log.map(|entry| entry.split(' ').next().unwrap().to_owned());
    let mails = acme.owner.roster.mails_to(member).await;
    let subjects = mails.iter().map(|mail| mail.subject().replace(&acme.name, "…"));
    (text(&node["status"]), actions.collect(), subjects.collect())
}

/// What [`story`] should be.
pub(crate) fn told(status: &str, log: &[&str], mails: &[&str]) -> (String, Vec<String>, Vec<String>) {
    let all = |texts: &[&str]| texts.iter().map(|text| text.to_string()).collect();
    (status.to_owned(), all(log), all(mails))
}

pub(crate) const INVITED: &str = "Olivia invited you to join …";
const WITHDRAWN: &str = "Your invitation to … was withdrawn";
pub(crate) const REMOVED: &str = "You have been removed from …";

/// Somebody new, who is invited and holds the link.
async fn invited(acme: &Organization, round: usize) -> (Member, String) {
    let bob = acme.invited(&format!("Bob {round}")).await;
    let token = acme.owner.roster.link_token(&bob.address).await;
    (bob, token)
}

/// An organization with two owners, and what its owners are called afterwards.
pub(crate) async fn two_owners(roster: &Roster, round: usize) -> (Organization, Member) {
    let acme = roster.organization(&format!("Acme {round}")).await;
    let ada = acme.member_as("Ada", "OWNER", &[]).await;
    (acme, ada)
}

/// The owners of an organization, as those of these two see them who still belong to it.
pub(crate) async fn owners(acme: &Organization, other: &Member) -> Vec<String> {
    let query = "query ($id: ID!) { organization(id: $id) { id } }";
    let first = acme.owner.graphql(query, json!({ "id": acme.id })).await;
    let owner = if first.0["data"]["organization"].is_null() { other.clone() } else { acme.owner.clone() };
    let seen = Organization { owner, ..acme.clone() };
    seen.members(json!({ "role": "OWNER", "status": "ACTIVE" })).await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn accepting_twice(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    for round in 0..ROUNDS {
        let (bob, token) = invited(&acme, round).await;
        let (one, other) = tokio::join!(bob.accept(&token), bob.accept(&token));
        assert_eq!(sorted(&one, &other), ["done", "unchanged"]);
        let log = ["MEMBER_INVITED", "INVITATION_ACCEPTED"];
        assert_eq!(story(&acme, &bob).await, told("ACTIVE", &log, &[INVITED]));
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn accepting_and_revoking(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    for round in 0..ROUNDS {
        let (bob, token) = invited(&acme, round).await;
        let (accepted, revoked) = tokio::join!(bob.accept(&token), acme.owner.revoke_invitation_of(&bob));
        let expected = match (outcome(&accepted).as_str(), outcome(&revoked).as_str()) {
            ("done", "INVITATION_ALREADY_ACCEPTED") => {
                told("ACTIVE", &["MEMBER_INVITED", "INVITATION_ACCEPTED"], &[INVITED])
            }
            ("INVITATION_REVOKED", "done") => {
                told("REMOVED", &["MEMBER_INVITED", "INVITATION_REVOKED"], &[INVITED, WITHDRAWN])
            }
            both => panic!("{both:?}"),
        };
        assert_eq!(story(&acme, &bob).await, expected);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn accepting_and_sending_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start_with(on, |config| config.invitations.resend_interval_seconds = 0).await;
    let acme = roster.organization("Acme").await;
    for round in 0..ROUNDS {
        let (bob, token) = invited(&acme, round).await;
        let (accepted, resent) = tokio::join!(bob.accept(&token), acme.owner.resend_invitation_of(&bob));
        let expected = match (outcome(&accepted).as_str(), outcome(&resent).as_str()) {
            ("done", "INVITATION_ALREADY_ACCEPTED") => {
                told("ACTIVE", &["MEMBER_INVITED", "INVITATION_ACCEPTED"], &[INVITED])
            }
            // The older link is no longer valid.
            ("INVITATION_NOT_FOUND", "done") => {
                told("INVITED", &["MEMBER_INVITED", "INVITATION_RESENT"], &[INVITED, INVITED])
            }
            both => panic!("{both:?}"),
        };
        assert_eq!(story(&acme, &bob).await, expected);
        let newest = roster.link_token(&bob.address).await;
        assert_ne!(outcome(&bob.accept(&newest).await), "INVITATION_NOT_FOUND");
        assert_eq!(story(&acme, &bob).await.0, "ACTIVE");
    }
}

/// Removed in any case; what was lost, the invitation or the membership, is what the email says.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn accepting_and_removing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    for round in 0..ROUNDS {
        let (bob, token) = invited(&acme, round).await;
        let (accepted, removed) = tokio::join!(bob.accept(&token), acme.owner.remove(&bob));
        assert_eq!(outcome(&removed), "done");
        let expected = match outcome(&accepted).as_str() {
            "done" => {
                let log = ["MEMBER_INVITED", "INVITATION_ACCEPTED", "MEMBER_REMOVED"];
                told("REMOVED", &log, &[INVITED, REMOVED])
            }
            "INVITATION_REVOKED" => {
                told("REMOVED", &["MEMBER_INVITED", "INVITATION_REVOKED"], &[INVITED, WITHDRAWN])
            }
            other => panic!("{other}"),
        };
        assert_eq!(story(&acme, &bob).await, expected);
        let query = "query ($id: ID!) { organization(id: $id) { id } }";
        assert!(bob.graphql(query, json!({ "id": acme.id })).await.0["data"]["organization"].is_null());
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn removing_twice(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    for round in 0..ROUNDS {
        let bob = acme.member(&format!("Bob {round}")).await;
        let (one, other) = tokio::join!(acme.owner.remove(&bob), ada.remove(&bob));
        assert_eq!(sorted(&one, &other), ["done", "unchanged"]);
        let log = ["MEMBER_INVITED", "INVITATION_ACCEPTED", "MEMBER_REMOVED"];
        assert_eq!(story(&acme, &bob).await, told("REMOVED", &log, &[INVITED, REMOVED]));
    }
}

/// A removed member is in no group, also not in one that they were added to at that moment.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn removing_and_adding_to_a_group(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    for round in 0..ROUNDS {
        let bob = acme.member(&format!("Bob {round}")).await;
        let add = json!({ "groupId": design, "memberIds": [bob.id] });
        let fields = "changed results { error { code } }";
        let (removed, _) = tokio::join!(acme.owner.remove(&bob), ada.mutate("addGroupMembers", add, fields));
        assert_eq!(outcome(&removed), "done");
        let query = "query ($id: ID!) { node(id: $id) { ... on Member { status groups { name } } } }";
        let node = acme.owner.graphql(query, json!({ "id": bob.id })).await;
        assert_eq!(node.at("/node"), &json!({ "status": "REMOVED", "groups": [] }));
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn inviting_one_address_twice(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    for round in 0..ROUNDS {
        let address = format!("bob.{round}@example.com");
        let shouted = address.to_uppercase();
        let (one, other) = tokio::join!(
            acme.invite_by(&acme.owner, &address, "MEMBER", &[]),
            acme.invite_by(&ada, &shouted, "MEMBER", &[]),
        );
        assert_eq!(sorted(&one, &other), ["ALREADY_INVITED", "done"]);
        let filter = json!({ "search": address, "status": "INVITED" });
        assert_eq!(acme.members(filter).await.len(), 1);
        assert_eq!(roster.mails_to_address(&address).await.len(), 1);
    }
}

/// The person is new to both; there is one person afterwards.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_organizations_inviting_the_same_people(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let (acme, globex) = (roster.organization("Acme").await, roster.organization_of("Greta", "Globex").await);
    let fields = "results { member { user { id } } error { code } }";
    for round in 0..ROUNDS {
        let mut people: Vec<_> =
            (0..5).map(|n| json!({ "email": format!("p{n}.{round}@example.com") })).collect();
        let here = json!({ "organizationId": acme.id, "people": people });
        people.reverse();
        let there = json!({ "organizationId": globex.id, "people": people });
        let (one, other) = tokio::join!(
            acme.owner.mutate("inviteMembers", here, fields),
            globex.owner.mutate("inviteMembers", there, fields),
        );
        let users = |invited: &Payload| invited.succeeds()["results"].as_array().unwrap().clone();
        let (here, mut there) = (users(&one), users(&other));
        there.reverse();
        assert_eq!(here, there);
        assert!(here.iter().all(|result| result["member"]["user"]["id"].is_string()), "{here:?}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn owners_removing_each_other(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    for round in 0..ROUNDS {
        let (acme, ada) = two_owners(&roster, round).await;
        let (one, other) = tokio::join!(acme.owner.remove(&ada), ada.remove(&acme.owner));
        let (winner, loser) = match (outcome(&one).as_str(), outcome(&other).as_str()) {
            ("done", "NOT_FOUND") => (&acme.owner, &ada),
            ("NOT_FOUND", "done") => (&ada, &acme.owner),
            both => panic!("{both:?}"),
        };
        assert_eq!(owners(&acme, &ada).await, [format!("{}: ACTIVE", winner.name)]);
        let removed = |mails: Vec<roster_tests::smtp_server::ReceivedMail>| {
            mails
                .iter()
                .filter(|mail| mail.subject().ends_with(&format!("removed from {}", acme.name)))
                .count()
        };
        assert_eq!(removed(roster.mails_to(loser).await), 1);
        assert_eq!(removed(roster.mails_to(winner).await), 0);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_last_two_owners_leaving(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    for round in 0..ROUNDS {
        let (acme, ada) = two_owners(&roster, round).await;
        let (one, other) = tokio::join!(acme.owner.leave(&acme.id), ada.leave(&acme.id));
        assert_eq!(sorted(&one, &other), ["LAST_OWNER", "done"]);
        assert_eq!(owners(&acme, &ada).await.len(), 1);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_leaving_and_removing_the_other(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    for round in 0..ROUNDS {
        let (acme, ada) = two_owners(&roster, round).await;
        let (left, removed) = tokio::join!(ada.leave(&acme.id), ada.remove(&acme.owner));
        let left_alone = match (outcome(&left).as_str(), outcome(&removed).as_str()) {
            ("done", "NOT_FOUND") => "Olivia: ACTIVE",
            ("LAST_OWNER", "done") => "Ada: ACTIVE",
            both => panic!("{both:?}"),
        };
        assert_eq!(owners(&acme, &ada).await, [left_alone]);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_losing_the_role_and_removing_the_other(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    for round in 0..ROUNDS {
        let (acme, ada) = two_owners(&roster, round).await;
        let (changed, removed) =
            tokio::join!(acme.owner.change_role(&ada, "MEMBER"), ada.remove(&acme.owner));
        let left_alone = match (outcome(&changed).as_str(), outcome(&removed).as_str()) {
            ("done", "NOT_PERMITTED") => "Olivia: ACTIVE",
            ("NOT_FOUND", "done") => "Ada: ACTIVE",
            both => panic!("{both:?}"),
        };
        assert_eq!(owners(&acme, &ada).await, [left_alone]);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn owners_taking_the_role_from_each_other(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    for round in 0..ROUNDS {
        let (acme, ada) = two_owners(&roster, round).await;
        let (one, other) =
            tokio::join!(acme.owner.change_role(&ada, "MEMBER"), ada.change_role(&acme.owner, "MEMBER"));
        assert_eq!(sorted(&one, &other), ["NOT_PERMITTED", "done"]);
        assert_eq!(owners(&acme, &ada).await.len(), 1);
    }
}
