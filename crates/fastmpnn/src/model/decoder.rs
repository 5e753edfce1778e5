//! The decoder: messages that depend on which neighbors have been decoded, and to which letter.
//!
//! W1 of a decoder layer takes [h_i ; e_ij ; s_j ; h_j]. For a neighbor that comes later in the order the letter is
//! hidden and h_j is the encoder's state; for one that comes earlier s_j is its letter and h_j the layer's own state.
//! So each layer has a table of neighbor terms with two kinds of rows:
//!
//! ```text
//! row j                     C·h_j (encoder)            not decoded: the same for every sequence
//! row N + j                 C·h_j (layer) + S·s_j      fixed residues: the same for every sample
//! row (2 + sample)·N + j    C·h_j (layer) + S·s_j      written when residue j of that sample is decoded
//! ```
//!
//! and an order is nothing but a choice of rows.

use std::ops::Range;

use fastmpnn_kernels::{Buffer, EdgeTerms, QuantizedRows, Rows, RowsMut, padded, prefetch};
use rayon::prelude::*;

use super::layers::DecoderLayer;
use super::{EncodedGraph, KeptEdgeTerms, MessageMemo, Model, Precision, Reservation, Scratch, Seen, Workers};
use crate::chemistry::{Letter, VOCABULARY};

/// The block of a table for neighbors that have not been decoded.
pub(crate) const UNDECODED: usize = 0;

/// The block of a table for decoded residues that all samples have in common: the fixed ones.
pub(crate) const SHARED: usize = 1;

/// A residue of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// The block its state is recorded in: [`SHARED`], or 2 + the sample.
    pub(crate) block: u32,
    pub(crate) residue: u32,
}

/// The states of several samples of one structure while they are decoded.
#[derive(Debug)]
pub(crate) struct Decoding {
    /// The tables of neighbor terms, `[(2 + samples)·N, H]` a layer.
    tables: Vec<Buffer>,
    residues: usize,
    stride: usize,
}

/// What decoding a batch of items gives.
#[derive(Debug)]
pub(crate) struct BatchStates {
    /// `[items, V]`
    pub(crate) logits: Vec<[f32; VOCABULARY]>,
    /// C·h_j of the items' own states, `[items, H]` a layer but the first, which is in the structure's tables.
    rows: Vec<Buffer>,
}

impl Item {
    fn rows(self, residues: usize, stride: usize) -> std::ops::Range<usize> {
        let row = self.block as usize * residues + self.residue as usize;
        row * stride..(row + 1) * stride
    }
}

impl Decoding {
    /// What the states of one more sample take.
    pub(crate) fn bytes_a_sample(model: &Model, encoding: &EncodedGraph) -> u64 {
        (model.decoder.len() * encoding.nodes.len() * size_of::<f32>()) as u64
    }

    /// The same shared states, and room for those of `samples` sequences.
    pub(crate) fn with_samples(&self, samples: usize) -> Decoding {
        let make = |shared: &Buffer| {
            let mut table = Buffer::zeros((2 + samples) * self.residues * self.stride);
            table[..shared.len()].copy_from_slice(shared);
            table
        };
        Decoding { tables: self.tables.iter().map(make).collect(), ..*self }
    }
}

impl Model {
    /// What the decoder needs of the nodes whatever the sequence: C·h_j of the encoder's states for each layer, and
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

    /// What keeping B·h_E of every decoder layer takes.
    pub(crate) fn projection_bytes(&self, encoding: &EncodedGraph) -> u64 {
        (self.decoder.len() * encoding.edges.len() * size_of::<f32>()) as u64
    }

