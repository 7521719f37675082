//! `roster token`: mints a token.

use anyhow::{Context, anyhow, bail};
use chrono::TimeDelta;
use roster_entity::{Clock, EmailAddress, organization, user};
use secrecy::ExposeSecret;

use crate::{
    app::Parts,
    config::Config,
    development::{secrets, sign_in::TOKEN_LIFETIME},
    identity::{Caller, jwt},
    membership::{CreateApiToken, Error},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The address of the person whom the token stands for.
    #[arg(long, value_name = "ADDRESS")]
    email: EmailAddress,
    /// The person's name.
    #[arg(long, conflicts_with = "api_token")]
    name: Option<String>,
    /// How long the token lasts. Without it: a person's token 30 days, an API token until it is revoked.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: Option<u16>,
    /// Make an API token with this name instead. It acts as the person in one organization, and is kept in the database.
    #[arg(long, value_name = "NAME", requires = "organization")]
    api_token: Option<String>,
    /// The slug of the organization of the API token.
    #[arg(long, value_name = "SLUG", requires = "api_token")]
    organization: Option<String>,
}

pub(super) async fn run(mut config: Config, args: Args) -> anyhow::Result<()> {
    secrets::fill_in_if_there(&mut config)?;
    let lifetime = args.days.map(|days| TimeDelta::days(days.into()));
    let token = match (&args.api_token, &args.organization) {
        (Some(name), Some(organization)) => {
            api_token(config, &args.email, organization, name, lifetime).await?
        }
        _ => {
            let lifetime = lifetime.unwrap_or(TOKEN_LIFETIME);
            jwt::mint(&config.auth, &args.email, args.name.as_deref(), Clock::system().now(), lifetime)?
        }
    };
    println!("{token}");
    Ok(())
}

/// An operator makes it for somebody, so the person's permissions count as if they had asked for it.
async fn api_token(
    config: Config,
    email: &EmailAddress,
    slug: &str,
    name: &str,
    lifetime: Option<TimeDelta>,
) -> anyhow::Result<String> {
    let parts = Parts::connect(config, Clock::system()).await?;
    parts.database.require_schema().await?;
    let conn = parts.database.read();
    let organization = organization::by_slug(conn, slug)
        .await?
        .with_context(|| format!("There is no organization with the slug {slug}."))?;
    let user = user::by_email(conn, &email.normalized())
        .await?
        .with_context(|| format!("There is no person with the address {email}."))?;
    let caller = Caller { user, api_token: None, standings: None, expires_at: None };
    let expires_at = lifetime.map(|lifetime| parts.clock.now() + lifetime);
    let input = CreateApiToken {
        organization: organization.id,
        name: name.to_owned(),
        permissions: None,
        expires_at,
    };
    match parts.membership.create_api_token(&caller, &input).await {
        Ok(created) => Ok(created.secret.expose_secret().to_owned()),
        Err(Error::NotFound(_)) => bail!("{email} is not an active member of {}.", organization.name),
        Err(Error::Internal(cause)) => Err(anyhow!(cause)),
        Err(other) => bail!("{other}"),
    }
}
