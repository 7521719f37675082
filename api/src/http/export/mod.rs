//! Exports over HTTP: `GET /export/members` and `GET /export/activities`, as files that are sent while they are read.
//!
//! What is refused is refused before the first byte. What fails later breaks the connection off: the body ends without
//! its last chunk, so that no client takes a part for the whole.

mod download;
mod parameters;

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, header, request::Parts},
    response::Response,
};
use roster_entity::OrganizationId;
use sea_orm::DatabaseConnection;

use self::{
    download::Download,
    parameters::{Parameters, bad},
};
use super::{
    App,
    bearer::bearer,
    limited,
    media::Media,
    refusal::{Refusal, protect},
    visitor::Visitor,
};
use crate::{
    export::{Activities, Export, Members, Table},
    membership::{Error, Result},
};

/// Answers `GET /export/members`.
pub(super) async fn members(State(app): State<Arc<App>>, request: Request) -> Response {
    let table = |parameters: &mut Parameters| Ok(Members { statuses: parameters.statuses()? });
    handle(&app, request, table).await
}

/// Answers `GET /export/activities`.
pub(super) async fn activities(State(app): State<Arc<App>>, request: Request) -> Response {
    let table = |parameters: &mut Parameters| {
        let (since, until) = (parameters.time("since")?, parameters.time("until")?);
        if since.zip(until).is_some_and(|(since, until)| since >= until) {
            return Err(bad("The period ends before it begins. Give a \"since\" that is before \"until\"."));
        }
        Ok(Activities { since, until })
    };
    handle(&app, request, table).await
}

/// The settings' time is for everything before the first byte. After it, the client's line decides how long it takes.
async fn handle<T: Table>(
    app: &App,
    request: Request,
    table: impl FnOnce(&mut Parameters) -> Result<T>,
) -> Response {
    let (parts, _) = request.into_parts();
    let begun = tokio::time::timeout(app.request_timeout, begin(app, &parts, table)).await;
    let too_late = || Err(Refusal::timeout("The request took too long and was broken off. Try again."));
    begun.unwrap_or_else(|_| too_late()).unwrap_or_else(|refusal| refusal.response(Media::Json))
}

async fn begin<T: Table>(
    app: &App,
    parts: &Parts,
    table: impl FnOnce(&mut Parameters) -> Result<T>,
) -> std::result::Result<Response, Refusal> {
    if parts.method != Method::GET {
        return Err(Refusal::method("Use GET.", "GET"));
    }
    let token = bearer(&parts.headers)?.ok_or(Error::Unauthenticated)?;
    let address = app.client_address.of(&parts.headers, &parts.extensions);
    let visitor = Visitor::identify(app, address, Some(token)).await?;
    let standing = visitor.count(app, 1).await?;
    let caller = visitor.caller.ok_or(Error::Unauthenticated)?;
    let mut parameters = Parameters::read(&parts.uri)?;
    let (name, format) = (parameters.organization()?, parameters.format()?);
    let table = table(&mut parameters)?;
    parameters.end()?;

    let organization = find_organization(app.membership.database().read(), &name).await?;
    let mut download = Download {
        authenticator: app.authenticator.clone(),
        database: app.membership.database().clone(),
        token: token.to_owned(),
        caller,
        organization,
        export: Export::new(table, format),
    };
    let (access, first) = download.begin().await?;
    let date = app.membership.clock().now().date_naive();
    let file = format!("{}-{}-{date}.{}", access.organization.slug, T::NAME, format.extension());
    let disposition = format!("attachment; filename=\"{file}\"");
    let disposition = HeaderValue::try_from(disposition).expect("a slug has letters, digits and hyphens");

    let mut response = Response::new(Body::from_stream(download.rest(first)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    protect(headers);
    limited::tell(headers, standing);
    Ok(response)
}

/// The organization with this id or slug. Every id has an underscore, and no slug has one.
async fn find_organization(conn: &DatabaseConnection, name: &str) -> Result<OrganizationId> {
    if name.contains('_') {
        return Ok(name.parse()?);
    }
    let found = roster_entity::organization::by_slug(conn, name).await?;
    Ok(found.ok_or(Error::NotFound("organization"))?.id)
}
