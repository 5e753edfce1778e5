//! A row of a table.

use super::Value;

/// A row, and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberedRow {
    /// The line of a text file, or the row of a Parquet file, from 1.
    pub number: u64,
    /// A value for each column.
    pub values: Vec<Value>,
}
