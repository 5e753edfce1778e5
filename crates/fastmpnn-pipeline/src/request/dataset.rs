//! Datasets: tables of designs that a later run of the same command continues.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::checks::check_count;
use super::text;
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

/// One of several shares of the inputs: input i of a run, from 0, belongs to share i mod count + 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// The share's number, from 1.
    pub fn index(self) -> u32 {
        self.index
    }

    /// The number of shares.
    pub fn count(self) -> u32 {
        self.count
    }

    /// The number of inputs in the share, of this number of all.
    pub(crate) fn of(self, all: usize) -> usize {
        all.saturating_sub(self.index as usize - 1).div_ceil(self.count as usize)
    }

    /// The place among all inputs of an input of the share; both are counted from 0.
    pub(crate) fn place(self, index: usize) -> usize {
        index.saturating_mul(self.count as usize).saturating_add(self.index as usize - 1)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let parsed = text.split_once('/').and_then(|(index, count)| {
            let (index, count) = (index.trim().parse().ok()?, count.trim().parse().ok()?);
            (1..=count).contains(&index).then_some(Shard { index, count })
        });
        parsed.ok_or_else(|| "a shard is I/N, such as 2/4, with I from 1 to N".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_divide_the_inputs() {
        let shards: Vec<Shard> = ["1/3", "2/3", " 3 / 3"].iter().map(|text| text.parse().unwrap()).collect();
        for all in 0..10 {
            let of = |shard: &Shard| (0..shard.of(all)).map(|index| shard.place(index)).collect::<Vec<_>>();
            let mut places: Vec<usize> = shards.iter().flat_map(of).collect();
            places.sort_unstable();
            assert_eq!(places, (0..all).collect::<Vec<_>>(), "{all}");
        }
        assert_eq!((shards[1].place(0), shards[1].place(1)), (1, 4));
        assert_eq!(shards[1].to_string(), "2/3");
        for text in ["0/3", "4/3", "1", "1/0", "a/b", "-1/3"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
