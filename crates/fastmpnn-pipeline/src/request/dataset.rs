//! Datasets: tables of designs that a later run of the same command continues.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::checks::check_count;
use super::{Shard, text};
use crate::error::{PipelineError, refusal};
use crate::message::Field;
use crate::table::TableFormat;

/// How a dataset is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DatasetSettings {
    /// The format of a dataset's parts, `parquet`, `jsonl` or `csv`; with it, `out` is a dataset instead of a folder of
    /// sequences.
    pub table: Option<TableFormat>,
    /// Rows after which a part of a dataset ends.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub part_rows: u64,
    /// Whether a dataset that is there is continued (`auto`) or refused (`off`).
    pub resume: Resume,
    /// The share of the inputs that this run works on, such as `2/4`: each fourth input, from the second on. All when null.
    #[serde(with = "text::shard")]
    #[schemars(with = "Option<String>")]
    pub shard: Option<Shard>,
}

impl Default for DatasetSettings {
    fn default() -> DatasetSettings {
        DatasetSettings { table: None, part_rows: 20_000, resume: Resume::Auto, shard: None }
    }
}

impl DatasetSettings {
    pub(super) fn check(&self, out: bool) -> Result<(), PipelineError> {
        check_count("part_rows", self.part_rows, 1..=10_000_000)?;
        if self.table.is_some() && !out {
            return Err(refusal(format!("{} is a folder of parts: add {}", Field("table"), Field("out"))));
        }
        if self.table.is_none() && self.resume == Resume::Off {
            return Err(refusal(format!("{} is of datasets: add {}", Field("resume"), Field("table"))));
        }
        Ok(())
    }
}

/// Whether a run continues what another has begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum Resume {
    /// It does, where the settings are the same.
    #[default]
    Auto,
    /// It refuses a dataset that is there.
    Off,
}
