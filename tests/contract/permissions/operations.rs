//! The table of the ways in: every field of the roots of the schema, and of an organization.

use std::fmt;

use roster_tests::{Person, Reply};
use serde_json::{Value, json};

use super::{
    reader::selection,
    rule::Rule::{
        self, Anybody, Hidden, InPerson, Member, Needs, NeedsInPerson, Recipient, SignedIn, Themselves,
    },
    things::Things,
    types::guards,
};
use crate::sdl::Sdl;

/// What holds for an operation.
pub(crate) struct Row {
    /// The root of the schema that it belongs to.
    pub(crate) root: &'static str,
    /// Where its answer stands: the field of the root, and one below.
    pub(crate) path: Vec<&'static str>,
    /// What it is asked for, where that makes a difference.
    pub(crate) about: &'static str,
    pub(crate) rule: Rule,
    document: String,
    /// The same, with all that a payload shows.
    full: Option<String>,
    /// Good input, about these things.
    pub(crate) variables: fn(&Things) -> Value,
}

/// A mutation, or something that `node` finds: its name, who may, and the input.
type Named = (&'static str, Rule, fn(&Things) -> Value);

/// In an order in which each can be done after those above it.
const MUTATIONS: [Named; 20] = [
    ("createOrganization", InPerson, |_| json!({ "name": "Initech" })),
    ("acceptInvitation", Recipient, |of| json!({ "token": of.link })),
    ("declineInvitation", Recipient, |of| json!({ "token": of.link })),
    (
        "inviteMembers",
        Needs("MEMBERS_INVITE"),
        |of| json!({ "organizationId": of.organization, "people": [{ "email": "new@example.com", "groupIds": [of.group] }] }),
    ),
    ("resendInvitation", Needs("MEMBERS_INVITE"), |of| json!({ "invitationId": of.invitation })),
    ("revokeInvitation", Needs("MEMBERS_INVITE"), |of| json!({ "invitationId": of.invitation })),
    ("changeMemberRole", Needs("ROLES_MANAGE"), |of| json!({ "memberId": of.member, "role": "ADMIN" })),
    (
        "createGroup",
        Needs("GROUPS_MANAGE"),
        |of| json!({ "organizationId": of.organization, "name": "Research" }),
    ),
    ("updateGroup", Needs("GROUPS_MANAGE"), |of| json!({ "groupId": of.group, "name": "Art" })),
    (
        "addGroupMembers",
        Needs("GROUPS_MANAGE"),
        |of| json!({ "groupId": of.group, "memberIds": [of.invited] }),
    ),
    (
        "removeGroupMembers",
        Needs("GROUPS_MANAGE"),
        |of| json!({ "groupId": of.group, "memberIds": [of.member] }),
    ),
    ("deleteGroup", Needs("GROUPS_MANAGE"), |of| json!({ "groupId": of.keys })),
    ("restoreMember", Needs("MEMBERS_REMOVE"), |of| json!({ "memberId": of.removed })),
    ("removeMember", Needs("MEMBERS_REMOVE"), |of| json!({ "memberId": of.member })),
    (
        "removeMembers",
        Needs("MEMBERS_REMOVE"),
        |of| json!({ "organizationId": of.organization, "members": [{ "memberId": of.member }] }),
    ),
    ("resendNotification", Needs("NOTIFICATIONS_RESEND"), |of| json!({ "notificationId": of.notification })),
    (
        "createApiToken",
        NeedsInPerson("API_TOKENS_MANAGE"),
        |of| json!({ "organizationId": of.organization, "name": "Sync", "permissions": ["API_TOKENS_MANAGE"] }),
    ),
    ("revokeApiToken", Needs("API_TOKENS_MANAGE"), |of| json!({ "apiTokenId": of.api_token })),
    (
        "updateOrganization",
        Needs("ORGANIZATION_MANAGE"),
        |of| json!({ "organizationId": of.organization, "brandingLine": "Made with care." }),
    ),
    ("leaveOrganization", Themselves, |of| json!({ "organizationId": of.organization })),
];

/// What `node` and `nodes` find, and who may see it by its id.
pub(crate) const NODES: [Named; 8] = [
    ("Activity", Needs("ACTIVITIES_READ"), |of| json!({ "id": of.activity })),
    ("ApiToken", Needs("API_TOKENS_MANAGE"), |of| json!({ "id": of.api_token })),
    ("Group", Needs("MEMBERS_READ"), |of| json!({ "id": of.group })),
    ("Invitation", Needs("MEMBERS_INVITE"), |of| json!({ "id": of.invitation })),
    ("Member", Needs("MEMBERS_READ"), |of| json!({ "id": of.member })),
    ("Notification", Needs("NOTIFICATIONS_READ"), |of| json!({ "id": of.notification })),
    ("Organization", Member, |of| json!({ "id": of.organization })),
    // People are of no organization: who may not see the members does not learn who exists.
    ("User", Hidden("MEMBERS_READ"), |of| json!({ "id": of.user })),
];

/// The arguments of fields that need some, or that show more with some.
pub(crate) fn arguments(field: &str) -> &'static str {
    match field {
        "Organization.activities" => "(first: 3, filter: { actions: [MEMBER_REMOVED] })",
        "Organization.invitations" => "(first: 3, status: [PENDING, REVOKED])",
        "Organization.member" => "(id: $member)",
        "Organization.members" => {
            r#"(first: 2, filter: { status: [INVITED, REMOVED], emails: ["rita@example.com", "ruth@example.com"] })"#
        }
        _ => "",
    }
}

