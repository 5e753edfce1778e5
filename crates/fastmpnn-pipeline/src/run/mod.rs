//! Requests carried out: one function a task.

mod batch;
mod design;
mod network_options;
mod pack;
mod probs;
mod reading;
mod rescorer;
mod resources;
mod scan;
mod score;
mod states;
mod watched;

use std::time::Duration;

pub use batch::check_protein;
pub use design::design;
pub use pack::pack;
pub use probs::probs;
pub use reading::{ReadStructure, read_structures};
pub use resources::{Engines, LoadEngines, Resources};
pub use scan::scan;
pub use score::score;

use crate::measure::Mean;

/// An input that could not be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedInput {
    /// What messages call it.
    pub input: String,
    /// What is wrong, in the words of the observer.
    pub error: String,
}

/// How a run has ended.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// The number of inputs.
    pub inputs: usize,
    /// The inputs that could not be used.
    pub failed: Vec<FailedInput>,
    /// Whether the observer stopped the run before all of it was done.
    pub stopped: bool,
    /// The results: designs, scored sequences, structures with probabilities or scans, packings.
    pub results: usize,
}

/// How a run of `design` has ended.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct DesignSummary {
    /// What is true of every run.
    pub run: Summary,
    /// The designs that were asked for.
    pub wanted: u64,
    /// The structures of which all designs were made.
    pub structures: usize,
    /// The mean score, nats.
    pub score: Mean,
    /// The mean recovery, of the designs of structures that have a native sequence.
    pub recovery: Mean,
    /// How long the work took.
    pub elapsed: Duration,
}

/// How a run of `pack` has ended.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PackSummary {
    /// What is true of every run.
    pub run: Summary,
    /// How long the work took.
    pub elapsed: Duration,
}
