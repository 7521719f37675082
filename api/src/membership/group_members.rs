//! Who is in a group: adding and taking out members, many at a time. Who cannot be added is told why, and does not keep
//! the others from being added.

use std::collections::{HashMap, HashSet};

use roster_entity::{GroupId, MemberId, OrganizationId, activity, group, group_member, member, user};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Access, Batch, Code, Error, Membership, Problem, Result, Run,
    groups::{check_covers, enter_by_group},
    idempotency::Keyed,
    transaction::{Entry, Transaction, retrying},
};
use crate::identity::Caller;

/// The most members that one call puts into a group or takes out of it.
pub const MAX_GROUP_MEMBERS: usize = 1_000;

/// Members to be put into a group or taken out of it.
#[derive(Clone, Debug)]
pub struct GroupMembers {
    /// Which group.
    pub group: GroupId,
    /// Whom: 1 to [`MAX_GROUP_MEMBERS`].
    pub members: Vec<MemberId>,
    /// How the list is carried out.
    pub batch: Batch,
}

/// What became of the members.
#[derive(Debug)]
pub struct GroupMembersChanged {
    /// The caller's access to the organization.
    pub access: Access,
    /// The group.
    pub group: group::Model,
    /// The answer.
    pub answer: GroupMembersAnswer,
    /// Whether this is the answer to an earlier request under the same key.
    pub replayed: bool,
}

/// What became of the members, as it is kept with an idempotency key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GroupMembersAnswer {
    /// A result for each member, in the order of the input.
    pub items: Vec<GroupMemberItem>,
    /// What to tell the caller.
    pub message: String,
}

/// What became of one member.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GroupMemberItem {
    /// The id as it was given.
    pub id: MemberId,
    /// Whether anything changed about the member; or why not.
    pub result: std::result::Result<bool, Problem>,
}

