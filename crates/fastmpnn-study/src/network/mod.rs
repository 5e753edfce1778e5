//! A second implementation of the network, operation by operation on whole tensors: the published layout, and variants
//! that the library has no reason to offer.
//!
//! The library computes a residue's edges from features to message while they are in the first-level cache. Here every
//! operation reads whole tensors from memory and writes a new one, as a framework without fusion does. The products are
//! the library's kernels, so that the comparison is of the order of the work and the number formats, not of different
//! matrix products.
//!
//! | | [`Form::Published`] | [`Form::Split`] |
//! | --- | --- | --- |
//! | first map of a message | W1·\[h_i ; e_ij ; h_j\], the concatenation materialized `[N, K, 3H]` | A·h_i + B·e_ij + C·h_j |
//! | W3 | one product per edge | one product per node, after the sum |
//! | kept in memory | everything | every message `[N, K, H]` |

mod encoded;
mod features;
mod formulation;
mod graph;
mod layers;
mod numbers;
mod tensor;

use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::kernels::Kernels;
use fastmpnn::structure::Structure;
use fastmpnn::weights::Checkpoint;
use fastmpnn::weights::Config;

pub(crate) use encoded::Encoded;
pub(crate) use formulation::{Form, Formulation};
pub(crate) use graph::Wiring;
pub(crate) use numbers::{EdgeNumbers, Format, Numerics, Part};

use crate::accuracy::LogP;
use crate::error::StudyError;
use layers::{DecoderLayer, EncoderLayer};
use tensor::{Linear, Tensor, Worker};

/// A network that works operation by operation.
#[derive(Debug)]
pub(crate) struct Network {
    form: Form,
    numerics: Numerics,
    config: Config,
    worker: Worker,
    features: features::Features,
    encoder: Vec<EncoderLayer>,
    decoder: Vec<DecoderLayer>,
    /// W_s `[V, H]`
    letters: Tensor,
    /// W_out
    output: Linear,
}

impl Network {
    /// A checkpoint's network, computed on `threads` threads.
    pub(crate) fn new(
        kernels: Kernels,
        checkpoint: &Checkpoint,
        formulation: Formulation,
        threads: usize,
    ) -> Result<Network, StudyError> {
        let Formulation { form, numerics } = formulation;
        let config = Config::of(checkpoint)?;
        let worker = Worker::new(kernels, numerics.format, threads)?;
        let loader = layers::Loader { checkpoint, kernels, form, numerics, config: &config };
        let encoder = (0..config.encoder_layers).map(|layer| EncoderLayer::load(&loader, layer));
        let decoder = (0..config.decoder_layers).map(|layer| DecoderLayer::load(&loader, layer));
        let letters = &*checkpoint.values("W_s.weight", &[VOCABULARY, config.hidden])?;
        Ok(Network {
            features: features::Features::load(&loader)?,
            encoder: encoder.collect::<Result<_, _>>()?,
            decoder: decoder.collect::<Result<_, _>>()?,
            letters: worker.tensor_of(letters, config.hidden),
            output: loader.node_linear("W_out", VOCABULARY, config.hidden)?,
            form,
            numerics,
            worker,
            config,
        })
    }

    /// Features and encoder.
    pub(crate) fn encode(&self, structure: &Structure) -> Encoded {
        let kernels = self.worker.kernels();
        let wiring = self.worker.install(|| Wiring::new(kernels, structure, &self.config, self.numerics.distances));
        let mut edges = self.features.edges(&self.worker, &wiring, self.numerics.distances);
        let mut nodes = Tensor::zeros(wiring.len(), self.config.hidden);
        for layer in &self.encoder {
            layer.update(&self.worker, &wiring, &mut nodes, &mut edges);
        }
        Encoded { wiring, nodes, edges }
    }

    /// ln p of every letter at every residue, given the letters of `sequence` at the residues of smaller rank.
    pub(crate) fn decode(&self, encoded: &Encoded, sequence: &[Letter], rank: &[u32]) -> LogP {
        let mut nodes = encoded.nodes.clone();
        let index: Vec<u32> = sequence.iter().map(|letter| letter.index() as u32).collect();
        let letters = self.worker.gather(&self.letters, &index);
        for layer in &self.decoder {
            layer.update(&self.worker, encoded, &mut nodes, &letters, rank);
        }
        let logits = self.worker.linear(&nodes, &self.output);
        let log_p = |residue: usize| {
            let row = logits.row(residue);
            fastmpnn::score::log_likelihood(&std::array::from_fn(|letter| row[letter]))
        };
        (0..encoded.wiring.len()).map(log_p).collect()
    }

    /// K in a structure of `residues` residues.
    pub(crate) fn degree(&self, residues: usize) -> usize {
        self.config.neighbors.min(residues)
    }

    /// The bytes of the largest tensors that are in memory at once while the messages of `edges` edges are computed.
    pub(crate) fn message_bytes(&self, edges: usize) -> u64 {
        // Published: [h_i ; e_ij ; (letter) ; h_j] the two hidden layers and the message. Split: the product of the
        // edges and the two hidden layers, without h_E.
        let widths = match self.form {
            Form::Published => 4 + 3,
            Form::Split => 3,
        };
        (edges * widths * self.config.hidden * size_of::<f32>()) as u64
    }
}
