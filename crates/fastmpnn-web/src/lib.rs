//! FastMPNN as a service: a page to design on, and a REST interface for programs.
//!
//! ```text
//! connection ─▶ routes/ (gate: host, origin, token) ─▶ body ─▶ task/ ─▶ job/ (queue, threads) ─▶ pipeline ─▶ outcome/ ─▶ JSON
//! ```
//!
//! A request is that of the pipeline with its files as texts; nothing in it can name a file of the server. Jobs wait in a
//! queue of limited length, and share one engine for each network.
//!
//! ```
//! use fastmpnn_web::{Service, ServiceOptions};
//!
//! # fn main() -> Result<(), fastmpnn_web::ServiceError> {
//! let mut options = ServiceOptions::default();
//! options.listen.set_port(0);
//! let service = Service::start(options)?;
//! assert!(service.address().ip().is_loopback());
//! service.stop().stop();
//! service.wait();
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod access;
mod body;
mod connection;
mod engines;
mod error;
mod job;
mod limits;
mod metrics;
mod nim_request;
mod openapi;
mod options;
mod outcome;
mod page;
mod problem;
mod routes;
mod server;
mod shared;
mod task;

pub use error::ServiceError;
pub use limits::Limits;
pub use options::ServiceOptions;
pub use server::{Service, Stop};
