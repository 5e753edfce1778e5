//! `collect`: one sorted table of the designs of folders and datasets.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::checks::table_format;
use super::{Request, flat_in_json};
use crate::error::{PipelineError, refusal};
use crate::message::Field;
use crate::table::TableFormat;

/// One table of the designs of datasets, folders and tables, sorted by structure, settings, temperature, seed and sample.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, remote = "Self")]
pub struct CollectRequest {
    /// Datasets of `design --table`, folders of `design -o`, and tables: CSV, JSON Lines or Parquet.
    pub inputs: Vec<PathBuf>,
    /// The file of the table, whose format is that of its ending: .csv, .jsonl or .parquet.
    pub out: Option<PathBuf>,
}

flat_in_json!(CollectRequest);

impl CollectRequest {
    /// The format of the file; none without a file.
    pub(crate) fn format(&self) -> Result<Option<TableFormat>, PipelineError> {
        table_format(self.out.as_deref())
    }
}

impl Request for CollectRequest {
    const NAME: &'static str = "collect";

    fn check(&self) -> Result<(), PipelineError> {
        if self.inputs.is_empty() {
            return Err(refusal(format!("{}: there is none", Field("inputs"))));
        }
        self.format().map(|_| ())
    }
}
