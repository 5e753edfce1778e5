//! The output of the encoder for a structure.

use super::graph::Wiring;
use super::tensor::Tensor;

/// The output of the encoder for a structure.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(super) wiring: Wiring,
    /// h_V `[N, H]`
    pub(super) nodes: Tensor,
    /// h_E `[N·K, H]`
    pub(super) edges: Tensor,
}

impl Encoded {
    /// The graph.
    pub(crate) fn wiring(&self) -> &Wiring {
        &self.wiring
    }
}
