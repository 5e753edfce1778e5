//! Why the service cannot start.

use std::io;
use std::net::SocketAddr;

use thiserror::Error;

/// The fewest characters of a token.
pub(crate) const SHORTEST_TOKEN: usize = 16;

/// Why the service cannot start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// An address that others can reach, without a token.
    #[error("{0} can be reached from other machines: a token is needed there")]
    TokenNeeded(SocketAddr),
    /// A token that is too easily guessed, or that does not fit a header.
    #[error("a token has at least {least} characters: letters, digits, - . _ and ~", least = SHORTEST_TOKEN)]
    WeakToken,
    /// A name that is no host's.
    #[error("{0:?} is not the name of a host")]
    HostName(String),
    /// The address is taken, or not this machine's.
    #[error("{address} cannot be listened on: {source}")]
    Address {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// Threads that cannot be started.
    #[error("the service's threads cannot be started: {0}")]
    Threads(#[source] io::Error),
    /// The signals that end the service cannot be received.
    #[error("the signals that end the service cannot be received: {0}")]
    Signals(#[source] io::Error),
}
