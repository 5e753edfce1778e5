//! `collect`: one sorted table of the designs of folders and datasets.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// The format of the file; `None` where there is no file, or its ending is that of no table.
    pub(crate) fn format(&self) -> Option<TableFormat> {
        self.out.as_deref().and_then(TableFormat::of_path)
    }
}

impl Request for CollectRequest {
    const NAME: &'static str = "collect";

    fn check(&self) -> Result<(), PipelineError> {
        if self.inputs.is_empty() {
            return Err(refusal(format!("{}: there is none", Field("inputs"))));
        }
        match &self.out {
            Some(out) if self.format().is_none() => {
                let shown = out.display();
                Err(refusal(format!("{} {shown} ends with none of .csv, .jsonl and .parquet", Field("out"))))
            }
            _ => Ok(()),
        }
    }
}
