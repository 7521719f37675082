//! What the tests of this crate share.

pub(crate) mod office;
pub(crate) mod smtp_server;

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use roster_entity::{
    Clock, InvitationId, MemberId, NotificationId, OrganizationId, Role,
    notification::{self, Event, Person, Snapshot, Status},
};

use crate::{
    link::InvitationLinks,
    mail::{Config, Security, SmtpConfig, TransportKind},
};

/// 21 November 2026 at 21:35 UTC, and some microseconds.
pub(crate) fn evening() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_296_900, 123_456_000).unwrap()
}

pub(crate) fn links() -> InvitationLinks {
    let key = "a key that is long enough for tests".into();
    InvitationLinks::new(key, "https://app.example.com/join?from=mail&v=1#token={token}".to_owned())
}

pub(crate) fn smtp_config(host: &str, port: u16) -> SmtpConfig {
    SmtpConfig {
        host: host.to_owned(),
        port,
        security: Security::None,
        user: String::new(),
        password: "".into(),
        hello: "worker.example.com".to_owned(),
        connections: 1,
        connect_timeout_seconds: 10,
        send_timeout_seconds: 60,
        ca_file: PathBuf::new(),
    }
}

pub(crate) fn mail_config(transport: TransportKind, directory: PathBuf, port: u16) -> Config {
    Config {
        from: "Roster <roster@example.com>".to_owned(),
        transport,
        directory,
        smtp: smtp_config("127.0.0.1", port),
    }
}

pub(crate) fn removed() -> Event {
    Event::Removed { groups: vec!["Design".to_owned(), "R&D".to_owned()], note: None }
}

pub(crate) fn invitation() -> Event {
    Event::Invitation {
        role: Role::Admin,
        groups: Vec::new(),
        invitation_id: InvitationId::generate(evening()),
        link_version: 2,
        expires_at: evening() + TimeDelta::days(7),
    }
}

pub(crate) fn notification(event: Event) -> notification::Model {
    let now = Clock::manual(evening()).now();
    notification::Model {
        id: NotificationId::generate(now),
        organization_id: OrganizationId::generate(now),
        kind: event.kind(),
        member_id: MemberId::generate(now),
        invitation_id: None,
        activity_id: None,
        recipient_email: "bob@example.com".parse().unwrap(),
        recipient_name: Some("Bob Builder".to_owned()),
        snapshot: Snapshot {
            organization: "Acme".to_owned(),
            actor: Person { name: "Ann Admin".to_owned(), email: "ann@acme.example".parse().unwrap() },
            contact: "office@acme.example".parse().unwrap(),
            reply_to: None,
            branding_line: None,
            at: now,
            event,
        },
        status: Status::Queued,
        attempts: 0,
        resends: 0,
        available_at: now,
        sweep_at: now,
        last_error: None,
        sent_at: None,
        created_at: now,
    }
}
