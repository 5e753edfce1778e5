//! Residues, of one sample or of several, that go through the layers together.

use fastmpnn_kernels::{Buffer, EdgeTerms, Rows, RowsMut, WeightedBias, padded, prefetch};

use super::edge_terms::LayerEdges;
use super::states::{BatchStates, Decoding, Item};
use crate::chemistry::{Letter, VOCABULARY};
use crate::model::layers::{DecoderLayer, MessageSums};
use crate::model::{EncodedGraph, MessageMemo, Model, Remembered, Scratch, Seen};

/// Items that go through a layer together.
pub(super) struct Batch<'a> {
    pub(super) items: &'a [Item],
    /// A·h_i + b1 `[items, H]`
    pub(super) center: &'a [f32],
    /// The table's row for each of the items' neighbors. `[items, K]`
    pub(super) index: &'a [u32],
    /// Messages computed earlier, and what each item sees of its neighbors, `[items, K]`; for the first layer only.
    pub(super) remembered: Option<Remembered<'a>>,
    /// h_i `[items, H]`
    pub(super) nodes: &'a mut [f32],
}

/// What is known before a batch is decoded.
#[derive(Clone, Copy)]
pub(crate) struct Recorded<'a> {
    pub(crate) encoding: &'a EncodedGraph,
    /// The first layer's messages, where they are kept.
    pub(crate) memo: Option<&'a MessageMemo>,
    pub(crate) decoding: &'a Decoding,
}

impl Model {
    /// Computes the states and logits of `items`, whose earlier neighbors must have been recorded. `sight` gives what
    /// an item sees of a neighbor: its block ([`UNDECODED`], [`SHARED`] or that of its own sample) and its letter.
    pub(crate) fn decode_batch(
        &self,
        recorded: Recorded<'_>,
        items: &[Item],
        sight: impl Fn(Item, u32) -> (usize, Seen),
        scratch: &mut Scratch,
    ) -> BatchStates {
        let Recorded { encoding, memo, decoding } = recorded;
        let stride = self.stride();
        let index = neighbor_rows(encoding, items, |item, neighbor| sight(item, neighbor).0);
        let kinds = memo.map(|_| each_neighbor(encoding, items, |item, neighbor| sight(item, neighbor).1));
        let mut nodes = gather(&encoding.nodes, items, stride);
        let mut center = gather(&encoding.center, items, stride);
        let mut rows = Vec::with_capacity(self.decoder.len());
        for layer in 0..self.decoder.len() {
            if layer > 0 {
                let message = &self.decoder[layer].message;
                message.center_terms(self.kernels, Rows::new(&nodes, stride), RowsMut::new(&mut center, stride));
                rows.push(self.neighbor_terms(layer, &nodes));
            }
            let remembered = if layer == 0 {
                memo.zip(kinds.as_deref()).map(|(memo, kinds)| Remembered { memo, kinds })
            } else {
                None
            };
            let batch = Batch { items, center: &center, index: &index, remembered, nodes: &mut nodes };
            self.advance(encoding, layer, &decoding.tables[layer], batch, scratch);
        }
        BatchStates { logits: self.logits(&nodes), rows }
    }

    /// C·h of a layer for each row of `nodes`.
    pub(super) fn neighbor_terms(&self, layer: usize, nodes: &[f32]) -> Buffer {
        let stride = self.stride();
        let mut out = Buffer::zeros(nodes.len());
        let rows = RowsMut::new(&mut out, stride);
        self.decoder[layer].message.neighbor_terms(self.kernels, Rows::new(nodes, stride), &self.zeros, rows);
        out
    }

