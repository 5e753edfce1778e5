//! A table that is ranked: read once for the kinds of its columns, and once for its rows.

use std::path::{Path, PathBuf};

use super::columns::RankColumns;
use crate::error::{PipelineError, unusable};
use crate::filter::Columns;
use crate::measure::properties::PropertySet;
use crate::selection::DesignRunColumns;
use crate::table::{Column, Kind, NumberedRow, TableFormat, TableReader, Value};

/// A table whose columns are known.
pub(in crate::run) struct KnownTable {
    path: PathBuf,
    /// What messages call it.
    pub(in crate::run) name: String,
    /// Its columns, with the kinds of their values.
    pub(in crate::run) columns: Vec<Column>,
}

impl KnownTable {
    /// Reads a table for the kinds of its columns: those of the format, or in a format of texts those that all values are
    /// of. A value in one of our own columns that is not of its kind is an error.
    pub(in crate::run) fn read(path: &Path) -> Result<KnownTable, PipelineError> {
        let reader = TableReader::open(path)?;
        let name = reader.name().to_owned();
        let own_columns = PropertySet::default();
        let own = DesignRunColumns { properties: &own_columns, rescored: true, ligands: true };
        let mut columns: Vec<GuessedColumn> =
            reader.schema().columns.iter().map(|column| GuessedColumn::new(column, &own)).collect();
        for row in reader {
            let row = row?;
            for (column, value) in columns.iter_mut().zip(&row.values) {
                if let Err(reason) = column.see(value) {
                    return Err(unusable(format!("{}: {reason}", place(&name, row.number))));
                }
            }
        }
        let columns = columns.into_iter().map(|guessed| Column::new(guessed.name.clone(), guessed.kind())).collect();
        Ok(KnownTable { path: path.to_owned(), name, columns })
    }

    /// Where a row is, for messages: `designs.csv, line 17`.
    pub(in crate::run) fn place(&self, number: u64) -> String {
        place(&self.name, number)
    }

    /// Its rows, with a value for each column of the tables together.
    pub(in crate::run) fn rows<'a>(
        &'a self,
        columns: &'a RankColumns,
    ) -> Result<impl Iterator<Item = Result<NumberedRow, PipelineError>> + 'a, PipelineError> {
        let places: Vec<Option<usize>> = self.columns.iter().map(|column| columns.place(&column.name)).collect();
        let reader = TableReader::open(&self.path)?;
        Ok(reader.map(move |row| {
            let row = row?;
            let mut values = vec![Value::Missing; columns.of_tables()];
            for (value, place) in row.values.into_iter().zip(&places) {
                if let Some(place) = *place {
                    values[place] = value.into_kind(columns.kind(place)).unwrap_or_default();
                }
            }
            Ok(NumberedRow { number: row.number, values })
        }))
    }
}

/// Where a row of a table is: lines of text are numbered, and rows of Parquet.
fn place(name: &str, number: u64) -> String {
    let unit = if TableFormat::of_path(Path::new(name)) == Some(TableFormat::Parquet) { "row" } else { "line" };
    format!("{name}, {unit} {number}")
}

/// A column, and what all its values so far can be.
struct GuessedColumn {
    name: String,
    /// The kind that it has to have, if it is one of our own.
    own: Option<Kind>,
    /// The kind that the format gives it.
    given: Kind,
    any: bool,
    integers: bool,
    numbers: bool,
    booleans: bool,
}

impl GuessedColumn {
    fn new(column: &Column, own: &dyn Columns) -> GuessedColumn {
        GuessedColumn {
            name: column.name.clone(),
            own: own.kind_of(&column.name),
            given: column.kind,
            any: false,
            integers: true,
            numbers: true,
            booleans: true,
        }
    }

    /// Takes a value into account; the error says what is wrong with it.
    fn see(&mut self, value: &Value) -> Result<(), String> {
        if value.is_missing() {
            return Ok(());
        }
        self.any = true;
        if let Some(kind) = self.own
            && value.clone().into_kind(kind).is_none()
        {
            let noun = if kind == Kind::Integer { "a whole number" } else { "a number" };
            return Err(format!("{} {:?} is not {noun}", self.name, value.to_string()));
        }
        if let Value::Text(text) = value {
            self.integers &= text.parse::<i64>().is_ok_and(|value| value.to_string() == *text);
            self.numbers &= is_number(text);
            self.booleans &= matches!(text.as_str(), "true" | "false" | "True" | "False");
        }
        Ok(())
    }

    fn kind(&self) -> Kind {
        match (self.own, self.given) {
            (Some(kind), _) => kind,
            (None, Kind::Text) if self.any && self.integers => Kind::Integer,
            (None, Kind::Text) if self.any && self.numbers => Kind::Number,
            (None, Kind::Text) if self.any && self.booleans => Kind::Boolean,
            (None, given) => given,
        }
    }
}

/// Whether a text is a number, and not a name such as 007 or inf.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_padded = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    text.parse::<f64>().is_ok()
        && digits.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && !is_padded
}
