//! Results as values. Each can also be written as on the program's standard output.

use std::fmt;
use std::io;

use fastmpnn::chemistry::{Letter, Sequence, VOCABULARY};
use fastmpnn::structure::{ResidueId, Structure};
use fastmpnn::write::{
    ResidueScoreRow, ScoreRow, StructureFormat, write_letter_table, write_residue_scores, write_scores,
};

use crate::output::{DesignOutcome, NativeOutcome, RankedPacking, Sample};

/// A result of a run.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// The native sequence of a protein that is about to be designed.
    Native(NativeOutcome<'a>),
    /// A design.
    Design(DesignOutcome<'a>),
    /// A scored sequence.
    Score(ScoreResult),
    /// The probabilities of a structure.
    Probabilities(ProbabilityOutcome<'a>),
    /// The packings of a sequence.
    Packing(PackOutcome<'a>),
    /// The mutations of a structure.
    Scan(ScanResult),
}

/// A scored sequence.
#[derive(Clone, Debug)]
pub struct ScoreResult {
    /// The sequence as a whole.
    pub row: ScoreRow,
    /// Each of its residues. `[N]`
    pub residues: Vec<ResidueScoreRow>,
    /// The sequence. `[N]`
    pub sequence: Sequence,
    /// ln p of every letter given those decoded before it, the mean over the decoding orders, nats. `[N, V]`
    pub log_probabilities: Vec<[f32; VOCABULARY]>,
}

impl ScoreResult {
    /// Writes its row of the table, or the rows of its residues.
    pub fn write_csv(&self, out: impl io::Write, per_residue: bool, with_header: bool) -> io::Result<()> {
        if per_residue {
            write_residue_scores(out, with_header, &self.residues)
        } else {
            write_scores(out, with_header, std::slice::from_ref(&self.row))
        }
    }
}

/// The probabilities of all letters at each residue of a structure.
#[derive(Clone, Copy, Debug)]
pub struct ProbabilityOutcome<'a> {
    /// The structure.
    pub structure: &'a Structure,
    /// ln p, nats, or p if requested. `[N, V]`
    pub values: &'a [[f32; VOCABULARY]],
}

impl ProbabilityOutcome<'_> {
    /// Writes its rows of the table.
    pub fn write_csv(&self, out: impl io::Write, with_header: bool) -> io::Result<()> {
        write_letter_table(out, with_header, self.structure, self.values)
    }
}

/// The packings of a sequence on a structure.
#[derive(Clone, Debug)]
pub struct PackOutcome<'a> {
    /// The structure.
    pub structure: &'a Structure,
    /// The sequence's name in the table.
    pub record: &'a str,
    /// The sample that was packed.
    pub sample: Sample,
    /// The packings, the best first.
    pub ranked: &'a [RankedPacking],
    /// The format that they are written in.
    pub format: StructureFormat,
    /// The file of the best packing, if the packings are not written to a folder.
    pub best: Option<&'a [u8]>,
}

/// The effect of mutations on the likelihood of a structure's sequence: of every single mutation, or of given mutants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScanResult {
    /// The structure's name.
    pub name: String,
    /// The residues that were scanned, M of them; none where mutants were given.
    pub residues: Vec<ResidueId>,
    /// Their native letters. `[M]`
    pub native: Vec<Letter>,
    /// ln p of each letter minus ln p of the native one, nats: 0 at the native letter, positive where a letter is likelier.
    /// `[M, V]`
    pub change: Vec<[f32; VOCABULARY]>,
    /// The mutants that were given, in their order.
    pub mutants: Vec<MutantChange>,
}

impl ScanResult {
    /// All mutations to the twenty amino acids, the most favorable first.
    pub fn ranked(&self) -> Vec<Mutation> {
        let of_residue = |(place, native): (usize, &Letter)| {
            let native = *native;
            let others = Letter::all().filter(move |&letter| letter != native && letter != Letter::X);
            others.map(move |letter| Mutation { place, letter, change: self.change[place][letter.index()] })
        };
        let mut mutations: Vec<Mutation> = self.native.iter().enumerate().flat_map(of_residue).collect();
        mutations.sort_by(|a, b| b.change.total_cmp(&a.change));
        mutations
    }

    /// All mutants that were given, the most favorable first.
    pub fn ranked_mutants(&self) -> Vec<&MutantChange> {
        let mut mutants: Vec<&MutantChange> = self.mutants.iter().collect();
        mutants.sort_by(|a, b| b.change.total_cmp(&a.change));
        mutants
    }
}

/// One mutation of a scan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mutation {
    /// Index into [`ScanResult::residues`].
    pub place: usize,
    /// The new letter.
    pub letter: Letter,
    /// ln p of that letter minus ln p of the native one, nats.
    pub change: f32,
}

/// A mutant compared with the native sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct MutantChange {
    /// Its mutations, by residue.
    pub residues: Vec<MutatedResidue>,
    /// ln p of the mutant's sequence minus ln p of the native one, the mean over the decoding orders, nats.
    pub change: f64,
    /// The standard deviation of the change over the decoding orders; none with one order.
    pub deviation: Option<f64>,
    /// What the changes of its single mutations leave unexplained: the change minus their sum, nats. None for a single
    /// mutation.
    pub coupling: Option<f64>,
}

/// A mutated residue. Displays as `A:I23V`: chain, native letter, number with insertion code, new letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MutatedResidue {
    /// The residue.
    pub residue: ResidueId,
    /// Its native letter.
    pub native: Letter,
    /// Its new letter.
    pub letter: Letter,
}

impl fmt::Display for MutatedResidue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MutatedResidue { residue: ResidueId { chain, number, insertion }, native, letter } = self;
        let insertion = insertion.map(String::from).unwrap_or_default();
        write!(out, "{chain}:{native}{number}{insertion}{letter}")
    }
}

impl MutantChange {
    /// `A:I23V+A:T24I`
    pub fn name(&self) -> String {
        self.residues.iter().map(ToString::to_string).collect::<Vec<_>>().join("+")
    }
}
