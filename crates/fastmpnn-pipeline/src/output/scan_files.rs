//! The files of `scan`: the table of all mutations, the matrix and the heat map of every single one.

use std::io::{self, Write};
use std::path::Path;

use fastmpnn::chemistry::Letter;

use super::{AtomicFile, FileOfEach, OutputFailure, WritingTo};
use crate::draw::HeatMap;
use crate::error::{PipelineError, refusal};
use crate::event::ScanResult;
use crate::message::Field;
use crate::request::{ProbabilityMode, ScanRequest};
use crate::table::{Column, Kind, Schema, TableFormat, TableWriter, Value};

/// The change of ln p, nats, from which on colors of a heat map stay the same.
const REACH: f32 = 5.0;

/// The files that a request asks for.
pub(crate) struct ScanFiles<'a> {
    table: Option<(TableWriter<AtomicFile>, &'a Path)>,
    matrix: Option<FileOfEach<'a>>,
    heat_map: Option<FileOfEach<'a>>,
    mode: ProbabilityMode,
}

impl<'a> ScanFiles<'a> {
    /// `of_mutants` says whether given mutants are compared.
    pub(crate) fn open(
        request: &'a ScanRequest,
        of_mutants: bool,
        structures: usize,
    ) -> Result<ScanFiles<'a>, PipelineError> {
        let of_each = |field, path: &'a Option<std::path::PathBuf>, ending| {
            path.as_deref().map(|path| FileOfEach::open(field, path, ending, structures)).transpose()
        };
        let matrix = of_each("matrix", &request.matrix, "csv")?;
        let heat_map = of_each("heat_map", &request.heat_map, "svg")?;
        let table = request.table.as_deref().map(|path| table(path, of_mutants)).transpose()?;
        Ok(ScanFiles { table, matrix, heat_map, mode: request.mode })
    }

    /// Adds a structure.
    pub(crate) fn add(&mut self, result: &ScanResult) -> Result<(), PipelineError> {
        if let Some((table, path)) = &mut self.table {
            for row in result.table_rows() {
                table.write(row).writing_to(path.display())?;
            }
        }
        if let Some(matrix) = &self.matrix {
            matrix.write(&result.name, &result.matrix())?;
        }
        if let Some(heat_map) = &self.heat_map {
            let given = match self.mode {
                ProbabilityMode::Unconditional => "given the backbone alone",
                _ => "given all other residues",
            };
            let picture = HeatMap {
                title: &format!("{}: single mutations, {given}", result.name),
                residues: &result.residues,
                native: &result.native,
                change: &result.change,
                reach: REACH,
            };
            heat_map.write(&result.name, &picture.svg())?;
        }
        Ok(())
    }

    /// No more structures come.
    pub(crate) fn finish(&mut self) -> Result<(), OutputFailure> {
        match self.table.take() {
            None => Ok(()),
            Some((table, path)) => table.finish().and_then(AtomicFile::commit).writing_to(path.display()),
        }
    }
}

/// Begins the table; the ending of its path sets the format.
fn table(path: &Path, of_mutants: bool) -> Result<(TableWriter<AtomicFile>, &Path), PipelineError> {
    let Some(format) = TableFormat::of_path(path) else {
        let (table, path) = (Field("table"), path.display());
        return Err(refusal(format!(
            "{table} {path}: the ending sets the format, and must be .csv, .parquet or .jsonl"
        )));
    };
    let file = AtomicFile::create(path).writing_to(path.display())?;
    let writer = TableWriter::new(file, format, ScanResult::schema(of_mutants)).writing_to(path.display())?;
    Ok((writer, path))
}

impl ScanResult {
    /// The columns of the table of all single mutations, or of given mutants.
    pub(crate) fn schema(of_mutants: bool) -> Schema {
        let columns: &[(&str, Kind)] = match of_mutants {
            false => &[
                ("name", Kind::Text),
                ("chain", Kind::Text),
                ("number", Kind::Integer),
                ("insertion", Kind::Text),
                ("native", Kind::Text),
                ("letter", Kind::Text),
                ("change", Kind::Number),
            ],
            true => &[
                ("name", Kind::Text),
                ("mutant", Kind::Text),
                ("mutations", Kind::Integer),
                ("change", Kind::Number),
                ("deviation", Kind::Number),
                ("coupling", Kind::Number),
            ],
        };
        Schema::new(columns.iter().map(|&(name, kind)| Column::new(name, kind)).collect())
    }

