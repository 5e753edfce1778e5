//! The encoder, in sweeps over the residues.
//!
//! An edge's state is H numbers, a residue's K of them a tile that fits the first-level cache. Between two layers a
//! tile is updated (W11, W12, W13, norm) and then asked for its message to the next layer (W1, W2), and both need
//! only the tile itself and two terms a node. So the work is cut at the nodes, not at the layers:
//!
//! ```text
//! sweep 0:  features → h_E              → message 0 ┐ per tile, in cache      ┌ node update 0 → terms for sweep 1
//! sweep l:  h_E → edge update l−1 → h_E → message l ┘                         └ node update l → terms for sweep l+1
//! sweep L:  h_E → edge update L−1 → h_E
//! ```
//!
//! A sweep needs the terms of all nodes that the sweep before made, so the sweeps are the only barriers; the node
//! update of a residue needs only its own message and happens in the same task, batched over the task's residues.

use std::sync::OnceLock;

use fastmpnn_kernels::{Buffer, EdgeTerms, Rows, RowsMut};
use rayon::prelude::*;

use super::{Model, Scratch, Workers};
use crate::featurize::Graph;

/// What the encoder makes of a graph; shared by every sequence that is scored or drawn on it.
#[derive(Debug)]
pub struct Encoding {
    pub(crate) graph: Graph,
    /// h_V `[N, H]`
    pub(crate) nodes: Buffer,
    /// h_E `[N, K, H]`
    pub(crate) edges: Buffer,
    /// C·h_j of each decoder layer, `[N, H]`: what a neighbour that is not decoded adds.
    pub(crate) undecoded: Vec<Buffer>,
    /// A·h_i + b1 of the first decoder layer. `[N, H]`
    pub(crate) center: Buffer,
    /// B·h_E of each decoder layer, `[N, K, H]`, where it pays to keep them.
    pub(crate) projected: OnceLock<Vec<Buffer>>,
}

impl Encoding {
    /// The graph that was encoded.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }
}

/// The node parts of the next sweep's products, `[N, H]` each.
struct SweepTerms {
    update_center: Buffer,
    update_neighbour: Buffer,
    message_center: Buffer,
    message_neighbour: Buffer,
}

impl SweepTerms {
    fn zeros(length: usize) -> SweepTerms {
        let zeros = || Buffer::zeros(length);
        SweepTerms {
            update_center: zeros(),
            update_neighbour: zeros(),
            message_center: zeros(),
            message_neighbour: zeros(),
        }
    }
}

/// A task's share of what a sweep writes: some residues' edges, nodes and next terms.
struct Share<'a> {
    first: usize,
    edges: &'a mut [f32],
    nodes: &'a mut [f32],
    next: [&'a mut [f32]; 4],
}

impl Model {
    /// Runs the encoder.
    pub(crate) fn encode(&self, graph: Graph, workers: &Workers) -> Encoding {
        self.encode_to_depth(graph, workers, self.encoder.len())
    }

    /// Runs the first `depth` encoder layers.
    pub(crate) fn encode_to_depth(&self, graph: Graph, workers: &Workers, depth: usize) -> Encoding {
        let stride = self.stride();
        let residues = graph.len();
        let mut nodes = Buffer::zeros(residues * stride);
        let mut edges = Buffer::zeros(residues * graph.degree() * stride);
        let mut terms = SweepTerms::zeros(residues * stride);
        let mut next = SweepTerms::zeros(residues * stride);
        let task = workers.residues_a_task(residues);
        if residues > 0 {
            for sweep in 0..=depth {
                let shares = edges
                    .par_chunks_mut(task * graph.degree() * stride)
                    .zip(nodes.par_chunks_mut(task * stride))
                    .zip(next.update_center.par_chunks_mut(task * stride))
                    .zip(next.update_neighbour.par_chunks_mut(task * stride))
                    .zip(next.message_center.par_chunks_mut(task * stride))
                    .zip(next.message_neighbour.par_chunks_mut(task * stride))
                    .enumerate();
                workers.install(|| {
                    shares.for_each(|(index, (((((edges, nodes), a), b), c), d))| {
                        let share = Share { first: index * task, edges, nodes, next: [a, b, c, d] };
                        self.sweep(&graph, (sweep, depth), &terms, share, &mut workers.scratch());
                    });
                });
                std::mem::swap(&mut terms, &mut next);
            }
        }
        let (undecoded, center) = self.undecoded_terms(&nodes, workers);
        Encoding { graph, nodes, edges, undecoded, center, projected: OnceLock::new() }
    }

