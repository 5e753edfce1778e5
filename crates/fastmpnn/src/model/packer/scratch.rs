//! The memory of the packer's sweeps.

use fastmpnn_kernels::Buffer;

use crate::model::features::SideChainScratch;

/// Memory of a thread, reused.
#[derive(Debug, Default)]
pub(crate) struct PackerScratch {
    pub(super) side_chains: SideChainScratch,
    /// V
    pub(super) context: Buffer,
    pub(super) head: Buffer,
}
