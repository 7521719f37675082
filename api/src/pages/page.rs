//! Renders a page from its template, with the policy that says what it may load.

use std::sync::LazyLock;

use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use minijinja::{Environment, Value};
use sha2::{Digest, Sha256};

/// The look of the pages that extend `layout.html`.
pub(super) const STYLE: &str = include_str!("style.css");

/// The templates. What is put into an `.html` template is escaped, unless it is marked as safe here in the code.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    for (name, source) in [
        ("graphiql.html", include_str!("graphiql.html")),
        ("invitation.html", include_str!("invitation.html")),
        ("layout.html", include_str!("layout.html")),
        ("mailbox/letter.html", include_str!("mailbox/letter.html")),
        ("mailbox/list.html", include_str!("mailbox/list.html")),
        ("mailbox/missing.html", include_str!("mailbox/missing.html")),
    ] {
        templates.add_template(name, source).expect("the embedded templates are valid");
    }
    templates.add_global("style", Value::from_safe_string(STYLE.to_owned()));
    templates
});

/// One page. `allowed` are the directives of its Content-Security-Policy: what they do not allow is forbidden.
pub(super) fn page(template: &str, allowed: &str, context: Value) -> Response {
    match TEMPLATES.get_template(template).and_then(|template| template.render(context)) {
        Ok(html) => {
            let policy = format!(
                "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; {allowed}"
            );
            ([(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
        }
        Err(error) => {
            tracing::error!(template, %error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// An inline script or style of our own, put into a template as it is.
pub(super) fn inline(source: &str) -> Value {
    Value::from_safe_string(source.to_owned())
}

/// The source expression that allows exactly this inline script or style.
pub(super) fn only(source: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(source)))
}
