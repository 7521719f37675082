//! The page that an invitation link opens, for development: the product that Roster serves brings its own.
//!
//! The link's secret is in the fragment, which a browser sends to nobody: it reaches no log and no Referer. Opening
//! the page changes nothing; one of its two buttons does.

use axum::{Router, routing};
use minijinja::context;

use super::page::{STYLE, inline, only, page};

const SCRIPT: &str = include_str!("invitation.js");

/// Serves GET `/invitation`.
pub fn router() -> Router {
    let allowed =
        format!("script-src {}; style-src {}; img-src data:; connect-src 'self'", only(SCRIPT), only(STYLE));
    let show = async move || page("invitation.html", &allowed, context! { script => inline(SCRIPT) });
    Router::new().route("/invitation", routing::get(show))
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::pages::testing::get;

    #[tokio::test]
    async fn the_page_runs_its_own_script_and_no_other() {
        let got = get(&router(), "/invitation").await;
        assert_eq!(got.status, StatusCode::OK);
        assert_eq!(got.header("cache-control"), "no-store");
        assert!(got.body.contains(&format!("<script>{SCRIPT}</script>")));
        assert!(got.body.contains(&format!("<style>{STYLE}</style>")));
        assert!(got.header("content-security-policy").contains(&format!("script-src {};", only(SCRIPT))));
    }
}
