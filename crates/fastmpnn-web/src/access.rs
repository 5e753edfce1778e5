//! Who may ask: the hosts that the service answers to, and its token.
//!
//! A page of another site can send requests to a service on this machine, and can give this machine a name of its own (DNS
//! rebinding). So a request names a host that the service knows, and a page that sends one comes from that host.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, Uri, header};
use sha2::{Digest, Sha256};

use crate::error::{SHORTEST_TOKEN, ServiceError};
use crate::problem::Problem;

/// The cookie that holds the token for the page.
const COOKIE: &str = "fastmpnn_token";

/// The hosts that the service answers to, and its token.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    /// Whether only this machine can reach the service.
    local: bool,
    /// Names of hosts in lower case.
    hosts: Vec<String>,
    /// SHA-256 of the token, where one is needed.
    token: Option<[u8; 32]>,
}

impl Access {
    pub(crate) fn new(address: SocketAddr, hosts: &[String], token: Option<&str>) -> Result<Access, ServiceError> {
        let local = address.ip().is_loopback();
        if !local && token.is_none() {
            return Err(ServiceError::TokenNeeded(address));
        }
        let is_strong = |token: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
            token.len() >= SHORTEST_TOKEN && token.chars().all(plain)
        };
        if token.is_some_and(|token| !is_strong(token)) {
            return Err(ServiceError::WeakToken);
        }
        let is_name = |host: &String| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
            !host.is_empty() && host.len() < 254 && host.chars().all(plain)
        };
        if let Some(wrong) = hosts.iter().find(|host| !is_name(host)) {
            return Err(ServiceError::HostName(wrong.clone()));
        }
        let hosts = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        Ok(Access { local, hosts, token: token.map(digest) })
    }

    /// Refuses a request to a host that is not the service's, and one from a page of another site.
    pub(crate) fn check_origin(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
        let host = match (uri.authority(), &mut headers.get_all(header::HOST).iter()) {
            (Some(authority), _) => authority.as_str(),
            (None, hosts) => match (hosts.next().map(|host| host.to_str()), hosts.next()) {
                (Some(Ok(host)), None) => host,
                _ => return Err(Problem::bad_request("a request has one Host header")),
            },
        };
        if !self.knows(host) {
            let host = host.escape_debug();
            return Err(Problem::foreign(format!("this service does not answer to the host {host}")));
        }
        let Some(origin) = headers.get(header::ORIGIN) else {
            return match headers.get("sec-fetch-site").map(|site| site.as_bytes()) {
                None | Some(b"same-origin" | b"none") => Ok(()),
                // A link from elsewhere to the page is none of the requests that matter.
                Some(_) if uri.path() == "/" => Ok(()),
                Some(_) => Err(Problem::foreign("pages of other sites may not use this service")),
            };
        };
        let origin = origin.to_str().unwrap_or_default();
        let same = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        match same {
            Some(same) if same.eq_ignore_ascii_case(host) => Ok(()),
            _ => {
                let origin = origin.escape_debug();
                Err(Problem::foreign(format!("pages of {origin} may not use this service")))
            }
        }
    }

    /// Whether a host, with or without a port, is one of the service's.
    fn knows(&self, host: &str) -> bool {
        let name = match host.strip_prefix('[') {
            Some(rest) => match rest.split_once(']') {
                Some((name, port)) if port.is_empty() || is_port(port) => name,
                _ => return false,
            },
            None => match host.find(':') {
                Some(at) if is_port(&host[at..]) => &host[..at],
                Some(_) => return false,
                None => host,
            },
        };
        let name = name.to_ascii_lowercase();
        if name == "localhost" || self.hosts.contains(&name) {
            return true;
        }
        // No name can be given to an address by others.
        name.parse::<IpAddr>().is_ok_and(|address| !self.local || address.is_loopback())
    }

    /// Refuses a request without the token, where one is needed.
    pub(crate) fn check_token(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(token) = &self.token else { return Ok(()) };
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let bearer = bearer.and_then(|value| value.split_once(' '));
        let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut cookies = cookies.flat_map(|cookies| cookies.split(';'));
        let cookie = cookies.find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='));
        // Digests are compared, so that the time says nothing of the token.
        match bearer.or(cookie) {
            Some(given) if digest(given) == *token => Ok(()),
            Some(_) => Err(Problem::unauthorized("the token is another")),
            None => Err(Problem::unauthorized("this service needs its token, as Authorization: Bearer TOKEN")),
        }
    }

    /// The cookie for a browser that has opened `/?token=TOKEN`, where the token is right.
    pub(crate) fn cookie_for(&self, query: &str) -> Option<String> {
        let given = query.split('&').find_map(|pair| pair.strip_prefix("token="))?;
        let right = self.token.is_some_and(|token| token == digest(given));
        right.then(|| format!("{COOKIE}={given}; HttpOnly; SameSite=Strict; Path=/"))
    }
}

fn is_port(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|digits| digits.parse::<u16>().is_ok())
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(address: &str, hosts: &[&str], token: Option<&str>) -> Result<Access, ServiceError> {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        Access::new(address.parse().unwrap(), &hosts, token)
    }

    #[test]
    fn hosts_are_this_machine_or_named() {
        let local = access("127.0.0.1:8000", &["Lab.Example.org"], None).unwrap();
        for host in ["127.0.0.1:8000", "localhost", "LOCALHOST:9", "[::1]:8000", "127.8.9.1", "lab.example.org:443"] {
            assert!(local.knows(host), "{host}");
        }
        for host in
            ["", "example.org", "10.0.0.1", "[::1", "[::1]x", "localhost:x", "localhost.example.org", "::1", "a:1:2"]
        {
            assert!(!local.knows(host), "{host}");
        }
        let open = access("0.0.0.0:8000", &[], Some("0123456789abcdef")).unwrap();
        assert!(open.knows("10.0.0.1:8000") && open.knows("[fe80::1]") && !open.knows("example.org"));
    }

    #[test]
    fn a_token_is_needed_where_others_can_reach_the_service() {
        assert!(matches!(access("0.0.0.0:8000", &[], None), Err(ServiceError::TokenNeeded(_))));
        assert!(matches!(access("127.0.0.1:0", &[], Some("short")), Err(ServiceError::WeakToken)));
        assert!(matches!(access("127.0.0.1:0", &["a b"], None), Err(ServiceError::HostName(_))));
        let open = access("0.0.0.0:8000", &[], Some("0123456789abcdef")).unwrap();
        let with = |name: header::HeaderName, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            open.check_token(&headers)
        };
        assert!(with(header::AUTHORIZATION, "Bearer 0123456789abcdef").is_ok());
        assert!(with(header::COOKIE, "a=b; fastmpnn_token=0123456789abcdef").is_ok());
        assert!(with(header::AUTHORIZATION, "Bearer 0123456789abcdeF").is_err());
        assert!(with(header::AUTHORIZATION, "Basic 0123456789abcdef").is_err());
        assert!(open.check_token(&HeaderMap::new()).is_err());
        assert!(open.cookie_for("x=1&token=0123456789abcdef").is_some() && open.cookie_for("token=x").is_none());
    }
}
