//! The result of a task, whatever it is.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The letters in the order of all tables.
pub(crate) const ALPHABET: &str = "ACDEFGHIKLMNPQRSTVWYX";

/// The network that was used.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct UsedModel {
    /// The published name of its checkpoint.
    pub(crate) name: String,
    /// SHA-256 of the checkpoint.
    pub(crate) sha256: String,
}

/// An input that could not be used, while others could.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct FailedFile {
    /// Its name.
    pub(crate) input: String,
    /// Why, in one sentence.
    pub(crate) error: String,
}

/// The result of a task.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "{S}Result")]
pub(crate) struct TaskResult<S> {
    /// The task: design, score, probabilities, scan or pack.
    pub(crate) task: &'static str,
    /// The version of the program.
    pub(crate) version: &'static str,
    /// The network; none where only the packer was used.
    pub(crate) model: Option<UsedModel>,
    /// All settings of the request, defaults included.
    pub(crate) settings: Value,
    /// The letters in the order of tables with a column for each.
    pub(crate) alphabet: &'static str,
    /// The results, structure by structure.
    pub(crate) structures: Vec<S>,
    /// What is odd about the inputs.
    pub(crate) warnings: Vec<String>,
    /// What is worth knowing about the run.
    pub(crate) notes: Vec<String>,
    /// Inputs that could not be used.
    pub(crate) failures: Vec<FailedFile>,
    /// Whether the job was cancelled before its end.
    pub(crate) stopped: bool,
    /// How long it took, seconds.
    pub(crate) seconds: f64,
}