impl GroupMembersAnswer {
    /// Whether anything changed.
    pub fn changed(&self) -> bool {
        self.items.iter().any(|item| item.result == Ok(true))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
enum Direction {
    In,
    Out,
}

impl Membership {
    /// Puts active or invited members into a group.
    pub async fn add_group_members(
        &self,
        caller: &Caller,
        input: &GroupMembers,
    ) -> Result<GroupMembersChanged> {
        retrying(|| self.change_group_members(caller, input, Direction::In)).await
    }

    /// Takes members out of a group.
    pub async fn remove_group_members(
        &self,
        caller: &Caller,
        input: &GroupMembers,
    ) -> Result<GroupMembersChanged> {
        retrying(|| self.change_group_members(caller, input, Direction::Out)).await
    }

    async fn change_group_members(
        &self,
        caller: &Caller,
        input: &GroupMembers,
        direction: Direction,
    ) -> Result<GroupMembersChanged> {
        Error::check_count(input.members.len(), MAX_GROUP_MEMBERS)?;
        let mut tx = self.begin().await?;
        let (access, group) = enter_by_group(&mut tx, caller, input.group).await?;
        let keyed = input.keyed(direction)?;
        if let Some(answer) = tx.replay(&access, keyed.as_ref()).await? {
            return Ok(GroupMembersChanged { access, group, answer, replayed: true });
        }
        check_covers(&access, &group, "groupId")?;
        let known = members_by_id(&tx, access.organization.id, &input.members).await?;
        let inside = inside(&tx, &group, &input.members).await?;
        let mut seen = HashSet::new();
        let mut items = Vec::with_capacity(input.members.len());
        for (index, &id) in input.members.iter().enumerate() {
            let result = if seen.insert(id) {
                check(&access, id, known.get(&id), direction)
                    .map(|()| inside.contains(&id) != (direction == Direction::In))
            } else {
                let message = format!("{id} is in the list more than once; only the first counts.");
                Err(Problem::new(Code::DuplicateInRequest, message))
            };
            let result = result.map_err(|problem| problem.at(["memberIds", &index.to_string()]));
            items.push(GroupMemberItem { id, result });
        }

        let refused = items.iter().filter(|item| item.result.is_err()).count();
        if input.batch.is_refused(refused) {
            let untouched =
                |item: GroupMemberItem| GroupMemberItem { result: item.result.map(|_| false), ..item };
            items = items.into_iter().map(untouched).collect();
        }
        let ids: Vec<_> = items.iter().filter(|item| item.result == Ok(true)).map(|item| item.id).collect();
        write(&mut tx, &access, &group, &ids, direction);
        let answer = GroupMembersAnswer {
            message: summary(&group, ids.len(), refused, direction, input.batch.run),
            items,
        };
        tx.remember(&access, keyed.as_ref(), &answer).await?;
        tx.finish(input.batch.run).await?;
        Ok(GroupMembersChanged { access, group, answer, replayed: false })
    }
}

impl GroupMembers {
    fn keyed(&self, direction: Direction) -> Result<Option<Keyed<'_>>> {
        Keyed::of(&self.batch, "groupMembers", &(direction, self.group, &self.members, self.batch.mode))
    }
}

fn check(
    access: &Access,
    id: MemberId,
    known: Option<&(member::Model, user::Model)>,
    direction: Direction,
) -> std::result::Result<(), Problem> {
    let Some((member, user)) = known else {
        let message = format!("There is no member {id} in {}.", access.organization.name);
        return Err(Problem::new(Code::MemberNotFound, message));
    };
    if direction == Direction::In && member.status == member::Status::Removed {
        let message = format!(
            "{} was removed from {}. Invite them again.",
            user.display_name(),
            access.organization.name
        );
        return Err(Problem::new(Code::AlreadyRemoved, message).about(id));
    }
    Ok(())
}

async fn members_by_id(
    tx: &Transaction<'_>,
    organization: OrganizationId,
    ids: &[MemberId],
) -> Result<HashMap<MemberId, (member::Model, user::Model)>> {
    let found = member::find_all_in(&tx.conn, organization, ids.iter().copied()).await?;
    Ok(found.into_iter().map(|(member, user)| (member.id, (member, user))).collect())
}

async fn inside(tx: &Transaction<'_>, group: &group::Model, ids: &[MemberId]) -> Result<HashSet<MemberId>> {
    let pairs = group_member::Entity::in_organization(group.organization_id)
        .filter(group_member::Column::GroupId.eq(group.id))
        .filter(tx.one_of(group_member::Column::MemberId, ids.iter().copied()))
        .all(&tx.conn)
        .await?;
    Ok(pairs.into_iter().map(|pair| pair.member_id).collect())
}

fn write(
    tx: &mut Transaction<'_>,
    access: &Access,
    group: &group::Model,
    ids: &[MemberId],
    direction: Direction,
) {
    let action = match direction {
        Direction::In => {
            let pairs = ids.iter().map(|&member| group_member::ActiveModel {
                group_id: Set(group.id),
                member_id: Set(member),
                organization_id: Set(group.organization_id),
            });
            tx.writes.insert(pairs.collect());
            activity::Action::GroupMemberAdded
        }
        Direction::Out => {
            let pairs = group_member::Entity::delete_many()
                .filter(group_member::Column::OrganizationId.eq(group.organization_id))
                .filter(group_member::Column::GroupId.eq(group.id))
                .filter(tx.one_of(group_member::Column::MemberId, ids.iter().copied()));
            tx.writes.delete(pairs);
            activity::Action::GroupMemberRemoved
        }
    };
    for &id in ids {
        let name = Some(json!({ "group": group.name }));
        let (before, after) = if direction == Direction::In { (None, name) } else { (name, None) };
        let entry = Entry { member: Some(id), group: Some(group.id), before, after, ..Entry::new(action) };
        tx.record(&access.actor(), entry);
    }
}

fn summary(group: &group::Model, changed: usize, refused: usize, direction: Direction, run: Run) -> String {
    let people = match changed {
        0 => "Nobody".to_owned(),
        1 => "1 member".to_owned(),
        n => format!("{n} members"),
    };
    let was = run.was(changed);
    let mut summary = match direction {
        Direction::In => format!("{people} {was} added to the group {}", group.name),
        Direction::Out => format!("{people} {was} taken out of the group {}", group.name),
    };
    if refused > 0 {
        let what = if direction == Direction::In { "added" } else { "taken out" };
        summary += &format!("; {refused} {} be {what}", run.could_not());
    }
    summary + "."
}
