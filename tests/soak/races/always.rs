//! What holds of every organization, whatever was done to it at the same moment: its log, read from the beginning, tells a
//! history that can have happened, and that ends with the rows as they are; and each email that it speaks of was sent once.

mod emails;
mod history;

use std::collections::BTreeSet;

use roster_entity::{OrganizationId, api_token, group, group_member, invitation, member};
use roster_tests::{Organization, Roster};
use sea_orm::DatabaseConnection;

use self::history::History;

/// Looks at all of them, after everything is delivered; how many mails there were.
pub(crate) async fn holds(roster: &Roster, organizations: &[Organization]) -> usize {
    let mails = emails::delivered(roster).await;
    let db = roster.parts().database.read();
    let mut sent = 0;
    for organization in organizations {
        let id = organization.id.parse().unwrap();
        let history = History::read(db, id).await.unwrap_or_else(|e| panic!("{}: {e}", organization.name));
        sent += emails::are_those_of(&history, db, id, &mails).await;
        ends_with_the_rows(&history, db, id, &organization.name).await;
    }
    sent
}

async fn ends_with_the_rows(history: &History, db: &DatabaseConnection, id: OrganizationId, name: &str) {
    let members = member::Entity::in_organization(id).all(db).await.unwrap();
    let pairs = group_member::Entity::in_organization(id).all(db).await.unwrap();
    let tokens = api_token::Entity::in_organization(id).all(db).await.unwrap();
    let open = invitation::Entity::open(id).all(db).await.unwrap();
    assert_eq!(members.len(), history.members.len(), "{name}: {members:#?}");
    for row in &members {
        let told = &history.members[&row.id];
        assert_eq!((row.status, row.role), (told.status, told.role), "{name}: {row:#?}");
        let groups: BTreeSet<_> =
            pairs.iter().filter(|pair| pair.member_id == row.id).map(|pair| pair.group_id).collect();
        assert_eq!(groups, told.groups, "{name}: {row:#?}");
        let invitations = open.iter().filter(|invitation| invitation.member_id == row.id).count();
        assert_eq!(invitations, usize::from(row.status == member::Status::Invited), "{name}: {row:#?}");
    }
    for token in &tokens {
        assert_eq!(token.revoked_at.is_none(), history.tokens.contains(&token.id), "{name}: {token:#?}");
    }
    let groups = group::Entity::in_organization(id).all(db).await.unwrap();
    let ids: BTreeSet<_> = groups.iter().map(|group| group.id).collect();
    assert_eq!(ids, history.groups, "{name}");
}
