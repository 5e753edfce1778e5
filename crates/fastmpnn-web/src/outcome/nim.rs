//! Designs as NVIDIA's ProteinMPNN microservice answers them: the FASTA text of `protein_mpnn_run.py`, scores, probabilities.

use std::fmt::Write;

use fastmpnn_pipeline::event::{DesignOutcome, NativeOutcome};
use fastmpnn_pipeline::fastmpnn::chemistry::Letter;
use fastmpnn_pipeline::fastmpnn::structure::Chain;
use fastmpnn_pipeline::output::DesignTarget;
use schemars::JsonSchema;
use serde::Serialize;

/// The answer of NVIDIA's ProteinMPNN microservice.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub(crate) struct NimAnswer {
    /// The native sequence, then the designs, in FASTA as `protein_mpnn_run.py` writes it: designed chains alone.
    pub(crate) mfasta: String,
    /// Mean −ln p over the designed residues of each design, nats.
    pub(crate) scores: Vec<Option<f64>>,
    /// p of the 21 letters ACDEFGHIKLMNPQRSTVWYX at each residue of each design. `[designs, N, 21]`
    pub(crate) probs: Vec<Vec<Vec<f32>>>,
}

impl NimAnswer {
    pub(super) fn begin(&mut self, native: &NativeOutcome<'_>) {
        let target = native.target;
        let list = |designed: bool| {
            let chains = target.structure.chains.iter().filter(|chain| is_designed(target, chain) == designed);
            let names: Vec<String> = chains.map(|chain| format!("'{}'", chain.id)).collect();
            format!("[{}]", names.join(", "))
        };
        let (score, global_score) = (number(native.measures.score), number(native.measures.global_score));
        let (fixed, designed, seed) = (list(false), list(true), target.request.sampling.seed);
        // Memory takes all that is written.
        let _ = writeln!(
            self.mfasta,
            ">{}, score={score}, global_score={global_score}, fixed_chains={fixed}, designed_chains={designed}, \
             model_name={}, seed={seed}\n{}",
            target.structure.name,
            target.checkpoint,
            letters(target, native.sequence),
        );
    }

    pub(super) fn add(&mut self, outcome: &DesignOutcome<'_>) {
        let (target, result) = (outcome.target, outcome.result);
        let (design, measures) = (&result.design, &result.measures);
        let (score, global_score) = (number(measures.score), number(measures.global_score));
        let _ = writeln!(
            self.mfasta,
            ">T={}, sample={}, score={score}, global_score={global_score}, seq_recovery={}\n{}",
            design.temperature,
            design.sample + 1,
            number(measures.recovery),
            letters(target, &design.sequence),
        );
        self.scores.push(measures.score);
        let probabilities = |row: &[f32; 21]| row.iter().map(|value| value.exp()).collect();
        self.probs.push(design.log_probabilities.iter().map(probabilities).collect());
    }
}

/// As Python prints what it cannot know.
fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "nan".to_owned(), |value| format!("{value:.4}"))
}

fn is_designed(target: &DesignTarget<'_>, chain: &Chain) -> bool {
    target.plan.designed[chain.residues.clone()].contains(&true)
}

/// The letters of the designed chains.
fn letters(target: &DesignTarget<'_>, sequence: &[Letter]) -> String {
    let chains = target.structure.chains.iter().filter(|chain| is_designed(target, chain));
    let letters = |chain: &Chain| sequence[chain.residues.clone()].iter().map(|letter| letter.to_char()).collect();
    chains.map(letters).collect::<Vec<String>>().join("/")
}
