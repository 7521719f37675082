//! The playground: GraphiQL, with its third-party files from `console/node_modules` or else from a CDN.

use std::path::{Path, PathBuf};

use axum::{
    Router,
    http::{HeaderValue, header},
    routing,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use minijinja::{Value, context};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tower_http::{services::ServeFile, set_header::SetResponseHeaderLayer};

use super::page::{inline, only, page};

const SCRIPT: &str = include_str!("graphiql.js");

/// What the playground comes with on a server that was started to be tried out.
#[derive(Clone)]
pub struct Prefill {
    /// The bearer token in every tab's headers. Whoever opens the page can act with it.
    pub token: String,
    /// Example operations, each in a tab.
    pub tabs: Vec<Tab>,
    /// A line above the playground: who the token is, for example.
    pub note: Option<String>,
}

/// An example operation.
#[derive(Clone, Serialize)]
pub struct Tab {
    /// What it shows, as a comment above the operation. (GraphiQL names a tab after its operation, so name that too.)
    pub title: Option<String>,
    /// The document.
    pub query: String,
    /// Its variables: an object, or null for none.
    pub variables: serde_json::Value,
}

/// A file of an npm package. The versions are those of `console/package.json`.
struct Asset {
    package: &'static str,
    version: &'static str,
    file: &'static str,
    integrity: &'static str,
}

const STYLE: Asset = Asset {
    package: "graphiql",
    version: "4.1.2",
    file: "graphiql.min.css",
    integrity: "sha384-1el1QShFBnnXTx9x/Cprg82hZWKt0ry29OAYIXt05swbi0KcZDFoj0CWguMpopJr",
};
/// In the order in which they need each other.
const SCRIPTS: [Asset; 3] = [
    Asset {
        package: "react",
        version: "18.3.1",
        file: "umd/react.production.min.js",
        integrity: "sha384-DGyLxAyjq0f9SPpVevD6IgztCFlnMF6oW/XQGmfe+IsZ8TqEiDrcHkMLKI6fiB/Z",
    },
    Asset {
        package: "react-dom",
        version: "18.3.1",
        file: "umd/react-dom.production.min.js",
        integrity: "sha384-gTGxhz21lVGYNMcdJOyq01Edg0jhn/c22nsx0kyqP0TxaV5WVdsSH1fSDUf5YJj1",
    },
    Asset {
        package: "graphiql",
        version: "4.1.2",
        file: "graphiql.min.js",
        integrity: "sha384-9XdHu7ajgGJziD4J1zNBKQ842Q/+zZfDv+ib1eMhZWBH6hPAs806x+Jbcf0yNO6B",
    },
];
const CDN: &str = "https://cdn.jsdelivr.net/npm/";

impl Asset {
    fn path_below(&self, console: &Path) -> PathBuf {
        console.join("node_modules").join(self.package).join(self.file)
    }

    /// The address on this server. It has the version in it, so that a browser may keep the file for ever.
    fn local(&self) -> String {
        let extension = self.file.rsplit('.').next().unwrap_or_default();
        format!("/graphiql/assets/{}-{}.{extension}", self.package, self.version)
    }

    fn on_cdn(&self) -> String {
        format!("{CDN}{}@{}/{}", self.package, self.version, self.file)
    }
}

/// Serves GET `/graphiql`, and the files that it needs below `/graphiql/assets/`.
///
/// `console` is the folder with the `package.json`. Whether its packages are installed is looked up now, once: if not
/// all files are there, the page links the same versions on a CDN.
pub fn router(console: &Path, prefill: Option<Prefill>) -> Router {
    let files = || SCRIPTS.iter().chain([&STYLE]);
    let installed = files().all(|asset| asset.path_below(console).is_file());
    let allowed = allowed(installed);
    let context = context(installed, prefill);
    let show = async move || page("graphiql.html", &allowed, context.clone());

    let mut assets = Router::new();
    if installed {
        for asset in files() {
            assets = assets.route_service(&asset.local(), ServeFile::new(asset.path_below(console)));
        }
    }
    let keep = HeaderValue::from_static("public, max-age=31536000, immutable");
    let assets = assets.layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, keep));
    Router::new().route("/graphiql", routing::get(show)).merge(assets)
}

/// What the page may load: of the CDN, where anybody can put files, no other than these. GraphiQL's dialogs and menus write a
/// style element; its style sheet holds fonts and images.
fn allowed(installed: bool) -> String {
    let (scripts, style) = match installed {
        true => ("'self'".to_owned(), "'self'".to_owned()),
        false => (SCRIPTS.each_ref().map(Asset::on_cdn).join(" "), STYLE.on_cdn()),
    };
    format!(
        "script-src {scripts} {}; style-src {style} 'unsafe-inline'; font-src data:; img-src data:; connect-src 'self'",
        only(SCRIPT)
    )
}

