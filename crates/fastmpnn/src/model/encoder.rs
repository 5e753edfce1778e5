//! The encoder, in sweeps over the residues.
//!
//! An edge's state is H numbers; the K edges of a residue form a tile that fits the first-level cache. Between two
//! layers a tile is updated (W11, W12, W13, norm), and then its message to the next layer is computed (W1, W2). Both
//! need only the tile itself and two terms per node, so the work is cut at the nodes, not at the layers:
//!
//! ```text
//! sweep 0:  features → h_E              → message 0 ┐ per tile, in cache      ┌ node update 0 → terms for sweep 1
//! sweep l:  h_E → edge update l−1 → h_E → message l ┘                         └ node update l → terms for sweep l+1
//! sweep L:  h_E → edge update L−1 → h_E
//! ```
//!
//! A sweep needs the terms of all nodes from the sweep before, so the sweeps are the only barriers; the node update of
//! a residue needs only its own message and happens in the same task, batched over the task's residues.
//!
//! All families share this encoder. They differ in the featurizer and, where nodes do not start at zero, in the initial
//! nodes: then message 0 has node terms as the later ones do, computed before sweep 0.

use fastmpnn_kernels::{Buffer, EdgeTerms, Kernels, Rows, RowsMut, WeightedBias, padded};
use rayon::prelude::*;

use super::arithmetic::Arithmetic;
use super::features::{EdgeFeatures, EdgeTile, InitialNodes};
use super::layers::{EncoderLayer, Loader, MessageSums, load_layers};
use super::tiles::tile_edges;
use super::weight::Next;
use super::{Scratch, Workers};
use crate::error::WeightsError;
use crate::featurize::Graph;
use crate::weights::Config;

/// From a graph to the states of its nodes and edges: the part that design and packing networks share.
#[derive(Debug)]
pub(crate) struct Encoder {
    kernels: Kernels,
    arithmetic: Arithmetic,
    features: EdgeFeatures,
    /// The nodes' initial states; zero if `None`.
    initial: Option<InitialNodes>,
    pub(crate) layers: Vec<EncoderLayer>,
    /// At least H zeros: the bias of products that have none.
    zeros: Buffer,
    stride: usize,
}

/// The node parts of the next sweep's products, `[N, H]` each.
struct SweepTerms {
    update_center: Buffer,
    update_neighbor: Buffer,
    message_center: Buffer,
    message_neighbor: Buffer,
}

impl SweepTerms {
    fn zeros(length: usize) -> SweepTerms {
        let zeros = || Buffer::zeros(length);
        SweepTerms {
            update_center: zeros(),
            update_neighbor: zeros(),
            message_center: zeros(),
            message_neighbor: zeros(),
        }
    }
}

/// A sweep over all residues: what each of its tasks reads.
#[derive(Clone, Copy)]
struct Sweep<'a> {
    graph: &'a Graph,
    /// Counted from 0: also the layer whose messages the sweep computes.
    number: usize,
    /// The number of the last sweep, which computes no messages.
    last: usize,
    terms: &'a SweepTerms,
}

/// A task's share of what a sweep writes: some residues' edges, nodes and next terms.
struct Share<'a> {
    first: usize,
    edges: &'a mut [f32],
    nodes: &'a mut [f32],
    next: [&'a mut [f32]; 4],
}

impl Encoder {
    pub(crate) fn load(loader: &Loader<'_>, config: &Config) -> Result<Encoder, WeightsError> {
        let Config { hidden, feed_forward, .. } = *config;
        let layer = |layer| EncoderLayer::load(loader, &format!("encoder_layers.{layer}"), hidden, feed_forward);
        Ok(Encoder {
            kernels: loader.kernels,
            arithmetic: loader.arithmetic,
            features: EdgeFeatures::load(loader, config)?,
            initial: InitialNodes::load(loader, config)?,
            layers: load_layers(config.encoder_layers, layer)?,
            zeros: Buffer::zeros(padded(hidden)),
            stride: padded(hidden),
        })
    }

