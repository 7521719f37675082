//! Somebody who calls the API.

use std::ops::Deref;

use serde_json::{Value, json};

use crate::{Answer, Payload, Roster};

/// Somebody with a token, or without one.
#[derive(Clone)]
pub struct Person {
    /// Their Roster.
    pub roster: Roster,
    /// Their name.
    pub name: String,
    /// Their email address.
    pub address: String,
    /// Their bearer token.
    pub token: Option<String>,
}

/// Somebody who was invited to an organization, and what they are there.
#[derive(Clone)]
pub struct Member {
    /// The person.
    pub person: Person,
    /// The id of the member.
    pub id: String,
    /// The id of the invitation by which they came.
    pub invitation_id: String,
}

impl Deref for Member {
    type Target = Person;

    fn deref(&self) -> &Person {
        &self.person
    }
}

impl Member {
    /// The same member, who calls this API.
    pub fn through(&self, roster: &Roster) -> Self {
        Self { person: self.person.through(roster), ..self.clone() }
    }
}

impl Person {
    pub(crate) fn new(roster: Roster, name: &str, address: &str, token: Option<String>) -> Self {
        Self { roster, name: name.to_owned(), address: address.to_owned(), token }
    }

    /// The same person with another token, for instance an API token of theirs.
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// The same person, who calls this API.
    pub fn through(&self, roster: &Roster) -> Self {
        Self { roster: roster.clone(), ..self.clone() }
    }

    /// Sends a document, and returns the whole response.
    pub async fn graphql(&self, query: &str, variables: Value) -> Answer {
        Answer(self.roster.graphql(self.token.as_deref(), query, variables).await)
    }

    /// Sends a query without variables.
    pub async fn query(&self, query: &str) -> Answer {
        self.graphql(query, json!({})).await
    }

    /// Calls a mutation with an input, and asks for these fields of its payload and for the errors.
    pub async fn mutate(&self, mutation: &str, input: Value, fields: &str) -> Payload {
        let mut capital = mutation.to_owned();
        capital[..1].make_ascii_uppercase();
        let document = format!(
            "mutation ($input: {capital}Input!) {{ {mutation}(input: $input) {{ {fields} errors {{ code message path memberId }} }} }}"
        );
        Payload {
            mutation: mutation.to_owned(),
            answer: self.graphql(&document, json!({ "input": input })).await,
        }
    }

    /// Removes a member.
    pub async fn remove(&self, member: &Member) -> Payload {
        self.remove_with(json!({ "memberId": member.id })).await
    }

    /// Removes a member, with more than the id in the input.
    pub async fn remove_with(&self, input: Value) -> Payload {
        let fields = "changed message member { id status removedAt removedBy { email } } revokedInvitation { id status }";
        self.mutate("removeMember", input, fields).await
    }

    /// Revokes the invitation of a member.
    pub async fn revoke_invitation_of(&self, member: &Member) -> Payload {
        let input = json!({ "invitationId": member.invitation_id });
        self.mutate(
            "revokeInvitation",
            input,
            "changed message invitation { id status } member { id status }",
        )
        .await
    }

    /// Sends the invitation of a member again.
    pub async fn resend_invitation_of(&self, member: &Member) -> Payload {
        let input = json!({ "invitationId": member.invitation_id });
        self.mutate("resendInvitation", input, "changed message invitation { id status expiresAt sentAt }")
            .await
    }

    /// Accepts an invitation with the secret of its link.
    pub async fn accept(&self, token: &str) -> Payload {
        let fields = "changed message member { id status role } organization { id name }";
        self.mutate("acceptInvitation", json!({ "token": token }), fields).await
    }

    /// Declines an invitation with the secret of its link.
    pub async fn decline(&self, token: &str) -> Payload {
        self.mutate("declineInvitation", json!({ "token": token }), "changed message").await
    }

    /// Changes the role of a member: `OWNER`, `ADMIN` or `MEMBER`.
    pub async fn change_role(&self, member: &Member, role: &str) -> Payload {
        let input = json!({ "memberId": member.id, "role": role });
        self.mutate("changeMemberRole", input, "changed message member { id role }").await
    }

    /// Leaves an organization.
    pub async fn leave(&self, organization_id: &str) -> Payload {
        let input = json!({ "organizationId": organization_id });
        self.mutate("leaveOrganization", input, "changed message").await
    }

    /// What the page shows that an invitation's link opens.
    pub async fn offer(&self, token: &str) -> Answer {
        let query = "query ($token: String!) { invitation(token: $token) {
            organizationName inviterName role groupNames recipientMasked status expiresAt } }";
        self.graphql(query, json!({ "token": token })).await
    }

    /// Changes a group: what is to be changed stands in the input beside the id.
    pub async fn update_group(&self, group: &str, changes: Value) -> Payload {
        let mut input = changes;
        input["groupId"] = group.into();
        self.mutate("updateGroup", input, "changed message group { id name description permissions }").await
    }

    /// Deletes a group.
    pub async fn delete_group(&self, group: &str) -> Payload {
        self.mutate("deleteGroup", json!({ "groupId": group }), "deletedGroupId message").await
    }

    /// Puts members into a group.
    pub async fn add_to_group(&self, group: &str, members: &[&Member]) -> Payload {
        self.change_group("addGroupMembers", group, members).await
    }

    /// Takes members out of a group.
    pub async fn take_out_of_group(&self, group: &str, members: &[&Member]) -> Payload {
        self.change_group("removeGroupMembers", group, members).await
    }

    async fn change_group(&self, mutation: &str, group: &str, members: &[&Member]) -> Payload {
        let ids: Vec<_> = members.iter().map(|member| &member.id).collect();
        let fields = "changed message results { memberId changed error { code message path } }";
        self.mutate(mutation, json!({ "groupId": group, "memberIds": ids }), fields).await
    }
}
