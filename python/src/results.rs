//! What a run says, kept for the package as arrays and lists.

use std::ops::ControlFlow;

use fastmpnn_pipeline::event::{
    DesignResult, Event, NativeOutcome, Observer, Outcome, PackOutcome, RankedPacking, ScanResult, ScoreResult,
    WarningKind,
};
use fastmpnn_pipeline::fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn_pipeline::fastmpnn::structure::Structure;
use fastmpnn_pipeline::measure::Measures;
use numpy::{PyArray1, PyArray2, PyArray3, PyArrayMethods, ToPyArray};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::errors::ErrorData;
use crate::runner::Stop;
use crate::structure::{indexes, joined};

/// Hears a run and keeps what it says.
pub(crate) struct Collector {
    stop: Stop,
    pub(crate) warnings: Vec<String>,
    pub(crate) notes: Vec<String>,
    /// Why the one input could not be used.
    pub(crate) failure: Option<ErrorData>,
    pub(crate) designs: DesignTable,
    pub(crate) scores: Vec<ScoreResult>,
    pub(crate) probabilities: Vec<[f32; VOCABULARY]>,
    pub(crate) scan: Option<ScanResult>,
    pub(crate) packings: PackingTable,
}

/// Designs, column by column.
#[derive(Default)]
pub(crate) struct DesignTable {
    native: Option<Measures>,
    native_letters: Vec<i8>,
    designed: Vec<bool>,
    plan: String,
    sequences: Vec<String>,
    letters: Vec<i8>,
    rank: Vec<i32>,
    negative_log_likelihood: Vec<f32>,
    log_probabilities: Vec<f32>,
    temperature: Vec<f32>,
    sample: Vec<i64>,
    measures: Vec<Measures>,
    rescored: Vec<f64>,
    constraint_costs: Vec<f64>,
    fasta: Vec<u8>,
}

/// Packings, sequence by sequence, the best of each first.
#[derive(Default)]
pub(crate) struct PackingTable {
    records: Vec<String>,
    packings: Vec<RankedPacking>,
    /// The file of the best packing of each sequence.
    files: Vec<Vec<u8>>,
}

impl Collector {
    pub(crate) fn new(stop: Stop) -> Collector {
        Collector {
            stop,
            warnings: Vec::new(),
            notes: Vec::new(),
            failure: None,
            designs: DesignTable::default(),
            scores: Vec::new(),
            probabilities: Vec::new(),
            scan: None,
            packings: PackingTable::default(),
        }
    }

    fn keep(&mut self, outcome: &Outcome<'_>) {
        match outcome {
            Outcome::Native(native) => self.designs.begin(native),
            Outcome::Design(design) => {
                self.designs.add(design.target.structure, design.result);
                // Memory takes all that is written.
                let _ = design.write_fasta(&mut self.designs.fasta);
            }
            Outcome::Score(score) => self.scores.push(score.clone()),
            Outcome::Probabilities(outcome) => self.probabilities = outcome.values.to_vec(),
            Outcome::Packing(packing) => self.packings.add(packing),
            Outcome::Scan(scan) => self.scan = Some(scan.clone()),
            _ => {}
        }
    }
}

