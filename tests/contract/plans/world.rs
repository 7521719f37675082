//! Two organizations with five thousand members each, and everything that has come with them.

use roster_tests::{Organization, Plans, Roster, seed_members, seed_outbox};
use sea_orm::ConnectionTrait;

use super::Findings;

/// Members of each organization.
const MEMBERS: usize = 5_000;

/// What has happened with each seeded member. One of ten has not joined.
const HISTORY: [&str; 6] = [
    "UPDATE members SET status = 'INVITED', joined_at = NULL WHERE sort_name LIKE 'person %7'",
    "INSERT INTO invitations (id, organization_id, member_id, email, email_norm, answer, link_version, expires_at, sent_at, invited_by, answered_at, created_at)
     SELECT gen_random_uuid(), m.organization_id, m.id, u.email, u.email, CASE m.status WHEN 'INVITED' THEN 'PENDING' ELSE 'ACCEPTED' END,
            1, m.created_at, m.created_at, m.user_id, m.joined_at, m.created_at FROM seeded",
    "INSERT INTO activities (id, organization_id, action, actor_id, member_id, created_at)
     SELECT gen_random_uuid(), m.organization_id, 'INVITATION_ACCEPTED', m.user_id, m.id, m.created_at FROM seeded",
    r#"INSERT INTO notifications (id, organization_id, kind, member_id, recipient_email, snapshot, status, attempts, available_at, sweep_at, sent_at, created_at)
     SELECT gen_random_uuid(), m.organization_id, 'ROLE_CHANGED', m.id, u.email,
            '{"organization": "Acme", "actor": {"name": "Olivia", "email": "olivia@example.com"}, "contact": "olivia@example.com",
              "at": "2026-11-01T12:00:00Z", "event": "ROLE_CHANGED", "before": "ADMIN", "after": "MEMBER"}', 'SENT', 1, m.created_at, m.created_at, m.created_at, m.created_at FROM seeded"#,
    "INSERT INTO api_tokens (id, organization_id, member_id, name, secret_hash, permissions, created_at)
     SELECT gen_random_uuid(), m.organization_id, m.id, 'Script', uuid_send(m.id), '[]', m.created_at FROM seeded",
    "INSERT INTO identities (issuer, subject, user_id, created_at) SELECT 'roster', u.email, u.id, u.created_at FROM seeded",
];

/// Acme is looked at, and Globex stands beside it.
pub(super) struct World {
    pub(super) roster: Roster,
    plans: Plans,
    globex: Organization,
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
        let seeded = "members m JOIN users u ON u.id = m.user_id WHERE u.email LIKE 'p%@example.com'";
        db.execute_unprepared(&insert.replace("seeded", seeded)).await.unwrap();
    }
    (World { roster, plans, globex }, acme)
}

impl World {
    /// PostgreSQL looks at how much there is of what, as it does by itself now and then. After that the worker stays away for a
    /// while, and emails wait of which it does not know.
    pub(super) async fn analyzed(self) -> Findings {
        let db = self.roster.parts().database.write();
        db.execute_unprepared("VACUUM ANALYZE").await.unwrap();
        seed_outbox(db, &self.globex.id).await;
        Findings { plans: self.plans, problems: Vec::new() }
    }
}
