//! Inviting, and what can be in its way at the same moment.

use roster_tests::{On, Payload};
use rstest::rstest;
use serde_json::json;

use super::{
    course::Course,
    story::{WITHDRAWN, mails_to},
};

/// Who was invited, by a call that invited one person.
fn member_id(invited: &Payload) -> Option<String> {
    let member = &invited.answer.0["data"]["inviteMembers"]["results"][0]["member"]["id"];
    member.as_str().map(str::to_owned)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn inviting_one_address_twice(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("inviting one address twice", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let address = format!("bob.{round}@example.com");
        let (shouted, olivia) = (address.to_uppercase(), acme.owner.through(&course.there));
        let (one, other) = course
            .race(
                acme.invite_by(&acme.owner, &address, "MEMBER", &[]),
                acme.invite_by(&olivia, &shouted, "MEMBER", &[]),
            )
            .await;
        course.saw_one_winner(&one, &other, "ALREADY_INVITED");
        assert_eq!(acme.members(json!({ "status": "INVITED" })).await.len(), 1);
        assert_eq!(mails_to(&course.roster, &address).await.len(), 1);
    }
    course.finish(2).await;
}

/// The people are new to both; there is one person for each address afterwards. Both calls do the same in either order, and
/// so there is one outcome.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_organizations_inviting_the_same_people(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("two organizations inviting the same people", on).await;
    let fields = "results { member { user { id } } error { code } }";
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let globex = course.organization_of("Greta", &format!("Globex {round}")).await;
        let greta = globex.owner.through(&course.there);
        let mut people: Vec<_> =
            (0..5).map(|n| json!({ "email": format!("p{n}.{round}@example.com") })).collect();
        let here = json!({ "organizationId": acme.id, "people": people });
        people.reverse();
        let there = json!({ "organizationId": globex.id, "people": people });
        let (one, other) = course
            .race(
                acme.owner.mutate("inviteMembers", here, fields),
                greta.mutate("inviteMembers", there, fields),
            )
            .await;
        assert_eq!(course.saw(&one, &other), ("done", "done"));
        let users = |invited: &Payload| invited.succeeds()["results"].as_array().unwrap().clone();
        let (here, mut there) = (users(&one), users(&other));
        there.reverse();
        assert_eq!(here, there);
        assert!(here.iter().all(|result| result["member"]["user"]["id"].is_string()), "{here:?}");
    }
    course.finish(1).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn inviting_and_allowing_other_domains_only(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("inviting and allowing other domains only", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let (address, olivia) = (format!("bob.{round}@example.com"), acme.owner.through(&course.there));
        let (invited, updated) = course
            .race(
                acme.invite_by(&acme.owner, &address, "MEMBER", &[]),
                olivia.update_organization(&acme, json!({ "allowedEmailDomains": ["acme.example"] })),
            )
            .await;
        let log: &[_] = match course.saw(&invited, &updated) {
            ("done", "done") => &["ORGANIZATION_UPDATED", "MEMBER_INVITED"],
            ("EMAIL_DOMAIN_NOT_ALLOWED", "done") => &["ORGANIZATION_UPDATED"],
            both => panic!("{both:?}"),
        };
        let entries = acme.log(json!({})).await;
        let actions: Vec<_> = entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        assert_eq!(actions[..log.len()], *log);
        assert_eq!(mails_to(&course.roster, &address).await.len(), log.len() - 1);
    }
    course.finish(2).await;
}

/// Ada invites Bob at the moment at which she is removed with all invitations that she has sent.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn inviting_and_being_removed_with_what_one_has_sent(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("inviting and being removed with what one has sent", on).await;
    for round in course.rounds() {
        let acme = course.acme(round).await;
        let ada = acme.member_as("Ada", "ADMIN", &[]).await;
        let (address, olivia) = (format!("bob.{round}@example.com"), acme.owner.through(&course.there));
        let (invited, removed) = course
            .race(
                acme.invite_by(&ada, &address, "MEMBER", &[]),
                olivia.remove_with(json!({ "memberId": ada.id, "revokeSentInvitations": true })),
            )
            .await;
        let invitations: &[_] = match course.saw(&invited, &removed) {
            ("done", "done") => &[format!("{address} REVOKED"), "ada@example.com ACCEPTED".to_owned()],
            ("NOT_FOUND", "done") => &["ada@example.com ACCEPTED".to_owned()],
            both => panic!("{both:?}"),
        };
        assert_eq!(acme.invitations().await, invitations);
        let mails = mails_to(&course.roster, &address).await;
        let withdrawn = WITHDRAWN.replace('…', &acme.name);
        // The invitation itself need not have left.
        assert_eq!(mails.iter().filter(|mail| mail.subject() == withdrawn).count(), invitations.len() - 1);
    }
    course.finish(2).await;
}

/// Globex has invited an address that nobody had. Bob, who is known under another one, signs in with it for the first time
/// when Acme invites it too: whoever is first, both invitations are Bob's.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn inviting_an_address_and_taking_it_over(#[values(On::Sqlite, On::Postgres)] on: On) {
    let course = Course::open("inviting an address and taking it over", on).await;
    for round in course.rounds() {
        let (acme, globex) =
            (course.acme(round).await, course.organization_of("Greta", &format!("Globex {round}")).await);
        let (older, newer) = (format!("older.{round}"), format!("newer.{round}"));
        course.roster.person(&older).user_id().await;
        let address = format!("{newer}@example.com");
        globex.invite_by(&globex.owner, &address, "MEMBER", &[]).await.succeeds();
        let subject = format!("{older}@example.com");
        let bob = course.there.person_with_claims(&newer, |claims| claims.sub = subject);
        let (invited, seen) = course
            .race(
                acme.invite_by(&acme.owner, &address, "MEMBER", &[]),
                bob.query("{ viewer { user { id } } }"),
            )
            .await;
        assert_eq!(course.saw(&invited, &seen), ("done", "done"));
        let member = member_id(&invited).unwrap();
        for mail in mails_to(&course.roster, &address).await {
            let link = mail.first_link();
            bob.accept(link.split_once("#token=").unwrap().1).await.succeeds();
        }
        let query = "query ($id: ID!) { node(id: $id) { ... on Member { status user { email } } } }";
        let node = acme.owner.graphql(query, json!({ "id": member })).await;
        assert_eq!(node.at("/node"), &json!({ "status": "ACTIVE", "user": { "email": address } }));
    }
    course.finish(1).await;
}
