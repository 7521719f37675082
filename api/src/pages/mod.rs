//! The pages for people: the playground, and for development the mailbox and the page that an invitation link opens.

pub mod graphiql;
pub mod invitation;
pub mod mailbox;
mod page;

#[cfg(test)]
mod testing {
    //! What the tests of all pages need.

    use axum::{
        Router,
        body::{Body, to_bytes},
        http::{HeaderMap, Request, StatusCode},
    };
    use tower::ServiceExt;

    use crate::http::headers;

    /// A response, read to its end.
    pub(super) struct Got {
        pub(super) status: StatusCode,
        pub(super) headers: HeaderMap,
        pub(super) body: String,
    }

    impl Got {
        /// One header as text.
        pub(super) fn header(&self, name: &str) -> &str {
            self.headers.get(name).map_or("", |value| value.to_str().unwrap())
        }
    }

    /// Gets one path, and checks the headers that every page has.
    pub(super) async fn get(router: &Router, path: &str) -> Got {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = headers::around(router.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        let got = Got {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        assert_eq!(got.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(got.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(got.header("x-frame-options"), "DENY", "{path}");
        assert!(got.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        got
    }
}
