//! What cannot be done any more to somebody who was erased, and whom erasing refuses.

use roster_api::person::Error;
use roster_tests::{On, Roster};
use rstest::rstest;
use serde_json::json;

#[rstest]
#[tokio::test]
async fn the_last_owner_of_an_organization_is_not_erased(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let globex = roster.organization_of("Gina", "Globex").await;
    let bob = acme.member_as("Bob", "OWNER", &[]).await;
    acme.owner.leave(&acme.id).await.succeeds();
    globex.invited_as("Bob", "OWNER", &[]).await;
    let stored = roster.everything_stored().await;

    let refused = bob.try_erase().await.unwrap_err();

    assert!(matches!(&refused, Error::LastOwner(of) if *of == [("Acme".to_owned(), "acme".to_owned())]));
    let said = refused.to_string();
    assert!(said.contains("Acme (acme)") && said.contains("changeMemberRole"), "{said}");
    assert_eq!(roster.everything_stored().await, stored);
}

#[rstest]
#[tokio::test]
async fn a_removal_of_somebody_who_was_erased_cannot_be_undone_nor_told_again(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.owner.remove(&bob).await.succeeds();
    roster.deliver().await;
    bob.erase().await;

    acme.owner.restore(&bob).await.fails_with("RESTORE_WINDOW_PASSED");
    roster.pass(chrono::TimeDelta::minutes(5));
    let email = acme.last_notification().await["id"].as_str().unwrap().to_owned();
    acme.owner.resend_notification(&email).await.fails_with("NOTIFICATION_OVERTAKEN");
    acme.owner.change_role(&bob, "ADMIN").await.fails_with("ALREADY_REMOVED");
    acme.owner.remove(&bob).await.changes_nothing();
    assert_eq!(acme.members(json!({ "status": "ACTIVE" })).await, ["Olivia: ACTIVE"]);
}

/// An email that the mail server is taking cannot be called back; what comes of it is not written down.
#[rstest]
#[tokio::test]
async fn an_email_that_is_being_sent_arrives_and_its_row_stays_canceled(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.invited("Bob").await;
    let (held, sending) = (roster.smtp().hold_next_mail(), roster.deliver());
    let erase = async {
        let held = held.await;
        bob.erase().await;
        held.release();
    };
    tokio::join!(erase, sending);

    assert_eq!(roster.smtp().mails_to("bob@example.com").len(), 1);
    let emails = acme.notifications().await;
    assert!(emails[0].starts_with("INVITATION erased-") && emails[0].ends_with(" CANCELED"), "{emails:?}");
    assert!(!roster.everything_stored().await.contains("bob@example.com"));
}