    /// Keeps B·h_E of every decoder layer with the encoding, `[N, K, H]` each: a third of the work of each further
    /// sequence. Without the memory for them, nothing is kept. Nobody waits for another caller who does the same: the
    /// terms of the one who is done first are kept, and both have the same numbers.
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
        let mut projected: Vec<Buffer> = self.decoder.iter().map(|_| Buffer::stale(encoding.edges.len())).collect();
        let task = (encoding.graph.degree() * stride).max(1);
        for (out, layer) in projected.iter_mut().zip(&self.decoder) {
            workers.install(|| {
                out.par_chunks_mut(task).zip(encoding.edges.par_chunks(task)).for_each(|(out, edges)| {
                    let integers = &mut workers.scratch().integers;
                    self.project(layer, Rows::new(edges, stride), integers, out);
                });
            });
        }
        projected
    }

    /// B·h_E of some edges.
    fn project(&self, layer: &DecoderLayer, edges: Rows<'_>, integers: &mut QuantizedRows, out: &mut [f32]) {
        let rows_out = RowsMut::new(out, self.stride());
        layer.message.edge.matmul(self.kernels, (edges, integers), &self.zeros, rows_out);
        self.precision.round(out);
    }

    /// gelu(W1·[…]) of a layer for each of `edges`, which count through the structure, to `scratch.first`: from B·h_E
    /// where it is kept, with the same numbers where it is not.
    pub(crate) fn first_map(
        &self,
        encoding: &EncodedGraph,
        (layer, edges): (usize, Range<usize>),
        terms: EdgeTerms<'_>,
        (out, integers): (&mut [f32], &mut QuantizedRows),
    ) {
        let stride = self.stride();
        let range = edges.start * stride..edges.end * stride;
        if let Some(projected) = encoding.projected.get() {
            let edges = Rows::new(&projected.layers[layer][range], stride);
            let out = RowsMut::new(out, stride);
            match self.precision {
                Precision::Q16 => self.kernels.quantized_gather_gelu(edges, terms, out),
                _ => self.kernels.gather_gelu(edges, terms, out),
            }
            return;
        }
        let edges = Rows::new(&encoding.edges[range], stride);
        let layer = &self.decoder[layer];
        if self.precision.rounds() {
            // What is kept is rounded, and keeping must not change a result.
            let mut projected = Buffer::zeros(out.len());
            self.project(layer, edges, integers, &mut projected);
            self.kernels.gather_gelu(Rows::new(&projected, stride), terms, RowsMut::new(out, stride));
        } else {
            layer.message.edge.edge_gelu(self.kernels, (edges, integers), terms, RowsMut::new(out, stride));
        }
    }

    /// Room for the states of the residues that all samples share.
    pub(crate) fn begin_decoding(&self, encoding: &EncodedGraph) -> Decoding {
        let make = |undecoded: &Buffer| {
            let mut table = Buffer::zeros(2 * undecoded.len());
            table[..undecoded.len()].copy_from_slice(undecoded);
            table
        };
        let stride = self.stride();
        Decoding { tables: encoding.undecoded.iter().map(make).collect(), residues: encoding.graph.len(), stride }
    }

    /// Computes the states and logits of `items`, whose earlier neighbors must have been recorded. `sight` says as
    /// what an item sees a neighbor: the block ([`UNDECODED`], [`SHARED`] or that of its own sample) and the letter.
    pub(crate) fn decode_batch(
        &self,
        (encoding, memo): (&EncodedGraph, Option<&MessageMemo>),
        decoding: &Decoding,
        items: &[Item],
        sight: impl Fn(Item, u32) -> (usize, Seen),
        scratch: &mut Scratch,
    ) -> BatchStates {
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
            let remembered = if layer == 0 { memo.zip(kinds.as_deref()) } else { None };
            let batch = Batch { items, center: &center, index: &index, remembered, nodes: &mut nodes };
            self.advance(encoding, (layer, &decoding.tables[layer]), batch, scratch);
        }
        BatchStates { logits: self.logits(&nodes), rows }
    }

    /// C·h of a layer for each row of `nodes`.
    fn neighbor_terms(&self, layer: usize, nodes: &[f32]) -> Buffer {
        let stride = self.stride();
        let mut out = Buffer::zeros(nodes.len());
        let rows = RowsMut::new(&mut out, stride);
        self.decoder[layer].message.neighbor_terms(self.kernels, Rows::new(nodes, stride), &self.zeros, rows);
        out
    }

    /// One decoder layer for a batch of items: their states go from the layer's input to its output. The state of a
    /// masked residue stays zero.
    fn advance(
        &self,
        encoding: &EncodedGraph,
        (layer, table): (usize, &[f32]),
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
            let sum = &mut sums[position * stride..][..stride];
            if let Some(next) = items.get(position + 1).filter(|_| remembered.is_none()) {
                // While this item is worked on, what the next one gathers comes in from memory.
                let edges = encoding.projected.get().map_or(&encoding.edges, |projected| &projected.layers[layer]);
                prefetch(&edges[next.residue as usize * degree * stride..][..degree * stride]);
                for &row in &index[(position + 1) * degree..][..degree] {
                    prefetch(&table[row as usize * stride..][..stride]);
                }
            }
            if let Some((memo, kinds)) = remembered {
                let kinds = (&kinds[position * degree..][..degree], terms);
                self.add_remembered_messages((encoding, memo), item.residue, kinds, scratch, sum);
            } else {
                self.add_decoder_message(encoding, (layer, item.residue), terms, scratch, sum);
            }
        }
        let Scratch { counts, ones, update, .. } = scratch;
        self.decoder[layer].node.apply(self.kernels, (Rows::new(&sums, stride), counts), nodes, (update, ones));
        scratch.sums = sums;
        for (node, _) in nodes.chunks_exact_mut(stride).zip(items).filter(|(_, item)| !resolved(item)) {
            node.fill(0.0);
        }
    }

    /// Adds Σ_j gelu(W2·gelu(W1·[…])) over the neighbors of `residue` to `sum`.
    fn add_decoder_message(
        &self,
        encoding: &EncodedGraph,
        (layer, residue): (usize, u32),
        terms: EdgeTerms<'_>,
        scratch: &mut Scratch,
        sum: &mut [f32],
    ) {
        let stride = self.stride();
        let degree = encoding.graph.degree();
        let message = &self.decoder[layer].message;
        let tile = self.tile_edges(degree);
        let Scratch { first, ones, integers, .. } = scratch;
        for (block, index) in terms.index.chunks(tile).enumerate() {
            let terms = EdgeTerms { index, ..terms };
            let start = residue as usize * degree + block * tile;
            first.resize(index.len() * stride);
            self.first_map(encoding, (layer, start..start + index.len()), terms, (first, integers));
            let weights = (&message.second.bias[..], &ones[..index.len()]);
            message.second.weight.matmul_gelu_sum(self.kernels, (Rows::new(first, stride), integers), weights, sum);
        }
    }

    /// W_out·h + b for each row of `nodes`.
    fn logits(&self, nodes: &[f32]) -> Vec<[f32; VOCABULARY]> {
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

    /// Makes the states of decoded items visible to later ones, their letters not yet.
    pub(crate) fn record_states(
        &self,
        encoding: &EncodedGraph,
        decoding: &mut Decoding,
        items: &[Item],
        states: &BatchStates,
    ) {
        let stride = self.stride();
        for (position, &item) in items.iter().enumerate() {
            let target = item.rows(decoding.residues, stride);
            let own = item.residue as usize * stride..(item.residue as usize + 1) * stride;
            for (layer, table) in decoding.tables.iter_mut().enumerate() {
                let row = match layer {
                    0 => &encoding.undecoded[0][own.clone()],
                    _ => &states.rows[layer - 1][position * stride..][..stride],
                };
                table[target.clone()].copy_from_slice(row);
            }
        }
    }

    /// Makes an item visible to later ones with the encoder's state in the first layer and a state of zero in the others.
    pub(crate) fn record_undecoded(&self, encoding: &EncodedGraph, decoding: &mut Decoding, item: Item) {
        let stride = self.stride();
        let own = item.residue as usize * stride..(item.residue as usize + 1) * stride;
        if let (Some(table), Some(undecoded)) = (decoding.tables.first_mut(), encoding.undecoded.first()) {
            table[item.rows(decoding.residues, stride)].copy_from_slice(&undecoded[own]);
        }
    }

    /// Makes an item's letter visible to later ones. A masked residue shows its letter and a state of zero.
    pub(crate) fn record_letter(&self, decoding: &mut Decoding, item: Item, letter: Letter) {
        let stride = self.stride();
        let target = item.rows(decoding.residues, stride);
        for (table, layer) in decoding.tables.iter_mut().zip(&self.decoder) {
            let letter = &layer.letters[letter.index() * stride..][..stride];
            for (value, &term) in table[target.clone()].iter_mut().zip(letter) {
                *value += term;
            }
        }
    }

    /// The logits of every residue, `[N, V]`, given a sequence and the rank of each residue in the decoding order:
    /// residue i sees the letters of those with a smaller rank.
    pub(crate) fn teacher_force(
        &self,
        encoding: &EncodedGraph,
        workers: &Workers,
        sequence: &[Letter],
        rank: &[u32],
    ) -> Vec<[f32; VOCABULARY]> {
        let nodes = self.teacher_forced_states(encoding, workers, (sequence, rank), self.decoder.len());
        self.logits_of_all(encoding, &nodes)
    }

    /// The logits of every residue, `[N, V]`, when neighbors show their backbone where they are visible, `[N, K]`, and
    /// elsewhere nothing at all.
    pub(crate) fn with_visible_neighbors(
        &self,
        encoding: &EncodedGraph,
        workers: &Workers,
        visible: &[bool],
    ) -> Vec<[f32; VOCABULARY]> {
        let hiding = encoding.hiding(visible, self.stride());
        let nodes = self.decoded_states(&hiding, workers, Shown::Backbone { visible }, self.decoder.len());
        self.logits_of_all(encoding, &nodes)
    }

    /// The logits of the states of all residues, those without a backbone among them.
    fn logits_of_all(&self, encoding: &EncodedGraph, nodes: &[f32]) -> Vec<[f32; VOCABULARY]> {
        let mut logits = self.logits(nodes);
        for (row, &resolved) in logits.iter_mut().zip(&encoding.graph.resolved) {
            if !resolved {
                *row = self.logits_of_masked();
            }
        }
        logits
    }

    /// h_V after the first `depth` decoder layers, `[N, H]`.
    pub(crate) fn teacher_forced_states(
        &self,
        encoding: &EncodedGraph,
        workers: &Workers,
        (sequence, rank): (&[Letter], &[u32]),
        depth: usize,
    ) -> Buffer {
        self.decoded_states(encoding, workers, Shown::Letters { sequence, rank }, depth)
    }

    /// h_V after the first `depth` decoder layers, `[N, H]`. Nodes that are not visible are hidden; their edges are the
    /// encoding's matter.
    fn decoded_states(&self, encoding: &EncodedGraph, workers: &Workers, shown: Shown<'_>, depth: usize) -> Buffer {
        let stride = self.stride();
        let residues = encoding.graph.len();
        let sequence = match shown {
            Shown::Letters { sequence, .. } => Some(sequence),
            Shown::Backbone { .. } => None,
        };
        let mut nodes = encoding.nodes.clone();
        if residues == 0 || depth == 0 {
            return nodes;
        }
        let mut table = Buffer::zeros(2 * residues * stride);
        let mut next_table = Buffer::zeros(2 * residues * stride);
        let mut center = encoding.center.clone();
        let (undecoded, decoded) = table.split_at_mut(residues * stride);
        undecoded.copy_from_slice(&encoding.undecoded[0]);
        if let Some(sequence) = sequence {
            decoded.copy_from_slice(&encoding.undecoded[0]);
            add_letters(&self.decoder[0], sequence, decoded, stride);
        }
        let task = workers.residues_a_task(residues);
        for layer in 0..depth {
            let (undecoded, decoded) = next_table.split_at_mut(residues * stride);
            if let Some(rows) = encoding.undecoded.get(layer + 1) {
                undecoded.copy_from_slice(rows);
            }
            let shares = nodes
                .par_chunks_mut(task * stride)
                .zip(center.par_chunks_mut(task * stride))
                .zip(decoded.par_chunks_mut(task * stride))
                .enumerate();
            workers.install(|| {
                shares.for_each(|(index, ((nodes, center), decoded))| {
                    let first = index * task;
                    let letters = sequence.map(|sequence| &sequence[first..first + nodes.len() / stride]);
                    let share = LayerShare { first, nodes, center, decoded, letters };
                    self.decode_layer(encoding, (layer, shown), &table, share, &mut workers.scratch());
                });
            });
            std::mem::swap(&mut table, &mut next_table);
        }
        nodes
    }

    fn decode_layer(
        &self,
        encoding: &EncodedGraph,
        (layer, shown): (usize, Shown<'_>),
        table: &[f32],
        share: LayerShare<'_>,
        scratch: &mut Scratch,
    ) {
        let stride = self.stride();
        let LayerShare { first, nodes, center, decoded, letters } = share;
        let items: Vec<Item> = (first..first + nodes.len() / stride)
            .map(|residue| Item { block: SHARED as u32, residue: residue as u32 })
            .collect();
        let index = match shown {
            Shown::Letters { rank, .. } => neighbor_rows(encoding, &items, seen_by_rank(rank)),
            Shown::Backbone { visible } => visible_rows(encoding, &items, visible),
        };
        let batch = Batch { items: &items, center, index: &index, remembered: None, nodes };
        self.advance(encoding, (layer, table), batch, scratch);
        if let Some(next) = self.decoder.get(layer + 1) {
            let nodes = Rows::new(nodes, stride);
            next.message.center_terms(self.kernels, nodes, RowsMut::new(center, stride));
            if let Some(letters) = letters {
                next.message.neighbor_terms(self.kernels, nodes, &self.zeros, RowsMut::new(decoded, stride));
                add_letters(next, letters, decoded, stride);
            }
        }
    }

    /// The logits of `moved` when it leaves its place in the order of `rank` for one just before the residues of rank
    /// `before` and greater.
    ///
    /// The last layer's state of a residue needs the layer below at those of its neighbors that are decoded before it,
    /// these need the layer below that at theirs, and so on: only these are computed. `decoding` is memory to reuse; what
    /// it holds of other residues does not matter.
    pub(crate) fn decode_moved(
        &self,
        encoding: &EncodedGraph,
        (sequence, rank): (&[Letter], &[u32]),
        (moved, before): (u32, u32),
        decoding: &mut Decoding,
        scratch: &mut Scratch,
    ) -> [f32; VOCABULARY] {
        let stride = self.stride();
        if !encoding.graph.resolved[moved as usize] {
            return self.logits_of_masked();
        }
        // Twice the rank, so that there is a place between two.
        let place = |residue: u32| match residue == moved {
            true => 2 * u64::from(before),
            false => 2 * u64::from(rank[residue as usize]) + 1,
        };
        let block = |item: Item, neighbor: u32| if place(neighbor) < place(item.residue) { SHARED } else { UNDECODED };
        // The items whose states each layer takes in, first layer first, and at the end the residue itself.
        let mut taken = vec![vec![Item { block: SHARED as u32, residue: moved }]];
        for _ in &self.decoder {
            let decoded = |item, neighbor| block(item, neighbor) == SHARED;
            taken.push(with_neighbors(encoding, &taken[taken.len() - 1], decoded));
        }
        let mut inputs = taken.pop().unwrap_or_default();
        let mut nodes = gather(&encoding.nodes, &inputs, stride);
        for layer in 0..self.decoder.len() {
            let terms = match layer {
                0 => gather(&encoding.undecoded[0], &inputs, stride),
                _ => self.neighbor_terms(layer, &nodes),
            };
            for (&item, term) in inputs.iter().zip(terms.chunks_exact(stride)) {
                let row = &mut decoding.tables[layer][item.rows(decoding.residues, stride)];
                row.copy_from_slice(term);
                add_letters(&self.decoder[layer], &sequence[item.residue as usize..][..1], row, stride);
            }
            let outputs = taken.pop().unwrap_or_default();
            let mut kept = Buffer::zeros(outputs.len() * stride);
            for (target, item) in kept.chunks_exact_mut(stride).zip(&outputs) {
                // Both lists are sorted by residue, and the outputs are among the inputs.
                let position = inputs.partition_point(|input| input.residue < item.residue);
                target.copy_from_slice(&nodes[position * stride..][..stride]);
            }
            nodes = kept;
            let mut center = Buffer::zeros(nodes.len());
            let out = RowsMut::new(&mut center, stride);
            self.decoder[layer].message.center_terms(self.kernels, Rows::new(&nodes, stride), out);
            let index = neighbor_rows(encoding, &outputs, block);
            let batch = Batch { items: &outputs, center: &center, index: &index, remembered: None, nodes: &mut nodes };
            self.advance(encoding, (layer, &decoding.tables[layer]), batch, scratch);
            inputs = outputs;
        }
        self.logits(&nodes)[0]
    }
}

/// Items that go through a layer together.
struct Batch<'a> {
    items: &'a [Item],
    /// A·h_i + b1 `[items, H]`
    center: &'a [f32],
    /// The table's row for each of the items' neighbors. `[items, K]`
    index: &'a [u32],
    /// Messages that are known already, and what is seen of each of the items' neighbors, `[items, K]`; for the first
    /// layer only.
    remembered: Option<(&'a MessageMemo, &'a [Seen])>,
    /// h_i `[items, H]`
    nodes: &'a mut [f32],
}

