//! Two organizations with five thousand members each, and everything that has come with them.

use roster_entity::GroupId;
use roster_tests::{Organization, Plans, Roster, seed_members, seed_outbox};
use sea_orm::ConnectionTrait;

use super::Findings;

/// Members of each organization.
const MEMBERS: usize = 5_000;

/// What has happened with each seeded member, who has a number: one of ten has not joined; those who come first by name and by
/// date have left; and one of 400 is an administrator. What is rare is so in all tables, and lies far from where a list begins.
const HISTORY: [&str; 14] = [
    "UPDATE members SET search = sort_name || chr(10) || 'p' || substr(sort_name, 8) || '@example.com' WHERE sort_name LIKE 'person %'",
    "UPDATE members SET status = 'INVITED', joined_at = NULL WHERE sort_name LIKE 'person %7'",
    "UPDATE members SET status = 'REMOVED', removal = 'LEFT', removed_at = created_at, removed_by = user_id, joined_at = created_at - interval '1 day'
     WHERE sort_name LIKE 'person 1%'",
    "DELETE FROM group_members g USING members m WHERE m.id = g.member_id AND m.status = 'REMOVED'",
    "UPDATE members SET role = 'ADMIN' WHERE sort_name LIKE 'person %' AND substr(sort_name, 8)::int % 400 = 0",
    "INSERT INTO invitations (id, organization_id, member_id, email, email_norm, answer, link_version, expires_at, sent_at, invited_by, answered_at, revoked_by, created_at)
     SELECT {id}, organization_id, id, email, email, answer, 1, created_at + CASE WHEN number % 500 = 7 THEN interval '0' ELSE interval '7 days' END,
            created_at, user_id, CASE WHEN answer <> 'PENDING' THEN created_at END, CASE WHEN answer = 'REVOKED' THEN user_id END, created_at
     FROM (SELECT *, CASE WHEN status = 'INVITED' THEN 'PENDING' WHEN number % 100 = 2 THEN 'DECLINED' WHEN number % 100 = 3 THEN 'REVOKED'
                          ELSE 'ACCEPTED' END AS answer FROM seeded) AS invited",
    "INSERT INTO activities (id, organization_id, action, actor_id, member_id, created_at)
     SELECT gen_random_uuid(), organization_id, 'INVITATION_ACCEPTED', user_id, id, created_at - number * interval '1 minute' FROM seeded",
    r#"INSERT INTO notifications (id, organization_id, kind, member_id, recipient_email, snapshot, status, attempts, available_at, sweep_at, sent_at, created_at)
     SELECT {id}, organization_id, 'ROLE_CHANGED', id, email,
            '{"organization": "Acme", "actor": {"name": "Olivia", "email": "olivia@example.com"}, "contact": "olivia@example.com",
              "at": "2026-11-01T12:00:00Z", "event": "ROLE_CHANGED", "before": "ADMIN", "after": "MEMBER"}', 'SENT', 1, created_at, created_at, created_at, created_at FROM seeded"#,
    "UPDATE notifications n SET status = 'FAILED', sent_at = NULL FROM seeded WHERE m.id = member_id AND number % 100 = 4",
    "UPDATE notifications n SET status = 'CANCELED', sent_at = NULL FROM seeded WHERE m.id = member_id AND number % 100 = 5",
    "INSERT INTO api_tokens (id, organization_id, member_id, name, secret_hash, permissions, created_at, expires_at, revoked_at)
     SELECT {id}, organization_id, id, 'Script', uuid_send(id), '[]', created_at, CASE WHEN number % 100 = 2 THEN created_at END,
            CASE WHEN number % 100 = 3 THEN created_at END FROM seeded",
    "INSERT INTO activities (id, organization_id, action, actor_id, member_id, api_token_id, created_at)
     SELECT gen_random_uuid(), organization_id, 'MEMBER_ROLE_CHANGED', (SELECT t.user_id FROM members t WHERE t.id = '019aa600-0000-7002-8000-000000000002'),
            id, (SELECT min(t.id::text)::uuid FROM api_tokens t WHERE t.organization_id = m.organization_id), created_at - number * interval '1 minute' FROM seeded WHERE role = 'ADMIN'",
    "INSERT INTO activities (id, organization_id, action, actor_id, member_id, group_id, created_at)
     SELECT gen_random_uuid(), organization_id, 'GROUP_MEMBER_ADDED', user_id, id, (SELECT g.id FROM groups g WHERE g.organization_id = m.organization_id LIMIT 1),
            created_at - number * interval '1 minute' FROM seeded",
    "INSERT INTO identities (issuer, subject, user_id, created_at) SELECT 'roster', email, user_id, created_at FROM seeded",
];

const SEEDED: &str = "(SELECT m.*, u.email, NULLIF(substr(m.sort_name, 8), '')::int AS number FROM members m JOIN users u ON u.id = m.user_id
    WHERE u.email LIKE 'p%@example.com') AS m";

/// What has come with members has ids in their order: all of Globex's are newer than all of Acme's.
const ID: &str = "('018aa600-0000-7000-8000-' || lpad(number::text, 12, '0'))::uuid";

/// Acme is looked at, and Globex stands beside it.
pub(super) struct World {
    pub(super) roster: Roster,
    plans: Plans,
    pub(super) globex: Organization,
}

/// Acme and Globex, whose owners are people of their own. Nothing is known about the tables yet.
pub(super) async fn large() -> (World, Organization) {
    let (roster, plans) = Roster::watching_plans().await;
    let acme = roster.organization("Acme").await;
    let globex = roster.organization_of("Hank", "Globex").await;
    let db = roster.parts().database.write();
    for (number, organization) in [&acme, &globex].into_iter().enumerate() {
        let group = organization.group("Everybody", &[]).await;
        let numbers = number * MEMBERS + 1..=(number + 1) * MEMBERS;
        seed_members(db, &organization.id, &group, numbers, "").await;
    }
    for insert in HISTORY {
        db.execute_unprepared(&insert.replace("seeded", SEEDED).replace("{id}", ID)).await.unwrap();
    }
    (World { roster, plans, globex }, acme)
}

impl World {
    /// Groups of an organization that have everybody, one of ten, and one of five hundred.
    pub(super) async fn groups(&self, organization: &Organization) -> [String; 3] {
        let everybody = organization.seen_by(&organization.owner, "groups(first: 1) { nodes { id } }").await;
        let groups = [
            everybody.text("/organization/groups/nodes/0/id"),
            organization.group("Some", &[]).await,
            organization.group("Few", &[]).await,
        ];
        for (group, one_of) in [(&groups[1], 10), (&groups[2], 500)] {
            let group = group.parse::<GroupId>().unwrap().0;
            let insert = format!(
                "INSERT INTO group_members (group_id, member_id, organization_id) SELECT g.id, m.id, m.organization_id
                 FROM seeded JOIN groups g USING (organization_id) WHERE g.id = '{group}' AND number % {one_of} = 0 AND status <> 'REMOVED'"
            );
            self.roster
                .parts()
                .database
                .write()
                .execute_unprepared(&insert.replace("seeded", SEEDED))
                .await
                .unwrap();
        }
        groups
    }

    /// PostgreSQL looks at how much there is of what, as it does by itself now and then. After that the worker stays away for a
    /// while, and emails wait of which it does not know.
    pub(super) async fn analyzed(self) -> Findings {
        let db = self.roster.parts().database.write();
        db.execute_unprepared("VACUUM ANALYZE").await.unwrap();
        seed_outbox(db, &self.globex.id).await;
        Findings { plans: self.plans, problems: Vec::new() }
    }
}
