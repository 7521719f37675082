//! Removing members, and what ends with them.

use chrono::TimeDelta;
use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn the_email_says_what_was_so_at_the_moment_of_the_removal(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (design, lab) = (acme.group("Design", &[]).await, acme.group("Lab", &[]).await);
    let bob = acme.member_as("Bob", "MEMBER", &[&design, &lab]).await;
    let input = json!({ "memberId": bob.id, "note": "Thank you for everything.\nOlivia" });
    acme.owner.remove_with(input).await.succeeds();

    // All of this happens before the worker comes to the email.
    acme.owner.update_group(&design, json!({ "name": "Brand" })).await.succeeds();
    acme.owner.delete_group(&lab).await.succeeds();
    roster.pass(TimeDelta::hours(5));

    let mail = roster.last_mail_to(&bob).await;
    let text = mail.text();
    assert!(text.contains("Olivia removed you on 21 November 2026 at 12:00 UTC."), "{text}");
    assert!(text.contains("- Design") && text.contains("- Lab") && !text.contains("Brand"), "{text}");
    assert!(text.contains("> Thank you for everything.") && text.contains("> Olivia"), "{text}");
}

#[rstest]
#[tokio::test]
async fn removing_again_changes_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.member("Bob").await;
    ada.remove(&bob).await.succeeds();
    roster.deliver().await;

    let other_note = json!({ "memberId": bob.id, "note": "And stay away." });
    acme.unchanged_by(acme.owner.remove_with(other_note)).await.changes_nothing();
    assert_eq!(roster.mails_to(&bob).await.len(), 2, "the invitation and the removal");
}

#[rstest]
#[tokio::test]
async fn access_ends_with_the_removal(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let board = acme.group("Board", &["OWNERS_MANAGE"]).await;
    let bob = acme.member_as("Bob", "ADMIN", &[&board]).await;
    let carla = acme.member("Carla").await;
    let scripts = [acme.api_token_of(&bob).await, acme.api_token_of(&bob).await];
    let owners_script = acme.api_token_of(&acme.owner).await;
    let whose = format!("{{ node(id: \"{}\") {{ id }} }}", carla.id);
    bob.query(&whose).await.data();

    acme.owner.remove(&bob).await.succeeds();

    assert_eq!(acme.rights_of(&bob).await, "refused: NOT_FOUND");
    assert_eq!(bob.query(&whose).await.error_code(), "NOT_FOUND");
    bob.remove(&carla).await.is_refused_with("NOT_FOUND");
    bob.change_role(&carla, "ADMIN").await.is_refused_with("NOT_FOUND");
    acme.invite_by(&bob, "dana@example.com", "MEMBER", &[]).await.is_refused_with("NOT_FOUND");
    for script in &scripts {
        assert_eq!(acme.rights_of(script).await, "refused: UNAUTHENTICATED");
        script.remove(&carla).await.is_refused_with("UNAUTHENTICATED");
    }
    // Nobody else's access ends.
    assert_eq!(acme.rights_of(&carla).await, "MEMBERS_READ");
    assert_eq!(acme.rights_of(&owners_script).await, acme.rights_of(&acme.owner).await);
}