    fn sweep(
        &self,
        graph: &Graph,
        (sweep, depth): (usize, usize),
        terms: &SweepTerms,
        share: Share<'_>,
        scratch: &mut Scratch,
    ) {
        let stride = self.stride();
        let residues = share.nodes.len() / stride;
        let degree = graph.degree();
        let tile = self.tile_edges(degree);
        scratch.sums.resize(residues * stride);
        scratch.sums.fill(0.0);
        scratch.counts.clear();
        scratch.ones.resize(residues.max(degree), 1.0);
        for (offset, edges) in share.edges.chunks_exact_mut(degree * stride).enumerate() {
            let residue = share.first + offset;
            scratch.row_weights.clear();
            let attended = graph
                .neighbours(residue)
                .iter()
                .map(|&neighbour| f32::from(u8::from(graph.resolved[residue] && graph.resolved[neighbour as usize])));
            scratch.row_weights.extend(attended);
            scratch.counts.push(scratch.row_weights.iter().sum());
            if !graph.resolved[residue] {
                continue;
            }
            for (block, edges) in edges.chunks_mut(tile * stride).enumerate() {
                let first = block * tile;
                if sweep == 0 {
                    self.features.fill(self.kernels, graph, (residue, first), &mut scratch.features, edges);
                    self.precision.round(edges);
                } else {
                    self.update_edges(graph, (sweep - 1, residue, first), terms, edges, scratch);
                }
                if sweep < depth {
                    let sum = offset * stride;
                    self.add_message(graph, (sweep, residue, first), terms, (edges, sum), scratch);
                }
            }
        }
        if sweep < depth {
            self.update_nodes(graph, (sweep, share.first), share.nodes, share.next, scratch);
        }
    }

    /// h_E = norm3(h_E + W13·gelu(W12·gelu(W11·[h_i ; h_E ; h_j]))) for the edges of a tile.
    fn update_edges(
        &self,
        graph: &Graph,
        (layer, residue, first): (usize, usize, usize),
        terms: &SweepTerms,
        edges: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let stride = self.stride();
        let layer = &self.encoder[layer];
        let rows = edges.len() / stride;
        let edge_terms = EdgeTerms {
            center: &terms.update_center[residue * stride..][..stride],
            table: Rows::new(&terms.update_neighbour, stride),
            index: &graph.neighbours(residue)[first..][..rows],
        };
        let Scratch { first, second, ones, integers, .. } = scratch;
        first.resize(edges.len());
        second.resize(edges.len());
        let kernels = self.kernels;
        let rows_in = (Rows::new(edges, stride), &mut *integers);
        layer.edge.edge.edge_gelu(kernels, rows_in, edge_terms, RowsMut::new(first, stride));
        let twice = &layer.edge.second;
        let rows_in = (Rows::new(first, stride), &mut *integers);
        twice.weight.matmul_gelu(kernels, rows_in, &twice.bias, RowsMut::new(second, stride));
        let third = &layer.edge_third;
        let bias = (&third.bias[..], &ones[..rows]);
        let rows_in = (Rows::new(second, stride), integers);
        third.weight.matmul_accumulate(kernels, rows_in, bias, RowsMut::new(edges, stride));
        layer.edge_norm.apply(kernels, RowsMut::new(edges, stride));
        self.precision.round(edges);
    }

    /// Adds Σ_j m_j·gelu(W2·gelu(W1·[h_i ; h_E ; h_j])) over the edges of a tile to the residue's sum.
    fn add_message(
        &self,
        graph: &Graph,
        (layer, residue, first): (usize, usize, usize),
        terms: &SweepTerms,
        (edges, sum): (&[f32], usize),
        scratch: &mut Scratch,
    ) {
        let stride = self.stride();
        let message = &self.encoder[layer].message;
        let rows = edges.len() / stride;
        let Scratch { first: hidden, sums, row_weights, index, integers, .. } = scratch;
        let edge_terms = if layer == 0 {
            // Nodes start at zero: the centre adds its bias, the neighbours nothing.
            index.clear();
            index.resize(rows, 0);
            EdgeTerms { center: message.center_of_zero(), table: Rows::new(&self.zeros, stride), index }
        } else {
            EdgeTerms {
                center: &terms.message_center[residue * stride..][..stride],
                table: Rows::new(&terms.message_neighbour, stride),
                index: &graph.neighbours(residue)[first..][..rows],
            }
        };
        hidden.resize(edges.len());
        let kernels = self.kernels;
        let rows_in = (Rows::new(edges, stride), &mut *integers);
        message.edge.edge_gelu(kernels, rows_in, edge_terms, RowsMut::new(hidden, stride));
        let weights = (&message.second.bias[..], &row_weights[first..][..rows]);
        let sum = &mut sums[sum..][..stride];
        message.second.weight.matmul_gelu_sum(kernels, (Rows::new(hidden, stride), integers), weights, sum);
    }

    /// The layer's new node states, and their terms for the next sweep.
    fn update_nodes(
        &self,
        graph: &Graph,
        (layer, first): (usize, usize),
        nodes: &mut [f32],
        [update_center, update_neighbour, message_center, message_neighbour]: [&mut [f32]; 4],
        scratch: &mut Scratch,
    ) {
        let stride = self.stride();
        let kernels = self.kernels;
        let Scratch { sums, counts, wide, ones, .. } = scratch;
        self.encoder[layer].node.apply(kernels, (Rows::new(sums, stride), counts), nodes, (wide, ones));
        for (node, &resolved) in nodes.chunks_exact_mut(stride).zip(&graph.resolved[first..]) {
            if !resolved {
                node.fill(0.0);
            }
        }
        let nodes = Rows::new(nodes, stride);
        let edge = &self.encoder[layer].edge;
        edge.center_terms(kernels, nodes, RowsMut::new(update_center, stride));
        edge.neighbour_terms(kernels, nodes, &self.zeros, RowsMut::new(update_neighbour, stride));
        if let Some(following) = self.encoder.get(layer + 1) {
            following.message.center_terms(kernels, nodes, RowsMut::new(message_center, stride));
            let out = RowsMut::new(message_neighbour, stride);
            following.message.neighbour_terms(kernels, nodes, &self.zeros, out);
        }
    }
}
