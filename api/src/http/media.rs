//! Which media type the client wants: the rules of the GraphQL over HTTP specification.

use axum::http::{HeaderMap, HeaderValue, header};

/// The media types of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status tells whether the request was in order.
    GraphqlResponse,
    /// `application/json`, for older clients: 200 wherever there is a well-formed answer.
    Json,
    /// `text/event-stream`: the answers to come, each when it is there. What is refused before that is in JSON.
    EventStream,
}

impl Media {
    /// The type of a body that is there as a whole.
    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Media::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Media::Json | Media::EventStream => "application/json; charset=utf-8",
        })
    }

    /// The best that the client accepts; `None` if nothing of ours. No `Accept`, or `*/*`, means `application/json`.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Self> {
        if !headers.contains_key(header::ACCEPT) {
            return Some(Media::Json);
        }
        let mut best: Option<(f32, u8, Media)> = None;
        for value in headers.get_all(header::ACCEPT) {
            for range in value.to_str().ok()?.split(',') {
                let Some((quality, specificity, media)) = parse(range) else { continue };
                if best.is_none_or(|(q, s, _)| (quality, specificity) > (q, s)) {
                    best = Some((quality, specificity, media));
                }
            }
        }
        best.map(|(_, _, media)| media)
    }

    /// Whether the client accepts `application/json`, even if it likes the other one better.
    pub(super) fn accepts_json(headers: &HeaderMap) -> bool {
        let ranges = |value: &HeaderValue| {
            let mut ranges = value.to_str().unwrap_or_default().split(',').filter_map(parse);
            ranges.any(|(_, _, media)| media == Media::Json)
        };
        !headers.contains_key(header::ACCEPT) || headers.get_all(header::ACCEPT).iter().any(ranges)
    }
}

/// One range of an `Accept` header: its quality, how specific it is, and what it asks for.
fn parse(range: &str) -> Option<(f32, u8, Media)> {
    let mut parts = range.split(';').map(str::trim);
    let (media, specificity) = match parts.next()?.to_ascii_lowercase().as_str() {
        "application/graphql-response+json" => (Media::GraphqlResponse, 3),
        "application/json" => (Media::Json, 2),
        "text/event-stream" => (Media::EventStream, 2),
        "application/*" => (Media::Json, 1),
        "*/*" => (Media::Json, 0),
        _ => return None,
    };
    let mut quality = 1.0;
    for parameter in parts {
        if let Some(q) = parameter.strip_prefix("q=") {
            quality = q.parse().unwrap_or(0.0);
        } else if let Some(charset) = parameter.strip_prefix("charset=")
            && !charset.trim_matches('"').eq_ignore_ascii_case("utf-8")
        {
            return None;
        }
    }
    (quality > 0.0).then_some((quality, specificity, media))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiate(accept: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        Media::negotiate(&headers)
    }

    #[test]
    fn json_may_be_the_second_choice() {
        for (accept, json) in [
            ("application/graphql-response+json", false),
            ("application/graphql-response+json, application/json;q=0.9", true),
            ("application/graphql-response+json, application/json;q=0", false),
            ("application/graphql-response+json, */*;q=0.1", true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(Media::accepts_json(&headers), json, "{accept}");
        }
        assert!(Media::accepts_json(&HeaderMap::new()));
    }

    #[test]
    fn the_client_decides() {
        assert_eq!(Media::negotiate(&HeaderMap::new()), Some(Media::Json));
        assert_eq!(negotiate("*/*"), Some(Media::Json));
        assert_eq!(
            negotiate("application/json, application/graphql-response+json"),
            Some(Media::GraphqlResponse)
        );
        assert_eq!(
            negotiate("application/graphql-response+json;q=0.5, application/json;q=0.9"),
            Some(Media::Json)
        );
        assert_eq!(negotiate("text/html, */*;q=0.1"), Some(Media::Json));
        assert_eq!(negotiate("text/html"), None);
        assert_eq!(negotiate("text/event-stream"), Some(Media::EventStream));
        assert_eq!(negotiate("application/json, text/event-stream;q=0.9"), Some(Media::Json));
        assert_eq!(negotiate("text/*"), None);
        assert_eq!(negotiate("application/json; charset=latin1"), None);
    }
}
