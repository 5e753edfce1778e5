//! Several sequences that are given in full, decoded together in one order.
//!
//! A state depends on the letters and states of the neighbors that come earlier. Sequences with most letters in common,
//! such as the mutants of a protein, therefore have most states in common. Those of the first sequence are computed in
//! full; of another sequence only those that a different letter reaches:
//!
//! ```text
//! before the first layer   the residues whose own letter differs
//! in each layer            those reached before, and those with an earlier neighbor that was reached before
//! ```
//!
//! All other states are the first sequence's, bit for bit. Sequences that have little in common are computed in full.
//! Nothing waits for the letters here, so a layer is one batch of items, whatever the order.

use fastmpnn_kernels::{Buffer, Rows, RowsMut};
use rayon::prelude::*;

use super::batch::{Batch, add_letters, each_neighbor, gather, neighbor_rows};
use super::states::{Item, SHARED, UNDECODED};
use crate::chemistry::{Letter, Sequence, VOCABULARY};
use crate::model::{EncodedGraph, MessageMemo, Model, NO_LETTER, Network, Remembered, seen};

/// The largest number of items in a task. More would exceed the caches; fewer would make the node products small.
const ITEMS_A_TASK: usize = 48;

/// The first sequence's block of the tables, after that of the residues without letters.
const FIRST: u32 = SHARED as u32;

/// The blocks of memory, `[N, H]` each, that a sequence takes: its states and its neighbor terms, and both again while a
/// layer computes new ones.
pub(crate) const BLOCKS_A_SEQUENCE: u64 = 4;

/// Sequences with their common order: a residue sees the letters of those with a smaller rank.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GivenGroup<'a> {
    /// `[S, N]`
    pub(crate) sequences: &'a [Sequence],
    /// `[N]`
    pub(crate) rank: &'a [u32],
    /// Most tasks of a layer that run at a time.
    pub(crate) helpers: usize,
    /// The first layer's messages, where they are kept.
    pub(crate) memo: Option<&'a MessageMemo>,
}

/// The states on their way through the layers.
struct GroupStates<'a> {
    encoding: &'a EncodedGraph,
    group: GivenGroup<'a>,
    /// Whether a residue's state differs from the first sequence's, or is the first sequence's. `[S, N]`
    reached: Vec<bool>,
    /// h_i, where reached. `[S·N, H]`
    nodes: Buffer,
    /// The neighbor terms of the next layer: without letters, then each sequence's, where reached. `[(1 + S)·N, H]`
    table: Buffer,
}

/// What a task of a layer has computed of its items.
struct TaskStates {
    /// h_i `[items, H]`
    nodes: Buffer,
    /// C·h_i + S·s_i of the next layer `[items, H]`; empty after the last layer.
    terms: Buffer,
    /// After the last layer. `[items, V]`
    logits: Vec<[f32; VOCABULARY]>,
}

impl Model {
    /// The logits of every residue of each sequence. `[S, N, V]`
    pub(crate) fn teacher_force_group(
        network: &Network,
        encoding: &EncodedGraph,
        group: GivenGroup<'_>,
    ) -> Vec<Vec<[f32; VOCABULARY]>> {
        let model = &*network.model;
        let residues = encoding.graph.len();
        if residues == 0 || model.decoder.is_empty() {
            let alone = |sequence| model.teacher_force(encoding, &network.workers, sequence, group.rank);
            return group.sequences.iter().map(|sequence| alone(sequence)).collect();
        }
        let mut states = model.begin_group(encoding, group);
        let mut logits: Vec<Vec<[f32; VOCABULARY]>> = Vec::with_capacity(group.sequences.len());
        for layer in 0..model.decoder.len() {
            let reached = states.next_reached();
            let items = states.items(&reached);
            let task = items.len().div_ceil(group.helpers.max(1)).clamp(1, ITEMS_A_TASK);
            let computed: Vec<TaskStates> =
                items.par_chunks(task).map(|items| model.group_layer(network, &states, layer, items)).collect();
            states.reached = reached;
            for (items, computed) in items.chunks(task).zip(&computed) {
                states.record(items, computed, model.stride());
            }
            if let Some(undecoded) = encoding.undecoded.get(layer + 1) {
                states.table[..undecoded.len()].copy_from_slice(undecoded);
            }
            // The first sequence's rows come first, and the others begin with those where they are not reached.
            let rows = computed.into_iter().flat_map(|computed| computed.logits);
            for (item, row) in items.iter().zip(rows) {
                let sequence = (item.block - FIRST) as usize;
                while logits.len() <= sequence {
                    let first = logits.first().cloned();
                    logits.push(first.unwrap_or_else(|| vec![model.logits_of_masked(); residues]));
                }
                if encoding.graph.resolved[item.residue as usize] {
                    logits[sequence][item.residue as usize] = row;
                }
            }
        }
        while logits.len() < group.sequences.len() {
            logits.extend(logits.first().cloned());
        }
        logits
    }

    /// The states before the first layer.
    fn begin_group<'a>(&self, encoding: &'a EncodedGraph, group: GivenGroup<'a>) -> GroupStates<'a> {
        let stride = self.stride();
        let residues = encoding.graph.len();
        let size = residues * stride;
        let first = &group.sequences[0];
        let differs = |sequence: &'a Sequence| sequence.iter().zip(first).map(|(letter, first)| letter != first);
        let mut reached = vec![true; residues];
        reached.extend(group.sequences[1..].iter().flat_map(differs));
        let mut table = Buffer::recycled((1 + group.sequences.len()) * size);
        for block in table.chunks_exact_mut(size) {
            block.copy_from_slice(&encoding.undecoded[0]);
        }
        for (block, sequence) in table[size..].chunks_exact_mut(size).zip(group.sequences) {
            add_letters(&self.decoder[0], sequence, block, stride);
        }
        let mut nodes = Buffer::recycled(group.sequences.len() * size);
        for block in nodes.chunks_exact_mut(size) {
            block.copy_from_slice(&encoding.nodes);
        }
        GroupStates { encoding, group, reached, nodes, table }
    }

