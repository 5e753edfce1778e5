//! Rows that are sorted, in memory or put aside in a file without a name.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};

use super::key::SortKey;
use crate::error::PipelineError;
use crate::output::{OutputFailure, WritingTo};
use crate::table::{Column, Value};

/// Sorted rows.
pub(super) enum SortedRun {
    Memory(Vec<(SortKey, Vec<Value>)>),
    File { file: File, columns: Vec<Column> },
}

/// The rows of a run, one after the other.
pub(super) enum Rows {
    Memory(std::vec::IntoIter<(SortKey, Vec<Value>)>),
    File { lines: BufReader<File>, columns: Vec<Column>, line: String },
}

/// What messages call the file.
const ASIDE: &str = "a temporary file of sorted rows";

impl SortedRun {
    pub(super) fn in_memory(mut rows: Vec<(SortKey, Vec<Value>)>) -> SortedRun {
        rows.sort_by(|one, other| one.0.cmp(&other.0));
        SortedRun::Memory(rows)
    }

    /// Sorts rows and writes them to a file that goes with the process.
    pub(super) fn put_aside(
        mut rows: Vec<(SortKey, Vec<Value>)>,
        columns: &[Column],
    ) -> Result<SortedRun, OutputFailure> {
        rows.sort_by(|one, other| one.0.cmp(&other.0));
        let write = || -> io::Result<File> {
            let mut out = BufWriter::new(tempfile::tempfile()?);
            for (key, row) in rows {
                let cells: Vec<serde_json::Value> = row.iter().map(Value::to_json).collect();
                serde_json::to_writer(&mut out, &(key, cells))?;
                out.write_all(b"\n")?;
            }
            let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.rewind()?;
            Ok(file)
        };
        Ok(SortedRun::File { file: write().writing_to(ASIDE)?, columns: columns.to_vec() })
    }

    pub(super) fn rows(self) -> Result<Rows, PipelineError> {
        Ok(match self {
            SortedRun::Memory(rows) => Rows::Memory(rows.into_iter()),
            SortedRun::File { file, columns } => {
                Rows::File { lines: BufReader::new(file), columns, line: String::new() }
            }
        })
    }
}

impl Rows {
    pub(super) fn next_row(&mut self) -> Result<Option<(SortKey, Vec<Value>)>, PipelineError> {
        match self {
            Rows::Memory(rows) => Ok(rows.next()),
            Rows::File { lines, columns, line } => {
                line.clear();
                let mut read = || -> io::Result<Option<(SortKey, Vec<serde_json::Value>)>> {
                    if lines.read_line(line)? == 0 {
                        return Ok(None);
                    }
                    Ok(Some(serde_json::from_str(line)?))
                };
                let Some((key, cells)) = read().writing_to(ASIDE)? else { return Ok(None) };
                let values = cells.into_iter().zip(columns.iter());
                let values = values.map(|(cell, column)| Value::of_json(cell, column.kind)).collect();
                Ok(Some((key, values)))
            }
        }
    }
}
