//! The application layer: from requests to results, for any front end. It prints nothing and never ends the process.
//!
//! ```text
//! request/ ─▶ input/ ─▶ run/ ─▶ measure/ ─▶ output/        event/: Warning | Note | Progress | Result | Failure ─▶ Observer
//! ```
//!
//! ```
//! use std::ops::ControlFlow;
//!
//! use fastmpnn_pipeline::design;
//! use fastmpnn_pipeline::event::{Event, Outcome};
//! use fastmpnn_pipeline::input::Sources;
//! use fastmpnn_pipeline::request::{DesignRequest, Request};
//! use fastmpnn_pipeline::run::{LoadEngines, Resources};
//!
//! # fn main() -> Result<(), fastmpnn_pipeline::PipelineError> {
//! let request = DesignRequest::from_json(r#"{ "inputs": ["../../examples/5L33.pdb"], "num_seqs": 4 }"#)?;
//! let mut scores = Vec::new();
//! let mut observer = |event: Event<'_>| {
//!     if let Event::Result(Outcome::Design(design)) = event {
//!         scores.extend(design.result.measures.score);
//!     }
//!     ControlFlow::Continue(())
//! };
//! let mut engines = LoadEngines::default();
//! let mut resources = Resources::new(Sources::disk(), &mut engines);
//! let summary = design(&request, &mut resources, &mut observer)?;
//! assert_eq!((summary.run.results, scores.len()), (4, 4));
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod address;
pub mod draw;
pub mod error;
pub mod event;
pub mod filter;
mod gzip;
pub mod input;
pub mod measure;
pub mod message;
pub mod output;
pub mod request;
pub mod run;
pub mod selection;
mod size_limit;
pub mod table;
pub mod threads;

/// The program's name in the files that it writes.
pub const PROGRAM: &str = "fastmpnn";

pub use error::PipelineError;
/// The library below, for front ends that also call it directly.
pub use fastmpnn;
pub use run::{collect, design, encode, pack, probs, rank, scan, score};
