//! The sentences of PRODUCT.md, section 1: each one that the two help pages say is a test with its words.

use chrono::TimeDelta;
use roster_tests::{Member, On, Organization, Person, Roster};
use rstest::rstest;
use serde_json::{Value, json};

/// Whether a page would show the option "Remove" beside a member.
async fn can_remove(acme: &Organization, viewer: &Person, member: &Member) -> bool {
    acme.member_seen_by(viewer, member, "viewerCanRemove").await["viewerCanRemove"] == true
}

/// A page of the list of members: their names, and the cursor of the last one.
async fn page(acme: &Organization, arguments: &str) -> (Vec<String>, String) {
    let fields = format!("members({arguments}) {{ nodes {{ user {{ name }} }} pageInfo {{ endCursor }} }}");
    let answer = acme.seen_by(&acme.owner, &fields).await;
    let nodes = answer.at("/organization/members/nodes").as_array().unwrap();
    let names = nodes.iter().map(|node| node["user"]["name"].as_str().unwrap().to_owned());
    (names.collect(), answer.text("/organization/members/pageInfo/endCursor"))
}

/// 1: "If you are an account administrator, you can use the Remove option"
#[rstest]
#[tokio::test]
async fn if_you_are_an_account_administrator_you_can_use_the_remove_option(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let (bob, carla) = (acme.member("Bob").await, acme.member("Carla").await);

    assert!(!can_remove(&acme, &carla, &bob).await);
    let refused = carla.remove(&bob).await;
    let sentence = refused.is_refused_with("NOT_PERMITTED");
    assert_eq!(sentence, "You need the MEMBERS_REMOVE permission in Acme. Ask an owner.");

    assert!(can_remove(&acme, &ada, &bob).await);
    ada.remove(&bob).await.succeeds();
    assert!(!can_remove(&acme, &ada, &bob).await, "there is nothing left to remove");

    // The permission is asked for on every call.
    acme.owner.change_role(&ada, "MEMBER").await.succeeds();
    assert!(!can_remove(&acme, &ada, &carla).await);
    ada.remove(&carla).await.is_refused_with("NOT_PERMITTED");
}

/// 1: the same sentence: an administrator of one organization is none of another.
#[rstest]
#[tokio::test]
async fn an_account_administrator_can_use_the_remove_option_in_that_account_only(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let (acme, globex) = (roster.organization("Acme").await, roster.organization_of("Gina", "Globex").await);
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    globex.member("Ada").await;
    let bob = globex.member("Bob").await;

    assert!(!can_remove(&globex, &ada, &bob).await);
    ada.remove(&bob).await.is_refused_with("NOT_PERMITTED");
    // Who does not belong there at all does not even learn that Bob exists.
    acme.owner.remove(&bob).await.is_refused_with("NOT_FOUND");
    assert_eq!(globex.rights_of(&bob).await, "MEMBERS_READ");
}

/// 1: "You are the owner of the organization"
#[rstest]
#[tokio::test]
async fn you_are_the_owner_of_the_organization(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let second = acme.member_as("Otto", "OWNER", &[]).await;
    let (ada, adam) = (acme.member_as("Ada", "ADMIN", &[]).await, acme.member_as("Adam", "ADMIN", &[]).await);

    // Administrators remove each other, and an owner removes everybody; but nobody but an owner removes an owner.
    assert!(!can_remove(&acme, &ada, &second).await);
    ada.remove(&second).await.fails_with("ROLE_ABOVE_YOURS");
    ada.remove(&adam).await.succeeds();
    for member in [&ada, &second] {
        assert!(can_remove(&acme, &acme.owner, member).await);
        acme.owner.remove(member).await.succeeds();
    }
}

