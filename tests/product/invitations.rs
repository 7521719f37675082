//! The life of an invitation: invited, offered, accepted, declined, revoked.

use roster_tests::{On, Organization, Roster};
use rstest::rstest;
use serde_json::{Value, json};

#[rstest]
#[tokio::test]
async fn from_the_invitation_to_the_member(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    let hiring = acme.group("Hiring", &["MEMBERS_INVITE"]).await;

    let invited = acme.invite_by(&acme.owner, "Dana@Example.com", "ADMIN", &[&hiring, &design]).await;
    assert_eq!(invited.succeeds()["message"], "1 person was invited to Acme.");
    let mail = roster.mails_to_address("dana@example.com").await.pop().unwrap();
    assert!(mail.text().contains("invites you to join Acme as an admin"), "{}", mail.text());
    assert!(mail.text().contains("- Design") && mail.text().contains("- Hiring"), "{}", mail.text());
    let token = roster.link_token("dana@example.com").await;

    // The page that the link opens: nobody needs to be signed in to read it.
    let offer = roster.anonymous().offer(&token).await;
    assert_eq!(
        offer.at("/invitation"),
        &json!({
            "organizationName": "Acme",
            "inviterName": "Olivia",
            "role": "ADMIN",
            "groupNames": ["Design", "Hiring"],
            "recipientMasked": "D•••@E•••.com",
            "status": "PENDING",
            "expiresAt": "2026-11-28T12:00:00+00:00",
        })
    );

    let dana = roster.person("Dana");
    let accepted = dana.accept(&token).await;
    assert_eq!(accepted.succeeds()["message"], "Welcome! You are now a member of Acme.");
    assert_eq!(accepted.payload()["organization"], json!({ "id": acme.id, "name": "Acme" }));
    let me = acme.seen_by(&dana, "viewerMember { role groups { name } }").await;
    let expected = json!({ "role": "ADMIN", "groups": [{ "name": "Design" }, { "name": "Hiring" }] });
    assert_eq!(me.at("/organization/viewerMember"), &expected);
}

#[rstest]
#[tokio::test]
async fn many_people_are_invited_at_once_and_who_cannot_be_does_not_keep_the_others_from_it(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.member("Bob").await;
    let people = ["ann@example.com", "no address", "bob@example.com", "carl@example.com"];
    let invited = acme
        .invite_people(&acme.owner, people.iter().map(|address| json!({ "email": address })).collect())
        .await;

    let payload = invited.payload();
    assert_eq!(payload["message"], "2 people were invited to Acme; 2 could not be invited.");
    let codes: Vec<_> = (0..4).map(|i| &payload["results"][i]["error"]["code"]).collect();
    let null = Value::Null;
    assert_eq!(codes, [&null, &json!("INVALID_EMAIL"), &json!("ALREADY_MEMBER"), &null]);
    assert_eq!(acme.members(json!({ "status": ["INVITED"] })).await.len(), 2);
    for address in ["ann@example.com", "carl@example.com"] {
        assert_eq!(roster.mails_to_address(address).await.len(), 1);
    }
}

#[rstest]
#[tokio::test]
async fn a_second_click_changes_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;
    let token = roster.link_token(&dana.address).await;
    dana.accept(&token).await.succeeds();

    let again = acme.unchanged_by(dana.accept(&token)).await;
    assert_eq!(again.changes_nothing()["message"], "You are a member of Acme already.");
    assert_eq!(again.payload()["member"]["id"], dana.id);
    assert_eq!(dana.offer(&token).await.text("/invitation/status"), "ACCEPTED");
}

#[rstest]
#[tokio::test]
async fn an_invitation_can_be_declined(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;
    let token = roster.link_token(&dana.address).await;

    let declined = dana.decline(&token).await;
    assert_eq!(declined.succeeds()["message"], "You have declined the invitation to Acme.");
    acme.unchanged_by(dana.decline(&token)).await.changes_nothing();
    dana.accept(&token).await.fails_with("INVITATION_DECLINED");

    assert_eq!(acme.invitations().await, ["dana@example.com DECLINED"]);
    let fields = "status removalReason removedBy { email }";
    assert_eq!(
        acme.member_seen_by(&acme.owner, &dana, fields).await,
        json!({
            "status": "REMOVED",
            "removalReason": "INVITATION_DECLINED",
            "removedBy": { "email": "dana@example.com" },
        })
    );
    acme.owner.revoke_invitation_of(&dana).await.fails_with("INVITATION_DECLINED");
    acme.owner.resend_invitation_of(&dana).await.fails_with("INVITATION_DECLINED");
}

#[rstest]
#[tokio::test]
async fn who_has_accepted_cannot_decline_any_more(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;
    let token = roster.link_token(&dana.address).await;
    dana.accept(&token).await.succeeds();

    acme.unchanged_by(dana.decline(&token)).await.fails_with("INVITATION_ALREADY_ACCEPTED");
    acme.owner.resend_invitation_of(&dana).await.fails_with("INVITATION_ALREADY_ACCEPTED");
}

