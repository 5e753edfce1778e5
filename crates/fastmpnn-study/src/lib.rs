//! The optimization study: every claimed speed-up of ProteinMPNN, measured on trained weights with its accuracy beside
//! it.
//!
//! An [`Experiment`](experiments::Experiment) makes variants of one piece of work. [`Bench::run`] checks the answer of
//! each, times them in turn in one run, measures the memory of each in a process of its own, and gives a
//! [`Record`](record::Record). [`report`] draws what the records say; [`document`] writes it beside the claims.
//!
//! ```text
//! structures ─▶ experiments/ ─▶ measure ─▶ record ─▶ report/, document
//!                   │ network/: the network operation by operation
//!                   │ checkpoints: networks with fewer layers, and untrained ones
//! ```
#![forbid(unsafe_code)]

pub mod accuracy;
pub mod bench;
pub mod checkpoints;
pub mod document;
pub mod error;
pub mod experiments;
pub mod jacobi;
pub mod machine;
pub mod measure;
pub mod memory;
pub mod network;
pub mod peers;
pub mod record;
pub mod report;
pub mod roofline;

pub mod stopwatch;
pub mod subject;

pub use bench::{Bench, Program, Settings};
pub use error::StudyError;
