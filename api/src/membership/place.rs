//! What a call names: an organization, or something of it. Where that is, the statement that locks the organization looks for itself.

use roster_entity::{
    ApiTokenId, GroupId, InvitationId, MemberId, NotificationId, OrganizationId, api_token, group,
    invitation, member, notification,
};
use sea_orm::{
    ColumnTrait, EntityTrait,
    sea_query::{Expr, Query, SimpleExpr},
};

/// What a call names.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Organization(OrganizationId),
    Member(MemberId),
    Group(GroupId),
    Invitation(InvitationId),
    Notification(NotificationId),
    ApiToken(ApiTokenId),
}

impl Place {
    /// What it is in a sentence.
    pub(super) fn what(self) -> &'static str {
        match self {
            Place::Organization(_) => "organization",
            Place::Member(_) => "member",
            Place::Group(_) => "group",
            Place::Invitation(_) => "invitation",
            Place::Notification(_) => "notification",
            Place::ApiToken(_) => "API token",
        }
    }

    /// The id of the organization, in a statement.
    pub(super) fn organization(self) -> SimpleExpr {
        match self {
            Place::Organization(id) => Expr::val(id),
            Place::Member(id) => {
                organization_of(member::Entity, member::Column::OrganizationId, member::Column::Id.eq(id))
            }
            Place::Group(id) => {
                organization_of(group::Entity, group::Column::OrganizationId, group::Column::Id.eq(id))
            }
            Place::Invitation(id) => organization_of(
                invitation::Entity,
                invitation::Column::OrganizationId,
                invitation::Column::Id.eq(id),
            ),
            Place::Notification(id) => organization_of(
                notification::Entity,
                notification::Column::OrganizationId,
                notification::Column::Id.eq(id),
            ),
            Place::ApiToken(id) => organization_of(
                api_token::Entity,
                api_token::Column::OrganizationId,
                api_token::Column::Id.eq(id),
            ),
        }
    }
}

fn organization_of<E: EntityTrait>(entity: E, organization: E::Column, is_it: SimpleExpr) -> SimpleExpr {
    Query::select().column(organization).from(entity).and_where(is_it).take().into()
}

impl From<OrganizationId> for Place {
    fn from(id: OrganizationId) -> Self {
        Place::Organization(id)
    }
}

impl From<MemberId> for Place {
    fn from(id: MemberId) -> Self {
        Place::Member(id)
    }
}
