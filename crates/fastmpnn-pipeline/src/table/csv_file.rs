//! Tables as CSV (RFC 4180).

use std::io::{self, BufRead};

use super::{Column, Kind, NumberedRow, Schema, Value};
use crate::error::{PipelineError, unusable};

/// The rows of a CSV file.
pub(super) struct CsvRows {
    reader: csv::Reader<Box<dyn BufRead + Send>>,
    record: csv::StringRecord,
    /// 1 where lines end with CR LF: the reader counts a line at its LF, which it takes for the beginning of the next.
    uncounted: u64,
}

impl CsvRows {
    pub(super) fn new(name: &str, from: Box<dyn BufRead + Send>) -> Result<(Schema, CsvRows), PipelineError> {
        // The lengths of rows are checked here, where the message can name the row.
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(from);
        let headers = reader.headers().map_err(|error| faulty(name, &error))?;
        // A spreadsheet's byte order mark is not part of the first name.
        let names = headers.iter().map(|name| name.trim_start_matches('\u{feff}').trim());
        let columns: Vec<Column> = names.map(|name| Column::new(name, Kind::Text)).collect();
        if columns.is_empty() || columns.iter().all(|column| column.name.is_empty()) {
            return Err(unusable(format!("{name}: the table is empty; its first line names the columns")));
        }
        for (index, column) in columns.iter().enumerate() {
            if column.name.is_empty() {
                return Err(unusable(format!("{name}, line 1: column {} has no name", index + 1)));
            }
            if columns[..index].iter().any(|other| other.name == column.name) {
                return Err(unusable(format!("{name}, line 1: the column {} is there twice", column.name)));
            }
        }
        let uncounted = u64::from(reader.position().line() == 1);
        Ok((Schema::new(columns), CsvRows { reader, record: csv::StringRecord::new(), uncounted }))
    }

    pub(super) fn next_row(&mut self, name: &str, width: usize) -> Option<Result<NumberedRow, PipelineError>> {
        match self.reader.read_record(&mut self.record) {
            Err(error) => return Some(Err(faulty(name, &error))),
            Ok(false) => return None,
            Ok(true) => {}
        }
        let number = self.record.position().map_or(0, csv::Position::line) + self.uncounted;
        if self.record.len() != width {
            let found = self.record.len();
            let cells = if found == 1 { "cell" } else { "cells" };
            return Some(Err(unusable(format!(
                "{name}, line {number}: the row has {found} {cells}, and there are {width} columns"
            ))));
        }
        let value = |cell: &str| if cell.is_empty() { Value::Missing } else { Value::from(cell) };
        Some(Ok(NumberedRow { number, values: self.record.iter().map(value).collect() }))
    }
}

fn faulty(name: &str, error: &csv::Error) -> PipelineError {
    match error.position() {
        Some(place) if place.line() > 0 => match error.kind() {
            csv::ErrorKind::Utf8 { .. } => unusable(format!("{name}, line {}: not UTF-8 text", place.line())),
            _ => unusable(format!("{name}, line {}: {error}", place.line())),
        },
        _ => unusable(format!("{name}: {error}")),
    }
}

/// Writes a header line.
pub(super) fn write_header(out: impl io::Write, schema: &Schema) -> io::Result<()> {
    write_record(out, schema.columns.iter().map(|column| column.name.clone()))
}

/// Writes a row.
pub(super) fn write_row(out: impl io::Write, row: &[Value]) -> io::Result<()> {
    write_record(out, row.iter().map(ToString::to_string))
}

fn write_record(out: impl io::Write, cells: impl Iterator<Item = String>) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(cells).map_err(|error| match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("{kind:?}")),
    })?;
    table.flush()
}
