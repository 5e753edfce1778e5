//! Writing a table row by row, in any format.

use std::io::{self, Write};

use super::parquet_file::ParquetOut;
use super::{Schema, TableFormat, Value, csv_file, jsonl_file};

/// A table on its way.
pub struct TableWriter<W: Write + Send> {
    schema: Schema,
    out: Out<W>,
}

enum Out<W: Write + Send> {
    Csv(W),
    Jsonl(W),
    Parquet(Box<ParquetOut<W>>),
}

impl<W: Write + Send> TableWriter<W> {
    /// Begins a table of these columns.
    pub fn new(mut out: W, format: TableFormat, schema: Schema) -> io::Result<TableWriter<W>> {
        let out = match format {
            TableFormat::Csv => {
                csv_file::write_header(&mut out, &schema)?;
                Out::Csv(out)
            }
            TableFormat::Jsonl => Out::Jsonl(out),
            TableFormat::Parquet => Out::Parquet(Box::new(ParquetOut::new(out, &schema)?)),
        };
        Ok(TableWriter { schema, out })
    }

    /// Adds a row, with a value for each column. Values of other kinds than their column's are made such, or left out
    /// where that cannot be.
    pub fn write(&mut self, row: Vec<Value>) -> io::Result<()> {
        if row.len() != self.schema.columns.len() {
            let (found, columns) = (row.len(), self.schema.columns.len());
            return Err(io::Error::other(format!("a row of {found} values for {columns} columns")));
        }
        let kinds = self.schema.columns.iter().map(|column| column.kind);
        let row: Vec<Value> =
            row.into_iter().zip(kinds).map(|(v, kind)| v.into_kind(kind).unwrap_or_default()).collect();
        match &mut self.out {
            Out::Csv(out) => csv_file::write_row(out, &row),
            Out::Jsonl(out) => jsonl_file::write_row(out, &self.schema, &row),
            Out::Parquet(out) => out.write(row),
        }
    }

    /// Completes the table, and gives back what it was written to.
    pub fn finish(self) -> io::Result<W> {
        match self.out {
            Out::Csv(mut out) | Out::Jsonl(mut out) => {
                out.flush()?;
                Ok(out)
            }
            Out::Parquet(out) => out.finish(),
        }
    }
}