/// Sees as decoded, in the block all samples share, what has a smaller rank.
fn seen_by_rank(rank: &[u32]) -> impl Fn(Item, u32) -> usize {
    |item, neighbor| if rank[neighbor as usize] < rank[item.residue as usize] { SHARED } else { UNDECODED }
}

fn neighbor_rows(encoding: &EncodedGraph, items: &[Item], block: impl Fn(Item, u32) -> usize) -> Vec<u32> {
    let residues = encoding.graph.len();
    each_neighbor(encoding, items, |item, neighbor| (block(item, neighbor) * residues) as u32 + neighbor)
}

/// The rows of undecoded neighbors where they are visible, `visible [N, K]`, and of what shows nothing elsewhere.
/// `[items, K]`
fn visible_rows(encoding: &EncodedGraph, items: &[Item], visible: &[bool]) -> Vec<u32> {
    let (residues, degree) = (encoding.graph.len(), encoding.graph.degree());
    let of_item = |item: &Item| {
        let residue = item.residue as usize;
        let row = |(&neighbor, &visible): (&u32, &bool)| {
            let block = if visible { UNDECODED } else { SHARED };
            (block * residues) as u32 + neighbor
        };
        encoding.graph.neighbors(residue).iter().zip(&visible[residue * degree..]).map(row)
    };
    items.iter().flat_map(of_item).collect()
}

