//! The headers of every route, also where it refuses: as the real process answers.

use reqwest::{Method, RequestBuilder, Response};
use roster_tests::{Api, Installation};

/// What each answer says, whatever it is.
const ALWAYS: [(&str, &str); 5] = [
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];
/// What nobody may load who is no page.
const NOTHING: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn ask(request: RequestBuilder) -> Response {
    let answer = request.send().await.unwrap();
    let what = format!("{} {}", answer.url(), answer.status());
    for (name, value) in ALWAYS {
        assert_eq!(header(&answer, name), value, "{name} of {what}");
        assert_eq!(answer.headers().get_all(name).iter().count(), 1, "{name} of {what}");
    }
    assert!(header(&answer, "permissions-policy").contains("camera=()"), "{what}");
    let policy = header(&answer, "content-security-policy");
    assert_eq!(answer.headers().get_all("content-security-policy").iter().count(), 1, "{what}");
    assert!(
        policy.starts_with("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    );
    assert!(
        !policy.contains("unsafe-eval") && !policy.contains(" * ") && !policy.contains("https: "),
        "{policy}"
    );
    // The proxy that has the certificate says it.
    assert_eq!(header(&answer, "strict-transport-security"), "");
    answer
}

#[tokio::test]
async fn every_route_answers_with_the_headers_that_protect_and_pages_with_the_policy_they_need() {
    let roster = Installation::embedded();
    let process = roster.start(&[]);
    process.says("Ctrl-C stops it").await;
    process.says("email sent").await;
    let text = process.said();
    let line = text.lines().find(|line| line.trim_start().starts_with("API")).unwrap();
    let api = Api::new(line.trim().trim_start_matches("API").trim().strip_suffix("/graphql").unwrap());
    let mail = roster.files().into_iter().find(|file| file.ends_with(".eml")).unwrap();
    let mail = mail.rsplit('/').next().unwrap().to_owned();
    let url = |path: &str| format!("{}{path}", api.url);

    let raw = format!("/mail/{mail}/raw");
    let plain = [
        (Method::GET, "/health", 200),
        (Method::GET, "/graphql?query={__typename}", 200),
        (Method::GET, "/graphql", 400),
        (Method::POST, "/graphql", 415),
        (Method::PUT, "/graphql", 405),
        (Method::OPTIONS, "/graphql", 200),
        (Method::GET, "/export/members?organization=acme&format=csv", 401),
        (Method::GET, "/export/activities", 401),
        (Method::POST, "/export/members", 405),
        (Method::POST, "/dev/sign-in", 415),
        (Method::GET, "/dev/sign-in", 405),
        (Method::GET, raw.as_str(), 200),
        (Method::GET, "/nowhere", 404),
        (Method::DELETE, "/mail", 405),
        (Method::GET, "/graphiql/assets/nothing.js", 404),
    ];
    for (method, path, status) in plain {
        let answer = ask(api.http.request(method, url(path))).await;
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert_eq!(header(&answer, "content-security-policy"), NOTHING, "{path}");
        assert_eq!(header(&answer, "cache-control"), "no-store", "{path}");
    }
    for (path, needs) in [
        ("/graphiql", "script-src "),
        ("/mail", "script-src 'sha256-"),
        (&format!("/mail/{mail}"), "style-src 'unsafe-inline'"),
        ("/invitation", "script-src 'sha256-"),
    ] {
        let answer = ask(api.http.get(url(path))).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(header(&answer, "cache-control"), "no-store", "{path}");
        let policy = header(&answer, "content-security-policy").to_owned();
        assert!(policy.contains(needs) && !policy.contains("script-src 'unsafe-inline'"), "{path}: {policy}");
        // No script runs inline but that of the hash.
        assert!(
            !policy.split(';').any(|part| part.contains("script-src") && part.contains("unsafe")),
            "{policy}"
        );
    }
    let missing = ask(api.http.get(url("/mail/nothing.eml"))).await;
    assert_eq!(missing.status(), 404);
    process.stop().await;
}