/// What the page is rendered from.
fn context(installed: bool, prefill: Option<Prefill>) -> Value {
    let link = |asset: &Asset| match installed {
        true => context! { url => asset.local() },
        false => context! { url => asset.on_cdn(), integrity => asset.integrity },
    };
    context! {
        style => link(&STYLE),
        scripts => SCRIPTS.iter().map(link).collect::<Vec<_>>(),
        data => prefill.as_ref().map_or_else(|| "{}".to_owned(), data),
        note => prefill.and_then(|prefill| prefill.note),
        script => inline(SCRIPT),
    }
}

/// The prefill for the script. `run` tells one prefill from another: a browser that comes back with the tabs of an
/// earlier run (whose ids may be gone) gets those of this one.
fn data(prefill: &Prefill) -> String {
    let tabs = serde_json::json!({ "token": prefill.token, "tabs": prefill.tabs });
    let run = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(tabs.to_string()));
    serde_json::json!({ "token": prefill.token, "tabs": prefill.tabs, "run": run }).to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use axum::http::StatusCode;
    use base64::prelude::BASE64_STANDARD;
    use serde_json::json;
    use sha2::Sha384;

    use super::*;
    use crate::pages::testing::get;

    fn console() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../console")
    }

    /// A folder that looks like an installed console.
    fn installed() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for asset in SCRIPTS.iter().chain([&STYLE]) {
            let path = asset.path_below(folder.path());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, asset.file).unwrap();
        }
        folder
    }

    fn prefill() -> Prefill {
        Prefill {
            token: "a.b.c".to_owned(),
            tabs: vec![Tab {
                title: Some("Who am I?".to_owned()),
                query: "query Me { viewer { id } } # </script>\"'".to_owned(),
                variables: json!({ "first": 3 }),
            }],
            note: Some("You are <Olivia>.".to_owned()),
        }
    }

    #[tokio::test]
    async fn installed_files_are_served_and_nothing_else_of_the_folder() {
        let folder = installed();
        let router = router(folder.path(), None);
        let page = get(&router, "/graphiql").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(r#"<p id="note"></p>"#));
        assert!(!page.body.contains(CDN) && !page.header("content-security-policy").contains(CDN));
        for asset in SCRIPTS.iter().chain([&STYLE]) {
            let url = asset.local();
            assert!(page.body.contains(&url.replace('/', "&#x2f;")), "{url}");
            let file = get(&router, &url).await;
            assert_eq!((file.status, file.body.as_str()), (StatusCode::OK, asset.file));
            let kind = if url.ends_with("css") { "text/css" } else { "text/javascript" };
            assert_eq!(file.header("content-type"), kind);
            assert!(file.header("cache-control").contains("immutable"));
        }
        for path in ["", "graphiql.js", "..%2f..%2fpackage.json", "react/package.json"] {
            assert_eq!(get(&router, &format!("/graphiql/assets/{path}")).await.status, StatusCode::NOT_FOUND);
        }
    }

    #[tokio::test]
    async fn one_missing_file_and_all_come_from_the_cdn() {
        let folder = installed();
        fs::remove_file(STYLE.path_below(folder.path())).unwrap();
        let router = router(folder.path(), None);
        let page = get(&router, "/graphiql").await;
        assert!(page.header("content-security-policy").contains(CDN));
        for asset in SCRIPTS.iter().chain([&STYLE]) {
            assert!(page.body.contains(&asset.on_cdn().replace('/', "&#x2f;")));
            assert!(page.body.contains(&asset.integrity.replace('/', "&#x2f;")));
            assert_eq!(get(&router, &asset.local()).await.status, StatusCode::NOT_FOUND);
        }
    }

    #[tokio::test]
    async fn the_prefill_is_in_the_page_escaped_and_never_cached() {
        let router = router(Path::new("nowhere"), Some(prefill()));
        let page = get(&router, "/graphiql").await;
        assert_eq!(page.header("cache-control"), "no-store");
        assert!(page.body.contains("You are &lt;Olivia&gt;."));
        assert!(page.body.contains("a.b.c"));
        assert!(!page.body.contains("# </script>"));
    }

    #[test]
    fn another_run_is_another_prefill() {
        let other = Prefill { token: "d.e.f".to_owned(), ..prefill() };
        assert_eq!(data(&prefill()), data(&prefill()));
        let run = |prefill| serde_json::from_str::<serde_json::Value>(&data(prefill)).unwrap()["run"].clone();
        assert_ne!(run(&prefill()), run(&other));
    }

    #[test]
    fn the_versions_are_those_of_the_package_file() {
        let package: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(console().join("package.json")).unwrap()).unwrap();
        for asset in SCRIPTS.iter().chain([&STYLE]) {
            assert_eq!(package["dependencies"][asset.package], asset.version);
        }
    }

    /// Holds only where `npm ci` was run; elsewhere there is nothing to compare.
    #[test]
    fn the_hashes_for_the_cdn_are_those_of_the_installed_files() {
        for asset in SCRIPTS.iter().chain([&STYLE]) {
            let Ok(file) = fs::read(asset.path_below(&console())) else { continue };
            let hash = format!("sha384-{}", BASE64_STANDARD.encode(Sha384::digest(file)));
            assert_eq!(hash, asset.integrity, "{}", asset.file);
        }
    }
}
