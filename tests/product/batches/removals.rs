//! A thousand members of every kind in one call.

use std::collections::HashSet;

use roster_tests::{Member, On, Organization, Payload, Roster};
use rstest::rstest;
use serde_json::{Value, json};

use super::subjects_to_each;

/// Acme, where Ada is an admin, and what a list of a thousand is made of.
struct World {
    roster: Roster,
    acme: Organization,
    ada: Member,
    active: Vec<Member>,
    invited: Vec<Member>,
    /// Id and expected outcome of each item, in an order in which nothing stands beside its like.
    list: Vec<(String, &'static str)>,
}

async fn world(on: On) -> World {
    let roster = Roster::start(on).await;
    let (acme, globex) = (roster.organization("Acme").await, roster.organization_of("Gina", "Globex").await);
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let otto = acme.member_as("Otto", "OWNER", &[]).await;
    let active = acme.crowd("Bob", 700).await;
    let invited = acme.invited_crowd("Dana", 200).await;
    let former = acme.crowd("Fay", 50).await;
    acme.owner.remove_all(&acme, &former.iter().collect::<Vec<_>>()).await.succeeds();
    let foreign = globex.crowd("Bob", 10).await;
    roster.deliver().await;

    let ids = |members: &[Member], outcome| {
        members.iter().map(|member| (member.id.clone(), outcome)).collect::<Vec<_>>()
    };
    let unknown =
        (0..20).map(|n| (format!("member_01h4545454545454545454{n:04}"), "MEMBER_NOT_FOUND")).collect();
    let unordered = [
        ids(&active, "done"),
        ids(&active[..10], "done"),
        ids(&invited, "done"),
        ids(&invited[..5], "done"),
        ids(&former, "unchanged"),
        ids(&former[..2], "unchanged"),
        ids(&foreign, "MEMBER_NOT_FOUND"),
        unknown,
        ids(std::slice::from_ref(&ada), "CANNOT_REMOVE_SELF"),
        ids(&[acme.owner.clone(), otto], "ROLE_ABOVE_YOURS"),
    ]
    .concat();
    assert_eq!(unordered.len(), 1_000);
    let mut seen = HashSet::new();
    let list = (0..1_000).map(|n| unordered[n * 387 % 1_000].clone()).map(|(id, outcome)| {
        let outcome = if seen.insert(id.clone()) { outcome } else { "DUPLICATE_IN_REQUEST" };
        (id, outcome)
    });
    let list = list.collect();
    World { roster, acme, ada, active, invited, list }
}

impl World {
    async fn remove(&self, mode: &str) -> Payload {
        let members: Vec<_> = self.list.iter().map(|(id, _)| json!({ "memberId": id })).collect();
        let input = json!({ "members": members, "mode": mode, "note": "Goodbye." });
        self.ada.remove_all_with(&self.acme, input).await
    }

