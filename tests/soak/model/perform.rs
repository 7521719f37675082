//! Carrying out an operation: through GraphQL, and what came of it in the words of the model.

use serde_json::{Value, json};

use super::{
    operation::{Call, Caller, EmailNo, GroupNo, InvitationNo, Invitee, List, MemberOf, TokenNo},
    outcome::Outcome,
    stage::{Stage, text},
    state::{Org, World},
};

const INVITED: &str = "changed replayed results { changed error { code } member { id } invitation { id } }";
const REMOVED: &str = "changed revokedInvitation { id } revokedSentInvitations { id }";
const ALL_REMOVED: &str = "changed replayed revokedSentInvitations { id }
    results { memberId changed error { code } revokedInvitation { id } }";
const REGROUPED: &str = "changed replayed results { memberId changed error { code } }";

impl Stage {
    /// `world` is as it was before.
    pub(super) async fn call(&mut self, world: &World, caller: Caller, call: &Call) -> Outcome {
        let (input, fields) = self.request(world, call).await;
        let answer = self.caller(caller).mutate(call.mutation(), input, fields).await.answer.0;
        let payload = &answer["data"][call.mutation()];
        let outcome = self.outcome(&answer, payload);
        if !call.is_dry() {
            self.learn(world, caller, call, payload, &outcome);
        }
        outcome
    }

