//! The records of a folder.

use std::path::Path;

use crate::error::StudyError;
use crate::experiments::ALL;
use crate::machine::Machine;
use crate::record::{ExperimentRecord, Row, read_json};
use crate::roofline::{self, Roofline};
use crate::stopwatch::Summary;

/// The spread of the runs above which a machine counts as busy.
const BUSY: f64 = 0.1;

/// The records of a run; experiments that were not run are missing.
#[derive(Clone, Debug)]
pub struct StudyRecords {
    /// The experiments' records, in the order of [`ALL`].
    pub experiments: Vec<ExperimentRecord>,
    /// Stages beside the machine's limits.
    pub roofline: Option<Roofline>,
}

impl StudyRecords {
    /// Reads a folder's records; an experiment without a file is left out.
    pub fn read(folder: &Path) -> Result<StudyRecords, StudyError> {
        let mut experiments = Vec::new();
        for experiment in &ALL {
            if folder.join(ExperimentRecord::file_name(experiment.name)).is_file() {
                experiments.push(ExperimentRecord::read(folder, experiment.name)?);
            }
        }
        let path = folder.join(roofline::FILE_NAME);
        let roofline = if path.is_file() { Some(read_json(&path)?) } else { None };
        Ok(StudyRecords { experiments, roofline })
    }

    /// An experiment's record.
    pub fn record(&self, experiment: &str) -> Option<&ExperimentRecord> {
        self.experiments.iter().find(|record| record.experiment == experiment)
    }

    /// The row of a variant.
    pub fn row(&self, experiment: &str, variant: &str) -> Option<&Row> {
        self.record(experiment)?.row(variant)
    }

    /// The rows of an experiment whose variants begin with `beginning`.
    pub fn rows<'a>(&'a self, experiment: &str, beginning: &'a str) -> impl Iterator<Item = &'a Row> {
        let rows = self.record(experiment).map_or(&[][..], |record| &record.rows);
        rows.iter().filter(move |row| row.variant.starts_with(beginning))
    }

    /// A number derived from all rows of an experiment.
    pub fn finding(&self, experiment: &str, name: &str) -> Option<f64> {
        self.record(experiment)?.findings.get(name)?.as_f64()
    }

    /// How quiet the machine was: the median over all rows of the runs' standard deviation divided by their median.
    pub fn spread(&self) -> Option<f64> {
        let rows = self.experiments.iter().flat_map(|record| &record.rows);
        let spreads: Vec<f64> = rows.filter_map(Row::spread).collect();
        Summary::of(&spreads).map(|summary| summary.median)
    }

    /// Whether the times spread as much as they do when other programs are running.
    pub fn is_busy(&self) -> bool {
        self.spread().is_some_and(|spread| spread > BUSY)
    }

    /// The spread in a sentence, with a warning if the machine was busy.
    pub fn spread_sentence(&self) -> Option<String> {
        let percent = 100.0 * self.spread()?;
        let mut sentence = format!(
            "The times of a variant's runs spread by {percent:.0} % of their median (the median over all variants)."
        );
        if self.is_busy() {
            sentence += " That is a lot, a sign that other programs were running: quote no absolute time from this run. \
                         Accuracies and memory do not depend on it.";
        }
        Some(sentence)
    }

    /// The machine of the first record.
    pub fn machine(&self) -> Option<&Machine> {
        let first = self.experiments.first().map(|record| &record.machine);
        first.or(self.roofline.as_ref().map(|roofline| &roofline.machine))
    }
}
