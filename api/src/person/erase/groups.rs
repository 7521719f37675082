//! Names of groups that name the person: they stay unique in their organization.

use roster_entity::{OrganizationId, group, text};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter,
};

use super::Erasure;
use crate::person::mentions;

impl Erasure<'_> {
    pub(super) async fn replace_in_groups(&mut self) -> Result<(), DbErr> {
        let mut rows = 0;
        for mention in mentions::lock(self.conn, &self.traces, "groups", "name", None).await? {
            let knows_them = self.is_known_in(mention.organization);
            let Some(replaced) = self.traces.replaced(&mention.text, knows_them) else { continue };
            let organization = OrganizationId(mention.organization);
            let name = self.free_name(organization, &replaced).await?;
            let Some(group) =
                group::Entity::find_by_id(roster_entity::GroupId(mention.id)).one(self.conn).await?
            else {
                continue;
            };
            let mut group = group.into_active_model();
            group.sort_name = Set(text::fold(&name));
            group.name = Set(name);
            group.update(self.conn).await?;
            rows += 1;
        }
        self.step("groups", "name", rows);
        Ok(())
    }

    /// The name, or the first of `name (2)`, `name (3)`, … that no group of the organization has.
    async fn free_name(&self, organization: OrganizationId, name: &str) -> Result<String, DbErr> {
        let name = text::truncate(name, text::MAX_NAME);
        let mut candidate = name.clone();
        for number in 2.. {
            let same = group::Entity::in_organization(organization)
                .filter(group::Column::SortName.eq(text::fold(&candidate)));
            if same.count(self.conn).await? == 0 {
                break;
            }
            let suffix = format!(" ({number})");
            candidate = text::truncate(&name, text::MAX_NAME - suffix.len()) + &suffix;
        }
        Ok(candidate)
    }
}
