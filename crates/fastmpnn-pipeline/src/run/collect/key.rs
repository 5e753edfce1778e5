//! What the rows of a collected table are sorted by.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::table::{Schema, Value};

/// The columns of a key.
pub(super) struct KeyColumns {
    texts: [Option<usize>; 3],
    numbers: [Option<usize>; 3],
}

/// A row's place among all: structure, network, settings, temperature, seed, sample; then its table.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct SortKey {
    texts: [String; 3],
    numbers: [Option<f64>; 3],
    source: usize,
}

impl KeyColumns {
    pub(super) fn of(schema: &Schema) -> KeyColumns {
        KeyColumns {
            texts: ["name", "checkpoint", "settings"].map(|name| schema.index_of(name)),
            numbers: ["temperature", "seed", "sample"].map(|name| schema.index_of(name)),
        }
    }

    pub(super) fn of_row(&self, row: &[Value], source: usize) -> SortKey {
        SortKey {
            texts: self.texts.map(|place| place.map_or_else(String::new, |place| row[place].to_string())),
            numbers: self.numbers.map(|place| place.and_then(|place| row[place].as_number())),
            source,
        }
    }
}

impl SortKey {
    /// Whether two rows are of one design. Rows without a name or a sample are each of their own.
    pub(super) fn is_of_same_design(&self, other: &SortKey) -> bool {
        let known = !self.texts[0].is_empty() && self.numbers[2].is_some();
        known && self.source != other.source && self.texts == other.texts && self.numbers == other.numbers
    }
}

impl Eq for SortKey {}

impl Ord for SortKey {
    fn cmp(&self, other: &SortKey) -> Ordering {
        let of_numbers = || {
            let pairs = self.numbers.iter().zip(&other.numbers);
            let order = pairs
                .map(|(one, other)| one.unwrap_or(f64::NEG_INFINITY).total_cmp(&other.unwrap_or(f64::NEG_INFINITY)));
            order.fold(Ordering::Equal, Ordering::then)
        };
        self.texts.cmp(&other.texts).then_with(of_numbers).then(self.source.cmp(&other.source))
    }
}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &SortKey) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
