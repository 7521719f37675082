//! The mailbox: for development, the emails that the worker would have sent, to read and to click.

mod letter;

use std::{
    path::{self, PathBuf},
    sync::Arc,
};

use axum::{
    Router,
    extract::{Path, State, rejection::PathRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing,
};
use minijinja::{context, value::Serde};

use super::page::{STYLE, inline, only, page};
use letter::Letter;

const SCRIPT: &str = include_str!("mailbox/list.js");
/// The list shows no more than this: every mail in it is parsed for it.
const LISTED: usize = 200;

type Directory = State<Arc<PathBuf>>;
type File = Result<Path<String>, PathRejection>;

/// Serves GET `/mail`, `/mail/{file}` and `/mail/{file}/raw` from the `.eml` files in `directory`.
///
/// A file is named after the notification's id, so that the names sort by time.
pub fn router(directory: PathBuf) -> Router {
    Router::new()
        .route("/mail", routing::get(list))
        .route("/mail/{file}", routing::get(show))
        .route("/mail/{file}/raw", routing::get(raw))
        .with_state(Arc::new(directory))
}

async fn list(State(directory): Directory) -> Response {
    let listing = tokio::task::spawn_blocking(move || letter::newest(&directory, LISTED)).await;
    let (letters, total, problem) = match listing {
        Ok(Ok((letters, total))) => (letters, total, None),
        Ok(Err(error)) => (Vec::new(), 0, Some(error.to_string())),
        Err(error) => (Vec::new(), 0, Some(error.to_string())),
    };
    let allowed =
        format!("script-src {}; style-src {}; img-src data:; connect-src 'self'", only(SCRIPT), only(STYLE));
    let letters = Serde(letters);
    page("mailbox/list.html", &allowed, context! { letters, total, problem, script => inline(SCRIPT) })
}

async fn show(State(directory): Directory, file: File) -> Response {
    let Some((file, bytes)) = read(&directory, file).await else { return missing() };
    // The frame with the mail in it inherits this policy: mails style themselves inline, and load nothing.
    let allowed = "style-src 'unsafe-inline'; img-src data:";
    let letter = Serde(Letter::parse(&file, &bytes));
    page("mailbox/letter.html", allowed, context! { letter })
}

async fn raw(State(directory): Directory, file: File) -> Response {
    match read(&directory, file).await {
        Some((_, bytes)) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], bytes).into_response(),
        None => missing(),
    }
}

/// The file's name and content, if the name is one that the worker may have given and the file is there.
async fn read(directory: &path::Path, file: File) -> Option<(String, Vec<u8>)> {
    let Path(file) = file.ok()?;
    if !letter::is_name(&file) {
        return None;
    }
    let bytes = tokio::fs::read(directory.join(&file)).await.ok()?;
    Some((file, bytes))
}

fn missing() -> Response {
    let allowed = format!("style-src {}; img-src data:", only(STYLE));
    (StatusCode::NOT_FOUND, page("mailbox/missing.html", &allowed, context! {})).into_response()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::pages::testing::get;

    const MAIL: &str = "From: Acme <no-reply@acme.example>\r\n\
        To: \"Bob <b>\" <bob@example.com>\r\n\
        Reply-To: olivia@example.com\r\n\
        Subject: =?utf-8?q?Join_Acme_=E2=80=93_<now>?=\r\n\
        Date: Sat, 21 Nov 2026 22:54:00 +0100\r\n\
        MIME-Version: 1.0\r\n\
        Content-Type: multipart/alternative; boundary=x\r\n\r\n\
        --x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlain </pre><b>words</b>.\r\n\
        --x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p title=\"q\">Rich</p><script>1</script>\r\n--x--\r\n";

    /// A mailbox with these files.
    fn mailbox(files: &[(&str, &str)]) -> (tempfile::TempDir, Router) {
        let directory = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(directory.path().join(name), content).unwrap();
        }
        let router = router(directory.path().to_owned());
        (directory, router)
    }

    #[tokio::test]
    async fn the_newest_comes_first_and_a_broken_mail_breaks_nothing() {
        let (_directory, router) = mailbox(&[
            ("n_01.eml", MAIL),
            ("n_03.eml", ""),
            ("n_02.eml", MAIL),
            ("n_04.eml.tmp", MAIL),
            ("x", ""),
        ]);
        let got = get(&router, "/mail").await;
        assert_eq!(got.status, StatusCode::OK);
        let at = |text: &str| got.body.find(text).unwrap_or_else(|| panic!("{text} is missing"));
        assert!(at("n_03.eml") < at("n_02.eml") && at("n_02.eml") < at("n_01.eml"));
        assert!(!got.body.contains("n_04") && got.body.contains("Join Acme – &lt;now&gt;"));
        assert!(got.body.contains("Bob &lt;b&gt;") && got.body.contains("21 Nov 2026, 21:54 UTC"));
    }

    #[tokio::test]
    async fn an_empty_or_absent_directory_says_what_to_do() {
        let (directory, router_) = mailbox(&[]);
        assert!(get(&router_, "/mail").await.body.contains("inviteMembers"));
        let absent = router(directory.path().join("absent"));
        assert!(get(&absent, "/mail").await.body.contains("inviteMembers"));
    }

    #[tokio::test]
    async fn one_mail_is_shown_with_its_html_in_a_frame_that_runs_nothing() {
        let (_directory, router) = mailbox(&[("n_01.eml", MAIL)]);
        let got = get(&router, "/mail/n_01.eml").await;
        assert_eq!(got.status, StatusCode::OK);
        assert!(got.body.contains("&lt;p title=&quot;q&quot;&gt;Rich&lt;"), "{}", got.body);
        assert!(!got.body.contains("<script>") && !got.body.contains("</pre><b>"));
        assert!(
            !got.body.contains("allow-scripts")
                && !got.header("content-security-policy").contains("script-src")
        );
        assert!(got.body.contains("olivia@example.com"));

        let raw = get(&router, "/mail/n_01.eml/raw").await;
        assert_eq!((raw.body.as_str(), raw.header("content-type")), (MAIL, "text/plain; charset=utf-8"));
    }

    #[tokio::test]
    async fn a_broken_mail_is_shown_as_such() {
        let (_directory, router) = mailbox(&[("n_01.eml", "")]);
        let got = get(&router, "/mail/n_01.eml").await;
        assert_eq!(got.status, StatusCode::OK);
        assert!(got.body.contains("cannot be read"));
    }

    #[tokio::test]
    async fn what_is_no_mail_is_not_found() {
        let (directory, _) = mailbox(&[("secret.eml", MAIL), ("note.txt", "secret")]);
        let below = directory.path().join("below");
        fs::create_dir(&below).unwrap();
        let router = router(below);
        let long = "x".repeat(5000) + ".eml";
        for name in
            ["absent.eml", "..%2Fsecret.eml", "..", "%2e%2e%2fnote.txt", ".eml", "a%00.eml", "%FF.eml", &long]
        {
            for path in [format!("/mail/{name}"), format!("/mail/{name}/raw")] {
                let got = get(&router, &path).await;
                assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
                assert!(got.body.contains("no such mail"), "{path}");
            }
        }
    }
}
