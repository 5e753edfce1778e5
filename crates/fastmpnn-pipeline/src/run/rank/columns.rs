//! The columns of tables that are ranked together: theirs, and the properties of sequences that they lack.

use std::collections::HashMap;

use crate::filter::{Columns, Row};
use crate::measure::properties::{ChainSequence, PropertySet};
use crate::table::{Column, Kind, Value};

/// The columns whose text is the name of the structure that a design is of; the first that there is counts.
const STRUCTURE: [&str; 2] = ["structure", "name"];

/// The columns.
#[derive(Clone, Debug)]
pub(in crate::run) struct RankColumns {
    columns: Vec<Column>,
    /// The number of them that are of the tables.
    of_tables: usize,
    by_name: HashMap<String, usize>,
    properties: PropertySet,
    /// Which of the properties follow the columns of the tables, as places in [`PropertySet::values`].
    lacking: Vec<usize>,
}

impl RankColumns {
    /// The columns of some tables together, each once, and then the properties that none has.
    pub(in crate::run) fn new<'a>(tables: impl Iterator<Item = &'a [Column]>, properties: PropertySet) -> RankColumns {
        let mut columns: Vec<Column> = Vec::new();
        for column in tables.flatten() {
            match columns.iter_mut().find(|known| known.name == column.name) {
                Some(known) => known.kind = common_kind(known.kind, column.kind),
                None => columns.push(column.clone()),
            }
        }
        let of_tables = columns.len();
        let has = |columns: &[Column], name: &str| columns.iter().any(|column| column.name == name);
        let has_sequences =
            columns.iter().any(|column| column.name == "sequence" || column.name.starts_with("sequence_"));
        let mut lacking = Vec::new();
        for (place, property) in properties.columns().into_iter().enumerate() {
            if has_sequences && !has(&columns, &property.column.name) {
                columns.push(property.column);
                lacking.push(place);
            }
        }
        let by_name = columns.iter().enumerate().map(|(index, column)| (column.name.clone(), index)).collect();
        RankColumns { columns, of_tables, by_name, properties, lacking }
    }

    /// The columns of some tables together, each once, and no others.
    pub(in crate::run) fn of_tables_alone<'a>(tables: impl Iterator<Item = &'a [Column]>) -> RankColumns {
        let mut columns = RankColumns::new(tables, PropertySet::default());
        columns.columns.truncate(columns.of_tables);
        columns.by_name.retain(|_, place| *place < columns.of_tables);
        columns.lacking.clear();
        columns
    }

    /// All columns, in the order of a completed row.
    pub(in crate::run) fn all(&self) -> Vec<Column> {
        self.columns.clone()
    }

    /// The number of columns that are of the tables; they come first.
    pub(in crate::run) fn of_tables(&self) -> usize {
        self.of_tables
    }

    /// The place of a column.
    pub(in crate::run) fn place(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The kind of the column at a place.
    pub(in crate::run) fn kind(&self, place: usize) -> Kind {
        self.columns[place].kind
    }

    /// Whether a column is one that the tables lack.
    pub(in crate::run) fn is_measured(&self, name: &str) -> bool {
        self.place(name).is_some_and(|place| place >= self.of_tables)
    }

    /// Adds to a row of the tables' values the properties of its sequence.
    pub(in crate::run) fn completed(&self, mut values: Vec<Value>) -> Vec<Value> {
        if !self.lacking.is_empty() {
            let chains = self.chains_of(&values);
            if chains.is_empty() {
                values.extend(self.lacking.iter().map(|_| Value::Missing));
            } else {
                let properties = self.properties.values(&self.properties.of(&chains));
                values.extend(self.lacking.iter().map(|&place| properties[place].clone()));
            }
        }
        values
    }

    /// The sequences of a row's chains: those of its columns `sequence_A`, or else of `sequence`, whose ids are in `chains`
    /// where there is such a column.
    pub(in crate::run) fn chains_of(&self, values: &[Value]) -> Vec<ChainSequence> {
        let by_chain = self.columns[..self.of_tables].iter().zip(values).filter_map(|(column, value)| {
            let id = column.name.strip_prefix("sequence_")?.to_owned();
            Some(ChainSequence { id, letters: value.as_text()?.to_ascii_uppercase() })
        });
        let chains: Vec<ChainSequence> = by_chain.collect();
        if !chains.is_empty() {
            return chains;
        }
        let whole = self.value_of("sequence", values).as_text().map(str::to_ascii_uppercase);
        let mut chains = whole.map_or_else(Vec::new, |letters| ChainSequence::of_text(&letters));
        let ids = self.value_of("chains", values);
        let ids: Vec<&str> = ids.as_text().map_or_else(Vec::new, |ids| ids.split(['/', ':']).collect());
        if ids.len() == chains.len() {
            for (chain, id) in chains.iter_mut().zip(ids) {
                chain.id = id.to_owned();
            }
        }
        chains
    }

    /// The name of a row's structure.
    pub(in crate::run) fn structure_of(&self, values: &[Value]) -> Option<String> {
        let column = STRUCTURE.iter().find(|name| self.place(name).is_some())?;
        Some(self.value_of(column, values).to_string())
    }

    /// The number of residues that were designed, where the table has it.
    pub(in crate::run) fn designed_residues(&self, values: &[Value]) -> Option<usize> {
        self.value_of("designed_residues", values).as_number().map(|count| count as usize)
    }

    fn value_of(&self, name: &str, values: &[Value]) -> Value {
        self.place(name).and_then(|place| values.get(place)).cloned().unwrap_or_default()
    }

    /// A completed row by the names of its columns.
    pub(in crate::run) fn row<'a>(&'a self, values: &'a [Value]) -> RankRow<'a> {
        RankRow { columns: self, values }
    }
}

impl Columns for RankColumns {
    fn kind_of(&self, name: &str) -> Option<Kind> {
        self.place(name).map(|place| self.kind(place))
    }

    fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }
}

/// A completed row.
pub(in crate::run) struct RankRow<'a> {
    columns: &'a RankColumns,
    values: &'a [Value],
}

impl Row for RankRow<'_> {
    fn value(&self, name: &str) -> Value {
        self.columns.value_of(name, self.values)
    }
}

/// The kind that values of two kinds have in common.
fn common_kind(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        (one, other) if one == other => one,
        (Kind::Integer | Kind::Number, Kind::Integer | Kind::Number) => Kind::Number,
        _ => Kind::Text,
    }
}
