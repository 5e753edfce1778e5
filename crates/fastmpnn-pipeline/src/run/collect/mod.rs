//! `collect`: one sorted table of the designs of folders and datasets.
//!
//! ```text
//! tables ─▶ runs of rows, each sorted in memory and put aside ─▶ merged, row by row
//! ```
//!
//! So a table of any size is sorted with [`RUN`] rows in memory.

mod key;
mod sorted_run;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::Write;

use self::key::{KeyColumns, SortKey};
use self::sorted_run::{Rows, SortedRun};
use super::rank::{KnownTable, RankColumns};
use super::{FailedInput, Summary};
use crate::error::PipelineError;
use crate::event::{Observer, Reporter};
use crate::output::{AtomicFile, DesignTables, WritingTo};
use crate::request::{CollectRequest, Request};
use crate::table::{Schema, TableFormat, TableWriter, Value};

/// Rows that are sorted in memory.
const RUN: usize = 50_000;

/// The outcome of a run of `collect`.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CollectSummary {
    /// The outcome common to all runs; its results are the rows that are written.
    pub run: Summary,
    /// The number of tables that were read.
    pub tables: usize,
    /// The rows left out because a later table has a row of the same design.
    pub replaced: usize,
}

/// Collects the designs of folders, datasets and tables into one table, in the request's file or, as CSV, in `out`.
///
/// An input that cannot be used is a failure, told to the observer and counted in the summary. The error is one that ends the
/// run: a request that cannot be carried out, or a result that cannot be written.
pub fn collect(
    request: &CollectRequest,
    out: &mut (dyn Write + Send),
    observer: &mut dyn Observer,
) -> Result<CollectSummary, PipelineError> {
    request.check()?;
    let mut reporter = Reporter::new(observer);
    let mut summary = CollectSummary::default();
    summary.run.inputs = request.inputs.len();
    let mut tables = DesignTables::default();
    let mut known = Vec::new();
    for path in &request.inputs {
        let before = tables.files.len();
        let added = tables.add(path).and_then(|()| {
            tables.files[before..].iter().map(|file| KnownTable::read(file)).collect::<Result<Vec<_>, _>>()
        });
        match added {
            Ok(tables) => known.extend(tables),
            Err(error) => {
                let input = path.display().to_string();
                reporter.failure(&input, &error);
                summary.run.failed.push(FailedInput { input, error: reporter.text(&error.message()) });
            }
        }
    }
    let columns = RankColumns::of_tables_alone(known.iter().map(|table| table.columns.as_slice()));
    let schema = Schema::new(columns.all());
    summary.tables = known.len();
    let runs = sorted_runs(&known, &columns, &schema)?;
    match (&request.out, request.format()?) {
        (Some(path), Some(format)) => {
            let file = AtomicFile::create(path).writing_to(path.display())?;
            let mut writer = TableWriter::new(file, format, schema).writing_to(path.display())?;
            merge(runs, &mut summary, |row| Ok(writer.write(row).writing_to(path.display())?))?;
            writer.finish().and_then(AtomicFile::commit).writing_to(path.display())?;
        }
        _ if known.is_empty() => {}
        _ => {
            let mut writer = TableWriter::new(out, TableFormat::Csv, schema).writing_to(STANDARD_OUTPUT)?;
            merge(runs, &mut summary, |row| Ok(writer.write(row).writing_to(STANDARD_OUTPUT)?))?;
            writer.finish().writing_to(STANDARD_OUTPUT)?;
        }
    }
    Ok(summary)
}

/// What messages call the output of a request without a file.
const STANDARD_OUTPUT: &str = "standard output";

/// The rows of all tables in sorted runs.
fn sorted_runs(tables: &[KnownTable], columns: &RankColumns, schema: &Schema) -> Result<Vec<SortedRun>, PipelineError> {
    let keys = KeyColumns::of(schema);
    let mut runs = Vec::new();
    let mut rows = Vec::new();
    for (source, table) in tables.iter().enumerate() {
        for row in table.rows(columns)? {
            let values = row?.values;
            rows.push((keys.of_row(&values, source), values));
            if rows.len() == RUN {
                runs.push(SortedRun::put_aside(std::mem::take(&mut rows), &schema.columns)?);
            }
        }
    }
    // The last one, which may be the only one, stays in memory.
    runs.push(SortedRun::in_memory(rows));
    Ok(runs)
}

/// Calls `take` with each row, in order. Of rows of the same design the one of the last table counts.
fn merge(
    runs: Vec<SortedRun>,
    summary: &mut CollectSummary,
    mut take: impl FnMut(Vec<Value>) -> Result<(), PipelineError>,
) -> Result<(), PipelineError> {
    let mut readers: Vec<Rows> = runs.into_iter().map(SortedRun::rows).collect::<Result<_, _>>()?;
    let mut next: BinaryHeap<Reverse<(SortKey, usize)>> = BinaryHeap::new();
    let mut waiting: Vec<Option<Vec<Value>>> = Vec::new();
    for (index, reader) in readers.iter_mut().enumerate() {
        waiting.push(None);
        if let Some((key, row)) = reader.next_row()? {
            next.push(Reverse((key, index)));
            waiting[index] = Some(row);
        }
    }
    let mut last: Option<(SortKey, Vec<Value>)> = None;
    while let Some(Reverse((key, index))) = next.pop() {
        let Some(row) = waiting[index].take() else { continue };
        if let Some((former, row)) = last.replace((key, row)) {
            let same = last.as_ref().is_some_and(|(key, _)| key.is_of_same_design(&former));
            if same {
                summary.replaced += 1;
            } else {
                summary.run.results += 1;
                take(row)?;
            }
        }
        if let Some((key, row)) = readers[index].next_row()? {
            next.push(Reverse((key, index)));
            waiting[index] = Some(row);
        }
    }
    if let Some((_, row)) = last {
        summary.run.results += 1;
        take(row)?;
    }
    Ok(())
}
