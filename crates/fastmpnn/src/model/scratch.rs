//! The memory that a worker thread reuses.

use fastmpnn_kernels::Buffer;

use super::context::ContextScratch;
use super::features::EdgeScratch;
use super::layers::NodeScratch;
use super::packer::PackerScratch;
use super::weight::{Hidden, NarrowRows};

/// What a thread needs while it works on a tile of edges or a batch of nodes.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) features: EdgeScratch,
    pub(crate) context: ContextScratch,
    pub(crate) packer: PackerScratch,
    pub(crate) first: Buffer,
    pub(crate) second: Buffer,
    /// What a product computes for the next one, and that one for the next but one.
    pub(crate) hidden: [Hidden; 2],
    pub(crate) update: NodeScratch,
    pub(crate) sums: Buffer,
    pub(crate) row_weights: Vec<f32>,
    pub(crate) counts: Vec<f32>,
    pub(crate) ones: Vec<f32>,
    pub(crate) missing: Vec<usize>,
    pub(crate) index: Vec<u32>,
    /// What a product multiplies that is not in floats.
    pub(crate) narrow: NarrowRows,
}
