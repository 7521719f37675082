//! Signing in as somebody who was invited, where there is no identity provider: whoever has the link of an invitation gets
//! a token of its recipient.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing,
};
use chrono::TimeDelta;
use roster_entity::Clock;
use serde::{Deserialize, Serialize};

use crate::{config::Auth, identity::jwt, membership::Membership};

/// How long a token of the development lasts.
pub(crate) const TOKEN_LIFETIME: TimeDelta = TimeDelta::days(30);

struct SignIn {
    membership: Membership,
    auth: Auth,
    clock: Clock,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    invitation_token: String,
}

#[derive(Serialize)]
struct SignedIn {
    token: String,
    email: String,
}

#[derive(Serialize)]
struct Problem {
    message: String,
}

/// POST `/dev/sign-in` with `{"invitationToken": "…"}` → `{"token": "…", "email": "…"}`.
pub(crate) fn router(membership: Membership, auth: Auth, clock: Clock) -> Router {
    let state = Arc::new(SignIn { membership, auth, clock });
    Router::new().route("/dev/sign-in", routing::post(sign_in)).with_state(state)
}

async fn sign_in(State(state): State<Arc<SignIn>>, Json(wanted): Json<Wanted>) -> Response {
    let problem = |message: String| (StatusCode::BAD_REQUEST, Json(Problem { message })).into_response();
    let offer = match state.membership.offer(&wanted.invitation_token).await {
        Ok(offer) => offer,
        Err(error) => return problem(error.to_string()),
    };
    let email = &offer.invitation.email;
    // No name in the token: that of somebody who has one stays.
    match jwt::mint(&state.auth, email, None, state.clock.now(), TOKEN_LIFETIME) {
        Ok(token) => Json(SignedIn { token, email: email.to_string() }).into_response(),
        Err(error) => problem(error.to_string()),
    }
}
