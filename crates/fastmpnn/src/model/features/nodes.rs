//! The initial states of the nodes in the families that give each residue a label or a letter.

use fastmpnn_kernels::{Buffer, Rows, RowsMut, padded};

use crate::chemistry::VOCABULARY;
use crate::error::WeightsError;
use crate::model::layers::{Loader, Norm};
use crate::spec::MembraneClass;
use crate::weights::{Config, Family};

/// h_V before the encoder for each class of residue: W_v·norm(embedding of the class).
#[derive(Debug)]
pub(crate) struct InitialNodes {
    /// `[classes, H]`
    table: Buffer,
    stride: usize,
}

impl InitialNodes {
    /// Loads the initial nodes of a network; `None` if its nodes start at zero.
    pub(crate) fn load(loader: &Loader<'_>, config: &Config) -> Result<Option<InitialNodes>, WeightsError> {
        let (classes, embedding, norm) = match config.family {
            Family::Protein | Family::CaOnly | Family::Ligand => return Ok(None),
            Family::Membrane => (MembraneClass::ALL.len(), "features.node_embedding.weight", "features.norm_nodes"),
            Family::Packer => (VOCABULARY, "features.enc_node_embedding.weight", "features.enc_norm_nodes"),
        };
        let hidden = config.hidden;
        let stride = padded(hidden);
        // A column of the weight is the embedding of a class: the published input is one-hot.
        let weight = &*loader.checkpoint.values(embedding, &[hidden, classes])?;
        let mut embedded = Buffer::zeros(classes * stride);
        for (class, row) in embedded.chunks_exact_mut(stride).enumerate() {
            for (value, weights) in row.iter_mut().zip(weight.chunks_exact(classes)) {
                *value = weights[class];
            }
        }
        Norm::load(loader, norm, hidden)?.apply(loader.kernels, RowsMut::new(&mut embedded, stride));
        let map = loader.linear("W_v", hidden, hidden, 1.0)?;
        let mut table = Buffer::zeros(classes * stride);
        let out = RowsMut::new(&mut table, stride);
        loader.kernels.matmul(Rows::new(&embedded, stride), &map.weight, &map.bias, out);
        Ok(Some(InitialNodes { table, stride }))
    }

    /// The initial state of a node of `class`, which must be below the number of classes. `[H]`
    pub(crate) fn state(&self, class: u8) -> &[f32] {
        &self.table[usize::from(class) * self.stride..][..self.stride]
    }
}
