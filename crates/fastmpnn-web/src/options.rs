//! How the service runs.

use std::net::{Ipv4Addr, SocketAddr};

use fastmpnn_pipeline::run::LoadEngines;

use crate::limits::Limits;

/// How the service runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServiceOptions {
    /// Where it listens; port 0 is any that is free.
    pub listen: SocketAddr,
    /// The token that every request has to bring; needed where other machines can reach the service.
    pub token: Option<String>,
    /// Names of hosts that it answers to, besides this machine's own: those of a proxy before it.
    pub hosts: Vec<String>,
    /// What a request, a client and all of them together may take.
    pub limits: Limits,
    /// Where its engines come from.
    pub engines: LoadEngines,
}

impl ServiceOptions {
    /// The port of the published address.
    pub const PORT: u16 = 8000;
}

impl Default for ServiceOptions {
    fn default() -> ServiceOptions {
        ServiceOptions {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, ServiceOptions::PORT)),
            token: None,
            hosts: Vec::new(),
            limits: Limits::default(),
            engines: LoadEngines::default(),
        }
    }
}
