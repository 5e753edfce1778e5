//! The number of multiply-adds of the network, as restructured in this crate.
//!
//! Only matrix products count, in the shapes in which they are computed. Distances, Gaussians, GELU, layer norms,
//! gathers and additions do not, nor does the padding of a matrix to whole panels. N is the number of residues with a
//! backbone; the others have no edges, and their share is not counted.

use super::packer::HEAD_NUMBERS;
use super::{Model, PackerEncoding, PackerModel};
use crate::chemistry::{MAX_TORSIONS, VOCABULARY};
use crate::featurize::{EdgeLayout, Graph};
use crate::weights::Config;

/// Multiply-adds of a structure, by part. A multiply-add is two floating-point operations ([`Operations::flop`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operations {
    /// Edge features: the Gaussians' share of the edge embedding, and W_e.
    pub features: u64,
    /// All encoder layers: messages, node updates, edge updates.
    pub encoder: u64,
    /// The context encoder, where there is one: places of the atoms, their messages and updates.
    pub context: u64,
    /// The decoder's node terms that do not depend on the sequence; part of encoding.
    pub decoder_terms: u64,
    /// One pass of all decoder layers over all residues with the letters given, including the edges' share.
    pub teacher_forcing: u64,
    /// The edges' share of every decoder layer, computed once per structure and kept for all samples.
    pub projections: u64,
    /// One sample drawn at all residues, given the projections. Messages of the first decoder layer count for every
    /// sample: where samples share them, fewer are computed.
    pub sample: u64,
}

impl Operations {
    /// The floating-point operations of `multiply_adds`, two each.
    pub fn flop(multiply_adds: u64) -> f64 {
        2.0 * multiply_adds as f64
    }

    /// Features and encoder: [`Engine::encode`](crate::Engine::encode).
    pub fn encode(&self) -> u64 {
        self.features + self.encoder + self.context + self.decoder_terms
    }

    /// Features, encoder and the decoder with the letters given: the `forward` of the published network.
    pub fn forward(&self) -> u64 {
        self.encode() + self.teacher_forcing
    }

    /// Features, encoder and `samples` samples of all residues.
    pub fn design(&self, samples: u64) -> u64 {
        self.encode() + self.projections + samples * self.sample
    }
}

impl Model {
    /// The multiply-adds of a structure with `residues` residues that have a backbone, encoded as `graph`.
    pub fn operations(&self, residues: usize, graph: &Graph) -> Operations {
        let encoder = self.context.as_ref();
        let (atoms, pairs) = graph.context_sizes();
        Operations {
            context: encoder.map_or(0, |encoder| encoder.operations(residues as u64, atoms, pairs)),
            ..self.config.operations(residues, graph.degree())
        }
    }
}

impl PackerModel {
    /// The multiply-adds of preparing a backbone with its letters, and of each denoising step on it.
    pub(crate) fn operations(&self, encoding: &PackerEncoding) -> PackingOperations {
        let size = |value: usize| value as u64;
        let residues = size(encoding.graph.resolved.iter().filter(|&&resolved| resolved).count());
        let (h, k) = (size(self.config.hidden), size(encoding.graph.degree()));
        let (square, layers) = (h * h, size(self.config.decoder_layers));
        let encoder = self.config.operations(encoding.graph.resolved.len(), encoding.graph.degree());
        let (fixed_pairs, moving_pairs) = encoding.pair_inputs();
        // The encoder's first message has node terms too; D, and B·h_E of each layer.
        let prepared = residues * (2 * square + square + layers * k * square);
        // B' and W2 per edge; W3, feed-forward, A and C per node; D' and the head.
        let node = 3 * square + 2 * h * size(self.config.feed_forward);
        let head = square + size(MAX_TORSIONS * HEAD_NUMBERS) * h;
        PackingOperations {
            prepare: encoder.features
                + encoder.encoder
                + self.context_operations(encoding)
                + prepared
                + fixed_pairs * h,
            step: moving_pairs * h + residues * (layers * (2 * k * square + node) + head),
        }
    }
}

/// Multiply-adds of packing side chains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PackingOperations {
    /// Once per backbone and sequence.
    pub prepare: u64,
    /// Once per denoising step of each packing.
    pub step: u64,
}

impl PackingOperations {
    /// `packings` packings with `steps` steps each.
    pub fn packings(&self, packings: u64, steps: u64) -> u64 {
        self.prepare + packings * steps * self.step
    }
}

impl Config {
    fn operations(&self, residues: usize, degree: usize) -> Operations {
        let size = |value: usize| value as u64;
        let (h, k) = (size(self.hidden), size(degree));
        let square = h * h;
        let (encoder_layers, decoder_layers) = (size(self.encoder_layers), size(self.decoder_layers));
        let layout = EdgeLayout::of(self.family);
        // W3 and the feed-forward block.
        let node_update = square + 2 * h * size(self.feed_forward);
        // A·h_i and C·h_j of the next message or edge update.
        let terms = 2 * square;
        let features = k * (size(layout.pairs.len() * self.radial_functions + layout.orientations) * h + square);
        // B and W2 of the message; B, W12 and W13 of the edge update, and the node terms of that update.
        let encoder_layer = 2 * k * square + 3 * k * square + node_update + terms;
        // The first message sees nodes that are zero, so only the later ones have terms; likewise in the decoder, whose
        // first terms are those of the encoder's nodes.
        let between_encoder = encoder_layers.saturating_sub(1) * terms;
        let between_decoder = decoder_layers.saturating_sub(1) * terms;
        // C·h_j of each layer and A·h_i of the first.
        let decoder_terms = (decoder_layers + decoder_layers.min(1)) * square;
        let projections = decoder_layers * k * square;
        let sample = decoder_layers * (k * square + node_update) + between_decoder + size(VOCABULARY) * h;
        let n = size(residues);
        Operations {
            features: n * features,
            context: 0,
            encoder: n * (encoder_layers * encoder_layer + between_encoder),
            decoder_terms: n * decoder_terms,
            teacher_forcing: n * (projections + sample),
            projections: n * projections,
            sample: n * sample,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::Checkpoint;

    fn published() -> Config {
        Config::of(&Checkpoint::embedded().expect("the embedded checkpoint")).expect("its sizes")
    }

    #[test]
    fn a_residue_of_the_published_network_costs_42_mflop() {
        let operations = published().operations(1, 48);
        // K·H² = 786 432: 1 of W_e and 3·5 of the encoder and 3·2 of the decoder; K·400·H of the Gaussians; per node
        // H² = 16 384: W3 and feed-forward 9 in each of 6 layers, edge updates 2·3, messages 2·2, decoder 4 + 2·2; W_out.
        let expected = 22 * 786_432 + 48 * 400 * 128 + (6 * 9 + 6 + 4 + 4 + 4) * 16_384 + 21 * 128;
        assert_eq!(operations.forward(), expected);
        assert!((41.8e6..41.95e6).contains(&Operations::flop(operations.forward())));
        assert_eq!(operations.forward() - operations.encode(), operations.projections + operations.sample);
    }

    #[test]
    fn work_grows_with_residues_and_samples() {
        let config = published();
        let (one, many) = (config.operations(1, 48), config.operations(106, 48));
        assert_eq!(many.forward(), 106 * one.forward());
        assert_eq!(many.design(8) - many.design(7), 106 * one.sample);
        // Drawing takes about 5.6 MFLOP per residue and sample.
        assert!((5.5e6..5.8e6).contains(&Operations::flop(one.sample)));
        let sparse = config.operations(1, 0);
        assert_eq!((sparse.features, sparse.projections), (0, 0));
    }
}
