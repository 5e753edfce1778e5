//! The residues that the measures of a sequence include.

use fastmpnn::chemistry::{Letter, Sequence};
use fastmpnn::score::{mean_where, recovery};
use fastmpnn::structure::Structure;
use fastmpnn::write::LigandMeasures;

use super::{native_sequence, resolved};

/// The measures of a sequence on a structure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// Mean −ln p over the designed residues, nats.
    pub score: Option<f64>,
    /// Mean −ln p over all residues with a backbone, nats.
    pub global_score: Option<f64>,
    /// The fraction of designed residues with a known native letter that have that letter; `None` for a de novo
    /// backbone, whose native letters are placeholders.
    pub recovery: Option<f64>,
    /// Measures of residues near ligands, if the network sees ligands.
    pub ligand: Option<LigandMeasures>,
}

/// The residues that the measures include.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreMask {
    /// The letters of the file. `[N]`
    pub native: Sequence,
    /// Whether each residue has the atoms that the network needs. `[N]`
    pub resolved: Vec<bool>,
    /// Whether each residue is designed. `[N]`
    pub designed: Vec<bool>,
    /// Whether the native letters of the designed residues are a placeholder: the glycine or alanine that a backbone
    /// without a sequence is written with.
    pub placeholder: bool,
    /// Whether each residue is near a ligand, if the network sees ligands. `[N]`
    pub near_ligand: Option<Vec<bool>>,
}

impl ScoreMask {
    /// The mask of a structure; `designed` tells which residues are designed, `[N]`.
    pub fn new(structure: &Structure, designed: &[bool]) -> ScoreMask {
        let native = native_sequence(structure);
        let placeholder =
            is_placeholder(native.iter().zip(designed).filter(|(_, designed)| **designed).map(|(l, _)| *l));
        let (resolved, designed) = (resolved(structure), designed.to_vec());
        ScoreMask { native, resolved, designed, placeholder, near_ligand: None }
    }

    /// Adds the residues that are near a ligand.
    #[must_use]
    pub fn with_near_ligand(self, near_ligand: Option<Vec<bool>>) -> ScoreMask {
        ScoreMask { near_ligand, ..self }
    }

    /// The measures of a sequence and its −ln p, nats. `[N]` each
    pub fn measure(&self, sequence: &[Letter], negative_log_likelihood: &[f32]) -> Measures {
        let counted = |index: usize| self.designed[index] && self.resolved[index];
        let known = |index: usize| self.designed[index] && self.native[index] != Letter::X && !self.placeholder;
        let score = mean_where(negative_log_likelihood, counted);
        let confidence = |score: Option<f64>| score.map(|score| (-score).exp());
        let of_ligand = |near: &Vec<bool>| LigandMeasures {
            overall_confidence: confidence(score),
            ligand_confidence: confidence(mean_where(negative_log_likelihood, |index| counted(index) && near[index])),
            ligand_recovery: recovery(sequence, &self.native, |index| known(index) && near[index]),
        };
        Measures {
            score,
            ligand: self.near_ligand.as_ref().map(of_ligand),
            global_score: mean_where(negative_log_likelihood, |index| self.resolved[index]),
            recovery: recovery(sequence, &self.native, known),
        }
    }
}

/// Whether letters are those of a backbone without a sequence: at least [`PLACEHOLDERS`], all of them glycine or alanine.
fn is_placeholder(native: impl Iterator<Item = Letter>) -> bool {
    let known: Vec<Letter> = native.filter(|&letter| letter != Letter::X).collect();
    let meaningless = |letter: &Letter| matches!(letter.to_char(), 'G' | 'A');
    known.len() >= PLACEHOLDERS && known.iter().all(meaningless)
}

/// Shorter sequences of only glycine and alanine occur in nature.
const PLACEHOLDERS: usize = 10;
