//! The plan: a specification resolved and checked against one structure.

use super::{Constraints, Pssm};
use super::{Environment, OrderKind};
use crate::chemistry::{Letter, VOCABULARY};

/// The residues to design and the conditions, by residue index of one structure (N residues).
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct DesignPlan {
    /// Whether a residue is designed `[N]`; where not, its native letter is teacher-forced. Masked residues never are.
    pub designed: Vec<bool>,
    /// Disjoint groups of two or more designed residues that get the same letter, sorted by their first residue.
    pub ties: Vec<TiedGroup>,
    /// Biases in nats at T = 1 `[N, 21]`; equal for all members of a tied group.
    pub bias: Vec<[f32; VOCABULARY]>,
    /// Letters that are not drawn `[N]`: bit l stands for the letter of index l. X (bit 20) is always set, and at a
    /// designed residue at least one letter is free. Equal for all members of a tied group.
    pub omitted: Vec<u32>,
    /// The decoding order.
    pub order: OrderKind,
    /// The decoding order of every sample, residue indexes from the first decoded to the last, where it is given instead;
    /// fixed residues come before designed ones all the same. `[N]`, or empty
    pub given_order: Vec<u32>,
    /// The temperatures of residues, `[N]`, or empty; equal for all members of a tied group. `None` stands for the
    /// temperature of the sample.
    pub temperature: Vec<Option<f32>>,
    /// With the structure and the number of the sample, it determines every random number.
    pub seed: u64,
    /// Biases that depend on the letters of two residues.
    pub pair_bias: Vec<PairBias>,
    /// Profiles that are mixed with the network's probabilities; equal for all members of a tied group.
    pub pssm: Option<Pssm>,
    /// What each sequence satisfies as a whole. Resolve it anew after changing other fields: a plan whose goals no sequence
    /// meets is refused when it is used.
    pub constraints: Constraints,
    /// The environment that the features see besides the structure.
    pub environment: Environment,
    /// Parts of the specification whose interpretation may differ from the intention, one sentence each.
    pub warnings: Vec<String>,
}

/// A bias that depends on the letters of two residues: with E(a, b) the pair's `bias[a][b]`, a residue whose partner
/// has letter b is drawn from softmax((logits + bias + Σ E(·, b)) / T), the sum going over its pairs with residues that
/// have their letters: fixed ones, and those before it in the decoding order. So each pair counts once, for the later of
/// the two. The formula is that of RosettaCommons' foundry (`pair_bias`), where a table holds for one direction only.
///
/// A pair of a tied residue holds for its group.
#[derive(Clone, Debug, PartialEq)]
pub struct PairBias {
    /// Indexes of the two residues.
    pub residues: [usize; 2],
    /// Nats at T = 1, by the letter of the first and that of the second. `[V, V]`
    pub bias: Box<[[f32; VOCABULARY]; VOCABULARY]>,
}

/// Residues that get the same letter, drawn from Σ weight · logits / n over the n members.
#[derive(Clone, Debug, PartialEq)]
pub struct TiedGroup {
    /// Residue indexes in written order; for copies of a chain, in file order.
    pub members: Vec<usize>,
    /// The weight of each member's logits; may be 0 or negative.
    pub weights: Vec<f32>,
}

impl DesignPlan {
    /// The number of designed residues.
    pub fn designed_count(&self) -> usize {
        self.designed.iter().filter(|&&designed| designed).count()
    }

    /// Whether the letter may be drawn at the residue with the given index; `false` beyond the last residue.
    pub fn allows(&self, residue: usize, letter: Letter) -> bool {
        self.omitted.get(residue).is_some_and(|omitted| omitted & (1 << letter.index()) == 0)
    }
}
