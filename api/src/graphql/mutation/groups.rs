//! Mutations of groups.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use roster_entity::{MemberId, Permissions};

use super::{MutationError, batch, found::Found, payloads, settle, settle_then};
use crate::{
    graphql::{
        caller,
        enums::{BatchMode, Permission},
        group::Group,
        member::Member,
        operations,
        scope::Scope,
    },
    membership::{
        self, CreateGroup, GroupChanged, GroupDeleted, GroupMembers, GroupMembersChanged, Rows, UpdateGroup,
    },
};

/// A group to be created.
#[derive(InputObject)]
struct CreateGroupInput {
    /// The organization of the group: `organization_…`.
    organization_id: ID,
    /// Its name: 1 to 100 characters, unique in the organization without regard to case.
    name: String,
    /// What it is for: at most 500 characters.
    #[graphql(default)]
    description: String,
    /// What it grants to its members: nothing that you do not have.
    #[graphql(default)]
    permissions: Vec<Permission>,
}

/// The answer to `createGroup`.
#[derive(Default, SimpleObject)]
struct CreateGroupPayload {
    /// The group; `null` if there are errors.
    group: Option<Group>,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

/// What is to be changed of a group. What you do not give stays as it is.
#[derive(InputObject)]
struct UpdateGroupInput {
    /// The id of the group: `group_…`.
    group_id: ID,
    /// Its new name: 1 to 100 characters, unique in the organization without regard to case.
    name: Option<String>,
    /// What it is for: at most 500 characters.
    description: Option<String>,
    /// What it grants to its members: nothing that you do not have.
    permissions: Option<Vec<Permission>>,
}

/// The answer to `updateGroup`.
#[derive(Default, SimpleObject)]
struct UpdateGroupPayload {
    /// The group; `null` if there are errors.
    group: Option<Group>,
    /// Whether anything was changed.
    changed: bool,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

/// The group to be deleted.
#[derive(InputObject)]
struct DeleteGroupInput {
    /// The id of the group: `group_…`.
    group_id: ID,
}

/// The answer to `deleteGroup`.
#[derive(Default, SimpleObject)]
struct DeleteGroupPayload {
    /// The id of the group that is gone, for caches; `null` if there are errors.
    deleted_group_id: Option<ID>,
    /// A sentence to show to a person; `null` if there are errors.
    message: Option<String>,
    /// Why nothing was done; empty if it was.
    errors: Vec<MutationError>,
}

/// Members to be put into a group.
#[derive(InputObject)]
struct AddGroupMembersInput {
    /// The id of the group: `group_…`.
    group_id: ID,
    /// The members, active or invited: 1 to 1,000.
    member_ids: Vec<ID>,
    /// What happens when some of them are refused.
    #[graphql(default_with = "BatchMode::Partial")]
    mode: BatchMode,
    /// Goes the whole way, and takes it back: the answer says what would be done, and nothing is.
    #[graphql(default)]
    dry_run: bool,
    /// A name of your choice for this request: 1 to 255 characters. Sent again within 24 hours, the request is answered with
    /// the first answer and not carried out again; another request under the same key is `IDEMPOTENCY_KEY_REUSED`.
    idempotency_key: Option<String>,
}

/// The answer to `addGroupMembers`.
#[derive(Default, SimpleObject)]
struct AddGroupMembersPayload {
    /// The group; `null` if nothing was tried.
    group: Option<Group>,
    /// What became of each member, in the order of the input.
    results: Vec<GroupMemberResult>,
    /// Whether anybody was added.
    changed: bool,
    /// Whether this is the answer to an earlier request under the same idempotency key.
    replayed: bool,
    /// A sentence to show to a person; `null` if nothing was tried.
    message: Option<String>,
    /// Why members were not added; empty if all are in the group now.
    errors: Vec<MutationError>,
}

/// Members to be taken out of a group.
#[derive(InputObject)]
struct RemoveGroupMembersInput {
    /// The id of the group: `group_…`.
    group_id: ID,
    /// The members: 1 to 1,000.
    member_ids: Vec<ID>,
    /// What happens when some of them are refused.
    #[graphql(default_with = "BatchMode::Partial")]
    mode: BatchMode,
    /// Goes the whole way, and takes it back: the answer says what would be done, and nothing is.
    #[graphql(default)]
    dry_run: bool,
    /// A name of your choice for this request: 1 to 255 characters. Sent again within 24 hours, the request is answered with
    /// the first answer and not carried out again; another request under the same key is `IDEMPOTENCY_KEY_REUSED`.
    idempotency_key: Option<String>,
}

/// The answer to `removeGroupMembers`.
#[derive(Default, SimpleObject)]
struct RemoveGroupMembersPayload {
    /// The group; `null` if nothing was tried.
    group: Option<Group>,
    /// What became of each member, in the order of the input.
    results: Vec<GroupMemberResult>,
    /// Whether anybody was taken out.
    changed: bool,
    /// Whether this is the answer to an earlier request under the same idempotency key.
    replayed: bool,
    /// A sentence to show to a person; `null` if nothing was tried.
    message: Option<String>,
    /// Why members were not taken out; empty if none is in the group now.
    errors: Vec<MutationError>,
}

/// What became of one member who should be put into a group or taken out of it.
#[derive(SimpleObject)]
struct GroupMemberResult {
    /// The id as it was given.
    member_id: ID,
    /// The member; `null` if there is an error.
    member: Option<Member>,
    /// Whether anything was changed for this member; `false` if it was so before.
    changed: bool,
    /// Why nothing was done; `null` if it was.
    error: Option<MutationError>,
}

payloads!(
    CreateGroupPayload,
    UpdateGroupPayload,
    DeleteGroupPayload,
    AddGroupMembersPayload,
    RemoveGroupMembersPayload
);

#[derive(Default)]
pub(super) struct GroupMutation;

#[Object]
impl GroupMutation {
    /// Creates a group. Needs `GROUPS_MANAGE`, and every permission that the group grants.
    async fn create_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The group to be created.")] input: CreateGroupInput,
    ) -> Option<Result<CreateGroupPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let input = CreateGroup {
                organization: input.organization_id.parse()?,
                name: input.name,
                description: input.description,
                permissions: permissions(input.permissions),
            };
            operations(ctx).create_group(caller, &input).await
        };
        let payload = |done: GroupChanged| CreateGroupPayload {
            group: Some(Group { scope: Scope::new(operations(ctx), done.access), row: done.group.into() }),
            message: Some(done.message),
            errors: Vec::new(),
        };
        settle(operation, payload).await
    }

    /// Changes a group. Needs `GROUPS_MANAGE`, and every permission that the group grants, before and after.
    async fn update_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be changed.")] input: UpdateGroupInput,
    ) -> Option<Result<UpdateGroupPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let input = UpdateGroup {
                group: input.group_id.parse()?,
                name: input.name,
                description: input.description,
                permissions: input.permissions.map(permissions),
            };
            operations(ctx).update_group(caller, &input).await
        };
        let payload = |done: GroupChanged| UpdateGroupPayload {
            group: Some(Group { scope: Scope::new(operations(ctx), done.access), row: done.group.into() }),
            changed: done.changed,
            message: Some(done.message),
            errors: Vec::new(),
        };
        settle(operation, payload).await
    }

    /// Deletes a group. Its members stay in the organization and lose what the group granted. Needs `GROUPS_MANAGE`, and
    /// every permission that the group grants.
    async fn delete_group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The group to be deleted.")] input: DeleteGroupInput,
    ) -> Option<Result<DeleteGroupPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let group = input.group_id.parse()?;
            operations(ctx).delete_group(caller, group).await
        };
        let payload = |done: GroupDeleted| DeleteGroupPayload {
            deleted_group_id: Some(done.group.to_string().into()),
            message: Some(done.message),
            errors: Vec::new(),
        };
        settle(operation, payload).await
    }

    /// Puts members into a group. Who cannot be added is told in `results` and does not keep the others from being added.
    /// Needs `GROUPS_MANAGE`, and every permission that the group grants.
    async fn add_group_members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The members to be put into a group.")] input: AddGroupMembersInput,
    ) -> Option<Result<AddGroupMembersPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let input = GroupMembers {
                group: input.group_id.parse()?,
                members: member_ids(&input.member_ids)?,
                batch: batch(input.mode, input.dry_run, input.idempotency_key),
            };
            operations(ctx).add_group_members(caller, &input).await
        };
        let show = async |done| {
            let Changed { group, results, changed, replayed, message, errors } = changed(ctx, done).await?;
            Ok(AddGroupMembersPayload { group, results, changed, replayed, message, errors })
        };
        settle_then(operation, show).await
    }

    /// Takes members out of a group. They stay in the organization and lose what the group granted. Needs `GROUPS_MANAGE`,
    /// and every permission that the group grants.
    async fn remove_group_members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The members to be taken out of a group.")] input: RemoveGroupMembersInput,
    ) -> Option<Result<RemoveGroupMembersPayload>> {
        let operation = async {
            let caller = caller(ctx)?;
            let input = GroupMembers {
                group: input.group_id.parse()?,
                members: member_ids(&input.member_ids)?,
                batch: batch(input.mode, input.dry_run, input.idempotency_key),
            };
            operations(ctx).remove_group_members(caller, &input).await
        };
        let show = async |done| {
            let Changed { group, results, changed, replayed, message, errors } = changed(ctx, done).await?;
            Ok(RemoveGroupMembersPayload { group, results, changed, replayed, message, errors })
        };
        settle_then(operation, show).await
    }
}