/// All ways in. The queries come first, as they change nothing.
pub(crate) fn table() -> Vec<Row> {
    let mut rows = vec![
        query(
            vec!["invitation"],
            "",
            Anybody,
            "($token: String!) { invitation(token: $token) { status } }",
            |of| json!({ "token": of.link }),
        ),
        query(vec!["viewer"], "", SignedIn, "{ viewer { emailVerified } }", |_| json!({})),
        query(
            vec!["organization"],
            "by slug",
            Member,
            "($slug: String!) { organization(slug: $slug) { name } }",
            |of| json!({ "slug": of.slug }),
        ),
        query(
            vec!["organization"],
            "by id",
            Member,
            "($id: ID!) { organization(id: $id) { name } }",
            |of| json!({ "id": of.organization }),
        ),
        in_organization(
            "members",
            "of a group",
            "MEMBERS_READ",
            "($id: ID!, $filter: MemberFilter!) { organization(id: $id) {
            members(filter: $filter) { nodes { id user { email } } } } }",
            |of| json!({ "id": of.organization, "filter": { "groupIds": [of.group] } }),
        ),
        in_organization(
            "activities",
            "of many things",
            "ACTIVITIES_READ",
            "($id: ID!, $filter: ActivityFilter!) {
            organization(id: $id) { activities(filter: $filter) { nodes { action reason } } } }",
            |of| {
                json!({ "id": of.organization, "filter": { "actorIds": [of.user], "apiTokenIds": [of.api_token],
                "groupIds": [of.group], "memberIds": [of.member] } })
            },
        ),
    ];
    for filter in ["actorIds", "apiTokenIds", "groupIds", "memberIds"] {
        let variables: fn(&Things) -> Value = match filter {
            "actorIds" => |of| json!({ "id": of.organization, "ids": [of.user] }),
            "apiTokenIds" => |of| json!({ "id": of.organization, "ids": [of.api_token] }),
            "groupIds" => |of| json!({ "id": of.organization, "ids": [of.group] }),
            _ => |of| json!({ "id": of.organization, "ids": [of.member] }),
        };
        let document = format!(
            "($id: ID!, $ids: [ID!]) {{ organization(id: $id) {{
            activities(filter: {{ {filter}: $ids }}) {{ nodes {{ action reason }} }} }} }}"
        );
        rows.push(in_organization("activities", filter, "ACTIVITIES_READ", &document, variables));
    }
    for guard in guards("Organization") {
        let field = guard.field;
        let (declared, variables): (_, fn(&Things) -> Value) = match field {
            "member" => (", $member: ID!", |of| json!({ "id": of.organization, "member": of.member })),
            _ => ("", |of| json!({ "id": of.organization })),
        };
        let below = if field.ends_with("Count") { "" } else { "{ __typename }" };
        let arguments = arguments(&format!("Organization.{field}"));
        let document =
            format!("($id: ID!{declared}) {{ organization(id: $id) {{ {field}{arguments} {below} }} }}");
        rows.push(in_organization(field, "", guard.permissions[0], &document, variables));
    }
    for (kind, rule, id) in NODES {
        rows.push(query(vec!["node"], kind, rule, "($id: ID!) { node(id: $id) { __typename id } }", id));
        rows.push(query(vec!["nodes"], kind, rule, "($id: ID!) { nodes(ids: [$id]) { __typename id } }", id));
    }
    rows.push(Row {
        root: "Subscription",
        path: vec!["organizationEvents"],
        about: "",
        rule: Needs("MEMBERS_READ"),
        document: "subscription ($id: ID!) { organizationEvents(organizationId: $id) { kind } }".to_owned(),
        full: None,
        variables: |of| json!({ "id": of.organization }),
    });
    let sdl = Sdl::of_repository();
    for (field, rule, variables) in MUTATIONS {
        let mut name = field.to_owned();
        name[..1].make_ascii_uppercase();
        let shown = selection(sdl, &format!("{name}Payload"), 2);
        let mutation = |shown: &str| {
            format!("mutation ($input: {name}Input!) {{ {field}(input: $input) {{ {shown} }} }}")
        };
        let (document, full) = (mutation("errors { code message path memberId }"), Some(mutation(&shown)));
        rows.push(Row { root: "Mutation", path: vec![field], about: "", rule, document, full, variables });
    }
    rows
}

fn query(
    path: Vec<&'static str>,
    about: &'static str,
    rule: Rule,
    document: &str,
    variables: fn(&Things) -> Value,
) -> Row {
    Row { root: "Query", path, about, rule, document: format!("query {document}"), full: None, variables }
}

fn in_organization(
    field: &'static str,
    about: &'static str,
    permission: &'static str,
    document: &str,
    variables: fn(&Things) -> Value,
) -> Row {
    query(vec!["organization", field], about, Needs(permission), document, variables)
}

impl Row {
    /// Asks, about these things.
    pub(crate) async fn ask(&self, person: &Person, about: &Things) -> Reply {
        self.send(&self.document, person, about).await
    }

    /// Asks for all that the answer can show.
    pub(crate) async fn ask_for_all(&self, person: &Person, about: &Things) -> Reply {
        self.send(self.full.as_ref().unwrap_or(&self.document), person, about).await
    }

    async fn send(&self, document: &str, person: &Person, about: &Things) -> Reply {
        let variables = (self.variables)(about);
        match self.root {
            "Mutation" => person.ask(document, &json!({ "input": variables })).await,
            "Subscription" => person.ask_for_events(document, &variables).await,
            _ => person.ask(document, &variables).await,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} {}", self.root, self.path.join("."), self.about)
    }
}