    /// A layer for some of the items that it reaches.
    fn group_layer(&self, network: &Network, states: &GroupStates<'_>, layer: usize, items: &[Item]) -> TaskStates {
        let stride = self.stride();
        let GroupStates { encoding, group, .. } = *states;
        let index = neighbor_rows(encoding, items, |item, neighbor| states.block(item, neighbor));
        let memo = group.memo.filter(|_| layer == 0);
        let kinds = memo.map(|_| each_neighbor(encoding, items, |item, neighbor| states.seen(item, neighbor)));
        let mut nodes = states.gather(items, stride);
        let mut center = Buffer::default();
        if layer == 0 {
            center = gather(&encoding.center, items, stride);
        } else {
            center.resize(nodes.len());
            let out = RowsMut::new(&mut center, stride);
            self.decoder[layer].message.center_terms(self.kernels, Rows::new(&nodes, stride), out);
        }
        let remembered = memo.zip(kinds.as_deref()).map(|(memo, kinds)| Remembered { memo, kinds });
        let batch = Batch { items, center: &center, index: &index, remembered, nodes: &mut nodes };
        self.advance(encoding, layer, &states.table, batch, &mut network.workers.scratch());
        let Some(next) = self.decoder.get(layer + 1) else {
            let logits = self.logits(&nodes);
            return TaskStates { nodes, terms: Buffer::default(), logits };
        };
        let mut terms = self.neighbor_terms(layer + 1, &nodes);
        let letters: Vec<Letter> = items.iter().map(|&item| states.letter(item)).collect();
        add_letters(next, &letters, &mut terms, stride);
        TaskStates { nodes, terms, logits: Vec::new() }
    }
}

impl GroupStates<'_> {
    /// What the next layer reaches. `[S, N]`
    fn next_reached(&self) -> Vec<bool> {
        let GroupStates { encoding, group, ref reached, .. } = *self;
        let residues = encoding.graph.len();
        let mut next = reached.clone();
        let sequences = next.chunks_exact_mut(residues).zip(reached.chunks_exact(residues));
        for (next, reached) in sequences.skip(1) {
            for (residue, next) in next.iter_mut().enumerate().filter(|(_, next)| !**next) {
                let rank = group.rank[residue];
                let earlier = |&neighbor: &u32| reached[neighbor as usize] && group.rank[neighbor as usize] < rank;
                *next = encoding.graph.neighbors(residue).iter().any(earlier);
            }
        }
        next
    }

    fn items(&self, reached: &[bool]) -> Vec<Item> {
        let residues = self.encoding.graph.len();
        let item = |(place, _)| Item { block: FIRST + (place / residues) as u32, residue: (place % residues) as u32 };
        reached.iter().enumerate().filter(|(_, reached)| **reached).map(item).collect()
    }

    /// The place of an item among the residues of all sequences.
    fn place(&self, block: u32, residue: u32) -> usize {
        (block - FIRST) as usize * self.encoding.graph.len() + residue as usize
    }

    fn letter(&self, item: Item) -> Letter {
        self.group.sequences[(item.block - FIRST) as usize][item.residue as usize]
    }

    /// Whether a neighbor comes earlier than an item.
    fn is_earlier(&self, item: Item, neighbor: u32) -> bool {
        self.group.rank[neighbor as usize] < self.group.rank[item.residue as usize]
    }

    /// The block of the table in which an item sees a neighbor.
    fn block(&self, item: Item, neighbor: u32) -> usize {
        if !self.is_earlier(item, neighbor) {
            UNDECODED
        } else if self.reached[self.place(item.block, neighbor)] {
            item.block as usize
        } else {
            FIRST as usize
        }
    }

    fn seen(&self, item: Item, neighbor: u32) -> u8 {
        match self.is_earlier(item, neighbor) {
            true => seen(self.letter(Item { residue: neighbor, ..item })),
            false => NO_LETTER,
        }
    }

    /// The states of items, `[items, H]`: the first sequence's where none has been computed.
    fn gather(&self, items: &[Item], stride: usize) -> Buffer {
        let mut out = Buffer::zeros(items.len() * stride);
        for (target, item) in out.chunks_exact_mut(stride).zip(items) {
            let own = self.place(item.block, item.residue);
            let place = if self.reached[own] { own } else { self.place(FIRST, item.residue) };
            target.copy_from_slice(&self.nodes[place * stride..][..stride]);
        }
        out
    }

    /// Makes computed states visible to the next layer.
    fn record(&mut self, items: &[Item], computed: &TaskStates, stride: usize) {
        let residues = self.encoding.graph.len();
        for (row, item) in computed.nodes.chunks_exact(stride).zip(items) {
            let place = self.place(item.block, item.residue);
            self.nodes[place * stride..][..stride].copy_from_slice(row);
        }
        for (row, item) in computed.terms.chunks_exact(stride).zip(items) {
            self.table[item.rows(residues, stride)].copy_from_slice(row);
        }
    }
}
