//! Organizations that invite only addresses of some domains.

use roster_tests::{On, Organization, Roster};
use rstest::rstest;
use serde_json::{Value, json};

async fn allow(acme: &Organization, domains: Value) -> Value {
    let changed = acme.owner.update_organization(acme, json!({ "allowedEmailDomains": domains })).await;
    changed.succeeds()["organization"]["allowedEmailDomains"].clone()
}

#[rstest]
#[tokio::test]
async fn only_addresses_of_these_domains_are_invited(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    // Each once, as the names of the internet are written.
    let kept = allow(&acme, json!(["Example.COM ", "bücher.example", "example.com"])).await;
    assert_eq!(kept, json!(["example.com", "xn--bcher-kva.example"]));

    let (yes, no) = (Value::Null, json!("EMAIL_DOMAIN_NOT_ALLOWED"));
    let cases = [
        ("ann@example.com", &yes),
        ("bea@EXAMPLE.com", &yes),
        ("cem@bücher.example", &yes),
        ("dan@BÜCHER.example", &yes),
        ("eve@xn--bcher-kva.example", &yes),
        ("fay@mail.example.com", &no),
        ("gus@notexample.com", &no),
        ("hal@example.com.evil.example", &no),
        ("ida@bucher.example", &no),
        ("jim@example.org", &no),
    ];
    let people: Vec<_> = cases.iter().map(|(email, _)| json!({ "email": email })).collect();
    let invited = acme.invite_people(&acme.owner, json!(people)).await;
    let results = invited.payload()["results"].as_array().unwrap();
    for ((email, expected), result) in cases.iter().zip(results) {
        assert_eq!(&&result["error"]["code"], expected, "{email}");
    }
    let sentence = "Acme invites only addresses of example.com, xn--bcher-kva.example.";
    assert_eq!(results[9]["error"]["message"], sentence);
    assert_eq!(acme.notifications().await.len(), 5);
}

#[rstest]
#[tokio::test]
async fn without_domains_everybody_can_be_invited_again(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    allow(&acme, json!(["acme.example"])).await;
    let invite = || acme.invite_by(&acme.owner, "bob@example.org", "MEMBER", &[]);
    acme.unchanged_by(invite()).await.fails_with("EMAIL_DOMAIN_NOT_ALLOWED");

    assert_eq!(allow(&acme, json!([])).await, json!([]));
    invite().await.succeeds();
}

#[rstest]
#[tokio::test]
async fn who_was_invited_before_comes_in_and_who_is_a_member_stays(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, carla) = (acme.member("Bob").await, acme.invited("Carla").await);
    allow(&acme, json!(["acme.example"])).await;

    assert_eq!(
        acme.members(json!({})).await,
        ["Bob: ACTIVE", "carla@example.com: INVITED", "Olivia: ACTIVE"]
    );
    assert_eq!(
        carla.offer(&roster.link_token(&carla.address).await).await.text("/invitation/status"),
        "PENDING"
    );
    roster.pass(chrono::TimeDelta::minutes(1));
    acme.owner.resend_invitation_of(&carla).await.succeeds();
    carla.accept(&roster.link_token(&carla.address).await).await.succeeds();
    // A removal is undone; but who was removed is not invited anew.
    acme.owner.remove(&bob).await.succeeds();
    acme.invite_by(&acme.owner, &bob.address, "MEMBER", &[]).await.fails_with("EMAIL_DOMAIN_NOT_ALLOWED");
    acme.owner.restore(&bob).await.succeeds();
}
