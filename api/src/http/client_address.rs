//! Where a request comes from: the address by which somebody is counted who is not signed in.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{Extensions, HeaderMap, HeaderName},
};

use crate::config::ConfigError;

/// Says where requests come from.
#[derive(Clone, Debug)]
pub struct ClientAddress {
    /// The header in which the proxy in front says it.
    header: Option<HeaderName>,
}

impl ClientAddress {
    /// `header` is the setting `http.client_address_header`.
    pub fn new(header: &str) -> Result<Self, ConfigError> {
        if header.is_empty() {
            return Ok(Self { header: None });
        }
        let problem = |_| {
            ConfigError::one(format!(
                "http.client_address_header should be the name of a header, like x-forwarded-for, not {header}."
            ))
        };
        Ok(Self { header: Some(header.parse().map_err(problem)?) })
    }

    /// The address of a client; of IPv6 its network, as one subscriber has a whole one.
    pub(super) fn of(&self, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
        let connected = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
        let address = self.forwarded(headers).or(connected).unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            address => address,
        }
    }

    /// The last one: those before it were said by the client.
    fn forwarded(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let values = headers.get_all(self.header.as_ref()?);
        let last = values.iter().next_back()?.to_str().ok()?.rsplit(',').next()?.trim();
        last.parse().or_else(|_| last.parse::<SocketAddr>().map(|address| address.ip())).ok()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(header: &str, values: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-forwarded-for", HeaderValue::from_static(value));
        }
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 5))));
        ClientAddress::new(header).unwrap().of(&headers, &extensions).to_string()
    }

    #[test]
    fn the_last_address_counts_and_only_in_the_header_of_the_settings() {
        const HEADER: &str = "X-Forwarded-For";
        assert_eq!(of("", &["192.0.2.1"]), "10.0.0.1");
        assert_eq!(of(HEADER, &["192.0.2.1"]), "192.0.2.1");
        assert_eq!(of(HEADER, &["203.0.113.9, 192.0.2.1"]), "192.0.2.1");
        assert_eq!(of(HEADER, &["203.0.113.9", "192.0.2.2, 192.0.2.1:4711"]), "192.0.2.1");
        assert_eq!(of(HEADER, &["2001:db8:1:2:3:4:5:6"]), "2001:db8:1:2::");
        assert_eq!(of(HEADER, &["::ffff:192.0.2.1"]), "192.0.2.1");
        assert_eq!(of(HEADER, &["unknown"]), "10.0.0.1");
        assert_eq!(of(HEADER, &[]), "10.0.0.1");
    }
}
