//! The plan: wishes resolved and checked against one structure.

use super::{Environment, OrderKind};
use crate::chemistry::{Letter, VOCABULARY};

/// What is designed, and under which conditions, by residue index of one structure (N residues).
#[derive(Clone, Debug, PartialEq)]
pub struct DesignPlan {
    /// Whether a residue is designed `[N]`; where not, its native letter is teacher-forced. Masked residues never are.
    pub designed: Vec<bool>,
    /// Disjoint groups of two or more designed residues that carry one letter, sorted by their first residue.
    pub ties: Vec<TiedGroup>,
    /// Biases in nats at T = 1 `[N, 21]`; equal for all members of a tied group.
    pub bias: Vec<[f32; VOCABULARY]>,
    /// Letters that are not drawn `[N]`: bit l stands for the letter of index l. X (bit 20) is always set, and at a
    /// designed residue at least one letter is free. Equal for all members of a tied group.
    pub omitted: Vec<u32>,
    /// The decoding order.
    pub order: OrderKind,
    /// What the features see beside the structure.
    pub environment: Environment,
    /// What was understood otherwise than it may have been meant, one sentence each.
    pub warnings: Vec<String>,
}

/// Residues that carry one letter, drawn from Σ weight · logits / n over its n members.
#[derive(Clone, Debug, PartialEq)]
pub struct TiedGroup {
    /// Residue indexes in written order; for copies of a chain, in file order.
    pub members: Vec<usize>,
    /// The weight of each member's logits; may be 0 or negative.
    pub weights: Vec<f32>,
}

impl DesignPlan {
    /// How many residues are designed.
    pub fn designed_count(&self) -> usize {
        self.designed.iter().filter(|&&designed| designed).count()
    }

    /// Whether the letter may be drawn at the residue of that index; `false` past the last one.
    pub fn allows(&self, residue: usize, letter: Letter) -> bool {
        self.omitted.get(residue).is_some_and(|omitted| omitted & (1 << letter.index()) == 0)
    }
}
