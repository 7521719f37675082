//! Groups: creating, changing and deleting them. Nobody grants through a group what they do not have.

use roster_entity::{GroupId, OrganizationId, Permission, Permissions, activity, group, group_member, text};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, ModelTrait, QueryFilter};
use serde_json::{Value, json};

use super::{
    Access, Code, Error, Membership, Problem, Result,
    place::Place,
    settings::valid_name,
    transaction::{Entry, Transaction, retrying},
};
use crate::identity::Caller;

/// The longest description of a group, in characters.
const MAX_DESCRIPTION: usize = 500;

/// A group as it is asked for.
#[derive(Clone, Debug)]
pub struct CreateGroup {
    /// Where.
    pub organization: OrganizationId,
    /// Its name: unique in the organization, without regard to case.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it grants.
    pub permissions: Permissions,
}

/// What is to be changed of a group; `None` stays as it is.
#[derive(Clone, Debug)]
pub struct UpdateGroup {
    /// Which group.
    pub group: GroupId,
    /// Its new name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it grants.
    pub permissions: Option<Permissions>,
}

/// A group that was created or changed.
#[derive(Debug)]
pub struct GroupChanged {
    /// The caller's access to the organization.
    pub access: Access,
    /// The group.
    pub group: group::Model,
    /// `false` if everything was so before.
    pub changed: bool,
    /// What to tell the caller.
    pub message: String,
}

/// A group that was deleted.
#[derive(Debug)]
pub struct GroupDeleted {
    /// Its id, for caches.
    pub group: GroupId,
    /// What to tell the caller.
    pub message: String,
}

impl Membership {
    /// Creates a group.
    pub async fn create_group(&self, caller: &Caller, input: &CreateGroup) -> Result<GroupChanged> {
        retrying(|| self.create_group_once(caller, input)).await
    }

    async fn create_group_once(&self, caller: &Caller, input: &CreateGroup) -> Result<GroupChanged> {
        let mut tx = self.begin().await?;
        let access = tx.enter(caller, input.organization).await?;
        access.require(Permission::GroupsManage)?;
        let name = valid_name(&input.name)?;
        let group = group::Model {
            id: GroupId::generate(tx.now),
            organization_id: access.organization.id,
            sort_name: text::fold(&name),
            name,
            description: valid_description(&input.description)?,
            permissions: input.permissions.clone(),
            created_at: tx.now,
        };
        check_covers(&access, &group, "permissions")?;
        check_name_free(&tx, &group).await?;
        let group = group.into_active_model().reset_all().insert(&tx.conn).await?;
        let entry = Entry {
            group: Some(group.id),
            after: Some(summary(&group)),
            ..Entry::new(activity::Action::GroupCreated)
        };
        tx.record(&access.actor(), entry);
        tx.commit().await?;
        let message = format!("The group {} was created.", group.name);
        Ok(GroupChanged { access, group, changed: true, message })
    }

    /// Changes a group.
    pub async fn update_group(&self, caller: &Caller, input: &UpdateGroup) -> Result<GroupChanged> {
        retrying(|| self.update_group_once(caller, input)).await
    }

    async fn update_group_once(&self, caller: &Caller, input: &UpdateGroup) -> Result<GroupChanged> {
        let mut tx = self.begin().await?;
        let (access, before) = enter_by_group(&mut tx, caller, input.group).await?;
        check_covers(&access, &before, "groupId")?;
        let mut group = before.clone();
        if let Some(name) = &input.name {
            group.name = valid_name(name)?;
            group.sort_name = text::fold(&group.name);
        }
        if let Some(description) = &input.description {
            group.description = valid_description(description)?;
        }
        if let Some(permissions) = &input.permissions {
            group.permissions = permissions.clone();
        }
        check_covers(&access, &group, "permissions")?;
        if group == before {
            let message = format!("The group {} is like that already.", group.name);
            return Ok(GroupChanged { access, group, changed: false, message });
        }
        check_name_free(&tx, &group).await?;
        let group = group.into_active_model().reset_all().update(&tx.conn).await?;
        let entry = Entry {
            group: Some(group.id),
            before: Some(summary(&before)),
            after: Some(summary(&group)),
            ..Entry::new(activity::Action::GroupUpdated)
        };
        tx.record(&access.actor(), entry);
        tx.commit().await?;
        let message = format!("The group {} was changed.", group.name);
        Ok(GroupChanged { access, group, changed: true, message })
    }

    /// Deletes a group. Its members stay in the organization and lose what it granted.
    pub async fn delete_group(&self, caller: &Caller, group: GroupId) -> Result<GroupDeleted> {
        retrying(|| self.delete_group_once(caller, group)).await
    }

    async fn delete_group_once(&self, caller: &Caller, id: GroupId) -> Result<GroupDeleted> {
        let mut tx = self.begin().await?;
        let (access, group) = enter_by_group(&mut tx, caller, id).await?;
        check_covers(&access, &group, "groupId")?;
        let deleted = group_member::Entity::delete_many()
            .filter(group_member::Column::OrganizationId.eq(access.organization.id))
            .filter(group_member::Column::GroupId.eq(id))
            .exec(&tx.conn)
            .await?;
        let mut before = summary(&group);
        before["members"] = deleted.rows_affected.into();
        let message = format!("The group {} was deleted.", group.name);
        group.delete(&tx.conn).await?;
        let entry =
            Entry { group: Some(id), before: Some(before), ..Entry::new(activity::Action::GroupDeleted) };
        tx.record(&access.actor(), entry);
        tx.commit().await?;
        Ok(GroupDeleted { group: id, message })
    }
}

/// Locks the organization of a group for somebody who may manage groups, and reads the group.
pub(super) async fn enter_by_group(
    tx: &mut Transaction<'_>,
    caller: &Caller,
    id: GroupId,
) -> Result<(Access, group::Model)> {
    let place = Place::Group(id);
    let access = tx.enter(caller, place).await?;
    access.require(Permission::GroupsManage)?;
    let group = group::find_all_in(&tx.conn, access.organization.id, [id]).await?.pop();
    let group = group.ok_or(Error::NotFound(place.what()))?;
    Ok((access, group))
}

/// Refuses a group that grants more than the caller has; `field` of the input is to blame.
pub(super) fn check_covers(
    access: &Access,
    group: &group::Model,
    field: &str,
) -> std::result::Result<(), Problem> {
    if access.permissions.cover(&group.permissions) {
        return Ok(());
    }
    let message = format!("The group {} grants more than you have. Ask an owner.", group.name);
    Err(Problem::new(Code::PermissionAboveYours, message).at([field]))
}

async fn check_name_free(tx: &Transaction<'_>, group: &group::Model) -> Result<()> {
    let other = group::Entity::in_organization(group.organization_id)
        .filter(group::Column::SortName.eq(&group.sort_name))
        .filter(group::Column::Id.ne(group.id))
        .one(&tx.conn)
        .await?;
    match other {
        None => Ok(()),
        Some(other) => {
            let message = format!("There is a group {} already. Choose another name.", other.name);
            Err(Problem::new(Code::NameTaken, message).at(["name"]).into())
        }
    }
}

fn valid_description(description: &str) -> Result<String> {
    let description = text::clean_text(description);
    let length = description.chars().count();
    if length > MAX_DESCRIPTION {
        return Err(Error::BadInput(format!(
            "The description has {length} characters. Shorten it to at most {MAX_DESCRIPTION} characters."
        )));
    }
    Ok(description)
}

fn summary(group: &group::Model) -> Value {
    json!({ "name": group.name, "description": group.description, "permissions": group.permissions })
}
