//! Scores, probabilities, scans and packings as JSON.

use fastmpnn_pipeline::event::{PackOutcome, ProbabilityOutcome, ScanResult, ScoreResult};
use fastmpnn_pipeline::fastmpnn::chemistry::VOCABULARY;
use fastmpnn_pipeline::fastmpnn::write::WrittenStructure;
use schemars::JsonSchema;
use serde::Serialize;

use super::residues::ResidueEntry;

/// A structure with sequences that were scored on it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ScoredStructure {
    /// The structure's name.
    pub(crate) name: String,
    /// Its residues. `[N]`
    pub(crate) residues: Vec<ResidueEntry>,
    /// The sequences.
    pub(crate) sequences: Vec<ScoredSequence>,
}

/// A scored sequence. Values of residues are means over the decoding orders.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ScoredSequence {
    /// `native`, or the header of the FASTA record.
    record: String,
    /// Its letters, with / between chains.
    sequence: String,
    /// Mean −ln p over the residues that would be designed, nats; less is better.
    score: Option<f64>,
    /// Its standard deviation over the decoding orders.
    score_deviation: Option<f64>,
    /// Mean −ln p over all residues with a backbone, nats.
    global_score: Option<f64>,
    /// The fraction of these residues with the native letter.
    recovery: Option<f64>,
    /// The number of residues in the score.
    scored_residues: usize,
    /// The number of decoding orders.
    orders: u32,
    /// −ln p of each letter, nats; null without a backbone. `[N]`
    negative_log_likelihood: Vec<Option<f64>>,
    /// Entropy over the 21 letters at each residue, nats. `[N]`
    entropy: Vec<Option<f64>>,
    /// The most likely letter at each residue. `[N]`
    likeliest: Vec<Option<char>>,
}

impl ScoredStructure {
    pub(super) fn begin(score: &ScoreResult) -> ScoredStructure {
        let entry = |row: &fastmpnn_pipeline::fastmpnn::write::ResidueScoreRow| {
            let id = fastmpnn_pipeline::fastmpnn::structure::ResidueId {
                chain: row.chain.as_str().into(),
                number: row.number,
                insertion: row.insertion,
            };
            ResidueEntry {
                designed: Some(row.counted),
                resolved: Some(row.score.is_some()),
                ..ResidueEntry::of_id(&id, row.native)
            }
        };
        let residues = score.residues.iter().map(entry).collect();
        ScoredStructure { name: score.row.name.clone(), residues, sequences: Vec::new() }
    }

    pub(super) fn add(&mut self, score: &ScoreResult) {
        let mut sequence = String::new();
        for (index, row) in score.residues.iter().enumerate() {
            if index > 0 && score.residues[index - 1].chain != row.chain {
                sequence.push('/');
            }
            sequence.push(row.letter);
        }
        let row = &score.row;
        self.sequences.push(ScoredSequence {
            record: row.record.clone(),
            sequence,
            score: row.score,
            score_deviation: row.score_deviation,
            global_score: row.global_score,
            recovery: row.recovery,
            scored_residues: row.residues,
            orders: row.orders,
            negative_log_likelihood: score.residues.iter().map(|row| row.score).collect(),
            entropy: score.residues.iter().map(|row| row.entropy).collect(),
            likeliest: score.residues.iter().map(|row| row.likeliest).collect(),
        });
    }
}

/// The probabilities of all letters at each residue of a structure.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ProbabilityTable {
    /// The structure's name.
    pub(crate) name: String,
    /// Its residues. `[N]`
    pub(crate) residues: Vec<ResidueEntry>,
    /// ln p, nats, or p where probabilities are asked for. `[N, 21]`
    pub(crate) values: Vec<Vec<f32>>,
}

impl ProbabilityTable {
    pub(super) fn of(outcome: &ProbabilityOutcome<'_>) -> ProbabilityTable {
        ProbabilityTable {
            name: outcome.structure.name.clone(),
            residues: ResidueEntry::of_structure(outcome.structure, &[]),
            values: rows(outcome.values),
        }
    }
}

fn rows(values: &[[f32; VOCABULARY]]) -> Vec<Vec<f32>> {
    values.iter().map(|row| row.to_vec()).collect()
}

