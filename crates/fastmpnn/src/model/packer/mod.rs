//! The packer network: from a backbone with letters and the current side chains to the distribution of each torsion
//! (published `Packer` of LigandMPNN; Dauparas et al., *Nature Methods* 22, 717–723, 2025).
//!
//! The encoder is that of the design networks with letters for initial nodes, and the context encoder that of
//! LigandMPNN: both run once per backbone and sequence. The decoder runs once per denoising step, with the atoms where
//! the previous step put them:
//!
//! ```text
//! once    h_V, h_E ← encoder and context;  D·h_V,  B·h_E of each layer,  backbone pairs of F and of V
//! a step  h = D·h_V + D'·V                                         V: the residue's atoms and its context
//!         layer l:  h_i ← update(h_i, Σ_j gelu(W2·gelu(A·h_i + B·h_E + B'·F + C·h_j)))   F: both residues' atoms
//!         head: three von Mises distributions for each of four torsions
//! ```
//!
//! D' is `linear_down`'s share of the side chains times `W_v_sc`, B' a layer's share of them times `W_f`: consecutive
//! maps with nothing between them are merged. A step is L + 1 sweeps over the residues, one of which computes F.

mod layer;
mod scratch;

use fastmpnn_kernels::{Buffer, EdgeTerms, Kernels, PackedMatrix, Rows, RowsMut, WeightedBias, padded};
use rayon::prelude::*;

use crate::chemistry::{Letter, MAX_ATOMS, MAX_TORSIONS};
use crate::error::WeightsError;
use crate::featurize::{
    CONTEXT_ATOMS, ContextAtoms, Graph, PlacedAtoms, PlacedContext, PlacedNeighbors, SortedNeighbors, atom_count,
};
use crate::model::arithmetic::Arithmetic;
use crate::model::context::ContextEncoder;
use crate::model::encoder::Encoder;
use crate::model::features::{ResidueFeatures, SideChainFeatures, pair_inputs};
use crate::model::layers::{Linear, Loader, MessageSums, load_layers};
use crate::model::tiles::tile_edges;
use crate::model::{Scratch, Workers};
use crate::structure::Point;
use crate::weights::{Checkpoint, Config, Family};
use layer::{PackerLayer, node_maps};
pub(crate) use scratch::PackerScratch;

/// Residues whose edges' features are made together: each weight is read once for all of them, and their tiles stay in
/// the second-level cache.
const RESIDUES_TOGETHER: usize = 8;

/// Numbers that the head gives for a torsion: mean, raw concentration and logit of three components.
pub(crate) const HEAD_NUMBERS: usize = 9;

/// The output of the head for a residue.
pub(crate) type TorsionHead = [[f32; HEAD_NUMBERS]; MAX_TORSIONS];

/// The packer's network, for this processor. Always f32.
#[derive(Debug)]
pub(crate) struct PackerModel {
    pub(crate) kernels: Kernels,
    pub(crate) config: Config,
    encoder: Encoder,
    context: ContextEncoder,
    features: SideChainFeatures,
    /// D and the biases of `linear_down` and `W_v_sc`
    node: Linear,
    /// D'
    node_side_chain: PackedMatrix,
    layers: Vec<PackerLayer>,
    /// W_torsions
    head: Linear,
    zeros: Buffer,
}

/// The tensors that all denoising steps on a backbone with its letters share.
#[derive(Debug)]
pub(crate) struct PackerEncoding {
    pub(crate) graph: Graph,
    pub(crate) letters: Vec<Letter>,
    context: ContextAtoms,
    /// Heavy atoms of each residue; 0 where it is masked. `[N]`
    counts: Vec<u8>,
    neighbors: SortedNeighbors,
    /// D·h_V and its biases. `[N, H]`
    nodes: Buffer,
    /// The fixed share of V before its norm. `[N, H]`
    context_nodes: Buffer,
    /// The fixed share of F before its norm, in the order of `neighbors`. `[N, K, H]`
    edges: Buffer,
    /// B·h_E of each layer and the bias of `W_f`'s share, in the order of `neighbors`. `[N, K, H]`
    projected: Vec<Buffer>,
}

