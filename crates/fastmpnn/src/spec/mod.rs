//! What to design: wishes in the numbering of the file ([`DesignSpec`]) → a checked plan by residue index
//! ([`DesignPlan`]). The grammar of selections is described at [`parse_selection`], and in full in `docs/selections.md`.
//!
//! # Which residues are designed
//!
//! From the weakest to the strongest:
//! 1. Every residue is designed.
//! 2. `chains`: only residues of these chains; the others are fixed, but seen.
//! 3. `fix`: these keep their native letters.
//! 4. `redesign`: only these are designed, of the chains that are. It beats `fix`: a residue in both is designed, with a
//!    warning.
//! 5. A residue without N, CA, C or O (CA-only networks: without CA) is masked, and never designed. One whose native letter is X is designed like any
//!    other, provided it has its backbone.
//!
//! A plan in which nothing is designed is an error; where that is because `redesign` names other chains than `chains`, the
//! error names both.
//!
//! # Ties
//!
//! Tied residues carry one letter, drawn from Σ weight · logits / n. From that follows everything else; what is asked of
//! one member holds for the whole group, with a warning that names the residues it was extended to:
//! - `redesign`, `omit_at` and `bias_at` on one member extend to its tied partners, once. The rows of
//!   [`DesignPlan::omitted`] and [`DesignPlan::bias`] are equal for all members of a group.
//! - If a member is fixed (by `fix`, or because its chain is not among `chains`), the group carries its native letter.
//!   Partners with the same native letter are fixed too; a partner with another one stays designed with this letter as
//!   the only choice, because its native letter would break the tie. Where several fixed members disagree, each keeps
//!   its own and the first in the group decides for the others.
//! - A masked member drops out: it keeps its letter, and the others stay tied among themselves.
//! - A residue is in one group only. Saying the same tie twice is allowed; overlapping ones are an error.
//!
//! `homo_oligomer` ties corresponding residues of the designed chains that have the same sequence, with weight 1 each.
//! Copies agree in 90 % of the letters at least; corresponding are residues of the same number and insertion code, and
//! if the numbering differs, of the same position or by alignment. Copies of unequal length are tied where both have the
//! residue.
//!
//! # Context
//!
//! Networks with a context encoder see the atoms of ligands unless `no_ligand` hides them. With `side_chain_context` they
//! see the side chains of the residues that are not designed and have a backbone, too.
//!
//! # Membrane labels
//!
//! `membrane_global` labels the whole protein, `membrane_buried` and `membrane_interface` label residues; the rest is
//! neither. A residue in both is an error: the published program counts it as neither, silently. Labels change what the
//! membrane networks see, and nothing else.
//!
//! # Letters
//!
//! X is never drawn. `omit` holds everywhere, `omit_at` where it says, and they add up. `bias` (nats) holds everywhere,
//! `bias_at` is added to it where it says; within each of the two, two values for the same letter and residue are an
//! error. The draw is from softmax(logits/T + bias/T).

mod cyclic;
mod environment;
mod expression;
mod homo_oligomer;
mod items;
mod letters;
mod membrane;
mod membrane_labels;
mod models;
mod near;
mod order;
mod plan;
mod ranges;
mod resolve;
mod rfdiffusion;
mod selection;
mod states;
mod summary;
mod ties;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use environment::{Environment, MembraneClass, MembraneLabel};
pub use membrane::{LabelProposal, MembraneFrame, Placement};
pub use membrane_labels::MembraneLabels;
pub use order::OrderKind;
pub use plan::{DesignPlan, TiedGroup};
pub use rfdiffusion::kept_by_rfdiffusion;
pub use selection::parse_selection;
pub use states::{States, StatesPlan};

use crate::error::SpecError;
use crate::structure::Structure;

/// What the user asks for, unresolved: strings in the selection grammar, in the way the command line takes them. Its
/// default designs everything. The [module](self) says how the wishes combine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DesignSpec {
    /// The whole chains to design (`A,B`); the others are fixed, but seen. All when `None`.
    pub chains: Option<String>,
    /// Selections that keep their native letters.
    pub fix: Vec<String>,
    /// Whether residues that Rosetta's remarks label FIXED keep their native letters, too.
    pub pdb_labels: bool,
    /// Only these selections are designed; beats `fix`. Everything when empty.
    pub redesign: Vec<String>,
    /// Ties: `A1-20=B1-20`, with weights `A1-20*1.0=B1-20*-0.5`.
    pub tie: Vec<String>,
    /// Whether corresponding residues of chains with the same sequence are tied.
    pub homo_oligomer: bool,
    /// Letters never drawn anywhere (`CM`). X never is.
    pub omit: String,
    /// Letters never drawn at some residues: `A1-5:CM`.
    pub omit_at: Vec<String>,
    /// Biases in nats, added to the logits before the division by the temperature: `A=-1.0,W=0.5`.
    pub bias: Vec<String>,
    /// Biases at some residues, on top of `bias`: `A1-5:W=2.0,F=1.0`.
    pub bias_at: Vec<String>,
    /// The decoding order.
    pub order: OrderKind,
    /// Whether the atoms of ligands are hidden from networks that see them.
    pub no_ligand: bool,
    /// Whether such networks see the side chains of residues that are not designed as well.
    pub side_chain_context: bool,
    /// The label of the whole protein, for the membrane network of global labels.
    pub membrane_global: Option<MembraneLabel>,
    /// Residues that are buried in the membrane, for the membrane network of labels by residue.
    pub membrane_buried: Vec<String>,
    /// Residues in the membrane's interface, for the same.
    pub membrane_interface: Vec<String>,
    /// The chains whose last residue is bonded to their first (`A,B`); see [`Environment::cyclic`].
    pub cyclic: Option<String>,
    /// The files that selections call by `@` and their name, and what they hold: a selection a line, `#` before comments.
    /// Nothing else is read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// What messages call the wishes.
    #[serde(skip)]
    pub words: SpecWords,
}

/// What messages call wishes and what comes of them: side chains are packed as letters are designed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpecWords {
    /// The option of [`DesignSpec::fix`].
    pub fix: &'static str,
    /// The option of [`DesignSpec::redesign`].
    pub redesign: &'static str,
    /// What happens to the residues that are chosen.
    pub designed: &'static str,
}

impl SpecWords {
    /// Residues are designed.
    pub const DESIGN: SpecWords = SpecWords { fix: "--fix", redesign: "--redesign", designed: "designed" };
    /// Side chains are packed.
    pub const PACKING: SpecWords = SpecWords { fix: "--fix", redesign: "--repack", designed: "packed" };
}

impl Default for SpecWords {
    fn default() -> SpecWords {
        SpecWords::DESIGN
    }
}

impl DesignSpec {
    /// The files that selections call by `@`, for [`DesignSpec::files`]. Names may hold spaces and commas, so each comes in
    /// all the ways it can be cut out of its text, the longest first.
    pub fn files_called(&self) -> Vec<Vec<&str>> {
        let whole = [&self.fix, &self.redesign, &self.tie, &self.membrane_buried, &self.membrane_interface];
        let whole = whole.into_iter().flatten().chain(&self.chains).map(String::as_str);
        let at = self.omit_at.iter().chain(&self.bias_at);
        let selections = at.map(|text| text.rsplit_once(':').map_or(text.as_str(), |(selection, _)| selection));
        whole.chain(selections).flat_map(expression::file_names).filter(|names| !names.is_empty()).collect()
    }

    /// Checks the wishes against a structure and resolves them to residue indexes.
    pub fn resolve(&self, structure: &Structure) -> Result<DesignPlan, SpecError> {
        resolve::resolve(self, structure)
    }
}