/// The mutations of a structure.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ScannedStructure {
    /// The structure's name.
    pub(crate) name: String,
    /// The residues that were scanned; none where mutants were given. `[M]`
    pub(crate) residues: Vec<ResidueEntry>,
    /// ln p of each letter minus ln p of the native one, nats: positive where a letter is likelier. `[M, 21]`
    pub(crate) change: Vec<Vec<f32>>,
    /// The mutants that were given, in their order.
    pub(crate) mutants: Vec<Mutant>,
}

/// A mutant compared with the native sequence.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Mutant {
    /// Its mutations, such as `A:I23V+A:T24I`.
    mutant: String,
    /// Their number.
    mutations: usize,
    /// ln p of its sequence minus ln p of the native one, nats.
    change: f64,
    /// Its standard deviation over the decoding orders.
    deviation: Option<f64>,
    /// The change minus the changes of its single mutations, nats.
    coupling: Option<f64>,
}

impl ScannedStructure {
    pub(super) fn of(scan: &ScanResult) -> ScannedStructure {
        let residues = scan.residues.iter().zip(&scan.native);
        let mutant = |mutant: &fastmpnn_pipeline::event::MutantChange| Mutant {
            mutant: mutant.name(),
            mutations: mutant.residues.len(),
            change: mutant.change,
            deviation: mutant.deviation,
            coupling: mutant.coupling,
        };
        ScannedStructure {
            name: scan.name.clone(),
            residues: residues.map(|(id, native)| ResidueEntry::of_id(id, native.to_char())).collect(),
            change: rows(&scan.change),
            mutants: scan.mutants.iter().map(mutant).collect(),
        }
    }
}

/// A structure with the side chains of sequences.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PackedStructure {
    /// The structure's name.
    pub(crate) name: String,
    /// The sequences that were packed.
    pub(crate) sequences: Vec<PackedSequence>,
}

/// The packings of a sequence.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct PackedSequence {
    /// `native`, the header of the FASTA record, or the sample of the design.
    record: String,
    /// The sample, from 1; null of the native sequence.
    sample: Option<u64>,
    /// The temperature that it was drawn at, where that is known.
    temperature: Option<f32>,
    /// The packings, the best first.
    packings: Vec<Packing>,
    /// The format of the best packing's file: pdb or cif.
    format: &'static str,
    /// The best packing as a file; its B-factors are log densities.
    file: Option<String>,
}

/// A packing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Packing {
    /// Its number, from 1.
    pack: u64,
    /// Pairs of atoms that are too close.
    clashes: usize,
    /// The mean log density of the torsions, nats per radian; more is surer.
    log_density: f64,
    /// The number of residues that were packed.
    packed_residues: usize,
    /// The letters, with a separator between chains.
    sequence: String,
}

impl PackedSequence {
    pub(super) fn of(outcome: &PackOutcome<'_>) -> PackedSequence {
        let best = match outcome.best {
            Some(bytes) => Some(bytes.to_vec()),
            None => outcome.ranked.first().and_then(|best| {
                let mut bytes = Vec::new();
                let written = WrittenStructure::of_packing(outcome.structure, &best.packing).ok()?;
                written.write(&mut bytes, outcome.format).ok()?;
                Some(bytes)
            }),
        };
        let packing = |ranked: &fastmpnn_pipeline::event::RankedPacking| Packing {
            pack: ranked.row.pack,
            clashes: ranked.row.clashes,
            log_density: ranked.row.log_density,
            packed_residues: ranked.row.residues,
            sequence: ranked.row.sequence.clone(),
        };
        PackedSequence {
            record: outcome.record.to_owned(),
            sample: outcome.sample.number,
            temperature: outcome.sample.temperature,
            packings: outcome.ranked.iter().map(packing).collect(),
            format: outcome.format.ending(),
            file: best.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        }
    }
}

impl PackedStructure {
    pub(super) fn begin(outcome: &PackOutcome<'_>) -> PackedStructure {
        PackedStructure { name: outcome.structure.name.clone(), sequences: Vec::new() }
    }
}
