//! Groups, and who is in them. Nobody grants through a group what they do not have (schema: `PERMISSION_ABOVE_YOURS`).

use std::collections::BTreeSet;

use super::{Access, Caller, Group, GroupNo, Outcome, Ruled, Status, Stop, done};
use crate::model::{
    operation::{Call, List, MemberOf},
    state::{Org, Permissions, World},
};

impl World {
    pub(super) fn create_group(
        &mut self,
        caller: Caller,
        org: Org,
        name: &'static str,
        permissions: &Permissions,
    ) -> Ruled {
        let access = self.enter(caller, org)?;
        access.require("GROUPS_MANAGE")?;
        not_above(&access, permissions)?;
        self.name_is_free(org, name, None)?;
        let group = Group { name, permissions: permissions.clone(), is_deleted: false };
        self.of_mut(org).groups.push(group);
        self.record(&access, "GROUP_CREATED", None);
        done()
    }

    /// "every permission that the group grants, before and after" (schema).
    pub(super) fn update_group(
        &mut self,
        caller: Caller,
        no: GroupNo,
        change: impl FnOnce(&mut Group),
    ) -> Ruled {
        let access = self.enter_group(caller, no)?;
        not_above(&access, &self.group(no).permissions)?;
        let mut group = self.group(no).clone();
        change(&mut group);
        not_above(&access, &group.permissions)?;
        if group == *self.group(no) {
            return Ok(Outcome::Unchanged);
        }
        self.name_is_free(no.0, group.name, Some(no.1))?;
        self.of_mut(no.0).groups[no.1] = group;
        self.record(&access, "GROUP_UPDATED", None);
        done()
    }

    pub(super) fn delete_group(&mut self, caller: Caller, no: GroupNo) -> Ruled {
        let access = self.enter_group(caller, no)?;
        not_above(&access, &self.group(no).permissions)?;
        let organization = self.of_mut(no.0);
        organization.groups[no.1].is_deleted = true;
        for member in organization.members.values_mut() {
            member.groups.remove(&no);
        }
        self.record(&access, "GROUP_DELETED", None);
        done()
    }

    pub(super) fn change_group_members(
        &mut self,
        caller: Caller,
        no: GroupNo,
        members: &[MemberOf],
        list: List,
        call: &Call,
    ) -> Ruled {
        let access = self.enter_group(caller, no)?;
        if let Some(answer) = self.answered_before(&access, call, list)? {
            return Ok(answer);
        }
        not_above(&access, &self.group(no).permissions)?;
        let is_adding = matches!(call, Call::AddToGroup(..));
        let mut seen = BTreeSet::new();
        let decide = |member: &MemberOf| {
            if !seen.insert(*member) {
                return Err("DUPLICATE_IN_REQUEST");
            }
            if member.0 != no.0 {
                return Err("MEMBER_NOT_FOUND");
            }
            let known = self.member(*member);
            if is_adding && known.status == Status::Removed {
                return Err("ALREADY_REMOVED");
            }
            Ok((known.groups.contains(&no) != is_adding).then_some(*member))
        };
        let decisions = members.iter().map(decide).collect();
        let items = self.carry_out(list, decisions, |world, member| {
            let groups = &mut world.member_mut(member).groups;
            let _ = if is_adding { groups.insert(no) } else { groups.remove(&no) };
            let action = if is_adding { "GROUP_MEMBER_ADDED" } else { "GROUP_MEMBER_REMOVED" };
            world.record(&access, action, Some(member.1));
            "done"
        });
        self.answer(&access, call, list, items, Vec::new())
    }

    /// The names of the groups that a member is in, by name.
    pub(super) fn group_names(&self, member: MemberOf) -> Vec<&'static str> {
        let mut names: Vec<_> = self.member(member).groups.iter().map(|no| self.group(*no).name).collect();
        names.sort_unstable();
        names
    }

    fn enter_group(&self, caller: Caller, no: GroupNo) -> Ruled<Access> {
        // What was deleted is not found before anything else is asked: nobody knows any more whose it was.
        if self.group(no).is_deleted {
            return Err(Stop::Refused("NOT_FOUND"));
        }
        let access = self.enter(caller, no.0)?;
        access.require("GROUPS_MANAGE")?;
        Ok(access)
    }

    fn name_is_free(&self, org: Org, name: &str, but: Option<usize>) -> Ruled<()> {
        let mut others =
            self.of(org).groups.iter().enumerate().filter(|(no, it)| Some(*no) != but && !it.is_deleted);
        if others.any(|(_, it)| it.name.eq_ignore_ascii_case(name)) {
            return Err(Stop::Fails("NAME_TAKEN"));
        }
        Ok(())
    }
}

fn not_above(access: &Access, permissions: &Permissions) -> Ruled<()> {
    if access.covers(permissions) { Ok(()) } else { Err(Stop::Fails("PERMISSION_ABOVE_YOURS")) }
}