/// 2: "find the person you want to remove"
#[rstest]
#[tokio::test]
async fn find_the_person_you_want_to_remove(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &[]).await;
    acme.member("Bob Builder").await;
    acme.member_as("Carla", "ADMIN", &[&design]).await;
    acme.invited_as("Dana", "MEMBER", &[&design]).await;

    for (filter, found) in [
        (json!({ "search": "builder" }), vec!["Bob Builder: ACTIVE"]),
        (json!({ "search": "CARLA@Example" }), vec!["Carla: ACTIVE"]),
        (json!({ "status": ["INVITED"] }), vec!["dana@example.com: INVITED"]),
        (json!({ "role": ["OWNER", "ADMIN"] }), vec!["Carla: ACTIVE", "Olivia: ACTIVE"]),
        (json!({ "groupIds": [design] }), vec!["Carla: ACTIVE", "dana@example.com: INVITED"]),
        (json!({ "groupIds": [design], "status": ["ACTIVE"] }), vec!["Carla: ACTIVE"]),
        (json!({ "search": "nobody" }), vec![]),
    ] {
        assert_eq!(acme.members(filter.clone()).await, found, "{filter}");
    }
}

/// 2: the same sentence: sorted, and paged with cursors that stay where they are.
#[rstest]
#[tokio::test]
async fn find_the_person_you_want_to_remove_on_a_later_page(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let mut members = Vec::new();
    for name in ["Bob", "Dana", "Carla"] {
        roster.pass(TimeDelta::hours(1));
        members.push(acme.member(name).await);
    }
    let (names, _) = page(&acme, "first: 9, orderBy: { field: JOINED_AT, direction: DESC }").await;
    assert_eq!(names, ["Carla", "Dana", "Bob", "Olivia"]);

    let (names, cursor) = page(&acme, "first: 2").await;
    assert_eq!(names, ["Bob", "Carla"]);
    // What happens on the first page meanwhile moves nobody on the second.
    acme.member("Abe").await;
    acme.owner.remove(&members[0]).await.succeeds();
    assert_eq!(page(&acme, &format!("first: 2, after: \"{cursor}\"")).await.0, ["Dana", "Olivia"]);
}

/// 3: "Ensure that you have reviewed the individual's permissions and assigned groups."
#[rstest]
#[tokio::test]
async fn ensure_that_you_have_reviewed_the_individuals_permissions_and_assigned_groups(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let hiring = acme.group("Hiring", &["MEMBERS_INVITE"]).await;
    let design = acme.group("Design", &[]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&hiring, &design]).await;

    let review = "role permissions groups { name permissions }";
    assert_eq!(
        acme.member_seen_by(&ada, &bob, review).await,
        json!({
            "role": "MEMBER",
            "permissions": ["MEMBERS_READ", "MEMBERS_INVITE"],
            "groups": [
                { "name": "Design", "permissions": [] },
                { "name": "Hiring", "permissions": ["MEMBERS_INVITE"] },
            ],
        })
    );
}

/// 3: "This is necessary to prevent accidental removal."
#[rstest]
#[tokio::test]
async fn this_is_necessary_to_prevent_accidental_removal(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.member("Bob").await;
    assert!(can_remove(&acme, &ada, &bob).await);

    // A group makes more of Bob than his role says: the review says why he cannot be removed, and so does the mutation.
    let board = acme.group("Board", &["OWNERS_MANAGE"]).await;
    acme.owner.add_to_group(&board, &[&bob]).await.succeeds();

    let fields = "viewerCanRemove viewerCannotRemoveBecause { code message }";
    let review = acme.member_seen_by(&ada, &bob, fields).await;
    assert_eq!(review["viewerCanRemove"], false);
    assert_eq!(review["viewerCannotRemoveBecause"]["code"], "ROLE_ABOVE_YOURS");
    let sentence = &review["viewerCannotRemoveBecause"]["message"];
    assert_eq!(ada.remove(&bob).await.fails_with("ROLE_ABOVE_YOURS"), sentence.as_str().unwrap());
    assert_eq!(acme.rights_of(&bob).await, "MEMBERS_READ OWNERS_MANAGE");
}

