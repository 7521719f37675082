//! Roster's parts, put together from the settings: what `roster serve`, `roster worker`, the embedded default and the
//! tests have in common.

use axum::Router;
use chrono::TimeDelta;
use roster_entity::Clock;
use roster_worker::{Courier, events::Events, link::InvitationLinks, mail::Mailer, queue::Queue};

use crate::{
    config::{Config, ConfigError},
    database::{Database, DatabaseError},
    graphql, http,
    identity::{Authenticator, Providers},
    membership::Membership,
    pages,
    rate_limit::RateLimits,
};

/// The parts that every process has.
#[derive(Clone)]
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// The database.
    pub database: Database,
    /// The queue from the API to the worker.
    pub queue: Queue,
    /// What happens, for those who watch.
    pub events: Events,
    /// The WebSockets and event streams, which end when the process stops.
    pub streams: http::Streams,
    /// The time.
    pub clock: Clock,
    /// The links of invitations.
    pub links: InvitationLinks,
    /// How often somebody may do something.
    pub rate_limits: RateLimits,
    /// The operations.
    pub membership: Membership,
}

/// Why Roster cannot start. Its `Display` says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is wrong or missing.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no usable database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl From<roster_worker::ConfigError> for StartError {
    fn from(error: roster_worker::ConfigError) -> Self {
        Self::Config(error.into())
    }
}

impl Parts {
    /// Connects to the database and the queue. Redis need not be reachable; the database must.
    pub async fn connect(config: Config, clock: Clock) -> Result<Self, StartError> {
        let database = Database::connect(&config.database).await?;
        let queue = Queue::connect(&config.queue)?;
        let events = Events::new(&config.events, queue.redis())?;
        let invitations = &config.invitations;
        let key = &invitations.link_key;
        let link = invitations.link_template(config.http.listen);
        let links = InvitationLinks::new(key.clone(), link).accepting(invitations.previous_link_keys.clone());
        let rate_limits = RateLimits::new(&config.rate_limits, queue.redis(), key.clone(), clock.clone());
        let resend_interval = TimeDelta::seconds(invitations.resend_interval_seconds.into());
        let membership = Membership::new(
            database.clone(),
            queue.clone(),
            events.clone(),
            clock.clone(),
            links.clone(),
            resend_interval,
            rate_limits.clone(),
        );
        let streams = http::Streams::new(&config.streams);
        Ok(Self { config, database, queue, events, streams, clock, links, rate_limits, membership })
    }

    /// Says who calls. The keys of identity providers are fetched beside; the providers need not be reachable.
    pub fn authenticator(&self) -> Result<Authenticator, StartError> {
        let providers = Providers::new(&self.config.auth, &self.clock)?;
        providers.fetch_keys();
        Ok(Authenticator::new(providers, self.database.clone(), self.clock.clone()))
    }

    /// The API's routes, and the pages that go with them.
    pub fn router(&self, pages: Router) -> Result<Router, StartError> {
        let http = &self.config.http;
        let schema = graphql::schema(self.membership.clone(), self.config.streams.check_interval());
        let limits = self.limits();
        let app = http::App {
            documents: http::documents::Documents::new(&self.config.documents, &schema, &limits)?,
            schema,
            membership: self.membership.clone(),
            authenticator: self.authenticator()?,
            rate_limits: self.rate_limits.clone(),
            client_address: http::ClientAddress::new(&http.client_address_header)?,
            limits,
            max_body_bytes: http.max_body_bytes,
            request_timeout: http.request_timeout(),
            streams: self.streams.clone(),
            allowed_origins: http.allowed_origins.as_slice().into(),
        };
        let routes = http::routes(app).merge(pages);
        Ok(http::finish(routes, http)?)
    }

    /// The limits of the settings, with nothing left for introspection where that is switched off.
    fn limits(&self) -> http::guard::Limits {
        let mut limits = self.config.limits;
        if !self.config.http.introspection {
            limits.introspection_fields = 0;
        }
        limits
    }

    /// The playground, if it is wanted.
    pub fn playground(&self, prefill: Option<pages::graphiql::Prefill>) -> Router {
        match self.config.http.playground {
            true => pages::graphiql::router(&self.config.http.playground_directory, prefill),
            false => Router::new(),
        }
    }

    /// What brings the emails to the mail server.
    pub fn courier(&self) -> Result<Courier, StartError> {
        let mailer = Mailer::new(&self.config.mail, self.links.clone())?;
        let courier = Courier::new(
            self.database.write().clone(),
            mailer,
            self.clock.clone(),
            self.config.worker.clone(),
            self.events.clone(),
        )?;
        Ok(courier)
    }
}