#[rstest]
#[tokio::test]
async fn a_revoked_invitation_ends_with_a_note(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;
    let token = roster.link_token(&dana.address).await;

    let input = json!({ "invitationId": dana.invitation_id, "note": "The position is filled." });
    acme.owner.mutate("revokeInvitation", input, "changed").await.succeeds();

    let mail = roster.last_mail_to(&dana).await;
    assert_eq!(mail.subject(), "Your invitation to Acme was withdrawn");
    assert!(mail.text().contains("> The position is filled."), "{}", mail.text());
    assert!(!mail.text().contains(&token), "no link that does not work");
    dana.decline(&token).await.fails_with("INVITATION_REVOKED");
    acme.owner.resend_invitation_of(&dana).await.fails_with("INVITATION_REVOKED");
    acme.unchanged_by(acme.owner.revoke_invitation_of(&dana)).await.changes_nothing();
    assert_eq!(roster.mails_to(&dana).await.len(), 2, "the invitation, and one email about its end");
}

#[rstest]
#[tokio::test]
async fn an_organization_can_switch_the_revocation_email_off(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let input = json!({ "name": "Acme", "revocationEmail": false });
    let acme = Organization::create_with(roster.person("Olivia"), input).await;
    let (dana, emil) = (acme.invited("Dana").await, acme.invited("Emil").await);
    let bob = acme.member("Bob").await;
    roster.deliver().await;

    acme.owner.revoke_invitation_of(&dana).await.succeeds();
    acme.owner.remove(&emil).await.succeeds();
    acme.owner.remove(&bob).await.succeeds();

    assert_eq!(roster.mails_to(&dana).await.len(), 1, "only the invitation");
    assert_eq!(roster.mails_to(&emil).await.len(), 1, "only the invitation");
    // Who was a member is told in any case.
    assert_eq!(roster.last_mail_to(&bob).await.subject(), "You have been removed from Acme");
}

#[rstest]
#[tokio::test]
async fn addresses_are_the_same_in_any_case(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let people = json!([{ "email": "Dana@Example.COM" }, { "email": "dana@example.com" }]);
    let invited = acme.invite_people(&acme.owner, people).await;
    invited.fails_with("DUPLICATE_IN_REQUEST");

    let again = acme.invite_by(&acme.owner, "DANA@example.com", "MEMBER", &[]).await;
    let sentence = again.fails_with("ALREADY_INVITED");
    let expected = "DANA@example.com was invited on 21 November 2026. Resend that invitation instead.";
    assert_eq!(sentence, expected);

    // The email goes to the address as it was typed; its owner may write it in another way.
    let token = roster.link_token("Dana@Example.COM").await;
    roster.person_with_address("Dana", "dANA@example.com").accept(&token).await.succeeds();
    let member = acme.invite_by(&acme.owner, "dana@EXAMPLE.com", "MEMBER", &[]).await;
    member.fails_with("ALREADY_MEMBER");
}

#[rstest]
#[tokio::test]
async fn who_signs_in_first_with_the_invited_verified_address_is_the_invited_person(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;
    let token = roster.link_token(&dana.address).await;
    let invited = acme.member_seen_by(&acme.owner, &dana, "user { id }").await;

    let me = dana.query("{ viewer { user { id name } } }").await;
    assert_eq!(me.at("/viewer/user"), &json!({ "id": invited["user"]["id"], "name": "Dana" }));
    // The organization knows the address that it has invited, and learns the name only when she joins.
    assert_eq!(acme.members(json!({ "search": "dana" })).await, ["dana@example.com: INVITED"]);
    dana.accept(&token).await.succeeds();
    assert_eq!(acme.members(json!({ "search": "dana" })).await, ["Dana: ACTIVE"]);
}

#[rstest]
#[tokio::test]
async fn nobody_else_can_answer_an_invitation(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;
    let token = roster.link_token(&dana.address).await;
    let mallory = roster.person("Mallory");
    let claims_it = roster.person_with_claims("Dana", |claims| {
        claims.sub = "mallory".to_owned();
        claims.email_verified = false;
    });

    acme.unchanged_by(async {
        let refused = mallory.accept(&token).await;
        assert!(refused.fails_with("WRONG_RECIPIENT").contains("d•••@e•••.com"));
        mallory.decline(&token).await.fails_with("WRONG_RECIPIENT");
        claims_it.accept(&token).await.fails_with("EMAIL_NOT_VERIFIED");
        claims_it.decline(&token).await.fails_with("EMAIL_NOT_VERIFIED");
        roster.anonymous().accept(&token).await.is_refused_with("UNAUTHENTICATED");
    })
    .await;
    dana.accept(&token).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn nobody_invites_to_more_than_they_have(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let hiring = acme.group("Hiring", &["MEMBERS_INVITE"]).await;
    let board = acme.group("Board", &["OWNERS_MANAGE"]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&hiring]).await;
    let dana = "dana@example.com";

    acme.unchanged_by(async {
        acme.invite_by(&ada, dana, "OWNER", &[]).await.fails_with("ROLE_ABOVE_YOURS");
        acme.invite_by(&bob, dana, "ADMIN", &[]).await.fails_with("ROLE_ABOVE_YOURS");
        acme.invite_by(&ada, dana, "MEMBER", &[&board]).await.fails_with("PERMISSION_ABOVE_YOURS");
        let elsewhere = roster.organization_of("Gina", "Globex").await.group("Lab", &[]).await;
        acme.invite_by(&ada, dana, "MEMBER", &[&elsewhere]).await.fails_with("GROUP_NOT_FOUND");
    })
    .await;
    acme.invite_by(&bob, dana, "MEMBER", &[&hiring]).await.succeeds();
}