impl PackerEncoding {
    /// The number of Gaussians that are multiplied once, and the number in each step.
    pub(super) fn pair_inputs(&self) -> (u64, u64) {
        let resolved = (0..self.graph.len()).filter(|&residue| self.graph.resolved[residue]);
        resolved.fold((0, 0), |(fixed, moving), residue| {
            let (a, b) =
                pair_inputs(&self.counts, residue, self.neighbors.of(residue), self.context.seen(residue).len());
            (fixed + a, moving + b)
        })
    }

    #[cfg(test)]
    pub(crate) fn context(&self) -> &ContextAtoms {
        &self.context
    }
}

/// The states of a denoising step, reused from one to the next.
#[derive(Debug, Default)]
pub(crate) struct PackerMemory {
    nodes: Buffer,
    features: Buffer,
    center: [Buffer; 2],
    neighbor: [Buffer; 2],
}

/// The node terms of one layer's messages, `[N, H]` each.
#[derive(Clone, Copy)]
struct LayerTerms<'a> {
    layer: usize,
    center: &'a [f32],
    neighbor: &'a [f32],
}

/// A residue that receives messages.
struct Receiver<'a> {
    residue: usize,
    /// Its place among the task's residues.
    offset: usize,
    /// F of its edges. `[K, H]`
    features: &'a [f32],
}

/// A task's share of what a sweep writes.
struct Share<'a> {
    first: usize,
    nodes: &'a mut [f32],
    features: &'a mut [f32],
    next_center: &'a mut [f32],
    next_neighbor: &'a mut [f32],
    heads: &'a mut [TorsionHead],
}

impl PackerModel {
    pub(crate) fn load(kernels: Kernels, checkpoint: &Checkpoint) -> Result<PackerModel, WeightsError> {
        let config = Config::of(checkpoint)?;
        if config.family != Family::Packer {
            let reason = "it designs sequences; side chains are packed by a packer's checkpoint".to_owned();
            return Err(WeightsError::Unsupported { name: checkpoint.name().to_owned(), reason });
        }
        if config.context_atoms != Some(CONTEXT_ATOMS) {
            let reason = format!("the packer must see {CONTEXT_ATOMS} context atoms per residue");
            return Err(WeightsError::Unsupported { name: checkpoint.name().to_owned(), reason });
        }
        let loader = Loader { checkpoint, kernels, arithmetic: Arithmetic::Floats };
        let hidden = config.hidden;
        let (node, node_side_chain) = node_maps(&loader, hidden)?;
        let layer = |layer| PackerLayer::load(&loader, &format!("decoder_layers.{layer}"), &config);
        let layers = load_layers(config.decoder_layers, layer)?;
        Ok(PackerModel {
            encoder: Encoder::load(&loader, &config)?,
            context: ContextEncoder::load(&loader, &config)?,
            features: SideChainFeatures::load(&loader, hidden)?,
            node,
            node_side_chain,
            layers,
            head: loader.linear("W_torsions", MAX_TORSIONS * HEAD_NUMBERS, hidden, 1.0)?,
            zeros: Buffer::zeros(padded(hidden)),
            kernels,
            config,
        })
    }

    fn stride(&self) -> usize {
        padded(self.config.hidden)
    }

    pub(super) fn context_operations(&self, encoding: &PackerEncoding) -> u64 {
        let (atoms, pairs) = encoding.context.sizes();
        self.context.operations(encoding.graph.len() as u64, atoms, pairs)
    }

    /// h_V `[N, H]` and h_E `[N, K, H]`: the published `encode`.
    pub(crate) fn states(&self, graph: &Graph, context: &ContextAtoms, workers: &Workers) -> (Buffer, Buffer) {
        let (mut nodes, edges) = self.encoder.run(graph, workers, self.config.encoder_layers);
        self.context.apply(self.kernels, graph, context, &mut nodes, workers);
        (nodes, edges)
    }

