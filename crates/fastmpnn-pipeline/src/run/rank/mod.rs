//! `rank`: the best rows of tables of designs.

mod columns;
mod tables;

use std::collections::HashMap;
use std::io::{self, Write};

use super::{FailedInput, Summary};
use crate::error::{InFile, PipelineError, unusable};
use crate::event::{Observer, Reporter};
use crate::filter::ExpressionError;
use crate::measure::properties::ChainSequence;
use crate::output::{AtomicFile, DesignTables, WritingTo};
use crate::request::{RankRequest, Request};
use crate::selection::{Candidate, Selection, SelectionReport};
use crate::table::{Schema, TableFormat, TableWriter, Value};
pub(super) use columns::RankColumns;
pub(super) use tables::KnownTable;

/// The outcome of a run of `rank`.
#[derive(Debug)]
#[non_exhaustive]
pub struct RankSummary {
    /// The outcome common to all runs; its inputs are tables, its results the rows that are kept.
    pub run: Summary,
    /// The number of rows that were read.
    pub rows: u64,
    /// Which step removed how many.
    pub report: SelectionReport,
    /// The rows that are kept.
    pub ranked: RankedTable,
}

/// The rows that are kept, the best first.
#[derive(Debug)]
pub struct RankedTable {
    columns: RankColumns,
    /// The cells of the tables; the properties that they lack are computed again as rows are written.
    rows: Vec<Vec<Value>>,
}

impl RankedTable {
    /// The columns.
    pub fn schema(&self) -> Schema {
        Schema::new(self.columns.all())
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, each with a value for each column.
    pub fn rows(&self) -> impl Iterator<Item = Vec<Value>> {
        self.rows.iter().map(|row| self.columns.completed(row.clone()))
    }

    /// Writes the table; gives back what it was written to.
    pub fn write<W: Write + Send>(&self, out: W, format: TableFormat) -> io::Result<W> {
        let mut writer = TableWriter::new(out, format, self.schema())?;
        for row in self.rows() {
            writer.write(row)?;
        }
        writer.finish()
    }
}

/// Ranks the rows of tables of designs. If the request names a file, the ranked table is written there.
///
/// A table that cannot be used is a failure, told to the observer and counted in the summary. The error is one that ends the
/// run: a request that cannot be carried out, or a result that cannot be written.
pub fn rank(request: &RankRequest, observer: &mut dyn Observer) -> Result<RankSummary, PipelineError> {
    request.check()?;
    let mut reporter = Reporter::new(observer);
    let mut known = Vec::new();
    let mut failed = Vec::new();
    let mut tables = DesignTables::default();
    for path in &request.inputs {
        let before = tables.files.len();
        let added = tables.add(path).and_then(|()| {
            let files = &tables.files[before..];
            request.check_out(files)?;
            files.iter().map(|file| KnownTable::read(file)).collect::<Result<Vec<_>, _>>()
        });
        match added {
            Ok(tables) => known.extend(tables),
            Err(error @ PipelineError::Request(_)) => return Err(error),
            Err(error) => {
                let input = path.display().to_string();
                reporter.failure(&input, &error);
                failed.push(FailedInput { input, error: reporter.text(&error.message()) });
            }
        }
    }
    let properties = request.selection.properties()?;
    let columns = RankColumns::new(known.iter().map(|table| table.columns.as_slice()), properties);
    let mut ranked = RankedTable { columns, rows: Vec::new() };
    if known.is_empty() {
        let report = SelectionReport::default();
        let run = Summary { inputs: request.inputs.len(), failed, ..Summary::default() };
        return Ok(RankSummary { run, rows: 0, report, ranked });
    }
    let columns = &ranked.columns;
    let selection = Selection::new(&request.selection, columns)?;
    let mut report = selection.report();
    let measured = selection.names().any(|name| columns.is_measured(name));
    let mut held = Held::default();
    let mut count = 0;
    for table in &known {
        for row in table.rows(columns)? {
            let row = row?;
            count += 1;
            let place = table.place(row.number);
            // The properties of rows that are kept are computed as they are written.
            let values = if measured { columns.completed(row.values) } else { row.values };
            let judged = columns.row(&values);
            let unfit = |error: ExpressionError| unusable(error.to_string());
            if selection.passes(&judged, &mut report).map_err(unfit).in_file(&place)? {
                let key = selection.ranking().key_of(&judged).map_err(unfit).in_file(&place)?;
                held.add(columns, values, key);
            }
        }
    }
    let order = held.order(request, &selection, &mut report);
    let mut rows: Vec<Option<Vec<Value>>> = held.rows.into_iter().map(Some).collect();
    ranked.rows = order.into_iter().filter_map(|index| rows[index].take()).collect();
    if let (Some(path), Some(format)) = (&request.out, request.format()?) {
        let file = AtomicFile::create(path).writing_to(path.display())?;
        let written = ranked.write(file, format).and_then(AtomicFile::commit);
        written.writing_to(path.display())?;
    }
    let run = Summary { inputs: request.inputs.len(), failed, results: ranked.len(), stopped: false };
    Ok(RankSummary { run, rows: count, report, ranked })
}

/// The rows that met the conditions.
#[derive(Default)]
struct Held {
    /// The cells of the tables.
    rows: Vec<Vec<Value>>,
    candidates: Vec<Candidate>,
    structures: HashMap<String, usize>,
}

impl Held {
    fn add(&mut self, columns: &RankColumns, mut values: Vec<Value>, key: Option<f64>) {
        let name = columns.structure_of(&values).unwrap_or_default();
        let next = self.structures.len();
        let structure = *self.structures.entry(name).or_insert(next);
        let chains: Vec<ChainSequence> = columns.chains_of(&values);
        let sequence: Vec<u8> = chains.iter().flat_map(|chain| chain.letters.bytes()).collect();
        let designed = columns.designed_residues(&values).unwrap_or(sequence.len());
        self.candidates.push(Candidate { key, structure, sequence, designed });
        values.truncate(columns.of_tables());
        self.rows.push(values);
    }

    /// Which rows are kept, the best first.
    fn order(&self, request: &RankRequest, selection: &Selection, report: &mut SelectionReport) -> Vec<usize> {
        if !request.per_structure {
            return selection.choose(&self.candidates, report);
        }
        let mut of_structure: Vec<Vec<usize>> = vec![Vec::new(); self.structures.len()];
        for (index, candidate) in self.candidates.iter().enumerate() {
            of_structure[candidate.structure].push(index);
        }
        let mut kept = Vec::new();
        for indices in of_structure {
            let candidates: Vec<Candidate> = indices.iter().map(|&index| self.candidates[index].clone()).collect();
            kept.extend(selection.choose(&candidates, report).into_iter().map(|index| indices[index]));
        }
        // Equal keys in the order of the tables.
        kept.sort_unstable();
        let candidates: Vec<Candidate> = kept.iter().map(|&index| self.candidates[index].clone()).collect();
        selection.ranking().order(&candidates).into_iter().map(|index| kept[index]).collect()
    }
}