#[rstest]
#[tokio::test]
async fn invitations_that_a_removed_member_has_sent_stay_valid(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    acme.invite_by(&ada, "dana@example.com", "MEMBER", &[]).await.succeeds();
    let token = roster.link_token("dana@example.com").await;

    acme.owner.remove(&ada).await.succeeds();

    let dana = roster.person("Dana");
    assert_eq!(dana.offer(&token).await.text("/invitation/status"), "PENDING");
    dana.accept(&token).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn invitations_that_a_removed_member_has_sent_are_revoked_where_the_remover_wants_that(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let (acme, globex) = (roster.organization("Acme").await, roster.organization_of("Gina", "Globex").await);
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    globex.member_as("Ada", "ADMIN", &[]).await;
    for (organization, inviter, address) in [
        (&acme, &ada.person, "bob@example.com"),
        (&acme, &ada.person, "dana@example.com"),
        (&acme, &ada.person, "emil@example.com"),
        (&acme, &acme.owner.person, "frida@example.com"),
        (&globex, &ada.person, "gus@example.com"),
    ] {
        organization.invite_by(inviter, address, "MEMBER", &[]).await.succeeds();
    }
    let bob = roster.person("Bob");
    bob.accept(&roster.link_token(&bob.address).await).await.succeeds();
    let token = roster.link_token("dana@example.com").await;

    let input = json!({ "memberId": ada.id, "revokeSentInvitations": true });
    acme.owner.remove_with(input).await.succeeds();

    // Only the open ones that she has sent, and only here.
    assert_eq!(
        acme.invitations().await[..4],
        [
            "frida@example.com PENDING",
            "emil@example.com REVOKED",
            "dana@example.com REVOKED",
            "bob@example.com ACCEPTED"
        ]
    );
    assert_eq!(globex.invitations().await[0], "gus@example.com PENDING");
    assert_eq!(acme.rights_of(&bob).await, "MEMBERS_READ");
    roster.person("Dana").accept(&token).await.fails_with("INVITATION_REVOKED");
    for address in ["dana@example.com", "emil@example.com"] {
        let mail = roster.mails_to_address(address).await.pop().unwrap();
        assert_eq!(mail.subject(), "Your invitation to Acme was withdrawn");
    }
}

#[rstest]
#[tokio::test]
async fn nobody_revokes_more_invitations_with_a_removal_than_they_could_one_by_one(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bouncers = acme.group("Bouncers", &["MEMBERS_REMOVE"]).await;
    let hiring = acme.group("Hiring", &["MEMBERS_INVITE"]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&bouncers]).await;
    let ada = acme.member_as("Ada", "OWNER", &[]).await;
    let adam = acme.member_as("Adam", "ADMIN", &[]).await;
    // Ada was more once than she is now.
    acme.invite_by(&ada, "ivo@example.com", "OWNER", &[]).await.succeeds();
    acme.invite_by(&ada, "dana@example.com", "MEMBER", &[&hiring]).await.succeeds();
    acme.owner.change_role(&ada, "MEMBER").await.succeeds();

    let input = json!({ "memberId": ada.id, "revokeSentInvitations": true });
    acme.unchanged_by(bob.remove_with(input.clone())).await.is_refused_with("NOT_PERMITTED");
    adam.remove_with(input).await.succeeds();
    assert_eq!(acme.invitations().await[..2], ["dana@example.com REVOKED", "ivo@example.com PENDING"]);
}

#[rstest]
#[tokio::test]
async fn removing_somebody_whose_invitation_has_expired_revokes_it(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;
    roster.deliver().await;
    roster.pass(TimeDelta::days(30));

    acme.owner.remove(&dana).await.succeeds();
    assert_eq!(acme.invitations().await, ["dana@example.com REVOKED"]);
    assert_eq!(acme.members(json!({})).await, ["Olivia: ACTIVE"]);
}

#[rstest]
#[tokio::test]
async fn removed_people_are_found_with_who_removed_them_when_and_why(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let (bob, carla) = (acme.member("Bob").await, acme.member("Carla").await);
    roster.pass(TimeDelta::days(1));
    let input = json!({ "memberId": bob.id, "note": "The project has ended." });
    ada.remove_with(input).await.succeeds();
    roster.pass(TimeDelta::days(1));
    carla.leave(&acme.id).await.succeeds();

    let fields = "members(first: 9, filter: { status: [REMOVED] }) { nodes {
        user { name } removedAt removedBy { name } removalReason removalNote } }";
    assert_eq!(
        acme.seen_by(&acme.owner, fields).await.at("/organization/members/nodes"),
        &json!([
            {
                "user": { "name": "Bob" },
                "removedAt": "2026-11-22T12:00:00+00:00",
                "removedBy": { "name": "Ada" },
                "removalReason": "REMOVED",
                "removalNote": "The project has ended.",
            },
            {
                "user": { "name": "Carla" },
                "removedAt": "2026-11-23T12:00:00+00:00",
                "removedBy": { "name": "Carla" },
                "removalReason": "LEFT",
                "removalNote": null,
            },
        ])
    );
    assert_eq!(acme.members(json!({ "status": ["REMOVED"], "search": "BOB" })).await, ["Bob: REMOVED"]);
}

#[rstest]
#[tokio::test]
async fn a_note_of_spaces_is_no_note_and_a_long_one_is_refused(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;

    let too_long = json!({ "memberId": bob.id, "note": "ä".repeat(1_001) });
    acme.unchanged_by(acme.owner.remove_with(too_long)).await.fails_with("NOTE_TOO_LONG");
    acme.owner.remove_with(json!({ "memberId": bob.id, "note": " \n " })).await.succeeds();
    let removed = acme.member_seen_by(&acme.owner, &bob, "removalNote").await;
    assert_eq!(removed, json!({ "removalNote": null }));
    assert!(!roster.last_mail_to(&bob).await.text().contains("wrote to you"));
}
