//! Many members at once, straight into the database.

use roster_entity::{EmailAddress, MemberId, Role, UserId, member, user};
use roster_tests::Organization;
use sea_orm::{ActiveValue::Set, EntityTrait};

/// So many active members of an organization, without an email; their addresses.
pub(crate) async fn members(organization: &Organization, count: usize) -> Vec<String> {
    let roster = &organization.owner.roster;
    let (db, now) = (roster.parts().database.write(), roster.now());
    let addresses: Vec<_> = (0..count).map(|n| format!("person{n:04}@example.com")).collect();
    let mut users = Vec::new();
    let mut members = Vec::new();
    for (n, address) in addresses.iter().enumerate() {
        let email: EmailAddress = address.parse().unwrap();
        let user = user::Model {
            id: UserId::generate(now),
            email_norm: Some(email.normalized()),
            email,
            name: Some(format!("Person {n:04}")),
            created_at: now,
        };
        members.push(member::ActiveModel {
            id: Set(MemberId::generate(now)),
            organization_id: Set(organization.id.parse().unwrap()),
            user_id: Set(user.id),
            role: Set(Role::Member),
            status: Set(member::Status::Active),
            sort_name: Set(user.sort_name()),
            search: Set(user.search_text()),
            joined_at: Set(Some(now)),
            created_at: Set(now),
            ..Default::default()
        });
        users.push(user::ActiveModel::from(user));
    }
    for users in users.chunks(500) {
        user::Entity::insert_many(users.to_vec()).exec_without_returning(db).await.unwrap();
    }
    for members in members.chunks(500) {
        member::Entity::insert_many(members.to_vec()).exec_without_returning(db).await.unwrap();
    }
    addresses
}
