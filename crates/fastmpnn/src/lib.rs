//! FastMPNN: inverse folding with the ProteinMPNN networks on the CPU.
//!
//! The way the data goes:
//!
//! ```text
//! bytes ─▶ Structure ─▶ (+ DesignSpec) ─▶ Graph ─▶ Encoding ─▶ Design ─▶ files
//!          structure/    spec/            featurize/  model/   decode/   write/
//! ```
#![forbid(unsafe_code)]

pub mod chemistry;
pub mod error;

pub mod structure;

pub mod spec;

pub mod featurize;

pub mod weights;

pub mod model;

pub mod decode;

pub mod score;

pub mod write;

mod engine;

pub use engine::{Engine, EngineOptions};
pub use model::Precision;

#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod schedule_tests;
