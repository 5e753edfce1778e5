//! Tables with named, typed columns, in any of three formats: manifests, datasets of designs, rankings.
//!
//! ```text
//! CSV │ JSON Lines │ Parquet ─▶ TableReader ─▶ rows of Values ─▶ TableWriter ─▶ CSV │ JSON Lines │ Parquet
//! ```

mod csv_file;
mod jsonl_file;
#[cfg_attr(not(feature = "parquet"), path = "no_parquet_file.rs")]
mod parquet_file;
mod reader;
mod row;
mod value;
mod writer;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use reader::TableReader;
pub use row::NumberedRow;
pub use value::{Kind, Value};
pub use writer::TableWriter;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What its values are.
    pub kind: Kind,
}

impl Column {
    /// A column of that name and kind.
    pub fn new(name: impl Into<String>, kind: Kind) -> Column {
        Column { name: name.into(), kind }
    }
}

/// The columns of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// In their order.
    pub columns: Vec<Column>,
    /// What the file says of itself, where the format has a place for it: Parquet's key-value metadata.
    pub metadata: BTreeMap<String, String>,
}

impl Schema {
    /// Columns without metadata.
    pub fn new(columns: Vec<Column>) -> Schema {
        Schema { columns, metadata: BTreeMap::new() }
    }

    /// The index of the column of that name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// How a table is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "lowercase")]
pub enum TableFormat {
    /// Apache Parquet, compressed with Snappy.
    Parquet,
    /// JSON Lines: an object a row.
    Jsonl,
    /// Comma-separated values (RFC 4180), with a header line.
    Csv,
}

impl TableFormat {
    /// All formats.
    pub const ALL: [TableFormat; 3] = [TableFormat::Parquet, TableFormat::Jsonl, TableFormat::Csv];

    /// The ending of its files: `parquet`.
    pub fn ending(self) -> &'static str {
        match self {
            TableFormat::Parquet => "parquet",
            TableFormat::Jsonl => "jsonl",
            TableFormat::Csv => "csv",
        }
    }

    /// The format of a file by the ending of its name; `.ndjson` is JSON Lines, too.
    pub fn of_path(path: &Path) -> Option<TableFormat> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "ndjson" => Some(TableFormat::Jsonl),
            ending => TableFormat::ALL.into_iter().find(|format| format.ending() == ending),
        }
    }
}

impl fmt::Display for TableFormat {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.ending())
    }
}

impl FromStr for TableFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<TableFormat, String> {
        let known = TableFormat::ALL.into_iter().find(|format| format.ending() == text);
        known.ok_or_else(|| "a table is parquet, jsonl or csv".to_owned())
    }
}

#[cfg(test)]
mod tests;