    /// The result at each place is of the member at this place of the input.
    fn is_in_order(&self, answer: &Payload, outcome: impl Fn(&'static str) -> &'static str) {
        let results = answer.payload()["results"].as_array().unwrap();
        let ids: Vec<_> = results.iter().map(|result| result["memberId"].as_str().unwrap()).collect();
        assert_eq!(ids, self.list.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>());
        let expected: Vec<_> = self.list.iter().map(|(_, expected)| outcome(expected)).collect();
        assert_eq!(answer.outcomes(), expected);
    }
}

#[rstest]
#[tokio::test]
async fn whoever_can_be_removed_is(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = world(on).await;
    let World { roster, acme, active, invited, .. } = &world;
    let design = acme.group("Design", &[]).await;
    let all: Vec<_> = active.iter().chain(invited).collect();
    acme.owner.add_to_group(&design, &all).await.succeeds();
    let before = roster.smtp().mails().len();

    let answer = world.remove("PARTIAL").await;
    world.is_in_order(&answer, |outcome| outcome);
    assert_eq!(
        answer.message(),
        "900 people were removed from Acme; 50 had been removed before; 50 could not be removed."
    );
    let sentence = |id: &str| {
        let results = answer.payload()["results"].as_array().unwrap();
        results.iter().find(|result| result["memberId"] == id).unwrap()["message"].clone()
    };
    assert_eq!(sentence(&active[20].id), "bob.20@example.com was removed from Acme.");
    assert_eq!(
        sentence(&invited[20].id),
        "dana.20@example.com had not joined Acme yet. The invitation was revoked, and its link no longer works."
    );

    roster.deliver().await;
    assert_eq!(roster.smtp().mails().len(), before + 900);
    assert_eq!(subjects_to_each(roster, active), ["You have been removed from Acme"]);
    assert_eq!(subjects_to_each(roster, invited), ["Your invitation to Acme was withdrawn"]);
    for (action, members) in [("MEMBER_REMOVED", active), ("INVITATION_REVOKED", invited)] {
        let filter =
            format!("filter: {{ actions: [{action}], actorIds: [\"{}\"] }}", world.ada.user_id().await);
        let log = acme.all("activities", &filter, "member { id } reason").await;
        assert!(log.iter().all(|entry| entry["reason"] == "Goodbye."));
        let logged: HashSet<_> = log.iter().map(|entry| entry["member"]["id"].as_str().unwrap()).collect();
        assert_eq!((log.len(), logged), (members.len(), members.iter().map(|m| m.id.as_str()).collect()));
    }
    let left = acme.all("members", "filter: { status: [INVITED, ACTIVE] }", "user { name }").await;
    let names: Vec<_> = left.iter().map(|member| member["user"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Ada", "Olivia", "Otto"]);
    assert_eq!(
        acme.members(json!({ "groupIds": [design], "status": ["REMOVED"] })).await,
        Vec::<String>::new()
    );
}

#[rstest]
#[tokio::test]
async fn nobody_is_removed_if_it_should_be_all_or_none(#[values(On::Sqlite, On::Postgres)] on: On) {
    let world = world(on).await;
    let before = world.roster.everything_stored().await;
    let mails = world.roster.smtp().mails().len();

    let answer = world.remove("ATOMIC").await;
    world.is_in_order(&answer, |outcome| if outcome == "done" { "unchanged" } else { outcome });
    assert_eq!(answer.message(), "Nobody was removed from Acme: 50 people could not be removed.");
    world.roster.deliver().await;
    assert_eq!(world.roster.smtp().mails().len(), mails);
    assert!(before == world.roster.everything_stored().await, "something has changed");
}

#[rstest]
#[tokio::test]
async fn all_are_removed_if_all_can_be(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let makers = acme.group("Makers", &["API_TOKENS_MANAGE"]).await;
    let (active, invited) = (acme.crowd("Bob", 30).await, acme.invited_crowd("Dana", 30).await);
    let everybody: Vec<_> = active.iter().chain(&invited).collect();
    acme.owner.add_to_group(&makers, &everybody).await.succeeds();
    let scripts = [acme.api_token_of(&active[0]).await, acme.api_token_of(&active[29]).await];
    let members = super::named(everybody.iter().copied());

    let answer = acme.owner.remove_all_with(&acme, json!({ "members": members, "mode": "ATOMIC" })).await;
    answer.succeeds();
    assert_eq!(answer.outcomes(), ["done"; 60]);
    assert_eq!(answer.message(), "60 people were removed from Acme.");
    let invitation = |result: &Value| result["revokedInvitation"]["status"].clone();
    let results = answer.payload()["results"].as_array().unwrap();
    assert!(results[..30].iter().all(|result| invitation(result) == Value::Null));
    assert!(results[30..].iter().all(|result| invitation(result) == "REVOKED"));
    for script in &scripts {
        assert_eq!(acme.rights_of(script).await, "refused: UNAUTHENTICATED");
    }
    // Nobody comes back into the group with a new invitation.
    let again = acme.member("Bob 0").await;
    assert_eq!(again.id, active[0].id);
    assert_eq!(acme.rights_of(&again).await, "MEMBERS_READ");
}