/// 4: "Removing an individual doesn't delete them from the system, allowing you to add them to your account again"
#[rstest]
#[tokio::test]
async fn removing_an_individual_doesnt_delete_them_from_the_system_allowing_you_to_add_them_to_your_account_again(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let design = acme.group("Design", &["MEMBERS_INVITE"]).await;
    let bob = acme.member_as("Bob", "ADMIN", &[&design]).await;
    let who_i_am = "{ viewer { user { id name } } }";
    let before = bob.query(who_i_am).await.text("/viewer/user/id");

    acme.owner.remove(&bob).await.succeeds();
    assert_eq!(bob.query(who_i_am).await.text("/viewer/user/id"), before);

    let again = acme.member("Bob").await;
    assert_eq!(again.id, bob.id, "one member for each person, whatever happens");
    assert_eq!(again.query(who_i_am).await.text("/viewer/user/id"), before);
    assert_eq!(
        acme.member_seen_by(&acme.owner, &again, "status role groups { name } permissions removedAt").await,
        json!({
            "status": "ACTIVE", "role": "MEMBER", "groups": [], "permissions": ["MEMBERS_READ"], "removedAt": null,
        })
    );
}

/// 5: "Removing someone only removes them from the respective account."
#[rstest]
#[tokio::test]
async fn removing_someone_only_removes_them_from_the_respective_account(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let (acme, globex) = (roster.organization("Acme").await, roster.organization_of("Gina", "Globex").await);
    let lab = globex.group("Lab", &["MEMBERS_INVITE"]).await;
    let bob_there = globex.member_as("Bob", "ADMIN", &[&lab]).await;
    let bob = acme.member("Bob").await;
    let (members, log) = (globex.members(json!({})).await, globex.activities().await);

    acme.owner.remove(&bob).await.succeeds();

    assert_eq!(acme.members(json!({})).await, ["Olivia: ACTIVE"]);
    assert_eq!(globex.members(json!({})).await, members);
    assert_eq!(globex.activities().await, log);
    assert_eq!(
        globex.member_seen_by(&globex.owner, &bob_there, "status role groups { name }").await,
        json!({ "status": "ACTIVE", "role": "ADMIN", "groups": [{ "name": "Lab" }] })
    );
    assert!(roster.last_mail_to(&bob).await.text().contains("your other organizations are not affected"));
}

/// 5: "If the individual is associated with several accounts … they can still access those accounts."
#[rstest]
#[tokio::test]
async fn if_the_individual_is_associated_with_several_accounts_they_can_still_access_those_accounts(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let (acme, globex) = (roster.organization("Acme").await, roster.organization_of("Gina", "Globex").await);
    globex.member_as("Bob", "ADMIN", &[]).await;
    let bob = acme.member("Bob").await;
    let initech = Organization::create_with(bob.person.clone(), json!({ "name": "Initech" })).await;
    let script = globex.api_token_of(&bob).await;
    let (in_globex, in_initech) = (globex.rights_of(&bob).await, initech.rights_of(&bob).await);

    acme.owner.remove(&bob).await.succeeds();

    assert_eq!(acme.rights_of(&bob).await, "refused: NOT_FOUND");
    assert_eq!(globex.rights_of(&bob).await, in_globex);
    assert_eq!(globex.rights_of(&script).await, in_globex);
    assert_eq!(initech.rights_of(&bob).await, in_initech);
    let mine = bob.query("{ viewer { organizations(first: 9) { nodes { name } } } }").await;
    assert_eq!(mine.at("/viewer/organizations/nodes"), &json!([{ "name": "Globex" }, { "name": "Initech" }]));
}

/// 6: "You cannot remove yourself from an account."
#[rstest]
#[tokio::test]
async fn you_cannot_remove_yourself_from_an_account(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let otto = acme.member_as("Otto", "OWNER", &[]).await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let bob = acme.member("Bob").await;
    let script = acme.api_token_of(&ada).await;
    let (log, emails) = (acme.activities().await, acme.notifications().await);

    for member in [&otto, &ada, &bob] {
        assert!(!can_remove(&acme, member, member).await);
        member.remove(member).await.fails_with("CANNOT_REMOVE_SELF");
    }
    // Nor through one's own API token.
    script.remove(&ada).await.fails_with("CANNOT_REMOVE_SELF");

    let everybody = ["Ada: ACTIVE", "Bob: ACTIVE", "Olivia: ACTIVE", "Otto: ACTIVE"];
    assert_eq!(acme.members(json!({})).await, everybody);
    assert_eq!((acme.activities().await, acme.notifications().await), (log, emails));
}

