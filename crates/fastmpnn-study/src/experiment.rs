//! The description of an experiment.

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
    /// The question that it answers.
    pub question: &'static str,
    /// Makes the variants; the others are compared with the first. They take no memory until they are started.
    pub(crate) variants: fn(&Bench) -> Result<Vec<Variant>, StudyError>,
    /// Adds the findings that follow from all rows.
    pub(crate) finish: Option<fn(&mut ExperimentRecord)>,
}
