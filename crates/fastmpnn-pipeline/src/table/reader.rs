//! Reading a table row by row, whatever its format.

use std::fs::File;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use super::csv_file::CsvRows;
use super::jsonl_file::JsonlRows;
use super::parquet_file::ParquetRows;
use super::{NumberedRow, Schema, TableFormat};
use crate::error::{PipelineError, unreadable, unusable};
use crate::gzip::{open_unpacked, unpacked};
use crate::size_limit::LARGEST;

/// The rows of a table, one after the other.
pub struct TableReader {
    /// What messages call the table.
    name: String,
    schema: Schema,
    rows: Rows,
}

enum Rows {
    Csv(CsvRows),
    Jsonl(JsonlRows),
    Parquet(ParquetRows),
}

impl TableReader {
    /// Opens a table; the format is that of the name's ending, or else of the content: Parquet's mark, a `{`, or CSV. What
    /// gzip packed is unpacked as it is read, up to 1 GiB.
    ///
    /// In CSV all cells are text. JSON Lines have the columns of all rows, in the order of their first occurrence.
    pub fn open(path: &Path) -> Result<TableReader, PipelineError> {
        let name = path.display().to_string();
        let shown = path.display();
        let cannot_be_read = |error| unreadable(format!("{shown}: the table cannot be read"), error);
        let open = || open_unpacked(path, LARGEST).map_err(cannot_be_read);
        let of_name = TableFormat::of_path(&without_gz(path));
        let format = match of_name {
            Some(format) => format,
            None => {
                let mut start = Vec::new();
                open()?.take(64).read_to_end(&mut start).map_err(cannot_be_read)?;
                format_of(&start)
            }
        };
        match format {
            TableFormat::Parquet => {
                let file = File::open(path).map_err(cannot_be_read)?;
                let (schema, rows) =
                    ParquetRows::of_file(file).map_err(|error| unusable(format!("{name}: {error}")))?;
                Ok(TableReader { name, schema, rows: Rows::Parquet(rows) })
            }
            TableFormat::Jsonl => TableReader::jsonl(name, open()?, open()?),
            TableFormat::Csv => TableReader::csv(name, open()?),
        }
    }

    /// As [`TableReader::open`], of bytes in memory; `format` is that of the content where it is not given.
    pub fn of_bytes(
        name: impl Into<String>,
        bytes: Vec<u8>,
        format: Option<TableFormat>,
    ) -> Result<TableReader, PipelineError> {
        let name = name.into();
        let bytes = unpacked(bytes).map_err(|error| unreadable(format!("{name}: the table cannot be read"), error))?;
        match format.unwrap_or_else(|| format_of(&bytes)) {
            TableFormat::Parquet => {
                let (schema, rows) =
                    ParquetRows::of_bytes(bytes).map_err(|error| unusable(format!("{name}: {error}")))?;
                Ok(TableReader { name, schema, rows: Rows::Parquet(rows) })
            }
            TableFormat::Jsonl => {
                let again = std::io::Cursor::new(bytes.clone());
                TableReader::jsonl(name, Box::new(std::io::Cursor::new(bytes)), Box::new(again))
            }
            TableFormat::Csv => TableReader::csv(name, Box::new(std::io::Cursor::new(bytes))),
        }
    }

    fn jsonl(
        name: String,
        first: Box<dyn BufRead + Send>,
        again: Box<dyn BufRead + Send>,
    ) -> Result<TableReader, PipelineError> {
        let schema = JsonlRows::schema(&name, first)?;
        Ok(TableReader { rows: Rows::Jsonl(JsonlRows::new(again, &schema)), schema, name })
    }

    fn csv(name: String, from: Box<dyn BufRead + Send>) -> Result<TableReader, PipelineError> {
        let (schema, rows) = CsvRows::new(&name, from)?;
        Ok(TableReader { name, schema, rows: Rows::Csv(rows) })
    }

    /// The columns.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// What messages call the table.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Iterator for TableReader {
    type Item = Result<NumberedRow, PipelineError>;

    fn next(&mut self) -> Option<Self::Item> {
        let width = self.schema.columns.len();
        match &mut self.rows {
            Rows::Csv(rows) => rows.next_row(&self.name, width),
            Rows::Jsonl(rows) => rows.next_row(&self.name, width),
            Rows::Parquet(rows) => rows.next_row(&self.name),
        }
    }
}

/// The path without the ending that gzip adds.
fn without_gz(path: &Path) -> PathBuf {
    match path.extension() {
        Some(ending) if ending.eq_ignore_ascii_case("gz") => path.with_extension(""),
        _ => path.to_owned(),
    }
}

/// The format of a table by how it begins.
fn format_of(start: &[u8]) -> TableFormat {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    match text {
        _ if start.starts_with(b"PAR1") => TableFormat::Parquet,
        [b'{', ..] => TableFormat::Jsonl,
        _ => TableFormat::Csv,
    }
}
