//! The records: one row for each variant, one file for each experiment.

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
    /// The machine it was measured on, and the version.
    pub machine: Machine,
    /// The settings it was measured with.
    pub settings: Settings,
    /// A row for each variant; speedups are relative to the first.
    pub rows: Vec<Row>,
    /// Numbers derived from all rows, by name, such as fitted exponents and crossovers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub findings: BTreeMap<String, Value>,
}

/// A variant's results.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// The variant.
    pub variant: String,
    /// The group of variants it belongs to, if there are several; ratios are relative to the group's first row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The structure's name, the names of up to three, or their number.
    pub structure: String,
    /// Residues that have a backbone, over all structures.
    pub residues: usize,
    /// Sequences scored or drawn for each structure; 0 if only the encoder runs.
    pub sequences: u64,
    /// The number of threads.
    pub threads: usize,
    /// Whether the weights are trained. If not, only the row's speed is meaningful.
    pub trained: bool,
    /// Whether its arithmetic is emulated in software. If so, only the row's accuracy is meaningful.
    #[serde(default, skip_serializing_if = "is_false")]
    pub emulated: bool,
    /// Median time of a run, ms.
    pub median_ms: f64,
    /// Mean time of a run, ms; no verdict uses it.
    pub mean_ms: f64,
    /// Standard deviation of the runs, ms; 0 for a single run.
    pub std_ms: f64,
    /// Number of timed runs.
    pub runs: usize,
    /// Residues × sequences per second, from the median.
    pub residues_per_s: f64,
    /// The speedup over the group's first row: the ratio of their `residues_per_s`.
    pub speedup: f64,
    /// Peak memory of a process that runs the variant once and nothing else, MB (10⁶ bytes).
    pub peak_rss_mb: Option<f64>,
    /// Accuracy on the same structures.
    #[serde(flatten)]
    pub accuracy: Accuracy,
    /// Quality over the panel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
    /// Numbers that only this experiment has.
    #[serde(flatten)]
    pub more: BTreeMap<String, Value>,
    /// A remark needed to read the row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Row {
    /// The speedup over another row, per residue and sequence.
    pub fn over(&self, base: &Row) -> Ratio {
        let spread = both(self.spread(), base.spread());
        Ratio { value: self.residues_per_s / base.residues_per_s, spread }
    }

    /// The standard deviation of its runs divided by their median; `None` with fewer than [`FEWEST_RUNS`] runs.
    pub fn spread(&self) -> Option<f64> {
        (self.runs >= FEWEST_RUNS).then(|| self.std_ms / self.median_ms)
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

impl ExperimentRecord {
    /// The name of an experiment's file.
    pub fn file_name(experiment: &str) -> String {
        format!("{experiment}_benchmarks.json")
    }

    /// Writes the record into a folder.
    pub fn write(&self, folder: &Path) -> Result<(), StudyError> {
        write_json(&folder.join(ExperimentRecord::file_name(&self.experiment)), self)
    }

    /// Reads an experiment's record from a folder.
    pub fn read(folder: &Path, experiment: &str) -> Result<ExperimentRecord, StudyError> {
        read_json(&folder.join(ExperimentRecord::file_name(experiment)))
    }

    /// The first row of a row's group, which the row is compared with.
    pub fn first_of_group(&self, row: &Row) -> Option<&Row> {
        self.rows.iter().find(|first| first.group == row.group)
    }

    /// The speedup of a row over the first of its group.
    pub fn gain(&self, row: &Row) -> Option<Ratio> {
        Some(row.over(self.first_of_group(row)?))
    }

    /// The row of a variant.
    pub fn row(&self, variant: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.variant == variant)
    }
}

/// Writes a value as indented JSON.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), StudyError> {
    let unwritable = |source| StudyError::Unwritable { path: path.to_owned(), source };
    let text = serde_json::to_string_pretty(value).map_err(|error| unwritable(std::io::Error::other(error)))?;
    // The file is written whole or not at all: an interrupted run must not leave half a record.
    let unfinished = path.with_extension("json.part");
    std::fs::write(&unfinished, text + "\n").and_then(|()| std::fs::rename(&unfinished, path)).map_err(unwritable)
}

/// Reads a value from JSON.
pub fn read_json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, StudyError> {
    let unreadable = |reason: String| StudyError::Unreadable { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))
}
