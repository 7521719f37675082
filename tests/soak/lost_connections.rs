//! The connection to PostgreSQL is lost at every statement of a removal, and at its commit: before the commit the removal is
//! carried out over another connection; of a commit without an answer nobody claims to know what became of it.

use roster_tests::{Cut, Member, Organization, Payload, Roster, Statements};
use rstest::rstest;
use serde_json::json;

/// Acme on a wire that can be cut, and how many statements it takes to remove somebody. The last one is the commit; what
/// comes after it reads the answer.
async fn acme() -> (Organization, Statements, usize) {
    let (roster, statements) = Roster::counting_statements().await;
    let acme = roster.organization("Acme").await;
    let zoe = acme.member("Zoe").await;
    let before = statements.count();
    remove(&acme, &zoe).await.succeeds();
    let count = statements.count() - before;
    (acme, statements, count)
}

/// Asks for nothing that is read after the commit.
async fn remove(acme: &Organization, member: &Member) -> Payload {
    acme.owner.mutate("removeMember", json!({ "memberId": member.id }), "changed message").await
}

async fn was_removed_once(acme: &Organization, member: &Member) {
    let mails = acme.owner.roster.mails_to(member).await;
    let removals = mails.iter().filter(|mail| mail.subject() == "You have been removed from Acme").count();
    let log = acme.activities().await;
    let removed = format!("MEMBER_REMOVED Olivia → {}", member.name);
    assert_eq!((removals, log.iter().filter(|line| **line == removed).count()), (1, 1));
}

#[tokio::test]
async fn a_removal_whose_connection_is_lost_on_the_way_is_carried_out_over_another_one() {
    let (acme, statements, count) = acme().await;
    assert!(count > 4, "a removal takes more than {count} statements");
    for lost in 0..count - 1 {
        let bob = acme.member(&format!("Bob {lost}")).await;
        statements.cut(Cut::Before(lost));
        remove(&acme, &bob).await.succeeds();
        assert!(!statements.is_whole(), "the connection was to be lost at statement {lost}");
        was_removed_once(&acme, &bob).await;
    }
}

#[rstest]
#[tokio::test]
async fn a_removal_whose_commit_gets_no_answer_can_be_asked_for_again(#[values(false, true)] arrives: bool) {
    let (acme, statements, count) = acme().await;
    let bob = acme.member("Bob").await;
    statements.cut(if arrives { Cut::AfterCommit } else { Cut::Before(count - 1) });
    let unknown = remove(&acme, &bob).await;
    let words = unknown.is_refused_with("INTERNAL_SERVER_ERROR");
    assert!(words.contains("See whether it was made"), "{words}");

    let again = remove(&acme, &bob).await;
    match arrives {
        true => again.changes_nothing(),
        false => again.succeeds(),
    };
    if arrives {
        // Nobody has told the queue.
        acme.owner.roster.pass(chrono::TimeDelta::seconds(10));
        acme.owner.roster.sweep().await;
    }
    was_removed_once(&acme, &bob).await;
}