/// 6: "The platform shows a message when you try to remove yourself."
#[rstest]
#[tokio::test]
async fn the_platform_shows_a_message_when_you_try_to_remove_yourself(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let sentence =
        "You cannot remove yourself from Acme. Leave the organization instead, or ask another administrator.";

    assert_eq!(ada.remove(&ada).await.fails_with("CANNOT_REMOVE_SELF"), sentence);
    let script = acme.api_token_of(&ada).await;
    assert_eq!(script.remove(&ada).await.fails_with("CANNOT_REMOVE_SELF"), sentence);
    let before = acme.member_seen_by(&ada, &ada, "viewerCannotRemoveBecause { code message }").await;
    let because = json!({ "code": "CANNOT_REMOVE_SELF", "message": sentence });
    assert_eq!(before["viewerCannotRemoveBecause"], because);

    // What the sentence advises works.
    assert_eq!(ada.leave(&acme.id).await.succeeds()["message"], "You have left Acme.");
}

/// 7: "If you remove an individual with an Invited status, their invitation link will no longer be valid."
#[rstest]
#[tokio::test]
async fn if_you_remove_an_individual_with_an_invited_status_their_invitation_link_will_no_longer_be_valid(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;
    let token = roster.link_token(&dana.address).await;

    let removed = acme.owner.remove(&dana).await;
    assert_eq!(
        removed.succeeds()["revokedInvitation"],
        json!({ "id": dana.invitation_id, "status": "REVOKED" })
    );
    assert_eq!(removed.payload()["member"]["status"], "REMOVED");

    dana.accept(&token).await.fails_with("INVITATION_REVOKED");
    assert_eq!(dana.offer(&token).await.text("/invitation/status"), "REVOKED");
    assert_eq!(acme.rights_of(&dana).await, "refused: NOT_FOUND");
}

/// 8: "In the Remove user dialog, select Remove to confirm"
#[rstest]
#[tokio::test]
async fn in_the_remove_user_dialog_select_remove_to_confirm(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    let (log, emails) = (acme.activities().await, acme.notifications().await);

    // What the dialog shows before the click: nothing has happened yet.
    let dialog = "user { displayName email } role groups { name } viewerCanRemove viewerCannotRemoveBecause { message }";
    let shown = acme.member_seen_by(&acme.owner, &bob, dialog).await;
    assert_eq!(shown["user"], json!({ "displayName": "Bob", "email": "bob@example.com" }));
    assert_eq!(shown["viewerCannotRemoveBecause"], Value::Null);
    assert_eq!((acme.activities().await, acme.notifications().await), (log, emails));
    assert_eq!(acme.rights_of(&bob).await, "MEMBERS_READ");

    acme.owner.remove(&bob).await.succeeds();
    assert_eq!(acme.rights_of(&bob).await, "refused: NOT_FOUND");
}

/// 8: "A message is displayed stating that the user is removed."
#[rstest]
#[tokio::test]
async fn a_message_is_displayed_stating_that_the_user_is_removed(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, dana) = (acme.member("Bob").await, acme.invited("Dana").await);

    assert_eq!(acme.owner.remove(&bob).await.succeeds()["message"], "Bob was removed from Acme.");
    assert_eq!(
        acme.owner.remove(&dana).await.succeeds()["message"],
        "dana@example.com had not joined Acme yet. The invitation was revoked, and its link no longer works."
    );
    let again = acme.owner.remove(&bob).await;
    assert_eq!(again.changes_nothing()["message"], "Bob was removed from Acme before.");
}

