//! What the server knows of what its clients know.

use super::super::{Receipt, SmtpServer};
use super::client::Client;

/// What became of the answers, as soon as the server has seen the end of all connections but those that are open.
async fn receipts(server: &SmtpServer, settled: impl Fn(&[Receipt]) -> bool) -> Vec<Receipt> {
    loop {
        let receipts: Vec<_> = server.taken().into_iter().map(|taken| taken.receipt).collect();
        if settled(&receipts) {
            return receipts;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_answer_was_heard_by_who_goes_on() {
    let server = SmtpServer::start().await;
    let mut client = Client::greeted(&server).await;
    client.send_mail("Subject: 1\r\n\r\n").await;
    client.send_mail("Subject: 2\r\n\r\n").await;
    let settled = receipts(&server, |all| all[1] != Receipt::Withheld).await;
    assert_eq!(settled, [Receipt::Heard, Receipt::Given]);
    client.say("QUIT").await;
    assert_eq!(receipts(&server, |_| true).await, [Receipt::Heard; 2]);
    assert_eq!(server.taken()[0].client, "client");
}

#[tokio::test]
async fn an_answer_is_lost_on_who_has_gone() {
    let server = SmtpServer::start().await;
    let mut client = Client::greeted(&server).await;
    client.send_mail("\r\nHi").await;
    drop(client);
    assert_eq!(receipts(&server, |all| all[0] != Receipt::Given).await, [Receipt::Lost]);
    assert!(Receipt::Lost.is_doubtful());
}

#[tokio::test]
async fn an_answer_that_the_server_keeps_to_itself_is_withheld() {
    let server = SmtpServer::start().await;
    server.close_after_data();
    let mut client = Client::greeted(&server).await;
    assert_eq!(client.send_mail("\r\nHi").await, "");
    assert_eq!(receipts(&server, |_| true).await, [Receipt::Withheld]);
    assert!(Receipt::Withheld.is_doubtful());
}

/// The client has given up long before the server speaks again.
#[tokio::test]
async fn an_answer_that_comes_too_late_is_lost() {
    let server = SmtpServer::start().await;
    let mut client = Client::greeted(&server).await;
    for command in ["MAIL FROM:<ann@example.com>", "RCPT TO:<bob@example.com>", "DATA"] {
        client.say(command).await;
    }
    server.stay_silent();
    client.send("\r\nHi\r\n.\r\n").await;
    assert_eq!(server.next_mail().await.to, ["bob@example.com"]);
    assert_eq!(receipts(&server, |_| true).await, [Receipt::Withheld]);
    drop(client);
    server.heal();
    assert_eq!(
        receipts(&server, |all| all[0] != Receipt::Withheld && all[0] != Receipt::Given).await,
        [Receipt::Lost]
    );
}