    /// Reviews a member, and keeps the fingerprint of what there was to see.
    pub(super) async fn review(&mut self, caller: Caller, member: MemberOf) {
        let query = "query ($org: ID!, $id: ID!) { organization(id: $org) {
            member(id: $id) { removalPreview { fingerprint } } } }";
        let variables = json!({ "org": self.organizations[&member.0], "id": self.members[&member] });
        let answer = self.caller(caller).graphql(query, variables).await;
        let fingerprint = answer.text("/organization/member/removalPreview/fingerprint");
        self.fingerprints.insert(member, fingerprint);
    }

    async fn request(&self, world: &World, call: &Call) -> (Value, &'static str) {
        match call {
            Call::Invite(org, people, how) => {
                let people: Vec<_> = people.iter().map(|invitee| self.invitee(invitee)).collect();
                (list(how, json!({ "organizationId": self.organizations[org], "people": people })), INVITED)
            }
            Call::Resend(no) | Call::Revoke(no) => {
                (json!({ "invitationId": self.invitations[no] }), "changed")
            }
            Call::Accept(email) | Call::Decline(email) => {
                (json!({ "token": self.links[&email.0] }), "changed")
            }
            Call::Remove { member, reviewed, revoke_sent, dry } => {
                let fingerprint = self.fingerprints.get(member).filter(|_| *reviewed);
                let input = json!({
                    "memberId": self.members[member],
                    "expectedFingerprint": fingerprint,
                    "revokeSentInvitations": revoke_sent,
                    "dryRun": dry,
                });
                (input, REMOVED)
            }
            Call::RemoveMany { org, members, revoke_sent, list: how } => {
                let members: Vec<_> =
                    members.iter().map(|no| json!({ "memberId": self.members[no] })).collect();
                let org = &self.organizations[org];
                let input = json!({ "organizationId": org, "members": members, "revokeSentInvitations": revoke_sent });
                (list(how, input), ALL_REMOVED)
            }
            Call::Restore { member, dry } => {
                (json!({ "memberId": self.members[member], "dryRun": dry }), "changed warnings")
            }
            Call::Leave(org) => (json!({ "organizationId": self.organizations[org] }), "changed"),
            Call::ChangeRole(member, role) => {
                (json!({ "memberId": self.members[member], "role": role.name() }), "changed")
            }
            Call::CreateGroup(org, name, permissions) => {
                let org = &self.organizations[org];
                (json!({ "organizationId": org, "name": name, "permissions": permissions }), "group { id }")
            }
            Call::RenameGroup(no, name) => (json!({ "groupId": self.groups[no], "name": name }), "changed"),
            Call::ChangeGroup(no, permissions) => {
                (json!({ "groupId": self.groups[no], "permissions": permissions }), "changed")
            }
            Call::DeleteGroup(no) => (json!({ "groupId": self.groups[no] }), "deletedGroupId"),
            Call::AddToGroup(no, members, how) | Call::TakeOutOfGroup(no, members, how) => {
                let members: Vec<_> = members.iter().map(|no| &self.members[no]).collect();
                (list(how, json!({ "groupId": self.groups[no], "memberIds": members })), REGROUPED)
            }
            Call::CreateToken(org, permissions) => {
                let org = &self.organizations[org];
                (
                    json!({ "organizationId": org, "name": "Script", "permissions": permissions }),
                    "secret apiToken { id }",
                )
            }
            Call::RevokeToken(no) => (json!({ "apiTokenId": self.tokens[no] }), "changed"),
            Call::ResendEmail(no) => {
                (json!({ "notificationId": self.notification(world, *no).await }), "changed")
            }
            Call::ChangeSettings(org, settings) => (
                json!({
                    "organizationId": self.organizations[org],
                    "revocationEmail": settings.revocation_email,
                    "invitationLifetimeDays": settings.invitation_days,
                    "restoreWindowDays": settings.restore_days,
                }),
                "changed",
            ),
        }
    }

    /// What the API calls an email: both have them in the order of their times.
    async fn notification(&self, world: &World, EmailNo(no): EmailNo) -> String {
        let (org, at) = (world.emails[no].org, world.emails[no].at);
        let here = world.emails.iter().enumerate().filter(|(_, email)| email.org == org);
        let place = here.filter(|(other, email)| (email.at, *other) < (at, no)).count();
        self.notifications(org, world.of(org).owners()[0]).await.swap_remove(place)
    }

    fn invitee(&self, invitee: &Invitee) -> Value {
        let address = match invitee.person {
            Some(person) => self.address_of(person, invitee.in_capitals),
            None => "nonsense".to_owned(),
        };
        let groups: Vec<_> = invitee.groups.iter().map(|no| &self.groups[no]).collect();
        json!({ "email": address, "role": invitee.role.name(), "groupIds": groups })
    }

    /// Remembers what things are called that are new.
    fn learn(&mut self, world: &World, caller: Caller, call: &Call, payload: &Value, outcome: &Outcome) {
        if !matches!(outcome, Outcome::Done(_) | Outcome::Items { replayed: false, .. }) {
            return;
        }
        match call {
            Call::Invite(org, people, _) => self.learn_invitations(world, *org, people, payload),
            Call::CreateGroup(org, ..) => {
                let no = GroupNo(*org, world.of(*org).groups.len());
                self.groups.insert(no, text(&payload["group"]["id"]));
            }
            Call::CreateToken(org, _) => {
                let owner = self.caller(caller).clone();
                self.keep_token(TokenNo(*org, world.of(*org).tokens.len()), &owner, payload);
            }
            _ => {}
        }
    }

    fn learn_invitations(&mut self, world: &World, org: Org, people: &[Invitee], payload: &Value) {
        let invited = payload["results"].as_array().unwrap().iter().zip(people);
        let invited = invited.filter(|(item, _)| item["changed"] == true);
        for (no, (item, invitee)) in (world.of(org).invitations.len()..).zip(invited) {
            let member = MemberOf(org, invitee.person.expect("nonsense is not invited"));
            let id = text(&item["member"]["id"]);
            // One row for each person, whatever happens.
            let before = self.members.insert(member, id.clone());
            assert!(before.is_none_or(|before| before == id), "{member:?} has another id than before");
            self.invitations.insert(InvitationNo(org, no), text(&item["invitation"]["id"]));
        }
    }
}

fn list(how: &List, mut input: Value) -> Value {
    input["mode"] = if how.atomic { "ATOMIC" } else { "PARTIAL" }.into();
    input["dryRun"] = how.dry.into();
    input["idempotencyKey"] = how.key.into();
    input
}