/// 9: "they'll receive an email stating that they have been removed from the account and all of the associated groups"
#[rstest]
#[tokio::test]
async fn they_will_receive_an_email_stating_that_they_have_been_removed_from_the_account_and_all_of_the_associated_groups(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (design, on_call) = (acme.group("Design", &[]).await, acme.group("On-call", &[]).await);
    acme.group("Board", &[]).await;
    let bob = acme.member_as("Bob", "MEMBER", &[&design, &on_call]).await;

    acme.owner.remove(&bob).await.succeeds();

    assert_eq!(acme.members(json!({ "groupIds": [design, on_call] })).await, Vec::<String>::new());
    let mail = roster.last_mail_to(&bob).await;
    assert_eq!(mail.subject(), "You have been removed from Acme");
    for part in [mail.text(), mail.html()] {
        assert!(part.contains("Acme") && part.contains("Design") && part.contains("On-call"), "{part}");
        assert!(!part.contains("Board"), "not a group of Bob's: {part}");
    }
}

/// 10: "When you invite a user to an organization, [it] sends an invitation email"
#[rstest]
#[tokio::test]
async fn when_you_invite_a_user_to_an_organization_it_sends_an_invitation_email(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;

    let mails = roster.mails_to(&dana).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject(), "Olivia invited you to join Acme");
    assert!(mails[0].first_link().starts_with("https://app.example.com/invitation#token="));
    assert_eq!(acme.notifications().await, ["INVITATION dana@example.com SENT"]);
}

/// 10: "Before accepting invitation, the user who has been invited is in the Pending state."
#[rstest]
#[tokio::test]
async fn before_accepting_invitation_the_user_who_has_been_invited_is_in_the_pending_state(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let board = acme.group("Board", &["MEMBERS_INVITE"]).await;
    let dana = acme.invited_as("Dana", "ADMIN", &[&board]).await;

    let fields = "status permissions joinedAt invitation { status }";
    let pending = json!({
        "status": "INVITED", "permissions": [], "joinedAt": null, "invitation": { "status": "PENDING" },
    });
    assert_eq!(acme.member_seen_by(&acme.owner, &dana, fields).await, pending);
    // Whatever the role and the groups will be, there is no access yet, not even to see the organization.
    assert_eq!(acme.rights_of(&dana).await, "refused: NOT_FOUND");
    let mine = dana.query("{ viewer { organizations(first: 9) { nodes { name } } } }").await;
    assert_eq!(mine.at("/viewer/organizations/nodes"), &json!([]));
    dana.remove(&acme.owner).await.is_refused_with("NOT_FOUND");
}

/// 10: "Once accepting invitation, the user enters the Verified state and join the organization."
#[rstest]
#[tokio::test]
async fn once_accepting_invitation_the_user_enters_the_verified_state_and_join_the_organization(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let hiring = acme.group("Hiring", &["MEMBERS_INVITE"]).await;
    let dana = acme.invited_as("Dana", "MEMBER", &[&hiring]).await;
    let token = roster.link_token(&dana.address).await;

    let accepted = dana.accept(&token).await;
    assert_eq!(accepted.succeeds()["member"], json!({ "id": dana.id, "status": "ACTIVE", "role": "MEMBER" }));

    assert_eq!(acme.rights_of(&dana).await, "MEMBERS_READ MEMBERS_INVITE");
    let mine = dana.query("{ viewer { organizations(first: 9) { nodes { name } } } }").await;
    assert_eq!(mine.at("/viewer/organizations/nodes"), &json!([{ "name": "Acme" }]));
    assert_eq!(acme.invitations().await, ["dana@example.com ACCEPTED"]);
}

/// 11: "Revoke invitation before the user accepts it"
#[rstest]
#[tokio::test]
async fn revoke_invitation_before_the_user_accepts_it(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let dana = acme.invited("Dana").await;
    let token = roster.link_token(&dana.address).await;

    let revoked = acme.owner.revoke_invitation_of(&dana).await;
    assert_eq!(revoked.succeeds()["invitation"]["status"], "REVOKED");
    assert_eq!(revoked.payload()["member"]["status"], "REMOVED");
    dana.accept(&token).await.fails_with("INVITATION_REVOKED");

    // Once it is accepted, it is too late; the error names the member, who can be removed instead.
    let bob = acme.member("Bob").await;
    let too_late = acme.owner.revoke_invitation_of(&bob).await;
    too_late.fails_with("INVITATION_ALREADY_ACCEPTED");
    assert_eq!(too_late.payload()["errors"][0]["memberId"], bob.id);
    assert_eq!(acme.rights_of(&bob).await, "MEMBERS_READ");
}

