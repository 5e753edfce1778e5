//! In the place of Parquet where this crate is built without the feature `parquet`: such tables are refused.

use std::convert::Infallible;
use std::fs::File;
use std::io::{self, Write};
use std::marker::PhantomData;

use super::{NumberedRow, Schema, Value};
use crate::error::PipelineError;

const REFUSAL: &str = "this build of the program has no Parquet: use .csv or .jsonl";

/// No rows: there is no value of this type.
pub(super) struct ParquetRows(Infallible);

impl ParquetRows {
    pub(super) fn of_file(_: File) -> Result<(Schema, ParquetRows), &'static str> {
        Err(REFUSAL)
    }

    pub(super) fn of_bytes(_: Vec<u8>) -> Result<(Schema, ParquetRows), &'static str> {
        Err(REFUSAL)
    }

    pub(super) fn next_row(&mut self, _: &str) -> Option<Result<NumberedRow, PipelineError>> {
        match self.0 {}
    }
}

/// No table: there is no value of this type.
pub(super) struct ParquetOut<W> {
    none: Infallible,
    out: PhantomData<W>,
}

impl<W: Write + Send> ParquetOut<W> {
    pub(super) fn new(_: W, _: &Schema) -> io::Result<ParquetOut<W>> {
        Err(io::Error::new(io::ErrorKind::Unsupported, REFUSAL))
    }

    pub(super) fn write(&mut self, _: Vec<Value>) -> io::Result<()> {
        match self.none {}
    }

    pub(super) fn finish(self) -> io::Result<W> {
        match self.none {}
    }
}