impl Observer for Collector {
    fn observe(&mut self, event: Event<'_>) -> ControlFlow<()> {
        match event {
            // Those of the structure were said when it was read.
            Event::Warning(warning) if warning.kind != WarningKind::Structure => {
                self.warnings.push(format!("{}: {}", warning.file, warning.message));
            }
            Event::Note(note) => self.notes.push(note.message.to_string()),
            Event::Failure(failure) => self.failure = Some(ErrorData::from(failure.error)),
            Event::Result(outcome) => self.keep(outcome),
            _ => {}
        }
        if self.stop.is_set() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl DesignTable {
    fn begin(&mut self, native: &NativeOutcome<'_>) {
        self.native = Some(native.measures);
        self.native_letters = indexes(native.sequence);
        self.designed.clone_from(&native.target.plan.designed);
        self.plan = native.target.summary.to_owned();
        let _ = native.write_fasta(&mut self.fasta);
    }

    fn add(&mut self, structure: &Structure, result: &DesignResult) {
        let DesignResult { design, measures, rescored } = result;
        self.sequences.push(joined(structure, &design.sequence));
        self.letters.extend(indexes(&design.sequence));
        self.rank.extend(design.rank.iter().map(|&rank| rank as i32));
        self.negative_log_likelihood.extend(&design.negative_log_likelihood);
        self.log_probabilities.extend(design.log_probabilities.as_flattened());
        self.temperature.push(design.temperature);
        self.sample.push(design.sample as i64);
        self.measures.push(*measures);
        self.rescored.push(rescored.unwrap_or(f64::NAN));
        self.constraint_costs.push(design.constraint_cost.unwrap_or(0.0));
    }

    pub(crate) fn into_python<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (samples, residues) = (self.sample.len(), self.designed.len());
        let table = PyDict::new(py);
        let column = |of: fn(&Measures) -> Option<f64>| -> Vec<f64> {
            self.measures.iter().map(|measures| of(measures).unwrap_or(f64::NAN)).collect()
        };
        table.set_item("scores", column(|measures| measures.score).to_pyarray(py))?;
        table.set_item("global_scores", column(|measures| measures.global_score).to_pyarray(py))?;
        table.set_item("recovery", column(|measures| measures.recovery).to_pyarray(py))?;
        let ligand = |of: fn(&fastmpnn_pipeline::fastmpnn::write::LigandMeasures) -> Option<f64>| -> Vec<f64> {
            let value = |measures: &Measures| measures.ligand.as_ref().and_then(of).unwrap_or(f64::NAN);
            self.measures.iter().map(value).collect()
        };
        table.set_item("overall_confidence", ligand(|ligand| ligand.overall_confidence).to_pyarray(py))?;
        table.set_item("ligand_confidence", ligand(|ligand| ligand.ligand_confidence).to_pyarray(py))?;
        table.set_item("ligand_recovery", ligand(|ligand| ligand.ligand_recovery).to_pyarray(py))?;
        table.set_item("rescored", self.rescored.to_pyarray(py))?;
        table.set_item("constraint_costs", self.constraint_costs.to_pyarray(py))?;
        let native = |of: fn(&Measures) -> Option<f64>| self.native.as_ref().and_then(of).unwrap_or(f64::NAN);
        table.set_item("native_score", native(|measures| measures.score))?;
        table.set_item("native_global_score", native(|measures| measures.global_score))?;
        table.set_item("native_letters", PyArray1::from_vec(py, self.native_letters))?;
        table.set_item("designed", PyArray1::from_vec(py, self.designed))?;
        table.set_item("plan", self.plan)?;
        table.set_item("sequences", self.sequences)?;
        table.set_item("letters", PyArray1::from_vec(py, self.letters).reshape([samples, residues])?)?;
        table.set_item("rank", PyArray1::from_vec(py, self.rank).reshape([samples, residues])?)?;
        let likelihood = PyArray1::from_vec(py, self.negative_log_likelihood).reshape([samples, residues])?;
        table.set_item("negative_log_likelihood", likelihood)?;
        let log_probabilities = PyArray1::from_vec(py, self.log_probabilities);
        table.set_item("log_probabilities", log_probabilities.reshape([samples, residues, VOCABULARY])?)?;
        table.set_item("temperatures", PyArray1::from_vec(py, self.temperature))?;
        table.set_item("samples", PyArray1::from_vec(py, self.sample))?;
        table.set_item("fasta", String::from_utf8_lossy(&self.fasta).into_owned())?;
        Ok(table)
    }
}

/// Scored sequences as columns.
pub(crate) fn scores_into_python<'py>(py: Python<'py>, scores: Vec<ScoreResult>) -> PyResult<Bound<'py, PyDict>> {
    let residues = scores.first().map_or(0, |score| score.sequence.len());
    let table = PyDict::new(py);
    let column = |of: fn(&ScoreResult) -> Option<f64>| -> Vec<f64> {
        scores.iter().map(|score| of(score).unwrap_or(f64::NAN)).collect()
    };
    table.set_item("scores", column(|score| score.row.score).to_pyarray(py))?;
    table.set_item("deviations", column(|score| score.row.score_deviation).to_pyarray(py))?;
    table.set_item("global_scores", column(|score| score.row.global_score).to_pyarray(py))?;
    table.set_item("recovery", column(|score| score.row.recovery).to_pyarray(py))?;
    table.set_item("names", scores.iter().map(|score| score.row.record.clone()).collect::<Vec<_>>())?;
    let letters: Vec<i8> = scores.iter().flat_map(|score| indexes(&score.sequence)).collect();
    table.set_item("letters", PyArray1::from_vec(py, letters).reshape([scores.len(), residues])?)?;
    let own = |score: &ScoreResult| -> Vec<f32> {
        score.residues.iter().map(|row| row.score.map_or(f32::NAN, |score| score as f32)).collect()
    };
    let own: Vec<f32> = scores.iter().flat_map(own).collect();
    table.set_item("negative_log_likelihood", PyArray1::from_vec(py, own).reshape([scores.len(), residues])?)?;
    let entropy = |score: &ScoreResult| -> Vec<f32> {
        score.residues.iter().map(|row| row.entropy.map_or(f32::NAN, |entropy| entropy as f32)).collect()
    };
    let entropy: Vec<f32> = scores.iter().flat_map(entropy).collect();
    table.set_item("entropy", PyArray1::from_vec(py, entropy).reshape([scores.len(), residues])?)?;
    let counted: Vec<bool> =
        scores.first().map_or_else(Vec::new, |score| score.residues.iter().map(|row| row.counted).collect());
    table.set_item("counted", PyArray1::from_vec(py, counted))?;
    let all: Vec<f32> = scores.iter().flat_map(|score| score.log_probabilities.as_flattened().to_vec()).collect();
    let all: Bound<'_, PyArray3<f32>> = PyArray1::from_vec(py, all).reshape([scores.len(), residues, VOCABULARY])?;
    table.set_item("log_probabilities", all)?;
    Ok(table)
}

