//! The example operations of the playground: a walk from looking around to a removal and back.

use roster_entity::group;
use serde_json::json;

use crate::{
    app::Parts,
    development::demo::{LEAVER, OWNER, active_member},
    pages::graphiql::Tab,
};

/// The tabs of the playground.
pub(crate) async fn tabs(parts: &Parts) -> anyhow::Result<Vec<Tab>> {
    let organization = active_member(parts, OWNER).await?.map(|owner| owner.organization_id);
    let groups = match organization {
        Some(organization) => group::Entity::in_organization(organization).all(parts.database.read()).await?,
        None => Vec::new(),
    };
    let groups: Vec<_> =
        groups.iter().filter(|group| group.permissions.0.is_empty()).map(|group| group.id).collect();
    let leaver = active_member(parts, LEAVER).await?.map(|member| member.id);
    let tab = |title: &str, query: &str, variables: serde_json::Value| Tab {
        title: Some(title.to_owned()),
        query: query.to_owned(),
        variables,
    };
    Ok(vec![
        tab("Who belongs to Acme, and what you may do there.", MEMBERS, json!({ "slug": "acme" })),
        tab(
            "Invite somebody. Then open /mail, read the email, and click its link.",
            INVITE,
            json!({ "input": {
                "organizationId": organization,
                "people": [{ "email": "bob@example.com", "role": "MEMBER", "groupIds": groups }],
            } }),
        ),
        tab(
            "Review a member before you remove them.",
            REVIEW,
            json!({ "slug": "acme", "member": leaver, "note": "Thank you for everything!" }),
        ),
        tab(
            "Remove a member. Then read the email at /mail. Any id of the first tab works.",
            REMOVE,
            json!({ "input": { "memberId": leaver, "note": "Thank you for everything!" } }),
        ),
        tab("Undo it. Then read the email at /mail.", UNDO, json!({ "input": { "memberId": leaver } })),
        tab("What has happened, and which emails were sent.", ACTIVITY, json!({ "slug": "acme" })),
    ])
}

const MEMBERS: &str = "query Members($slug: String!, $search: String) {
  organization(slug: $slug) {
    name
    viewerPermissions
    members(first: 20, filter: {search: $search}) {
      nodes {
        id
        status
        role
        user { displayName email }
        groups { id name }
        viewerCanRemove
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}";

const INVITE: &str = "mutation Invite($input: InviteMembersInput!) {
  inviteMembers(input: $input) {
    message
    results {
      email
      invitation { id status expiresAt }
      error { code message }
    }
  }
}";

const REVIEW: &str = "query Review($slug: String!, $member: ID!, $note: String) {
  organization(slug: $slug) {
    member(id: $member) {
      user { displayName }
      removalPreview(note: $note) {
        role
        permissions { permission role groups { name } }
        groups { name }
        sentInvitations { nodes { email } }
        apiTokens { nodes { name lastUsedAt } }
        warnings
        viewerCannotRemoveBecause { message }
        email { to subject text }
        fingerprint
      }
    }
  }
}";

const REMOVE: &str = "mutation Remove($input: RemoveMemberInput!) {
  removeMember(input: $input) {
    changed
    message
    member { id status removedAt removedBy { displayName } }
    errors { code message }
  }
}";

const UNDO: &str = "mutation Undo($input: RestoreMemberInput!) {
  restoreMember(input: $input) {
    changed
    message
    warnings
    member { id status groups { name } }
    errors { code message }
  }
}";

const ACTIVITY: &str = "query Activity($slug: String!) {
  organization(slug: $slug) {
    activities(first: 10) {
      nodes {
        createdAt action actor { displayName } member { user { displayName } } before after reason
        notification { status }
      }
    }
    undeliveredNotificationCount
    notifications(first: 10) {
      nodes { createdAt kind recipient status attempts lastError }
    }
  }
}";
