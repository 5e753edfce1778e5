//! The optimization study: every claimed speedup of ProteinMPNN, measured on trained weights with its accuracy beside
//! it.
//!
//! An [`Experiment`](experiment::Experiment) makes variants of one piece of work. [`Bench::run`] checks the answer of
//! each, times them in turn in one run, measures the memory of each in a process of its own, and gives an
//! [`ExperimentRecord`](record::ExperimentRecord). [`report`] plots the records; [`document`] writes them beside the
//! claims.
//!
//! ```text
//! structures ─▶ experiments/ ─▶ measure ─▶ record ─▶ report/, document
//!                   │ network/: the network operation by operation
//!                   │ checkpoints: networks with fewer layers, and untrained ones
//! ```
#![forbid(unsafe_code)]

pub mod accuracy;
pub mod bench;
mod checkpoints;
pub mod document;
pub mod error;
mod expectation;
pub mod experiment;
pub mod experiments;
mod jacobi;
mod job;
pub mod machine;
mod measure;
pub mod memory;
mod network;
mod numerals;
pub mod peers;
mod power_law;
pub mod record;
pub mod records;
pub mod report;
pub mod roofline;
pub mod settings;
pub mod stopwatch;
pub mod subject;
mod task;
mod variant;
pub mod verdict;

pub use bench::{Bench, Program};
pub use error::StudyError;
pub use settings::Settings;