    /// A row for each residue and amino acid, or for each mutant that was given.
    fn table_rows(&self) -> impl Iterator<Item = Vec<Value>> + '_ {
        let of_residue = move |place: usize| {
            let letters = Letter::all().filter(|&letter| letter != Letter::X);
            letters.map(move |letter| self.single_row(place, letter))
        };
        (0..self.residues.len()).flat_map(of_residue).chain((0..self.mutants.len()).map(|place| self.mutant_row(place)))
    }

    fn single_row(&self, place: usize, letter: Letter) -> Vec<Value> {
        let id = &self.residues[place];
        vec![
            Value::Text(self.name.clone()),
            Value::Text(id.chain.to_string()),
            Value::Integer(id.number.into()),
            id.insertion.map_or(Value::Missing, |code| Value::Text(code.into())),
            Value::Text(self.native[place].to_string()),
            Value::Text(letter.to_string()),
            Value::rounded(Some(self.change[place][letter.index()].into())),
        ]
    }

    fn mutant_row(&self, place: usize) -> Vec<Value> {
        let mutant = &self.mutants[place];
        vec![
            Value::Text(self.name.clone()),
            Value::Text(mutant.name()),
            Value::Integer(mutant.residues.len() as i64),
            Value::rounded(Some(mutant.change)),
            Value::rounded(mutant.deviation),
            Value::rounded(mutant.coupling),
        ]
    }

    /// Writes the rows of the table that are at the top by their change, the most favorable first, or all of them. The
    /// native letters are left out.
    pub fn write_csv(&self, mut out: impl Write + Send, top: Option<usize>, with_header: bool) -> io::Result<()> {
        let mut text = TableWriter::new(Vec::new(), TableFormat::Csv, ScanResult::schema(!self.mutants.is_empty()))?;
        for row in self.top_rows(top) {
            text.write(row)?;
        }
        let text = text.finish()?;
        let header = if with_header { 0 } else { text.iter().position(|&byte| byte == b'\n').map_or(0, |end| end + 1) };
        out.write_all(&text[header..])
    }

    fn top_rows(&self, top: Option<usize>) -> Vec<Vec<Value>> {
        let top = top.unwrap_or(usize::MAX);
        if !self.mutants.is_empty() {
            let mut places: Vec<usize> = (0..self.mutants.len()).collect();
            places.sort_by(|&a, &b| self.mutants[b].change.total_cmp(&self.mutants[a].change));
            return places.into_iter().take(top).map(|place| self.mutant_row(place)).collect();
        }
        let ranked = self.ranked().into_iter().take(top);
        ranked.map(|mutation| self.single_row(mutation.place, mutation.letter)).collect()
    }

    /// A row for each residue: chain, number, insertion code, native letter, and the change for each amino acid.
    fn matrix(&self) -> String {
        let letters: Vec<Letter> = Letter::all().filter(|&letter| letter != Letter::X).collect();
        let names: Vec<String> = letters.iter().map(ToString::to_string).collect();
        let mut text = format!("chain,number,insertion,native,{}\n", names.join(","));
        for ((id, native), row) in self.residues.iter().zip(&self.native).zip(&self.change) {
            let chain = if id.chain.contains([',', '"', '\n']) {
                format!("\"{}\"", id.chain.replace('"', "\"\""))
            } else {
                id.chain.to_string()
            };
            let insertion = id.insertion.map(String::from).unwrap_or_default();
            let values: Vec<String> = letters.iter().map(|letter| format!("{:.6}", row[letter.index()])).collect();
            text.push_str(&format!("{chain},{},{insertion},{native},{}\n", id.number, values.join(",")));
        }
        text
    }
}