    /// h_V `[N, H]` and h_E `[N, K, H]` after the first `depth` layers.
    pub(crate) fn run(&self, graph: &Graph, workers: &Workers, depth: usize) -> (Buffer, Buffer) {
        let stride = self.stride;
        let residues = graph.len();
        let mut nodes = Buffer::zeros(residues * stride);
        // The first sweep writes all of them.
        let mut edges = Buffer::recycled(residues * graph.degree() * stride);
        let mut terms = SweepTerms::zeros(residues * stride);
        let mut next = SweepTerms::zeros(residues * stride);
        if residues == 0 {
            return (nodes, edges);
        }
        let task = workers.residues_a_task(residues);
        self.start_nodes(graph, workers, &mut nodes, &mut terms);
        for number in 0..=depth {
            let sweep = Sweep { graph, number, last: depth, terms: &terms };
            let shares = edges
                .par_chunks_mut(task * graph.degree() * stride)
                .zip(nodes.par_chunks_mut(task * stride))
                .zip(next.update_center.par_chunks_mut(task * stride))
                .zip(next.update_neighbor.par_chunks_mut(task * stride))
                .zip(next.message_center.par_chunks_mut(task * stride))
                .zip(next.message_neighbor.par_chunks_mut(task * stride))
                .enumerate();
            workers.install(|| {
                shares.for_each(|(index, (((((edges, nodes), a), b), c), d))| {
                    let share = Share { first: index * task, edges, nodes, next: [a, b, c, d] };
                    self.sweep(sweep, share, &mut workers.scratch(self.kernels));
                });
            });
            std::mem::swap(&mut terms, &mut next);
        }
        (nodes, edges)
    }

    /// Sets the nodes to their initial states, and computes the terms of the first message from them, if these are not
    /// zero.
    fn start_nodes(&self, graph: &Graph, workers: &Workers, nodes: &mut [f32], terms: &mut SweepTerms) {
        let Some(initial) = &self.initial else { return };
        let stride = self.stride;
        let task = workers.residues_a_task(graph.len());
        let shares = nodes
            .par_chunks_mut(task * stride)
            .zip(terms.message_center.par_chunks_mut(task * stride))
            .zip(terms.message_neighbor.par_chunks_mut(task * stride))
            .zip(graph.classes.par_chunks(task));
        workers.install(|| {
            shares.for_each(|(((nodes, center), neighbor), classes)| {
                for (node, &class) in nodes.chunks_exact_mut(stride).zip(classes) {
                    node.copy_from_slice(initial.state(class));
                }
                self.message_terms(0, nodes, [center, neighbor]);
            });
        });
    }

    /// A·h_i + b1 and C·h_j of a layer's message, where there is such a layer.
    fn message_terms(&self, layer: usize, nodes: &[f32], [center, neighbor]: [&mut [f32]; 2]) {
        let Some(EncoderLayer { message, .. }) = self.layers.get(layer) else { return };
        let nodes = Rows::new(nodes, self.stride);
        message.center_terms(self.kernels, nodes, RowsMut::new(center, self.stride));
        message.neighbor_terms(self.kernels, nodes, &self.zeros, RowsMut::new(neighbor, self.stride));
    }

    fn sweep(&self, sweep: Sweep<'_>, share: Share<'_>, scratch: &mut Scratch) {
        let Sweep { graph, number, last, .. } = sweep;
        let stride = self.stride;
        let residues = share.nodes.len() / stride;
        let degree = graph.degree();
        let tile = tile_edges(self.arithmetic, stride, degree);
        scratch.sums.resize(residues * stride);
        scratch.sums.fill(0.0);
        scratch.counts.clear();
        scratch.ones.resize(residues.max(degree), 1.0);
        for (offset, edges) in share.edges.chunks_exact_mut(degree * stride).enumerate() {
            let residue = share.first + offset;
            scratch.row_weights.clear();
            let attended = graph
                .neighbors(residue)
                .iter()
                .map(|&neighbor| f32::from(u8::from(graph.resolved[residue] && graph.resolved[neighbor as usize])));
            scratch.row_weights.extend(attended);
            scratch.counts.push(scratch.row_weights.iter().sum());
            if !graph.resolved[residue] {
                if number == 0 {
                    edges.fill(0.0);
                }
                continue;
            }
            for (block, edges) in edges.chunks_mut(tile * stride).enumerate() {
                let tile = EdgeTile { residue, first: block * tile };
                if number == 0 {
                    self.features.fill(self.kernels, graph, tile, &mut scratch.features, edges);
                    self.arithmetic.round(edges);
                } else {
                    self.update_edges(sweep, tile, edges, scratch);
                }
                if number < last {
                    self.add_message(sweep, tile, edges, offset * stride, scratch);
                }
            }
        }
        if number < last {
            self.update_nodes(sweep, share, scratch);
        }
    }

