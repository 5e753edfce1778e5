//! The decoder's terms of nodes and edges that do not depend on the sequence.

use std::ops::Range;

use fastmpnn_kernels::{Buffer, EdgeTerms, Rows, RowsMut};
use rayon::prelude::*;

use crate::model::arithmetic::Arithmetic;
use crate::model::layers::DecoderLayer;
use crate::model::weight::{Hidden, NarrowRows, Next};
use crate::model::{EncodedGraph, KeptEdgeTerms, Model, Reservation, Workers};

/// Edges whose messages a layer computes.
#[derive(Clone, Debug)]
pub(crate) struct LayerEdges<'a> {
    pub(crate) layer: usize,
    /// The edges, numbered over the whole structure.
    pub(crate) edges: Range<usize>,
    /// The node terms of their messages.
    pub(crate) terms: EdgeTerms<'a>,
}

impl Model {
    /// The decoder's node terms that do not depend on the sequence: C·h_j of the encoder's states for each layer, and
    /// the first layer's center terms A·h_i + b1. `[N, H]` each
    pub(crate) fn undecoded_terms(&self, nodes: &Buffer, workers: &Workers) -> (Vec<Buffer>, Buffer) {
        let stride = self.stride();
        let task = workers.residues_a_task(nodes.len() / stride) * stride;
        let product = |make: &(dyn Fn(Rows<'_>, RowsMut<'_>) + Sync)| {
            let mut out = Buffer::zeros(nodes.len());
            workers.install(|| {
                out.par_chunks_mut(task)
                    .zip(nodes.par_chunks(task))
                    .for_each(|(out, nodes)| make(Rows::new(nodes, stride), RowsMut::new(out, stride)));
            });
            out
        };
        let undecoded = |layer: &DecoderLayer| {
            product(&|nodes, out| layer.message.neighbor_terms(self.kernels, nodes, &self.zeros, out))
        };
        let center = |layer: &DecoderLayer| product(&|nodes, out| layer.message.center_terms(self.kernels, nodes, out));
        (self.decoder.iter().map(undecoded).collect(), self.decoder.first().map(center).unwrap_or_default())
    }

    /// The bytes that keeping B·h_E of every decoder layer takes.
    pub(crate) fn projection_bytes(&self, encoding: &EncodedGraph) -> u64 {
        (self.decoder.len() * encoding.edges.len() * size_of::<f32>()) as u64
    }

    /// Keeps B·h_E of every decoder layer with the encoding, `[N, K, H]` each, which saves a third of the work of each
    /// further sequence. If the memory budget has no room for them, nothing is kept. Two callers may compute the terms
    /// at the same time: those of the first to finish are kept, and the numbers are the same.
    pub(crate) fn keep_projections(
        &self,
        encoding: &EncodedGraph,
        workers: &Workers,
        memory: impl FnOnce() -> Option<Reservation>,
    ) {
        if encoding.projected.get().is_some() {
            return;
        }
        if let Some(memory) = memory() {
            let layers = self.project_edges(encoding, workers);
            let _ = encoding.projected.set(KeptEdgeTerms { layers, _memory: memory });
        }
    }

    fn project_edges(&self, encoding: &EncodedGraph, workers: &Workers) -> Vec<Buffer> {
        let stride = self.stride();
        let mut projected: Vec<Buffer> = self.decoder.iter().map(|_| Buffer::recycled(encoding.edges.len())).collect();
        let task = (encoding.graph.degree() * stride).max(1);
        for (out, layer) in projected.iter_mut().zip(&self.decoder) {
            workers.install(|| {
                out.par_chunks_mut(task).zip(encoding.edges.par_chunks(task)).for_each(|(out, edges)| {
                    let narrow = &mut workers.scratch(self.kernels).narrow;
                    self.project(layer, Rows::new(edges, stride), narrow, out);
                });
            });
        }
        projected
    }

    /// B·h_E of some edges.
    fn project(&self, layer: &DecoderLayer, edges: Rows<'_>, narrow: &mut NarrowRows, out: &mut [f32]) {
        let rows_out = RowsMut::new(out, self.stride());
        layer.message.edge.matmul(self.kernels, edges, narrow, &self.zeros, rows_out);
        self.arithmetic.round(out);
    }

    /// [`Model::first_map`], for the product with W2.
    pub(crate) fn first_map_for_second(
        &self,
        encoding: &EncodedGraph,
        made: LayerEdges<'_>,
        hidden: &mut Hidden,
        narrow: &mut NarrowRows,
    ) {
        let stride = self.stride();
        if encoding.projected.get().is_some() || self.arithmetic.rounds() {
            let out = hidden.floats(made.edges.len(), stride);
            self.first_map(encoding, made, out, narrow);
            return;
        }
        let LayerEdges { layer, edges, terms } = made;
        let message = &self.decoder[layer].message;
        let edges = Rows::new(&encoding.edges[edges.start * stride..edges.end * stride], stride);
        let next = Next { weight: &message.second.weight, hidden };
        message.edge.edge_gelu_for(self.kernels, edges, narrow, terms, next);
    }

    /// Writes gelu(W1·[…]) for each of the edges to `out`, `[edges, H]`: from B·h_E where it is kept, otherwise computed
    /// anew with the same numbers.
    pub(crate) fn first_map(
        &self,
        encoding: &EncodedGraph,
        made: LayerEdges<'_>,
        out: &mut [f32],
        narrow: &mut NarrowRows,
    ) {
        let LayerEdges { layer, edges, terms } = made;
        let stride = self.stride();
        let range = edges.start * stride..edges.end * stride;
        if let Some(projected) = encoding.projected.get() {
            let edges = Rows::new(&projected.layers[layer][range], stride);
            let out = RowsMut::new(out, stride);
            match self.arithmetic {
                Arithmetic::Integers => self.kernels.quantized_gather_gelu(edges, terms, out),
                _ => self.kernels.gather_gelu(edges, terms, out),
            }
            return;
        }
        let edges = Rows::new(&encoding.edges[range], stride);
        let layer = &self.decoder[layer];
        if self.arithmetic.rounds() {
            // Kept terms are rounded; keeping them must not change a result.
            let mut projected = Buffer::zeros(out.len());
            self.project(layer, edges, narrow, &mut projected);
            self.kernels.gather_gelu(Rows::new(&projected, stride), terms, RowsMut::new(out, stride));
        } else {
            layer.message.edge.edge_gelu(self.kernels, edges, narrow, terms, RowsMut::new(out, stride));
        }
    }
}
