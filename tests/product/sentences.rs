//! The sentences of PRODUCT.md, section 1: each one that the two help pages say is a test with its words.

use roster_tests::{On, Roster};
use rstest::rstest;

/// 9: "they'll receive an email stating that they have been removed from the account and all of the associated groups"
#[rstest]
#[tokio::test]
async fn they_will_receive_an_email_stating_that_they_have_been_removed_from_the_account_and_all_of_the_associated_groups(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (design, on_call) = (acme.group("Design", &[]).await, acme.group("On-call", &[]).await);
    let bob = acme.member_as("Bob", "MEMBER", &[&design, &on_call]).await;

    acme.owner.remove(&bob).await.succeeds();

    let mail = roster.last_mail_to(&bob).await;
    assert!(mail.subject().contains("removed from Acme"), "{}", mail.subject());
    for part in [mail.text(), mail.html()] {
        assert!(part.contains("Acme") && part.contains("Design") && part.contains("On-call"), "{part}");
    }
}
