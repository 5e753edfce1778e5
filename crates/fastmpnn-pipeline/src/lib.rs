//! The application layer: from what is asked for to results, for any front end. It prints nothing, and never ends the
//! process.
#![forbid(unsafe_code)]

pub mod error;
pub mod event;
pub mod input;
pub mod measure;
pub mod message;
pub mod output;
pub mod request;
pub mod run;
pub mod threads;

/// What the program is called in its records.
pub const PROGRAM: &str = "fastmpnn";

pub use error::PipelineError;
pub use run::{design, pack, probs, scan, score};