    /// Prepares the denoising steps on a backbone with its letters. The graph's sites are those of the residues in
    /// ideal geometry: N, CA, C, O and the virtual CB; its classes are the letters. `atoms` may have any torsions: only
    /// their backbone atoms are read. `elements` are the atoms whose elements the network sees, if they differ from the
    /// graph's context.
    pub(crate) fn encode(
        &self,
        mut graph: Graph,
        elements: Option<ContextAtoms>,
        letters: Vec<Letter>,
        atoms: &[[Point; MAX_ATOMS]],
        workers: &Workers,
    ) -> PackerEncoding {
        let context = graph.context.take().unwrap_or_else(|| ContextAtoms::none(graph.len()));
        let elements = elements.as_ref().unwrap_or(&context);
        let (states, edge_states) = self.states(&graph, &context, workers);
        let stride = self.stride();
        let (residues, degree) = (graph.len(), graph.degree());
        let counts: Vec<u8> = letters
            .iter()
            .zip(&graph.resolved)
            .map(|(&letter, &resolved)| if resolved { atom_count(letter) } else { 0 })
            .collect();
        let neighbors = SortedNeighbors::new(&graph.neighbors, degree, &counts);
        let mut nodes = Buffer::zeros(residues * stride);
        let mut context_nodes = Buffer::zeros(residues * stride);
        let mut edges = Buffer::zeros(residues * degree * stride);
        let mut projected: Vec<Buffer> =
            self.layers.iter().map(|_| Buffer::zeros(residues * degree * stride)).collect();
        let placed = PlacedAtoms { positions: atoms, counts: &counts, letters: &letters };
        let sight = PlacedContext { atoms: placed, elements, context: &context };
        let around = PlacedNeighbors { atoms: placed, neighbors: &neighbors };
        let task = RESIDUES_TOGETHER;
        workers.install(|| {
            nodes
                .par_chunks_mut(task * stride)
                .zip(context_nodes.par_chunks_mut(task * stride))
                .zip(edges.par_chunks_mut((task * degree * stride).max(1)))
                .enumerate()
                .for_each(|(index, ((nodes, context_nodes), edges))| {
                    let first = index * task;
                    let mut scratch = workers.scratch(self.kernels);
                    let scratch = &mut scratch.packer.side_chains;
                    let rows = Rows::new(&states[first * stride..][..nodes.len()], stride);
                    self.kernels.matmul(rows, &self.node.weight, &self.node.bias, RowsMut::new(nodes, stride));
                    let features = &self.features;
                    let mut made = ResidueFeatures { kernels: self.kernels, first, scratch, out: context_nodes };
                    features.begin_context(sight, &mut made);
                    made.out = edges;
                    features.begin_edges(around, &mut made);
                });
            for (projected, layer) in projected.iter_mut().zip(&self.layers) {
                projected.par_chunks_mut((degree * stride).max(1)).enumerate().for_each(|(residue, out)| {
                    let mut scratch = workers.scratch(self.kernels);
                    let Scratch { first: rows, narrow, .. } = &mut *scratch;
                    rows.resize(out.len());
                    let slots = &neighbors.slots[residue * degree..][..degree];
                    for (row, &slot) in rows.chunks_exact_mut(stride).zip(slots) {
                        row.copy_from_slice(&edge_states[(residue * degree + slot as usize) * stride..][..stride]);
                    }
                    layer.project(self.kernels, Rows::new(rows, stride), narrow, RowsMut::new(out, stride));
                });
            }
        });
        PackerEncoding { graph, letters, context, counts, neighbors, nodes, context_nodes, edges, projected }
    }

