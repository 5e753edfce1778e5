//! What an experiment is.

use crate::bench::Bench;
use crate::error::StudyError;
use crate::record::ExperimentRecord;
use crate::variant::Variant;

/// One experiment: a question, and the variants that answer it.
#[derive(Clone, Copy, Debug)]
pub struct Experiment {
    /// Its name, in file names and on the command line.
    pub name: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What it asks.
    pub question: &'static str,
    /// Makes the variants; the first is what the others are compared with. They take no memory until they are started.
    pub(crate) variants: fn(&Bench) -> Result<Vec<Variant>, StudyError>,
    /// Adds what follows from all rows.
    pub(crate) finish: Option<fn(&mut ExperimentRecord)>,
}
