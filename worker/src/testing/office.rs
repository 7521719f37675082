//! A database with one organization, and a courier with a clock that the test moves.

use std::path::PathBuf;

use chrono::TimeDelta;
use roster_entity::{
    Clock, EmailDomains, MemberId, NotificationId, OrganizationId, Role, UserId, member,
    notification::{self, Event},
    organization, user,
};
use sea_orm::{ActiveModelTrait, Database, DatabaseConnection, EntityTrait, IntoActiveModel};
use tempfile::TempDir;

use super::{evening, links, mail_config};
use crate::{
    Config, Courier, Outcome,
    events::{self, Events},
    mail::{Mailer, TransportKind},
};

pub(crate) struct Office {
    pub(crate) db: DatabaseConnection,
    pub(crate) clock: Clock,
    /// Where the transport `files` puts emails.
    pub(crate) outbox: PathBuf,
    organization: OrganizationId,
    member: MemberId,
    _folder: TempDir,
}

impl Office {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("roster.db").display());
        let db = Database::connect(url).await.unwrap();
        roster_migration::migrate(&db).await.unwrap();
        let (clock, now) = (Clock::manual(evening()), evening());
        let organization = organization::Model {
            id: OrganizationId::generate(now),
            slug: "acme".to_owned(),
            name: "Acme".to_owned(),
            contact_email: None,
            reply_to_email: None,
            branding_line: None,
            revocation_email: true,
            invitation_lifetime_days: 7,
            restore_window_days: 30,
            allowed_email_domains: EmailDomains::default(),
            created_at: now,
        };
        let user = user::Model {
            id: UserId::generate(now),
            email: "bob@example.com".parse().unwrap(),
            email_norm: None,
            name: None,
            created_at: now,
        };
        let member = member::Model {
            id: MemberId::generate(now),
            organization_id: organization.id,
            user_id: user.id,
            role: Role::Member,
            status: member::Status::Active,
            sort_name: String::new(),
            search: String::new(),
            invited_at: None,
            joined_at: Some(now),
            removed_at: None,
            removed_by: None,
            removal: None,
            removal_note: None,
            restored_at: None,
            created_at: now,
        };
        let (organization_id, member_id) = (organization.id, member.id);
        organization.into_active_model().insert(&db).await.unwrap();
        user.into_active_model().insert(&db).await.unwrap();
        member.into_active_model().insert(&db).await.unwrap();
        let outbox = folder.path().join("outbox");
        Self { db, clock, outbox, organization: organization_id, member: member_id, _folder: folder }
    }

    /// Writes a notification that is due.
    pub(crate) async fn notify(&self, event: Event) -> NotificationId {
        let now = self.clock.now();
        let row = notification::Model {
            organization_id: self.organization,
            member_id: self.member,
            available_at: now,
            sweep_at: now,
            ..super::notification(event)
        };
        row.into_active_model().insert(&self.db).await.unwrap().id
    }

    /// A courier that gives up after three attempts, and keeps emails as files.
    pub(crate) fn courier(&self) -> Courier {
        self.courier_to(TransportKind::Files, 0)
    }

    /// One that sends to a mail server on this port.
    pub(crate) fn courier_to(&self, transport: TransportKind, port: u16) -> Courier {
        let config = Config {
            concurrency: 2,
            attempts: 3,
            retry_seconds: 30,
            lease_seconds: 120,
            sweep_interval_seconds: 2,
        };
        let mailer = Mailer::new(&mail_config(transport, self.outbox.clone(), port), links()).unwrap();
        let events = events::Config { channel: "roster:test".to_owned(), buffer: 4 };
        let events = Events::new(&events, None).unwrap();
        Courier::new(self.db.clone(), mailer, self.clock.clone(), config, events).unwrap()
    }

    pub(crate) async fn row(&self, id: NotificationId) -> notification::Model {
        notification::Entity::find_by_id(id).one(&self.db).await.unwrap().unwrap()
    }

    pub(crate) async fn deliver(&self, courier: &Courier, id: NotificationId) -> Outcome {
        courier.deliver(id).await.unwrap()
    }

    /// How many emails have gone into files.
    pub(crate) fn emails(&self) -> usize {
        std::fs::read_dir(&self.outbox).map_or(0, Iterator::count)
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }
}
