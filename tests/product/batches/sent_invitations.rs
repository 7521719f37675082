//! The open invitations that removed people have sent: revoked with them where the remover wants that.

use roster_tests::{Member, On, Organization, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use super::named;

/// Somebody who was invited by `inviter`.
async fn invited_by(acme: &Organization, inviter: &Member, name: &str) -> Member {
    let person = acme.owner.roster.person(name);
    let invited = acme.invite_by(inviter, &person.address, "MEMBER", &[]).await;
    let result = &invited.succeeds()["results"][0];
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    Member { person, id: id(&result["member"]), invitation_id: id(&result["invitation"]) }
}

fn ids(invitations: &Value) -> Vec<&str> {
    let mut ids: Vec<_> = invitations.as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids
}

/// Dana, whom Ada has invited, stands in the list herself: she is told once, and counted once.
#[rstest]
#[tokio::test]
async fn of_a_list_in_which_somebody_stands_whom_another_of_them_has_invited(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let adam = acme.member_as("Adam", "ADMIN", &[]).await;
    let dana = invited_by(&acme, &ada, "Dana").await;
    let (emil, frida) = (invited_by(&acme, &ada, "Emil").await, invited_by(&acme, &adam, "Frida").await);
    let gus = invited_by(&acme, &acme.owner, "Gus").await;

    let input = json!({ "members": named([&dana, &ada, &adam]), "revokeSentInvitations": true });
    let answer = acme.owner.remove_all_with(&acme, input).await;
    let payload = answer.succeeds();
    assert_eq!(answer.message(), "3 people were removed from Acme.");
    assert_eq!(payload["results"][0]["revokedInvitation"]["id"], dana.invitation_id.as_str());
    let mut expected = [emil.invitation_id.as_str(), frida.invitation_id.as_str()];
    expected.sort_unstable();
    assert_eq!(ids(&payload["revokedSentInvitations"]), expected);

    for person in [&dana, &emil, &frida] {
        let mails = roster.mails_to(person).await;
        let withdrawn = mails.iter().filter(|mail| mail.subject().ends_with("withdrawn")).count();
        assert_eq!(withdrawn, 1, "{}", person.name);
    }
    let log = acme.activities().await;
    assert_eq!(log.iter().filter(|entry| entry.starts_with("INVITATION_REVOKED")).count(), 3, "{log:#?}");
    let open = acme.members(json!({ "status": ["INVITED"] })).await;
    assert_eq!(open, ["gus@example.com: INVITED"]);
    gus.accept(&roster.link_token(&gus.address).await).await.succeeds();
}

#[rstest]
#[tokio::test]
async fn they_stay_open_where_nothing_is_said_of_them(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let (dana, emil) = (invited_by(&acme, &ada, "Dana").await, invited_by(&acme, &ada, "Emil").await);
    let answer = acme.owner.remove_all(&acme, &[&ada, &dana]).await;
    assert_eq!(answer.succeeds()["revokedSentInvitations"], json!([]));
    emil.accept(&roster.link_token(&emil.address).await).await.succeeds();
}

/// She was removed before, without her invitations: now they can be revoked as well.
#[rstest]
#[tokio::test]
async fn of_somebody_who_is_only_invited_by_now(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let dana = invited_by(&acme, &ada, "Dana").await;
    acme.owner.remove(&ada).await.succeeds();
    let ada = acme.invited("Ada").await;
    let fields = "removalPreview { warnings sentInvitations(first: 9) { nodes { id } } }";
    let shown = acme.member_seen_by(&acme.owner, &ada, fields).await;
    assert_eq!(ids(&shown["removalPreview"]["sentInvitations"]["nodes"]), [dana.invitation_id.as_str()]);

    let input = json!({ "members": named([&ada]), "revokeSentInvitations": true });
    let answer = acme.owner.remove_all_with(&acme, input).await;
    assert_eq!(ids(&answer.succeeds()["revokedSentInvitations"]), [dana.invitation_id.as_str()]);
    assert_eq!(acme.members(json!({ "status": ["INVITED"] })).await, Vec::<String>::new());
}

/// Everybody in the list is removed once, also who is both in the list and a guest of somebody who is only invited now.
#[rstest]
#[tokio::test]
async fn of_somebody_who_is_only_invited_by_now_together_with_their_guest(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let dana = invited_by(&acme, &ada, "Dana").await;
    acme.owner.remove(&ada).await.succeeds();
    let ada = acme.invited("Ada").await;
    let input = json!({ "members": named([&ada, &dana]), "revokeSentInvitations": true });
    let answer = acme.owner.remove_all_with(&acme, input).await;
    assert_eq!(answer.outcomes(), ["done", "done"]);
    assert_eq!(answer.succeeds()["revokedSentInvitations"], json!([]));
    let withdrawn = roster.mails_to(&dana).await;
    assert_eq!(withdrawn.iter().filter(|mail| mail.subject().ends_with("withdrawn")).count(), 1);
}