    /// One denoising step: the head's numbers for each residue with the atoms at `positions`,
    /// `[N]`.
    pub(crate) fn denoise(
        &self,
        encoding: &PackerEncoding,
        positions: &[[Point; MAX_ATOMS]],
        workers: &Workers,
        memory: &mut PackerMemory,
    ) -> Vec<TorsionHead> {
        let stride = self.stride();
        let (residues, degree) = (encoding.graph.len(), encoding.graph.degree());
        let mut heads = vec![[[0.0; HEAD_NUMBERS]; MAX_TORSIONS]; residues];
        memory.nodes.resize(residues * stride);
        memory.features.resize(residues * degree * stride);
        memory.center.iter_mut().chain(&mut memory.neighbor).for_each(|terms| terms.resize(residues * stride));
        let atoms = PlacedAtoms { positions, counts: &encoding.counts, letters: &encoding.letters };
        let PackerMemory { nodes, features, center: [center, next_center], neighbor: [neighbor, next_neighbor] } =
            memory;
        let task = RESIDUES_TOGETHER;
        workers.install(|| {
            nodes
                .par_chunks_mut(task * stride)
                .zip(center.par_chunks_mut(task * stride))
                .zip(neighbor.par_chunks_mut(task * stride))
                .enumerate()
                .for_each(|(index, ((nodes, center), neighbor))| {
                    let packer = &mut workers.scratch(self.kernels).packer;
                    self.start_nodes(encoding, atoms, index * task, nodes, packer);
                    self.message_terms(0, nodes, [center, neighbor]);
                });
        });
        for layer in 0..self.layers.len() {
            let terms = LayerTerms { layer, center, neighbor };
            let shares = nodes
                .par_chunks_mut(task * stride)
                .zip(features.par_chunks_mut((task * degree * stride).max(1)))
                .zip(next_center.par_chunks_mut(task * stride))
                .zip(next_neighbor.par_chunks_mut(task * stride))
                .zip(heads.par_chunks_mut(task))
                .enumerate();
            workers.install(|| {
                shares.for_each(|(index, ((((nodes, features), next_center), next_neighbor), heads))| {
                    let first = index * task;
                    let share = Share { first, nodes, features, next_center, next_neighbor, heads };
                    self.sweep(encoding, atoms, terms, share, &mut workers.scratch(self.kernels));
                });
            });
            std::mem::swap(center, next_center);
            std::mem::swap(neighbor, next_neighbor);
        }
        heads
    }

    /// h = D·h_V + D'·V of some residues.
    fn start_nodes(
        &self,
        encoding: &PackerEncoding,
        atoms: PlacedAtoms<'_>,
        first: usize,
        nodes: &mut [f32],
        scratch: &mut PackerScratch,
    ) {
        let stride = self.stride();
        let range = first * stride..first * stride + nodes.len();
        let PackerScratch { side_chains, context, .. } = scratch;
        context.resize(nodes.len());
        context.copy_from_slice(&encoding.context_nodes[range.clone()]);
        let sight = PlacedContext { atoms, elements: &encoding.context, context: &encoding.context };
        let mut made = ResidueFeatures { kernels: self.kernels, first, scratch: side_chains, out: context };
        self.features.finish_context(sight, &mut made);
        nodes.copy_from_slice(&encoding.nodes[range]);
        let ones = [1.0; RESIDUES_TOGETHER];
        let no_bias = WeightedBias { bias: &self.zeros, row_weights: &ones[..nodes.len() / stride] };
        let rows = Rows::new(context, stride);
        self.kernels.matmul_accumulate(rows, &self.node_side_chain, no_bias, RowsMut::new(nodes, stride));
    }

    /// A·h_i + b1 and C·h_j of a layer.
    fn message_terms(&self, layer: usize, nodes: &[f32], [center, neighbor]: [&mut [f32]; 2]) {
        let message = &self.layers[layer].message;
        let (nodes, stride) = (Rows::new(nodes, self.stride()), self.stride());
        message.center_terms(self.kernels, nodes, RowsMut::new(center, stride));
        message.neighbor_terms(self.kernels, nodes, &self.zeros, RowsMut::new(neighbor, stride));
    }

