//! Rows that are read by the places of their columns: the same as those that are read by their names.

use chrono::TimeDelta;
use roster_entity::{MemberId, group, identity, member, organization, standing, user};
use roster_tests::{On, Roster};
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

#[rstest]
#[tokio::test]
async fn each_column_is_read_into_its_field(#[values(On::Sqlite, On::Postgres)] on: On) {
    let roster = Roster::start(on).await;
    let acme = roster.organization("Acme").await;
    let settings = json!({ "name": "Ajax", "contactEmail": "contact@example.com", "replyToEmail": "reply@example.com", "brandingLine": "Ours",
        "invitationLifetimeDays": 3, "restoreWindowDays": 5, "allowedEmailDomains": ["example.com"] });
    acme.owner.update_organization(&acme, settings).await.succeeds();
    let design = acme.group("Design", &["MEMBERS_READ"]).await;
    acme.owner.update_group(&design, json!({ "description": "Shapes" })).await.succeeds();
    roster.pass(TimeDelta::hours(1));
    let bob = acme.invited_as("Bob", "ADMIN", &[&design]).await;
    roster.pass(TimeDelta::hours(1));
    bob.accept(&roster.link_token(&bob.address).await).await.succeeds();
    roster.pass(TimeDelta::hours(1));
    acme.owner.remove_with(json!({ "memberId": bob.id, "note": "Between you and me." })).await.succeeds();

    let db = roster.parts().database.read();
    let id: MemberId = bob.id.parse().unwrap();
    let row = member::Entity::find_by_id(id).one(db).await.unwrap().unwrap();
    let person = user::Entity::find_by_id(row.user_id).one(db).await.unwrap().unwrap();
    let read = member::find_in(db, row.organization_id, id).await.unwrap();
    assert_eq!(read, Some((row.clone(), person.clone())));

    roster.pass(TimeDelta::hours(1));
    acme.owner.restore(&bob).await.succeeds();
    let restored = member::Entity::find_by_id(id).one(db).await.unwrap().unwrap();
    assert!(restored.restored_at.is_some() && restored.restored_at != restored.joined_at);
    let identity = identity::Entity::find().filter(identity::Column::UserId.eq(person.id));
    let identity = identity.one(db).await.unwrap().unwrap();
    let read = standing::of_identity(db, &identity.issuer, &identity.subject).await.unwrap();
    let (user, standings) = read.unwrap();
    assert_eq!(user, person);
    let standing = standings.unwrap().remove(&row.organization_id).unwrap();
    assert_eq!((standing.user, standing.member), (person, restored));
    assert_eq!(standing.groups, group::Entity::find().all(db).await.unwrap());
    let organizations = organization::Entity::find().all(db).await.unwrap();
    assert_eq!([standing.organization].as_slice(), organizations);
}
