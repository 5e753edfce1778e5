//! What expressions are over: columns, and rows with values in them.

use crate::table::{Kind, Value};

/// The columns that an expression can name.
pub trait Columns {
    /// The kind of a column's values; `None` where there is no such column.
    fn kind_of(&self, name: &str) -> Option<Kind>;

    /// The names of the columns, for the nearest one of a name that is not among them.
    fn names(&self) -> Vec<String>;
}

/// A row with values by the names of its columns.
pub trait Row {
    /// The value; missing where the row has none.
    fn value(&self, name: &str) -> Value;
}