    /// One decoder layer for some residues, with F of their edges before the first layer and the head after the last.
    fn sweep(
        &self,
        encoding: &PackerEncoding,
        atoms: PlacedAtoms<'_>,
        terms: LayerTerms<'_>,
        share: Share<'_>,
        scratch: &mut Scratch,
    ) {
        let layer = terms.layer;
        let stride = self.stride();
        let degree = encoding.graph.degree();
        let Share { first, nodes, features, next_center, next_neighbor, heads } = share;
        let residues = nodes.len() / stride;
        if layer == 0 {
            features.copy_from_slice(&encoding.edges[first * degree * stride..][..features.len()]);
            let placed = PlacedNeighbors { atoms, neighbors: &encoding.neighbors };
            let side_chains = &mut scratch.packer.side_chains;
            let mut made = ResidueFeatures { kernels: self.kernels, first, scratch: side_chains, out: features };
            self.features.finish_edges(placed, &mut made);
        }
        scratch.sums.resize(residues * stride);
        scratch.sums.fill(0.0);
        scratch.counts.clear();
        scratch.counts.resize(residues, degree as f32);
        scratch.ones.resize(residues.max(degree), 1.0);
        for (offset, features) in features.chunks_exact(degree * stride).enumerate() {
            if encoding.graph.resolved[first + offset] {
                let receiver = Receiver { residue: first + offset, offset, features };
                self.add_message(encoding, receiver, terms, scratch);
            }
        }
        let Scratch { sums, counts, update, ones, packer, .. } = scratch;
        self.layers[layer].node.apply(
            self.kernels,
            MessageSums { sums: Rows::new(sums, stride), counts },
            nodes,
            update,
            ones,
        );
        for (node, &resolved) in nodes.chunks_exact_mut(stride).zip(&encoding.graph.resolved[first..]) {
            if !resolved {
                node.fill(0.0);
            }
        }
        if layer + 1 < self.layers.len() {
            self.message_terms(layer + 1, nodes, [next_center, next_neighbor]);
            return;
        }
        let width = padded(MAX_TORSIONS * HEAD_NUMBERS);
        packer.head.resize(residues * width);
        let out = RowsMut::new(&mut packer.head, width);
        self.kernels.matmul(Rows::new(nodes, stride), &self.head.weight, &self.head.bias, out);
        for (head, numbers) in heads.iter_mut().zip(packer.head.chunks_exact(width)) {
            for (torsion, numbers) in head.iter_mut().zip(numbers.chunks_exact(HEAD_NUMBERS)) {
                torsion.copy_from_slice(numbers);
            }
        }
    }

    /// Adds Σ_j gelu(W2·gelu(A·h_i + B·h_E + B'·F + C·h_j)) to a residue's sum. The published layer has no mask: in a
    /// short chain, neighbors without a backbone count too.
    fn add_message(
        &self,
        encoding: &PackerEncoding,
        receiver: Receiver<'_>,
        terms: LayerTerms<'_>,
        scratch: &mut Scratch,
    ) {
        let layer = terms.layer;
        let stride = self.stride();
        let degree = encoding.graph.degree();
        let Receiver { residue, offset, features } = receiver;
        let tile = tile_edges(Arithmetic::Floats, stride, degree);
        let PackerLayer { message, side_chain, .. } = &self.layers[layer];
        let projected = &encoding.projected[layer][residue * degree * stride..][..degree * stride];
        let neighbors = encoding.neighbors.of(residue);
        let Scratch { first, second, sums, ones, narrow, .. } = scratch;
        for (block, index) in neighbors.chunks(tile).enumerate() {
            let range = block * tile * stride..(block * tile + index.len()) * stride;
            let terms = EdgeTerms {
                center: &terms.center[residue * stride..][..stride],
                table: Rows::new(terms.neighbor, stride),
                index,
            };
            first.resize(range.len());
            second.resize(range.len());
            first.copy_from_slice(&projected[range.clone()]);
            let no_bias = WeightedBias { bias: &self.zeros, row_weights: &ones[..index.len()] };
            let rows = Rows::new(&features[range], stride);
            self.kernels.matmul_accumulate(rows, side_chain, no_bias, RowsMut::new(first, stride));
            self.kernels.gather_gelu(Rows::new(first, stride), terms, RowsMut::new(second, stride));
            let weights = WeightedBias { bias: &message.second.bias, row_weights: &ones[..index.len()] };
            let sum = &mut sums[offset * stride..][..stride];
            message.second.weight.matmul_gelu_sum(self.kernels, Rows::new(second, stride), narrow, weights, sum);
        }
    }
}
