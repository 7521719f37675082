//! An organization of a test.

use serde_json::{Value, json};

use crate::{Answer, Member, Payload, Person, Roster};

/// An organization, and its first owner.
#[derive(Clone)]
pub struct Organization {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its slug.
    pub slug: String,
    /// Who has created it, as a member of it.
    pub owner: Member,
}

impl Organization {
    pub(crate) async fn create(owner: Person, name: &str) -> Self {
        Self::create_with(owner, json!({ "name": name })).await
    }

    /// Creates an organization with more than a name.
    pub async fn create_with(owner: Person, input: Value) -> Self {
        let fields = "message organization { id name slug viewerMember { id } }";
        let created = owner.mutate("createOrganization", input, fields).await;
        let organization = &created.succeeds()["organization"];
        let text =
            |pointer: &str| organization.pointer(pointer).and_then(Value::as_str).expect(pointer).to_owned();
        let owner = Member { person: owner, id: text("/viewerMember/id"), invitation_id: String::new() };
        Self { id: text("/id"), name: text("/name"), slug: text("/slug"), owner }
    }

    fn roster(&self) -> &Roster {
        &self.owner.person.roster
    }

    /// Somebody with this name, invited as a plain member, who has accepted by the link in the email.
    pub async fn member(&self, name: &str) -> Member {
        self.member_as(name, "MEMBER", &[]).await
    }

    /// The same with a role and groups.
    pub async fn member_as(&self, name: &str, role: &str, groups: &[&str]) -> Member {
        let member = self.invited_as(name, role, groups).await;
        let token = self.roster().link_token(&member.address).await;
        member.accept(&token).await.succeeds();
        member
    }

    /// Somebody with this name, invited as a plain member, who has not answered.
    pub async fn invited(&self, name: &str) -> Member {
        self.invited_as(name, "MEMBER", &[]).await
    }

    /// The same with a role and groups.
    pub async fn invited_as(&self, name: &str, role: &str, groups: &[&str]) -> Member {
        let person = self.roster().person(name);
        let invited = self.invite_by(&self.owner, &person.address, role, groups).await;
        let result = &invited.succeeds()["results"][0];
        let id = |pointer: &str| result.pointer(pointer).and_then(Value::as_str).expect(pointer).to_owned();
        Member { id: id("/member/id"), invitation_id: id("/invitation/id"), person }
    }

    /// Invites an address as somebody.
    pub async fn invite_by(&self, inviter: &Person, address: &str, role: &str, groups: &[&str]) -> Payload {
        let person = json!({ "email": address, "role": role, "groupIds": groups });
        self.invite_people(inviter, json!([person])).await
    }

    /// Invites a list of people as somebody.
    pub async fn invite_people(&self, inviter: &Person, people: Value) -> Payload {
        let fields = "message results { email member { id status } invitation { id status expiresAt } error { code message path memberId } }";
        inviter.mutate("inviteMembers", json!({ "organizationId": self.id, "people": people }), fields).await
    }

    /// A group with this name, which grants these permissions; its id.
    pub async fn group(&self, name: &str, permissions: &[&str]) -> String {
        let input = json!({ "organizationId": self.id, "name": name, "permissions": permissions });
        let created = self.owner.mutate("createGroup", input, "message group { id }").await;
        created.succeeds()["group"]["id"].as_str().expect("an id").to_owned()
    }

    /// The members that a filter lets through, as `name: status`, as the owner sees them.
    pub async fn members(&self, filter: Value) -> Vec<String> {
        let query = "query ($id: ID!, $filter: MemberFilter!) {
            organization(id: $id) { members(first: 100, filter: $filter) { nodes { status user { displayName } } } }
        }";
        let answer = self.owner.graphql(query, json!({ "id": self.id, "filter": filter })).await;
        let nodes = answer.at("/organization/members/nodes").as_array().expect("a list").clone();
        let line = |node: &Value| {
            format!(
                "{}: {}",
                node["user"]["displayName"].as_str().unwrap_or("?"),
                node["status"].as_str().unwrap_or("?")
            )
        };
        nodes.iter().map(line).collect()
    }

    /// The activity log, newest first: `ACTION actor → member`.
    pub async fn activities(&self) -> Vec<String> {
        let query = "query ($id: ID!) { organization(id: $id) { activities(first: 100) {
            nodes { action actor { displayName } member { user { displayName } } } } } }";
        let answer = self.owner.graphql(query, json!({ "id": self.id })).await;
        let nodes = answer.at("/organization/activities/nodes").as_array().expect("a list").clone();
        let name = |value: &Value| value["displayName"].as_str().unwrap_or("-").to_owned();
        let line = |node: &Value| {
            let action = node["action"].as_str().unwrap_or("?");
            format!("{action} {} → {}", name(&node["actor"]), name(&node["member"]["user"]))
        };
        nodes.iter().map(line).collect()
    }

    /// The emails, newest first: `KIND recipient STATUS`.
    pub async fn notifications(&self) -> Vec<String> {
        let query = "query ($id: ID!) { organization(id: $id) { notifications(first: 100) {
            nodes { kind recipient status } } } }";
        let answer = self.owner.graphql(query, json!({ "id": self.id })).await;
        let nodes = answer.at("/organization/notifications/nodes").as_array().expect("a list").clone();
        let text = |node: &Value, field: &str| node[field].as_str().unwrap_or("?").to_owned();
        nodes
            .iter()
            .map(|node| {
                format!("{} {} {}", text(node, "kind"), text(node, "recipient"), text(node, "status"))
            })
            .collect()
    }

    /// The newest email, as the API shows it.
    pub async fn last_notification(&self) -> Value {
        let query = "query ($id: ID!) { organization(id: $id) { notifications(first: 1) {
            nodes { id kind recipient status attempts lastError nextAttemptAt sentAt createdAt } } } }";
        let answer = self.owner.graphql(query, json!({ "id": self.id })).await;
        answer.at("/organization/notifications/nodes/0").clone()
    }

    /// The invitations, newest first: `address STATUS`.
    pub async fn invitations(&self) -> Vec<String> {
        let answer = self.seen_by(&self.owner, "invitations(first: 100) { nodes { email status } }").await;
        let nodes = answer.at("/organization/invitations/nodes").as_array().expect("a list").clone();
        let text = |node: &Value, field: &str| node[field].as_str().unwrap_or("?").to_owned();
        nodes.iter().map(|node| format!("{} {}", text(node, "email"), text(node, "status"))).collect()
    }

    /// Some fields of the organization, as somebody sees them: the answer has `/organization/…`.
    pub async fn seen_by(&self, person: &Person, fields: &str) -> Answer {
        person.query(&format!("{{ organization(id: \"{}\") {{ {fields} }} }}", self.id)).await
    }

    /// Some fields of a member, as somebody sees them.
    pub async fn member_seen_by(&self, person: &Person, member: &Member, fields: &str) -> Value {
        let field = format!("member(id: \"{}\") {{ {fields} }}", member.id);
        self.seen_by(person, &field).await.at("/organization/member").clone()
    }

    /// What somebody may do here, in one line, as their next request shows it; or `refused: ` and the code.
    pub async fn rights_of(&self, person: &Person) -> String {
        let answer = self.seen_by(person, "viewerPermissions").await;
        if answer.0.get("errors").is_some() {
            return format!("refused: {}", answer.error_code());
        }
        let permissions = answer.at("/organization/viewerPermissions").as_array().expect("a list").clone();
        permissions.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
    }
}