    /// One decoder layer for a batch of items: their states go from the layer's input to its output. The state of a
    /// masked residue stays zero.
    pub(super) fn advance(
        &self,
        encoding: &EncodedGraph,
        layer: usize,
        table: &[f32],
        batch: Batch<'_>,
        scratch: &mut Scratch,
    ) {
        let stride = self.stride();
        let degree = encoding.graph.degree();
        let Batch { items, center, index, remembered, nodes } = batch;
        let mut sums = std::mem::take(&mut scratch.sums);
        scratch.counts.clear();
        scratch.counts.resize(items.len(), degree as f32);
        scratch.ones.resize(items.len().max(degree), 1.0);
        sums.resize(items.len() * stride);
        sums.fill(0.0);
        let resolved = |item: &Item| encoding.graph.resolved[item.residue as usize];
        for (position, item) in items.iter().enumerate().filter(|(_, item)| resolved(item)) {
            let terms = EdgeTerms {
                center: &center[position * stride..][..stride],
                table: Rows::new(table, stride),
                index: &index[position * degree..][..degree],
            };
            let first = item.residue as usize * degree;
            let received = LayerEdges { layer, edges: first..first + degree, terms };
            let sum = &mut sums[position * stride..][..stride];
            if let Some(next) = items.get(position + 1).filter(|_| remembered.is_none()) {
                // Prefetch the rows that the next item gathers while this one is computed.
                let edges = encoding.projected.get().map_or(&encoding.edges, |projected| &projected.layers[layer]);
                prefetch(&edges[next.residue as usize * degree * stride..][..degree * stride]);
                for &row in &index[(position + 1) * degree..][..degree] {
                    prefetch(&table[row as usize * stride..][..stride]);
                }
            }
            if let Some(Remembered { memo, kinds }) = remembered {
                let of_item = Remembered { memo, kinds: &kinds[position * degree..][..degree] };
                self.add_remembered_messages(encoding, of_item, received, scratch, sum);
            } else {
                self.add_decoder_message(encoding, received, scratch, sum);
            }
        }
        let Scratch { counts, ones, update, .. } = scratch;
        self.decoder[layer].node.apply(
            self.kernels,
            MessageSums { sums: Rows::new(&sums, stride), counts },
            nodes,
            update,
            ones,
        );
        scratch.sums = sums;
        for (node, _) in nodes.chunks_exact_mut(stride).zip(items).filter(|(_, item)| !resolved(item)) {
            node.fill(0.0);
        }
    }

    /// Adds Σ_j gelu(W2·gelu(W1·[…])) over the edges of a residue to `sum`.
    fn add_decoder_message(
        &self,
        encoding: &EncodedGraph,
        received: LayerEdges<'_>,
        scratch: &mut Scratch,
        sum: &mut [f32],
    ) {
        let LayerEdges { layer, edges, terms } = received;
        let message = &self.decoder[layer].message;
        let tile = self.tile_edges(edges.len());
        let Scratch { hidden: [hidden, _], ones, narrow, .. } = scratch;
        for (block, index) in terms.index.chunks(tile).enumerate() {
            let terms = EdgeTerms { index, ..terms };
            let start = edges.start + block * tile;
            let of_tile = LayerEdges { layer, edges: start..start + index.len(), terms };
            self.first_map_for_second(encoding, of_tile, hidden, narrow);
            let weights = WeightedBias { bias: &message.second.bias, row_weights: &ones[..index.len()] };
            message.second.weight.matmul_gelu_sum(self.kernels, hidden.rows(), narrow, weights, sum);
        }
    }

    /// W_out·h + b for each row of `nodes`.
    pub(super) fn logits(&self, nodes: &[f32]) -> Vec<[f32; VOCABULARY]> {
        let stride = self.stride();
        let width = padded(VOCABULARY);
        let mut out = Buffer::zeros(nodes.len() / stride * width);
        let result = RowsMut::new(&mut out, width);
        self.kernels.matmul(Rows::new(nodes, stride), &self.output.weight, &self.output.bias, result);
        out.chunks_exact(width).map(|row| std::array::from_fn(|letter| row[letter])).collect()
    }

    /// The logits of a residue without a backbone, whose state is zero.
    pub(crate) fn logits_of_masked(&self) -> [f32; VOCABULARY] {
        std::array::from_fn(|letter| self.output.bias[letter])
    }
}

pub(super) fn neighbor_rows(encoding: &EncodedGraph, items: &[Item], block: impl Fn(Item, u32) -> usize) -> Vec<u32> {
    let residues = encoding.graph.len();
    each_neighbor(encoding, items, |item, neighbor| (block(item, neighbor) * residues) as u32 + neighbor)
}

/// A value for each neighbor of each item. `[items, K]`
pub(super) fn each_neighbor<T>(encoding: &EncodedGraph, items: &[Item], value: impl Fn(Item, u32) -> T) -> Vec<T> {
    let mut values = Vec::with_capacity(items.len() * encoding.graph.degree());
    for &item in items {
        let neighbors = encoding.graph.neighbors(item.residue as usize);
        values.extend(neighbors.iter().map(|&neighbor| value(item, neighbor)));
    }
    values
}

pub(super) fn add_letters(layer: &DecoderLayer, sequence: &[Letter], rows: &mut [f32], stride: usize) {
    for (row, letter) in rows.chunks_exact_mut(stride).zip(sequence) {
        let terms = &layer.letters[letter.index() * stride..][..stride];
        for (value, &term) in row.iter_mut().zip(terms) {
            *value += term;
        }
    }
}

pub(super) fn gather(rows: &[f32], items: &[Item], stride: usize) -> Buffer {
    let mut out = Buffer::zeros(items.len() * stride);
    for (target, item) in out.chunks_exact_mut(stride).zip(items) {
        target.copy_from_slice(&rows[item.residue as usize * stride..][..stride]);
    }
    out
}
