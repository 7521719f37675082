//! What the worker does with emails, and having one sent again.

use chrono::TimeDelta;

use super::world::large;

#[tokio::test]
async fn sending_emails_reads_little_more_than_what_is_sent() {
    let (world, acme) = large().await;
    let roster = world.roster.clone();
    let bob = acme.member("Bob").await;
    let mut findings = world.analyzed().await;
    acme.owner.remove(&bob).await.succeeds();
    findings.of("an email is sent", roster.deliver()).await;
    roster.pass(TimeDelta::hours(2));
    let notification = acme.last_notification().await;
    let id = notification["id"].as_str().unwrap();
    findings.of("resendNotification", acme.owner.resend_notification(id)).await.succeeds();
    findings.of("what waits is found", roster.find_waiting()).await;
    findings.are_none();
}