/// A table with a column for each letter.
pub(crate) fn letter_table<'py>(py: Python<'py>, values: &[[f32; VOCABULARY]]) -> PyResult<Bound<'py, PyArray2<f32>>> {
    PyArray1::from_slice(py, values.as_flattened()).reshape([values.len(), VOCABULARY])
}

/// A scan as columns.
pub(crate) fn scan_into_python<'py>(py: Python<'py>, scan: &ScanResult) -> PyResult<Bound<'py, PyDict>> {
    let table = PyDict::new(py);
    table.set_item("residues", scan.residues.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    table.set_item("native", indexes(&scan.native).to_pyarray(py))?;
    table.set_item("change", letter_table(py, &scan.change)?)?;
    let ranked: Vec<(usize, usize, f32)> = scan
        .ranked()
        .into_iter()
        .map(|mutation| (mutation.place, Letter::index(mutation.letter), mutation.change))
        .collect();
    table.set_item("ranked", ranked)?;
    let mutants: Vec<(String, f64, Option<f64>, Option<f64>)> =
        scan.mutants.iter().map(|mutant| (mutant.name(), mutant.change, mutant.deviation, mutant.coupling)).collect();
    table.set_item("mutants", mutants)?;
    Ok(table)
}

impl PackingTable {
    fn add(&mut self, outcome: &PackOutcome<'_>) {
        self.records.extend(outcome.ranked.iter().map(|_| outcome.record.to_owned()));
        self.packings.extend(outcome.ranked.iter().cloned());
        self.files.extend(outcome.best.map(<[u8]>::to_vec));
    }

    pub(crate) fn into_python<'py>(self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let count = self.packings.len();
        let residues = self.packings.first().map_or(0, |ranked| ranked.packing.sequence.len());
        let table = PyDict::new(py);
        table.set_item("records", self.records)?;
        table.set_item(
            "packs",
            self.packings.iter().map(|ranked| ranked.row.pack as i64).collect::<Vec<_>>().to_pyarray(py),
        )?;
        table.set_item(
            "clashes",
            self.packings.iter().map(|ranked| ranked.row.clashes as i64).collect::<Vec<_>>().to_pyarray(py),
        )?;
        table.set_item(
            "log_density",
            self.packings.iter().map(|ranked| ranked.row.log_density).collect::<Vec<_>>().to_pyarray(py),
        )?;
        table.set_item(
            "sequences",
            self.packings.iter().map(|ranked| ranked.row.sequence.clone()).collect::<Vec<_>>(),
        )?;
        let atoms: Vec<f32> = self
            .packings
            .iter()
            .flat_map(|ranked| ranked.packing.atoms.as_flattened().as_flattened().to_vec())
            .collect();
        table.set_item("atoms", PyArray1::from_vec(py, atoms).reshape([count, residues, 14, 3])?)?;
        let angles: Vec<f32> =
            self.packings.iter().flat_map(|ranked| ranked.packing.angles.as_flattened().to_vec()).collect();
        table.set_item("angles", PyArray1::from_vec(py, angles).reshape([count, residues, 4])?)?;
        table.set_item("files", self.files.iter().map(|file| PyBytes::new(py, file)).collect::<Vec<_>>())?;
        Ok(table)
    }
}
