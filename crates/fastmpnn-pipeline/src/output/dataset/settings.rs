//! `dataset.json`: what all rows of a dataset have in common. Later runs and other shards compare theirs with it.

use fastmpnn::Engine;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::error::{PipelineError, refusal};
use crate::input::{ResolvedDesign, settings_that_matter};
use crate::message::{Field, marked};
use crate::request::{DesignRequest, Request};
use crate::table::TableFormat;

/// The name of the file.
pub(crate) const FILE: &str = "dataset.json";

/// Settings that designs do not depend on and the files of a dataset do.
const OF_THE_DATASET: [&str; 2] = ["table", "part_rows"];

/// What all rows have in common.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct DatasetRecord {
    pub(crate) program: String,
    pub(crate) version: String,
    pub(crate) command: String,
    pub(crate) checkpoint: CheckpointRecord,
    /// K
    pub(crate) neighbors: usize,
    /// SHA-256 of the file of membrane labels.
    pub(crate) membrane_labels: Option<String>,
    /// SHA-256 of the files that the settings name, such as lists of residues.
    pub(crate) files: String,
    /// The request, without what the designs do not depend on.
    pub(crate) settings: Map<String, Value>,
}

/// The network.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct CheckpointRecord {
    pub(crate) name: String,
    pub(crate) family: String,
    pub(crate) sha256: String,
}

impl DatasetRecord {
    pub(crate) fn new(request: &DesignRequest, resolved: &ResolvedDesign, engine: &Engine) -> DatasetRecord {
        let mut settings = settings_that_matter(request);
        let [table, part_rows] = OF_THE_DATASET.map(str::to_owned);
        settings.insert(table, request.dataset.table.map(TableFormat::ending).into());
        settings.insert(part_rows, request.dataset.part_rows.into());
        // Rows of a manifest that ask for what the request does not give the table more columns.
        let by_rows = [
            ("constraint_cost", resolved.has_goals(request) && !request.letters.has_goals()),
            ("rescored", resolved.is_rescored(request) && request.rescore_orders.is_none()),
        ];
        let columns: Vec<&str> = by_rows.into_iter().filter(|(_, given)| *given).map(|(name, _)| name).collect();
        if !columns.is_empty() {
            settings.insert("manifest".to_owned(), columns.into());
        }
        DatasetRecord {
            program: crate::PROGRAM.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: DesignRequest::NAME.to_owned(),
            checkpoint: CheckpointRecord {
                name: engine.checkpoint_name().to_owned(),
                family: engine.model().config().family.name().to_owned(),
                sha256: engine.checkpoint_sha256().to_owned(),
            },
            neighbors: engine.model().config().neighbors,
            membrane_labels: resolved.labels.as_ref().map(|labels| labels.sha256.clone()),
            files: format!("{:x}", Sha256::digest(serde_json::to_string(&resolved.spec.files).unwrap_or_default())),
            settings,
        }
    }

    /// The first 16 hexadecimal digits of the SHA-256 of what designs depend on, which tell the rows of different settings
    /// apart.
    pub(crate) fn hash(&self) -> String {
        let mut record = self.clone();
        record.settings.retain(|name, _| !OF_THE_DATASET.contains(&name.as_str()));
        let text = serde_json::to_string(&record).unwrap_or_default();
        let digits = format!("{:x}", Sha256::digest(text));
        digits[..16].to_owned()
    }

    /// Refuses to continue a dataset that was begun with other settings.
    pub(super) fn check_same(&self, former: &DatasetRecord, shown: &str) -> Result<(), PipelineError> {
        let mut differences = Vec::new();
        let mut differs = |name: String, former: String, now: String| {
            if former != now {
                differences.push(format!("{name} {now} instead of {former}"));
            }
        };
        differs("fastmpnn".to_owned(), former.version.clone(), self.version.clone());
        let network = |record: &DatasetRecord| {
            let CheckpointRecord { name, sha256, .. } = &record.checkpoint;
            format!("{name} ({})", sha256.get(..12).unwrap_or(sha256))
        };
        differs("the network".to_owned(), network(former), network(self));
        differs("K".to_owned(), former.neighbors.to_string(), self.neighbors.to_string());
        let file = |labels: &Option<String>| labels.as_ref().map_or("none", |sha256| sha256.as_str()).to_owned();
        differs(
            format!("the content of {}", Field("membrane_labels")),
            file(&former.membrane_labels),
            file(&self.membrane_labels),
        );
        differs("the content of the files that settings name".to_owned(), former.files.clone(), self.files.clone());
        let none = Value::Null;
        let mut names: Vec<&String> = self.settings.keys().chain(former.settings.keys()).collect();
        names.sort();
        names.dedup();
        for name in names {
            let text = |settings: &Map<String, Value>| settings.get(name).unwrap_or(&none).to_string();
            differs(marked(name), text(&former.settings), text(&self.settings));
        }
        if differences.is_empty() {
            return Ok(());
        }
        let differences = differences.join(", ");
        let overwrite = Field("overwrite");
        Err(refusal(format!(
            "{shown} holds a dataset of other settings, which this run would have with {differences}: repeat those \
             settings to continue it, name another folder, or add {overwrite}"
        )))
    }
}
