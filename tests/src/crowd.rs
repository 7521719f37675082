//! Many people at once, and lists that are longer than a page.

use roster_entity::{MemberId, OrganizationId, invitation, member, notification};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};

use crate::{Member, Organization};

/// The most people that one call invites.
const PER_CALL: usize = 500;

impl Organization {
    /// This many people, who are invited: `Bob 0`, `Bob 1`, … The emails are canceled, so that
    /// delivering does not take its time for them.
    pub async fn invited_crowd(&self, name: &str, size: usize) -> Vec<Member> {
        let people: Vec<_> = (0..size).map(|n| self.owner.roster.person(&format!("{name} {n}"))).collect();
        let mut crowd = Vec::with_capacity(size);
        for some in people.chunks(PER_CALL) {
            let invitees: Vec<_> = some.iter().map(|person| json!({ "email": person.address })).collect();
            let invited = self.invite_people(&self.owner, json!(invitees)).await;
            let results = invited.succeeds()["results"].as_array().expect("a list");
            let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
            crowd.extend(some.iter().zip(results).map(|(person, result)| Member {
                person: person.clone(),
                id: id(&result["member"]),
                invitation_id: id(&result["invitation"]),
            }));
        }
        let organization: OrganizationId = self.id.parse().expect("an id");
        notification::Entity::update_many()
            .col_expr(notification::Column::Status, notification::Status::Canceled.to_value().into())
            .filter(notification::Column::OrganizationId.eq(organization))
            .filter(notification::Column::Kind.eq(notification::Kind::Invitation))
            .filter(notification::Column::Status.eq(notification::Status::Queued))
            .exec(self.owner.roster.parts().database.write())
            .await
            .expect("the database answers");
        crowd
    }

    /// The same people, who have joined: written straight into the database.
    pub async fn crowd(&self, name: &str, size: usize) -> Vec<Member> {
        let crowd = self.invited_crowd(name, size).await;
        let ids = || crowd.iter().map(|member| member.id.parse::<MemberId>().expect("an id"));
        let db = self.owner.roster.parts().database.write();
        member::Entity::update_many()
            .col_expr(member::Column::Status, member::Status::Active.to_value().into())
            .col_expr(member::Column::JoinedAt, Expr::col(member::Column::InvitedAt))
            .filter(member::Column::Id.is_in(ids()))
            .exec(db)
            .await
            .expect("the database answers");
        invitation::Entity::update_many()
            .col_expr(invitation::Column::Answer, invitation::Answer::Accepted.to_value().into())
            .col_expr(invitation::Column::AnsweredAt, Expr::col(invitation::Column::SentAt))
            .filter(invitation::Column::MemberId.is_in(ids()))
            .exec(db)
            .await
            .expect("the database answers");
        crowd
    }

    /// All items of a list, page by page, as the owner sees them: `all("members", "filter: { status: [REMOVED] }", "id")`.
    pub async fn all(&self, list: &str, arguments: &str, fields: &str) -> Vec<Value> {
        let (mut items, mut after) = (Vec::new(), Value::Null);
        loop {
            let query = format!(
                "query ($id: ID!, $after: String) {{ organization(id: $id) {{
                    list: {list}(first: 100, after: $after, {arguments}) {{
                        nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }} }}"
            );
            let answer = self.owner.graphql(&query, json!({ "id": self.id, "after": after })).await;
            items.extend(answer.at("/organization/list/nodes").as_array().expect("a list").iter().cloned());
            if answer.at("/organization/list/pageInfo/hasNextPage") == false {
                return items;
            }
            after = answer.at("/organization/list/pageInfo/endCursor").clone();
        }
    }
}
