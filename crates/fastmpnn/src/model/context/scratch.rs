//! The memory of the context encoder's layers.

use fastmpnn_kernels::Buffer;

use super::atoms::{AtomScratch, PairMessages};
use super::residue::ResidueScratch;
use crate::model::features::PlaceScratch;
use crate::model::layers::NodeScratch;

/// Memory of a thread, reused.
#[derive(Debug, Default)]
pub(crate) struct ContextScratch {
    pub(super) pairs: PairMessages,
    pub(super) atom: AtomScratch,
    pub(super) place: PlaceScratch,
    pub(super) residue: ResidueScratch,
    /// y of all sets. `[rows, H]`
    pub(super) atoms: Buffer,
    /// C·y of all sets, layer after layer. `[rows, H]` each
    pub(super) terms: Vec<Buffer>,
    /// Σ m·g of some atoms. `[rows, H]`
    pub(super) sums: Buffer,
    pub(super) counts: Vec<f32>,
    /// The published V of some residues' atoms. `[atoms, H]`
    pub(super) places: Buffer,
    /// h of some residues. `[residues, H]`
    pub(super) hidden: Buffer,
    /// V_C·h of some residues. `[residues, H]`
    pub(super) added: Buffer,
    pub(super) update: NodeScratch,
    pub(super) ones: Vec<f32>,
}
