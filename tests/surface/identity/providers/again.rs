//! A token that comes again, as those of clients do: what was found once is not taken for granted.

use chrono::TimeDelta;
use jsonwebtoken::Algorithm;
use roster_tests::On;
use rstest::rstest;

use super::{Trusted, refused, who_is};

/// How long keys are fresh if their provider does not say so, twice: then they are fetched before anything is taken.
const STALE: TimeDelta = TimeDelta::seconds(1_200);

#[rstest]
#[tokio::test]
async fn a_token_that_was_taken_is_refused_when_its_end_has_come(
    #[values(Algorithm::ES256, Algorithm::RS256)] algorithm: Algorithm,
) {
    let trusted = Trusted::with(On::Sqlite, algorithm, |_, _| {}).await;
    let token = trusted.token(&trusted.key);
    for _ in 0..3 {
        assert_eq!(who_is(&trusted.roster, &format!("Bearer {token}")).await.status, 200);
    }
    trusted.roster.pass(TimeDelta::days(1));
    assert!(refused(&trusted.roster, &token).await.contains("has expired"));
}

#[tokio::test]
async fn a_token_that_was_taken_is_refused_when_its_key_has_another_value() {
    let trusted = Trusted::start().await;
    let token = trusted.token(&trusted.key);
    assert_eq!(who_is(&trusted.roster, &format!("Bearer {token}")).await.status, 200);

    let other = trusted.forged();
    trusted.provider.publish(&[&other]);
    trusted.roster.pass(STALE);
    assert!(refused(&trusted.roster, &token).await.contains("signature"));
    assert!(trusted.takes(&other).await);

    trusted.provider.publish(&[&trusted.key]);
    trusted.roster.pass(STALE);
    assert_eq!(who_is(&trusted.roster, &format!("Bearer {token}")).await.status, 200);
}

/// Each differs from one that was taken in one place.
#[tokio::test]
async fn what_is_nearly_a_token_that_was_taken_is_refused() {
    let trusted = Trusted::start().await;
    let token = trusted.token(&trusted.key);
    assert_eq!(who_is(&trusted.roster, &format!("Bearer {token}")).await.status, 200);

    let (signed, signature) = token.rsplit_once('.').unwrap();
    let other = trusted.forged().sign(&trusted.claims());
    let (_, forged) = other.rsplit_once('.').unwrap();
    refused(&trusted.roster, &format!("{signed}.{forged}")).await;
    refused(&trusted.roster, &format!("{signed}.")).await;
    refused(&trusted.roster, &format!("{signed}.{}", &signature[1..])).await;
    let mut claims = trusted.claims();
    claims["name"] = "Olivia".into();
    let renamed = trusted.forged().sign(&claims);
    let (renamed, _) = renamed.rsplit_once('.').unwrap();
    refused(&trusted.roster, &format!("{renamed}.{signature}")).await;
}
