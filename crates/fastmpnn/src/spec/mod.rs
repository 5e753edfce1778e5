//! What to design: settings in the numbering of the file ([`DesignSpec`]) → a checked plan by residue index
//! ([`DesignPlan`]). The grammar of selections is described at [`parse_selection`], and in full in `docs/selections.md`.
//!
//! # Which residues are designed
//!
//! From the weakest to the strongest:
//! 1. Every residue is designed.
//! 2. `chains`: only residues of these chains; the others are fixed, but the network sees them.
//! 3. `fix`: these keep their native letters.
//! 4. `redesign`: only these are designed, of the chains that are. It overrides `fix`: a residue in both is designed,
//!    with a warning.
//! 5. A residue without N, CA, C or O (CA-only networks: without CA) is masked, and never designed. One whose native
//!    letter is X is designed like any other, provided it has its backbone.
//!
//! A plan in which nothing is designed is an error; where that is because `redesign` names other chains than `chains`, the
//! error names both.
//!
//! # Ties
//!
//! Tied residues carry one letter, drawn from Σ weight · logits / n. A setting for
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
//!
//! # Goals of whole sequences
//!
//! `charge`, `count` and `no_motif` hold for every sequence that is drawn. Together with the letters that residues may have
//! they are checked before: goals that no sequence meets are an error.

mod by_residue;
mod constraints;
mod cyclic;
mod design_spec;
mod environment;
mod expression;
mod homo_oligomer;
mod items;
mod letters;
mod membrane;
mod membrane_class;
mod membrane_labels;
mod membrane_selection;
mod models;
mod near;
mod order;
mod plan;
mod plan_check;
mod pssm;
mod quotation;
mod ranges;
mod resolve;
mod resolver;
mod rfdiffusion;
mod roles;
mod selection;
mod states;
mod summary;
mod ties;

pub use by_residue::{ByResidue, ResidueSet};
pub use constraints::Constraints;
pub(crate) use constraints::{Completion, Problem, ProblemParts, ProblemSum};
pub use design_spec::{DesignSpec, SpecWords};
pub use environment::Environment;
pub use membrane::{LabelProposal, MembraneFrame, Placement};
pub use membrane_class::{MembraneClass, MembraneLabel};
pub use membrane_labels::MembraneLabels;
pub use order::OrderKind;
pub use plan::{DesignPlan, PairBias, TiedGroup};
pub(crate) use plan_check::check_ties;
pub use pssm::Pssm;
pub use rfdiffusion::kept_by_rfdiffusion;
pub use selection::parse_selection;
pub use states::{States, StatesPlan};
