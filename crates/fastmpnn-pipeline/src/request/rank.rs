//! `rank`: the best rows of tables of designs.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::checks::table_format;
use super::{Request, SelectionSettings, flat_in_json};
use crate::error::{PipelineError, refusal};
use crate::message::Field;
use crate::table::TableFormat;

/// The rows of tables of designs that are kept, the best first, with the properties of their sequences.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, remote = "Self")]
pub struct RankRequest {
    /// Tables of designs (CSV, JSON Lines or Parquet), and folders and datasets that `design` wrote.
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
    /// The format of the file; none without a file.
    pub(crate) fn format(&self) -> Result<Option<TableFormat>, PipelineError> {
        table_format(self.out.as_deref())
    }

    /// Refuses to write the result over a table that is read: its rows that are not kept would be lost.
    pub(crate) fn check_out(&self, tables: &[PathBuf]) -> Result<(), PipelineError> {
        let Some(out) = &self.out else { return Ok(()) };
        let is_out = |table: &PathBuf| {
            table == out || out.canonicalize().is_ok_and(|out| table.canonicalize().is_ok_and(|table| table == out))
        };
        match tables.iter().any(is_out) {
            true => Err(refusal(format!("{} {} is also a table that is read", Field("out"), out.display()))),
            false => Ok(()),
        }
    }
}

impl Request for RankRequest {
    const NAME: &'static str = "rank";

    fn check(&self) -> Result<(), PipelineError> {
        self.selection.check()?;
        if self.per_structure && self.selection.top.is_none() {
            return Err(refusal(format!("{} is of {}: say how many", Field("per_structure"), Field("top"))));
        }
        self.format()?;
        self.check_out(&self.inputs)
    }
}