fn permissions(list: Vec<Permission>) -> Permissions {
    list.into_iter().map(Into::into).collect()
}

fn member_ids(ids: &[ID]) -> membership::Result<Vec<MemberId>> {
    Ok(ids.iter().map(|id| id.parse()).collect::<std::result::Result<_, _>>()?)
}

/// What both payloads have.
struct Changed {
    group: Option<Group>,
    results: Vec<GroupMemberResult>,
    changed: bool,
    replayed: bool,
    message: Option<String>,
    errors: Vec<MutationError>,
}

async fn changed(ctx: &Context<'_>, done: GroupMembersChanged) -> Result<Changed> {
    let scope = Scope::new(operations(ctx), done.access);
    let answer = done.answer;
    let changed = answer.changed();
    let good = answer.items.iter().filter(|item| item.result.is_ok()).map(|item| item.id);
    let asked = ctx.look_ahead().field("results").field("member");
    let mut found = Found::new(scope.clone(), Rows::default()).with_members(asked, good).await?;
    let mut errors = Vec::new();
    let result = |item: membership::GroupMemberItem| {
        let member_id = item.id.to_string().into();
        match item.result {
            Ok(changed) => {
                GroupMemberResult { member_id, member: found.member(item.id), changed, error: None }
            }
            Err(problem) => {
                let error = MutationError::from(problem);
                errors.push(error.clone());
                GroupMemberResult { member_id, member: None, changed: false, error: Some(error) }
            }
        }
    };
    let results = answer.items.into_iter().map(result).collect();
    let group = Some(Group { scope, row: done.group.into() });
    Ok(Changed { group, results, changed, replayed: done.replayed, message: Some(answer.message), errors })
}