/// What all residues are shown of their neighbors.
#[derive(Clone, Copy)]
enum Shown<'a> {
    /// The backbone of all, and the letters of those of smaller rank. `[N]` each
    Letters { sequence: &'a [Letter], rank: &'a [u32] },
    /// The backbone of those that are visible. `[N, K]`
    Backbone { visible: &'a [bool] },
}

/// A value for each neighbor of each item. `[items, K]`
fn each_neighbor<T>(encoding: &EncodedGraph, items: &[Item], value: impl Fn(Item, u32) -> T) -> Vec<T> {
    let mut values = Vec::with_capacity(items.len() * encoding.graph.degree());
    for &item in items {
        let neighbors = encoding.graph.neighbors(item.residue as usize);
        values.extend(neighbors.iter().map(|&neighbor| value(item, neighbor)));
    }
    values
}

/// The items and those of their neighbors that are wanted, each once, by residue.
fn with_neighbors(encoding: &EncodedGraph, items: &[Item], wanted: impl Fn(Item, u32) -> bool) -> Vec<Item> {
    let mut residues: Vec<u32> = items.iter().map(|item| item.residue).collect();
    for &item in items {
        let neighbors = encoding.graph.neighbors(item.residue as usize).iter();
        residues.extend(neighbors.copied().filter(|&neighbor| wanted(item, neighbor)));
    }
    residues.sort_unstable();
    residues.dedup();
    residues.into_iter().map(|residue| Item { block: SHARED as u32, residue }).collect()
}

/// A task's share of a teacher-forced layer.
struct LayerShare<'a> {
    first: usize,
    nodes: &'a mut [f32],
    /// This layer's center terms on entry, the next layer's on return.
    center: &'a mut [f32],
    /// The next layer's rows of decoded neighbors.
    decoded: &'a mut [f32],
    /// `None` where decoded neighbors show nothing.
    letters: Option<&'a [Letter]>,
}

fn add_letters(layer: &DecoderLayer, sequence: &[Letter], rows: &mut [f32], stride: usize) {
    for (row, letter) in rows.chunks_exact_mut(stride).zip(sequence) {
        let terms = &layer.letters[letter.index() * stride..][..stride];
        for (value, &term) in row.iter_mut().zip(terms) {
            *value += term;
        }
    }
}

fn gather(rows: &[f32], items: &[Item], stride: usize) -> Buffer {
    let mut out = Buffer::zeros(items.len() * stride);
    for (target, item) in out.chunks_exact_mut(stride).zip(items) {
        target.copy_from_slice(&rows[item.residue as usize * stride..][..stride]);
    }
    out
}