    /// h_E = norm3(h_E + W13·gelu(W12·gelu(W11·[h_i ; h_E ; h_j]))) for the edges of a tile.
    fn update_edges(&self, sweep: Sweep<'_>, tile: EdgeTile, edges: &mut [f32], scratch: &mut Scratch) {
        let Sweep { graph, number, terms, .. } = sweep;
        let EdgeTile { residue, first } = tile;
        let stride = self.stride;
        let layer = &self.layers[number - 1];
        let rows = edges.len() / stride;
        let edge_terms = EdgeTerms {
            center: &terms.update_center[residue * stride..][..stride],
            table: Rows::new(&terms.update_neighbor, stride),
            index: &graph.neighbors(residue)[first..][..rows],
        };
        let Scratch { hidden: [hidden, twice], ones, narrow, .. } = scratch;
        let kernels = self.kernels;
        let (second, third) = (&layer.edge.second, &layer.edge_third);
        let next = Next { weight: &second.weight, hidden };
        layer.edge.edge.edge_gelu_for(kernels, Rows::new(edges, stride), narrow, edge_terms, next);
        let next = Next { weight: &third.weight, hidden: twice };
        second.weight.matmul_gelu_for(kernels, hidden.rows(), narrow, &second.bias, next);
        let bias = WeightedBias { bias: &third.bias, row_weights: &ones[..rows] };
        third.weight.matmul_accumulate(kernels, twice.rows(), narrow, bias, RowsMut::new(edges, stride));
        layer.edge_norm.apply(kernels, RowsMut::new(edges, stride));
        self.arithmetic.round(edges);
    }

    /// Adds Σ_j m_j·gelu(W2·gelu(W1·[h_i ; h_E ; h_j])) over the edges of a tile to the residue's sum,
    /// which begins at `sum`.
    fn add_message(&self, sweep: Sweep<'_>, tile: EdgeTile, edges: &[f32], sum: usize, scratch: &mut Scratch) {
        let Sweep { graph, number: layer, terms, .. } = sweep;
        let EdgeTile { residue, first } = tile;
        let stride = self.stride;
        let message = &self.layers[layer].message;
        let rows = edges.len() / stride;
        let Scratch { hidden: [hidden, _], sums, row_weights, index, narrow, .. } = scratch;
        let edge_terms = if layer == 0 && self.initial.is_none() {
            // Nodes start at zero: the center adds its bias, the neighbors nothing.
            index.clear();
            index.resize(rows, 0);
            EdgeTerms { center: message.center_of_zero(), table: Rows::new(&self.zeros, stride), index }
        } else {
            EdgeTerms {
                center: &terms.message_center[residue * stride..][..stride],
                table: Rows::new(&terms.message_neighbor, stride),
                index: &graph.neighbors(residue)[first..][..rows],
            }
        };
        let kernels = self.kernels;
        let next = Next { weight: &message.second.weight, hidden };
        message.edge.edge_gelu_for(kernels, Rows::new(edges, stride), narrow, edge_terms, next);
        let weights = WeightedBias { bias: &message.second.bias, row_weights: &row_weights[first..][..rows] };
        let sum = &mut sums[sum..][..stride];
        message.second.weight.matmul_gelu_sum(kernels, hidden.rows(), narrow, weights, sum);
    }

    /// The layer's new node states, and their terms for the next sweep.
    fn update_nodes(&self, sweep: Sweep<'_>, share: Share<'_>, scratch: &mut Scratch) {
        let Sweep { graph, number: layer, .. } = sweep;
        let Share { first, nodes, next, .. } = share;
        let [update_center, update_neighbor, message_center, message_neighbor] = next;
        let stride = self.stride;
        let kernels = self.kernels;
        let Scratch { sums, counts, update, ones, .. } = scratch;
        self.layers[layer].node.apply(
            kernels,
            MessageSums { sums: Rows::new(sums, stride), counts },
            nodes,
            update,
            ones,
        );
        for (node, &resolved) in nodes.chunks_exact_mut(stride).zip(&graph.resolved[first..]) {
            if !resolved {
                node.fill(0.0);
            }
        }
        self.message_terms(layer + 1, nodes, [message_center, message_neighbor]);
        let nodes = Rows::new(nodes, stride);
        let edge = &self.layers[layer].edge;
        edge.center_terms(kernels, nodes, RowsMut::new(update_center, stride));
        edge.neighbor_terms(kernels, nodes, &self.zeros, RowsMut::new(update_neighbor, stride));
    }
}