/// 12: "After the preceding operations are performed, [it] sends an email notification to the user who has been removed."
#[rstest]
#[tokio::test]
async fn after_the_preceding_operations_are_performed_it_sends_an_email_notification_to_the_user_who_has_been_removed(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let (bob, dana) = (acme.member("Bob").await, acme.invited("Dana").await);
    roster.deliver().await;

    acme.owner.remove(&bob).await.succeeds();
    acme.owner.revoke_invitation_of(&dana).await.succeeds();

    let subjects = |mails: Vec<roster_tests::smtp_server::ReceivedMail>| {
        mails.iter().map(|mail| mail.subject()).collect::<Vec<_>>()
    };
    assert_eq!(
        subjects(roster.mails_to(&bob).await),
        ["Olivia invited you to join Acme", "You have been removed from Acme"]
    );
    assert_eq!(
        subjects(roster.mails_to(&dana).await),
        ["Olivia invited you to join Acme", "Your invitation to Acme was withdrawn"]
    );
}

/// 13: "You can also verify the result on the list page of organization users."
#[rstest]
#[tokio::test]
async fn you_can_also_verify_the_result_on_the_list_page_of_organization_users(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let ada = acme.member_as("Ada", "ADMIN", &[]).await;
    let (bob, dana) = (acme.member("Bob").await, acme.invited("Dana").await);
    roster.pass(TimeDelta::hours(2));

    ada.remove(&bob).await.succeeds();
    ada.revoke_invitation_of(&dana).await.succeeds();

    assert_eq!(acme.members(json!({})).await, ["Ada: ACTIVE", "Olivia: ACTIVE"]);
    let removed = json!({ "status": ["REMOVED"] });
    assert_eq!(acme.members(removed).await, ["Bob: REMOVED", "dana@example.com: REMOVED"]);
    for (member, reason) in [(&bob, "REMOVED"), (&dana, "INVITATION_REVOKED")] {
        assert_eq!(
            acme.member_seen_by(&ada, member, "status removedAt removedBy { name } removalReason").await,
            json!({
                "status": "REMOVED",
                "removedAt": "2026-11-21T14:00:00+00:00",
                "removedBy": { "name": "Ada" },
                "removalReason": reason,
            })
        );
    }
}

/// The page "Remove Members": "Find the target user who is in the Pending state … and then select Revoke Invitation."
#[rstest]
#[tokio::test]
async fn find_the_target_user_who_is_in_the_pending_state_and_then_select_revoke_invitation(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    acme.member("Bob").await;
    let dana = acme.invited("Dana").await;

    let list = "members(first: 9, filter: { status: [INVITED] }) { nodes { id invitation { id } } }";
    let found = acme.seen_by(&acme.owner, list).await;
    let pending = json!([{ "id": dana.id, "invitation": { "id": dana.invitation_id } }]);
    assert_eq!(found.at("/organization/members/nodes"), &pending);

    acme.owner.revoke_invitation_of(&dana).await.succeeds();
    assert_eq!(acme.members(json!({ "status": ["INVITED"] })).await, Vec::<String>::new());
}

/// The page "Remove Members": "Find the target user who is in the Verified state … and then select Remove".
#[rstest]
#[tokio::test]
async fn find_the_target_user_who_is_in_the_verified_state_and_then_select_remove(
    #[values(On::Sqlite, On::Postgres)] on: On,
) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let bob = acme.member("Bob").await;
    acme.invited("Dana").await;
    let verified = json!({ "status": ["ACTIVE"] });
    assert_eq!(acme.members(verified.clone()).await, ["Bob: ACTIVE", "Olivia: ACTIVE"]);

    acme.owner.remove(&bob).await.succeeds();
    assert_eq!(acme.members(verified).await, ["Olivia: ACTIVE"]);
}
