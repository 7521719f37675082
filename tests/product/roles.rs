//! Changing the role of a member.

use roster_tests::{On, Roster};
use rstest::rstest;

#[rstest]
#[tokio::test]
async fn a_new_role_holds_from_the_next_request_on(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, carla) = (acme.member("Bob").await, acme.member("Carla").await);
    bob.remove(&carla).await.is_refused_with("NOT_PERMITTED");

    let changed = acme.owner.change_role(&bob, "ADMIN").await;
    assert_eq!(changed.succeeds()["message"], "Bob is now an admin.");
    let script = acme.api_token_of(&bob).await;
    script.remove(&carla).await.succeeds();

    // The API token may never do more than its owner.
    acme.owner.change_role(&bob, "MEMBER").await.succeeds();
    assert_eq!(acme.rights_of(&script).await, "MEMBERS_READ");
    bob.change_role(&acme.owner, "MEMBER").await.is_refused_with("NOT_PERMITTED");
}

#[rstest]
#[tokio::test]
async fn the_person_is_told_by_email(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.change_role(&bob, "ADMIN").await.succeeds();
    // Changed once more before the first email is sent: each tells what was so at its time.
    acme.owner.change_role(&bob, "OWNER").await.succeeds();

    let mails = roster.mails_to(&bob).await;
    let subjects: Vec<_> = mails[1..].iter().map(|mail| mail.subject()).collect();
    assert_eq!(subjects, ["Your role in Acme is now admin", "Your role in Acme is now owner"]);
    let text = mails[1].text();
    assert!(
        text.contains("was changed from member to admin") && text.contains("Olivia changed it"),
        "{text}"
    );
}

#[rstest]
#[tokio::test]
async fn the_same_role_changes_nothing(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member_as("Bob", "ADMIN", &[]).await;

    let same = acme.unchanged_by(acme.owner.change_role(&bob, "ADMIN")).await;
    assert_eq!(same.changes_nothing()["message"], "Bob is an admin already.");
    assert_eq!(roster.mails_to(&bob).await.len(), 1, "only the invitation");
}

#[rstest]
#[tokio::test]
async fn an_invited_person_gets_the_new_role_by_accepting(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited_as("Dana", "ADMIN", &[]).await;
    let token = roster.link_token(&dana.address).await;

    acme.owner.change_role(&dana, "MEMBER").await.succeeds();
    assert_eq!(dana.offer(&token).await.text("/invitation/role"), "MEMBER");
    dana.accept(&token).await.succeeds();
    assert_eq!(acme.rights_of(&dana).await, "MEMBERS_READ");
    // Somebody who has no role yet is not told that it was changed.
    assert_eq!(roster.mails_to(&dana).await.len(), 1, "only the invitation");
}

#[rstest]
#[tokio::test]
async fn nobody_changes_their_own_role_or_gives_more_than_they_have(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (otto, ada) = (acme.member_as("Otto", "OWNER", &[]).await, acme.member_as("Ada", "ADMIN", &[]).await);
    let board = acme.group("Board", &["OWNERS_MANAGE"]).await;
    let (bob, berta) = (acme.member("Bob").await, acme.member_as("Berta", "MEMBER", &[&board]).await);

    acme.unchanged_by(async {
        otto.change_role(&otto, "MEMBER").await.fails_with("CANNOT_CHANGE_OWN_ROLE");
        ada.change_role(&ada, "OWNER").await.fails_with("CANNOT_CHANGE_OWN_ROLE");
        ada.change_role(&bob, "OWNER").await.fails_with("ROLE_ABOVE_YOURS");
        ada.change_role(&otto, "MEMBER").await.fails_with("ROLE_ABOVE_YOURS");
        // Berta's role is less than Ada's; what her group grants is not.
        ada.change_role(&berta, "ADMIN").await.fails_with("ROLE_ABOVE_YOURS");
    })
    .await;
    ada.change_role(&bob, "ADMIN").await.succeeds();
}

#[rstest]
#[tokio::test]
async fn a_removed_member_gets_no_role(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();

    let refused = acme.unchanged_by(acme.owner.change_role(&bob, "ADMIN")).await;
    let sentence = refused.fails_with("ALREADY_REMOVED");
    assert_eq!(sentence, "Bob was removed from Acme. Invite them again.");
}
