//! The rows of a run: organizations of the sizes that are measured, put straight into the database.
//!
//! Ids are made from numbers ([`id`]), so that a script of pgbench can name the rows that it changes.

mod names;
mod rows;

use std::ops::Range;

use roster_entity::OrganizationId;
use uuid::Uuid;

pub(crate) use self::{
    names::COMMON_PART,
    names::RARE_PART,
    rows::{insert, vacuum},
};

/// The groups of each organization.
pub(crate) const GROUPS: u64 = 20;
/// In how many groups each member is.
pub(crate) const GROUPS_OF_MEMBER: u64 = 3;
/// How many members of each organization have the rare name.
const RARE: u64 = 60;

/// A person who is in all organizations.
pub(crate) struct Person {
    pub(crate) number: u64,
    pub(crate) name: &'static str,
    pub(crate) email: &'static str,
    role: &'static str,
}

/// Who calls.
pub(crate) const ADMIN: Person =
    Person { number: 0, name: "Ada Admin", email: "ada.admin@acme.example", role: "ADMIN" };
/// An organization always has one.
const OWNER: Person =
    Person { number: 1, name: "Olga Owner", email: "olga.owner@acme.example", role: "OWNER" };

/// What an id is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Organization = 0,
    User = 1,
    Member = 2,
    /// Its number is that of the organization, times 100, and its own.
    Group = 3,
}

/// What all ids of rows that were seeded begin with.
pub(crate) const START_OF_IDS: &str = "019aa000-0000-700";

/// The id with a number: a UUIDv7 whose last twelve digits are the number in decimal.
pub(crate) fn id(kind: Kind, number: u64) -> Uuid {
    let text = format!("{START_OF_IDS}{}-8000-{number:012}", kind as u8);
    text.parse().expect("twelve digits")
}

/// Organizations with members. Each member is a person of their own.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// The numbers of the organizations.
    pub(crate) organizations: Range<u64>,
    /// The numbers of the members and of the people; they go to the organizations by turns.
    pub(crate) members: Range<u64>,
}

impl Block {
    /// How many members each organization has.
    pub(crate) fn size(&self) -> u64 {
        (self.members.end - self.members.start) / self.count()
    }

    /// How many organizations there are.
    pub(crate) fn count(&self) -> u64 {
        self.organizations.end - self.organizations.start
    }

    /// The organization of a member.
    pub(crate) fn organization_of(&self, member: u64) -> u64 {
        self.organizations.start + (member - self.members.start) % self.count()
    }

    /// The groups of a member, by their number in the organization.
    pub(crate) fn groups_of(&self, member: u64) -> [u64; GROUPS_OF_MEMBER as usize] {
        let first = (member - self.members.start) / self.count();
        [first, first + 7, first + 13].map(|group| group % GROUPS)
    }

    /// The id of its first organization, as the API takes it.
    pub(crate) fn organization(&self) -> OrganizationId {
        OrganizationId(id(Kind::Organization, self.organizations.start))
    }
}

/// What is measured.
pub(crate) struct Seeds {
    /// One organization of each size.
    pub(crate) sized: Vec<Block>,
    next_organization: u64,
    next_member: u64,
}

impl Seeds {
    /// Organizations of these sizes.
    pub(crate) fn new(sizes: &[u64]) -> Self {
        // The first numbers are those of the people who are everywhere, and of their memberships.
        let mut seeds = Self { sized: Vec::new(), next_organization: 1, next_member: 1_000_000 };
        seeds.sized = sizes.iter().map(|&size| seeds.block(1, size)).collect();
        seeds
    }

    /// So many more organizations of a size.
    pub(crate) fn block(&mut self, count: u64, size: u64) -> Block {
        let (organization, member) = (self.next_organization, self.next_member);
        self.next_organization += count;
        self.next_member += count * size;
        Block { organizations: organization..self.next_organization, members: member..self.next_member }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_shows_its_number() {
        assert_eq!(id(Kind::Member, 1_234_567).to_string(), "019aa000-0000-7002-8000-000001234567");
        assert_eq!(id(Kind::User, 0).get_version_num(), 7);
    }

    #[test]
    fn blocks_share_no_number() {
        let mut seeds = Seeds::new(&[1_000, 5_000]);
        let spread = seeds.block(10, 200);
        let [small, large] = &seeds.sized[..] else { panic!("two") };
        assert_eq!((small.size(), large.size(), spread.size()), (1_000, 5_000, 200));
        assert_eq!((small.members.end, large.members.end), (large.members.start, spread.members.start));
        assert_eq!(spread.organization_of(spread.members.start + 13), spread.organizations.start + 3);
        let groups = spread.groups_of(spread.members.start + 10 * 12);
        assert_eq!(groups, [12, 19, 5]);
    }
}
