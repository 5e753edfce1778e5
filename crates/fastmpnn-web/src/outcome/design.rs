//! Designs as JSON.

use fastmpnn_pipeline::event::{DesignOutcome, NativeOutcome};
use fastmpnn_pipeline::fastmpnn::write::chains_joined;
use fastmpnn_pipeline::measure::Measures;
use schemars::JsonSchema;
use serde::Serialize;

use super::others::PackedSequence;
use super::residues::ResidueEntry;

/// A structure with its designs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct DesignedStructure {
    /// The structure's name: that of its file without the ending. It keys the random numbers.
    pub(crate) name: String,
    /// What is designed, fixed, tied, omitted and biased, in words.
    pub(crate) plan: String,
    /// Its residues. `[N]`
    pub(crate) residues: Vec<ResidueEntry>,
    /// The native sequence.
    pub(crate) native: NativeSequence,
    /// The designs.
    pub(crate) designs: Vec<DesignedSequence>,
    /// The packings of the designs, where they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub(crate) packings: Vec<PackedSequence>,
    /// The text that `fastmpnn design` prints.
    pub(crate) fasta: String,
}

/// The scores of a sequence.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Scores {
    /// Mean −ln p over the designed residues, nats; less is better.
    score: Option<f64>,
    /// The mean of its scores in random decoding orders, where rescore_orders asks for it.
    rescored: Option<f64>,
    /// Mean −ln p over all residues with a backbone, nats.
    global_score: Option<f64>,
    /// The fraction of designed residues with the native letter.
    recovery: Option<f64>,
    /// exp(−score), of networks that see ligands.
    overall_confidence: Option<f64>,
    /// The same of the residues near a ligand.
    ligand_confidence: Option<f64>,
    /// The recovery of the residues near a ligand.
    ligand_recovery: Option<f64>,
}

impl Scores {
    fn of(measures: &Measures, rescored: Option<f64>) -> Scores {
        let ligand = measures.ligand.as_ref();
        Scores {
            score: measures.score,
            rescored,
            global_score: measures.global_score,
            recovery: measures.recovery,
            overall_confidence: ligand.and_then(|ligand| ligand.overall_confidence),
            ligand_confidence: ligand.and_then(|ligand| ligand.ligand_confidence),
            ligand_recovery: ligand.and_then(|ligand| ligand.ligand_recovery),
        }
    }
}

/// The native sequence of a structure that is designed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct NativeSequence {
    /// Its letters, with a separator between chains.
    sequence: String,
    #[serde(flatten)]
    scores: Scores,
}

/// A design.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct DesignedSequence {
    /// Its number, from 1. With the seed, the temperature and the structure it determines the sequence.
    sample: u64,
    /// The sampling temperature.
    temperature: f32,
    /// The seed.
    seed: u64,
    /// Its letters, with a separator between chains.
    sequence: String,
    #[serde(flatten)]
    scores: Scores,
    /// The net charge, where goals for whole sequences were given.
    charge: Option<i32>,
    /// What those goals cost, nats.
    constraint_cost: Option<f64>,
    /// −ln p of each letter given those decoded before it, nats. `[N]`
    negative_log_likelihood: Vec<f32>,
}

impl DesignedStructure {
    pub(super) fn begin(native: &NativeOutcome<'_>) -> DesignedStructure {
        let target = native.target;
        let separator = target.request.folder.chain_separator;
        DesignedStructure {
            name: target.structure.name.clone(),
            plan: target.summary.to_owned(),
            residues: ResidueEntry::of_structure(target.structure, &target.plan.designed),
            native: NativeSequence {
                sequence: chains_joined(target.structure, native.sequence, separator),
                scores: Scores::of(&native.measures, native.rescored),
            },
            designs: Vec::new(),
            packings: Vec::new(),
            fasta: text_of(|out| native.write_fasta(out)),
        }
    }

    pub(super) fn add(&mut self, outcome: &DesignOutcome<'_>) {
        self.fasta.push_str(&text_of(|out| outcome.write_fasta(out)));
        self.designs.push(DesignedSequence::of(outcome));
    }
}

/// What is written into memory, which takes all.
fn text_of(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut text = Vec::new();
    let _ = write(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

impl DesignedSequence {
    fn of(outcome: &DesignOutcome<'_>) -> DesignedSequence {
        let (target, result) = (outcome.target, outcome.result);
        let design = &result.design;
        let goals = target.goals(design);
        DesignedSequence {
            sample: design.sample + 1,
            temperature: design.temperature,
            seed: target.request.sampling.seed,
            sequence: chains_joined(target.structure, &design.sequence, target.request.folder.chain_separator),
            scores: Scores::of(&result.measures, result.rescored),
            charge: goals.map(|goals| goals.charge),
            constraint_cost: goals.map(|goals| goals.constraint_cost),
            negative_log_likelihood: design.negative_log_likelihood.clone(),
        }
    }
}
