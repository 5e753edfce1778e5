//! What is written down: a row for each variant, a file for each experiment.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::accuracy::{Accuracy, Quality};
use crate::error::StudyError;
use crate::machine::Machine;
use crate::settings::Settings;
use crate::verdict::{FEWEST_RUNS, Ratio, both};

/// An experiment's results: `NAME_benchmarks.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExperimentRecord {
    /// The experiment's name.
    pub experiment: String,
    /// Where and with what it was measured.
    pub machine: Machine,
    /// How.
    pub settings: Settings,
    /// A row for each variant, the one that speed-ups are relative to first.
    pub rows: Vec<Row>,
    /// What follows from the rows, by name: fitted exponents, crossovers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub findings: BTreeMap<String, Value>,
}

/// A variant's results.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// The variant.
    pub variant: String,
    /// What it is compared with, where the experiment has several groups of variants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The structure or structures.
    pub structure: String,
    /// Residues with a backbone, of all structures together.
    pub residues: usize,
    /// Sequences that are scored or drawn, for each structure.
    pub sequences: u64,
    /// Threads that work.
    pub threads: usize,
    /// Whether the weights are trained ones. Where not, speed is all that the row says.
    pub trained: bool,
    /// Whether its numbers are emulated in software. Where they are, accuracy is all that the row says.
    #[serde(default, skip_serializing_if = "is_false")]
    pub emulated: bool,
    /// Times of the runs.
    pub median_ms: f64,
    /// Their mean.
    pub mean_ms: f64,
    /// Their standard deviation.
    pub std_ms: f64,
    /// How many runs.
    pub runs: usize,
    /// Residues times sequences a second, by the median.
    pub residues_per_s: f64,
    /// Median time a residue and sequence of the group's first variant over this one's.
    pub speedup: f64,
    /// The most memory that a process needs which does this once and nothing else, MB (10⁶ bytes).
    pub peak_rss_mb: Option<f64>,
    /// Accuracy on the same structures.
    #[serde(flatten)]
    pub accuracy: Accuracy,
    /// Quality over the panel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
    /// Further numbers of this experiment.
    #[serde(flatten)]
    pub more: BTreeMap<String, Value>,
    /// What must be known to read the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Row {
    /// How many times as fast it is as another row, a residue and sequence.
    pub fn over(&self, base: &Row) -> Ratio {
        let spread = both(self.spread(), base.spread());
        Ratio { value: self.residues_per_s / base.residues_per_s, spread }
    }

    /// The standard deviation of its runs over their median; none of too few runs.
    pub fn spread(&self) -> Option<f64> {
        (self.runs >= FEWEST_RUNS).then(|| self.std_ms / self.median_ms)
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

impl ExperimentRecord {
    /// The file's name for an experiment.
    pub fn file_name(experiment: &str) -> String {
        format!("{experiment}_benchmarks.json")
    }

    /// Writes it into a folder.
    pub fn write(&self, folder: &Path) -> Result<(), StudyError> {
        write_json(&folder.join(ExperimentRecord::file_name(&self.experiment)), self)
    }

    /// Reads an experiment's record from a folder.
    pub fn read(folder: &Path, experiment: &str) -> Result<ExperimentRecord, StudyError> {
        read_json(&folder.join(ExperimentRecord::file_name(experiment)))
    }

    /// The row that a row is compared with: the first of its group.
    pub fn first_of_group(&self, row: &Row) -> Option<&Row> {
        self.rows.iter().find(|first| first.group == row.group)
    }

    /// How many times as fast a row is as the first of its group.
    pub fn gain(&self, row: &Row) -> Option<Ratio> {
        Some(row.over(self.first_of_group(row)?))
    }

    /// The row of a variant.
    pub fn row(&self, variant: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.variant == variant)
    }
}

/// Writes a value as JSON for people and programs.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), StudyError> {
    let unwritable = |source| StudyError::Unwritable { path: path.to_owned(), source };
    let text = serde_json::to_string_pretty(value).map_err(|error| unwritable(std::io::Error::other(error)))?;
    // Whole or not at all: a record that a measurement was cut short in cannot be read.
    let unfinished = path.with_extension("json.part");
    std::fs::write(&unfinished, text + "\n").and_then(|()| std::fs::rename(&unfinished, path)).map_err(unwritable)
}

/// Reads a value from JSON.
pub fn read_json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, StudyError> {
    let unreadable = |reason: String| StudyError::Unreadable { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))
}
