//! Carries out requests: one function per task.

mod batch;
mod collect;
mod design;
mod encode;
mod encoded;
mod encoding_folder;
mod encodings;
mod lanes;
mod network_options;
mod pack;
mod planned;
mod probs;
mod rank;
mod reading;
mod rescorer;
mod resources;
mod scan;
mod score;
mod stopwatch;
mod watched;

use std::time::Duration;

pub use batch::check_protein;
pub use collect::{CollectSummary, collect};
pub use design::design;
pub use encode::encode;
pub use encoded::{Encoded, encoded};
pub use encodings::Encodings;
pub use pack::pack;
pub use planned::{Planned, planned};
pub use probs::probs;
pub use rank::{RankSummary, RankedTable, rank};
pub use reading::{ReadStructure, read_structures};
pub use resources::{Engines, LoadEngines, Resources, Values, packer_checkpoint};
pub use scan::scan;
pub use score::score;

use crate::measure::Mean;
use crate::selection::SelectionReport;

/// An input that could not be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedInput {
    /// Its name in messages.
    pub input: String,
    /// The error, with the observer's names for fields.
    pub error: String,
}

/// The outcome of a run.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Summary {
    /// The number of inputs.
    pub inputs: usize,
    /// The inputs that could not be used.
    pub failed: Vec<FailedInput>,
    /// Whether the observer stopped the run before its end.
    pub stopped: bool,
    /// The results: designs, scored sequences, structures with probabilities or scans, packings.
    pub results: usize,
}

/// The outcome of a run of `design`.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct DesignSummary {
    /// The outcome common to all runs.
    pub run: Summary,
    /// The number of requested designs.
    pub wanted: u64,
    /// The number of structures whose designs are all made.
    pub structures: usize,
    /// The number of inputs whose designs the output had already.
    pub resumed: usize,
    /// The mean score, nats.
    pub score: Mean,
    /// The mean recovery, of the designs of structures that have a native sequence.
    pub recovery: Mean,
    /// Which step of the selection removed how many designs.
    pub selection: SelectionReport,
    /// The duration of the run.
    pub elapsed: Duration,
}

/// The outcome of a run of `pack`.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct PackSummary {
    /// The outcome common to all runs.
    pub run: Summary,
    /// The duration of the run.
    pub elapsed: Duration,
}
