//! The encoder's output for a graph.

use std::sync::OnceLock;

use fastmpnn_kernels::Buffer;

use super::{Model, Reservation, Workers};
use crate::featurize::Graph;

/// The encoder's output for a graph, shared by every sequence that is scored or drawn on it.
#[derive(Debug)]
pub(crate) struct EncodedGraph {
    pub(crate) graph: Graph,
    /// h_V `[N, H]`
    pub(crate) nodes: Buffer,
    /// h_E `[N, K, H]`
    pub(crate) edges: Buffer,
    /// C·h_j of each decoder layer, `[N, H]`: what a neighbor that is not decoded adds.
    pub(crate) undecoded: Vec<Buffer>,
    /// A·h_i + b1 of the first decoder layer. `[N, H]`
    pub(crate) center: Buffer,
    /// B·h_E of each decoder layer, `[N, K, H]`, where it pays to keep them.
    pub(crate) projected: OnceLock<KeptEdgeTerms>,
}

/// B·h_E of each decoder layer, `[N, K, H]`, and the memory that is set aside for them.
#[derive(Debug)]
pub(crate) struct KeptEdgeTerms {
    pub(crate) layers: Vec<Buffer>,
    pub(crate) _memory: Reservation,
}

impl EncodedGraph {
    /// This encoding with the edges to neighbors that are not visible set to zero; `visible` is `[N, K]`.
    pub(crate) fn hiding(&self, visible: &[bool], stride: usize) -> EncodedGraph {
        let mut edges = self.edges.clone();
        let resolved = (0..self.graph.len()).filter(|&residue| self.graph.resolved[residue]);
        for residue in resolved {
            let own = &mut edges[residue * self.graph.degree() * stride..];
            let visible = &visible[residue * self.graph.degree()..][..self.graph.degree()];
            for (edge, _) in own.chunks_exact_mut(stride).zip(visible).filter(|(_, visible)| !**visible) {
                edge.fill(0.0);
            }
        }
        EncodedGraph {
            graph: self.graph.clone(),
            nodes: self.nodes.clone(),
            edges,
            undecoded: self.undecoded.clone(),
            center: self.center.clone(),
            projected: OnceLock::new(),
        }
    }
}

impl Model {
    /// Runs the encoder.
    pub(crate) fn encode(&self, graph: Graph, workers: &Workers) -> EncodedGraph {
        let (mut nodes, edges) = self.encoder.run(&graph, workers, self.encoder.layers.len());
        if let (Some(encoder), Some(context)) = (&self.context, &graph.context) {
            encoder.apply(self.kernels, &graph, context, &mut nodes, workers);
        }
        self.encoding_of(graph, nodes, edges, workers)
    }

    /// Runs the first `depth` encoder layers, and no context encoder.
    #[cfg(test)]
    pub(crate) fn encode_to_depth(&self, graph: Graph, workers: &Workers, depth: usize) -> EncodedGraph {
        let (nodes, edges) = self.encoder.run(&graph, workers, depth);
        self.encoding_of(graph, nodes, edges, workers)
    }

    /// The encoding of a graph with these final states, h_V `[N, H]` and h_E `[N, K, H]`.
    pub(crate) fn encoding_of(&self, graph: Graph, nodes: Buffer, edges: Buffer, workers: &Workers) -> EncodedGraph {
        let (undecoded, center) = self.undecoded_terms(&nodes, workers);
        EncodedGraph { graph, nodes, edges, undecoded, center, projected: OnceLock::new() }
    }
}
