//! Pair biases, as a hook: biases of a residue's letters that depend on the letter of another residue.

use super::observer::{Level, LogitsHook};
use crate::chemistry::Letter;
use crate::error::HookFailure;
use crate::spec::PairBias;

/// The pair biases of a plan.
#[derive(Debug)]
pub(crate) struct PairBiases(pub(crate) Vec<PairBias>);

impl LogitsHook for PairBiases {
    /// Adds to each letter a of a residue i the bias of (a, letter of j) for each residue j that has its letter.
    fn adjust(&self, level: &mut Level<'_>) -> Result<(), HookFailure> {
        for (item, logits) in level.iter_mut() {
            for PairBias { residues: [first, second], bias } in &self.0 {
                let (holds_first, holds_second) = (item.residues.contains(first), item.residues.contains(second));
                for (letter, logit) in Letter::all().map(Letter::index).zip(logits.iter_mut()) {
                    *logit += match (holds_first, holds_second) {
                        (false, false) => break,
                        // Tied to each other: they get one letter.
                        (true, true) => bias[letter][letter],
                        (true, false) => item.letters.get(*second).map_or(0.0, |other| bias[letter][other.index()]),
                        (false, true) => item.letters.get(*first).map_or(0.0, |other| bias[other.index()][letter]),
                    };
                }
            }
        }
        Ok(())
    }

    fn pairs(&self) -> Vec<[usize; 2]> {
        self.0.iter().map(|pair| pair.residues).collect()
    }
}
