//! `rank`: the best rows of tables of designs.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Request, SelectionSettings, flat_in_json};
use crate::error::{PipelineError, refusal};
use crate::message::Field;
use crate::table::TableFormat;

/// The rows of tables of designs that are kept, the best first, with the properties of their sequences.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, remote = "Self")]
pub struct RankRequest {
    /// Tables of designs: CSV, JSON Lines or Parquet.
    pub inputs: Vec<PathBuf>,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "the group says it")]
    pub selection: SelectionSettings,
    /// Whether `top` is that of each structure, not of all.
    pub per_structure: bool,
    /// The file of the ranked table, whose format is that of its ending: .csv, .jsonl or .parquet.
    pub out: Option<PathBuf>,
}

flat_in_json!(RankRequest);

impl RankRequest {
    /// The format of the file; `None` where there is no file, or its ending is that of no table.
    pub(crate) fn format(&self) -> Option<TableFormat> {
        self.out.as_deref().and_then(TableFormat::of_path)
    }
}

impl Request for RankRequest {
    const NAME: &'static str = "rank";

    fn check(&self) -> Result<(), PipelineError> {
        self.selection.check()?;
        if self.per_structure && self.selection.top.is_none() {
            return Err(refusal(format!("{} is of {}: say how many", Field("per_structure"), Field("top"))));
        }
        let Some(out) = &self.out else { return Ok(()) };
        let shown = out.display();
        if self.format().is_none() {
            return Err(refusal(format!("{} {shown} ends with none of .csv, .jsonl and .parquet", Field("out"))));
        }
        // Rows that are not kept would be lost.
        let is_read = |table: &PathBuf| {
            table == out || table.canonicalize().ok().is_some_and(|t| out.canonicalize().ok() == Some(t))
        };
        if self.inputs.iter().any(is_read) {
            return Err(refusal(format!("{} {shown} is also a table that is read", Field("out"))));
        }
        Ok(())
    }
}
