//! Several sequences that are given in full, decoded together in one order.
//!
//! A state depends on the letters and states of the neighbors that come earlier. Sequences therefore have states in
//! common: mutants of a protein most of them, designs of one backbone those of the residues that come early, and all
//! sequences those of residues without an earlier neighbor. Each is computed once, for the first sequence that has it:
//!
//! ```text
//! two sequences have in common, of a residue,
//! its term for neighbors   if they have its state in common, and its letter
//! its next state           if they have its state in common, and the terms of all earlier neighbors
//! ```
//!
//! What is in common is found by comparing which states are shared, not numbers, and the numbers are those of a sequence
//! alone, bit for bit. Nothing waits for the letters here, so a layer is one batch of items, whatever the order.

use fastmpnn_kernels::{Buffer, Rows, RowsMut};
use rayon::prelude::*;

use super::batch::{Batch, add_letters, each_neighbor, gather, neighbor_rows};
use super::states::{Item, SHARED, UNDECODED};
use crate::chemistry::{Letter, Sequence, VOCABULARY};
use crate::model::layers::DecoderLayer;
use crate::model::{EncodedGraph, MessageMemo, Model, NO_LETTER, Network, Remembered, seen};

/// The largest number of items in a task. More would exceed the caches; fewer would make the node products small.
const ITEMS_A_TASK: usize = 48;

/// The first sequence's block of the tables, after that of the residues without letters.
const FIRST: u32 = SHARED as u32;

/// The first sequence that has a state in common with each sequence, residue by residue. `[N, S]`
#[derive(Clone, Debug, PartialEq)]
struct Owners {
    sequences: usize,
    first: Vec<u32>,
}

impl Owners {
    /// All sequences have everything in common.
    fn one(residues: usize, sequences: usize) -> Owners {
        Owners { sequences, first: vec![0; residues * sequences] }
    }

    fn of(&self, residue: usize) -> &[u32] {
        &self.first[residue * self.sequences..][..self.sequences]
    }

    fn of_mut(&mut self, residue: usize) -> &mut [u32] {
        &mut self.first[residue * self.sequences..][..self.sequences]
    }

    /// Whether a sequence is the first of those that have a residue's state in common with it.
    fn owns(&self, sequence: usize, residue: usize) -> bool {
        self.of(residue)[sequence] as usize == sequence
    }
}

/// Divides sequences that have something in common by something else: `other` gives the first sequence, or any number
/// below `kinds`, for each.
fn divide(owners: &mut [u32], other: impl Fn(usize) -> usize, kinds: usize, firsts: &mut Vec<u32>) {
    const NONE: u32 = u32::MAX;
    firsts.clear();
    firsts.resize(owners.len() * kinds, NONE);
    for (sequence, owner) in owners.iter_mut().enumerate() {
        let first = &mut firsts[*owner as usize * kinds + other(sequence)];
        if *first == NONE {
            *first = sequence as u32;
        }
        *owner = *first;
    }
}

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
    /// Whose h_i each sequence has.
    states: Owners,
    /// Whose neighbor terms each sequence has.
    rows: Owners,
    /// h_i, those of owners. `[S·N, H]`
    nodes: Buffer,
    /// The neighbor terms of the next layer: without letters, then each sequence's, those of owners. `[(1 + S)·N, H]`
    table: Buffer,
}

/// What a task of a layer has computed of its items.
struct TaskStates {
    /// h_i `[items, H]`
    nodes: Buffer,
    /// C·h_i of the next layer `[items, H]`; empty after the last layer.
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
        let mut logits: Vec<[f32; VOCABULARY]> = Vec::new();
        let mut items = Vec::new();
        for layer in 0..model.decoder.len() {
            let next = states.next_owners();
            items = states.items(&next);
            let task = items.len().div_ceil(group.helpers.max(1)).clamp(1, ITEMS_A_TASK);
            let computed: Vec<TaskStates> =
                items.par_chunks(task).map(|items| model.group_layer(network, &states, layer, items)).collect();
            states.states = next;
            for (items, computed) in items.chunks(task).zip(&computed) {
                states.record_nodes(items, &computed.nodes, model.stride());
            }
            if let (Some(undecoded), Some(next)) = (encoding.undecoded.get(layer + 1), model.decoder.get(layer + 1)) {
                states.table[..undecoded.len()].copy_from_slice(undecoded);
                states.rows = states.owners_of_rows();
                for (items, computed) in items.chunks(task).zip(&computed) {
                    states.record_terms(items, &computed.terms, next, model.stride());
                }
            }
            logits.extend(computed.into_iter().flat_map(|computed| computed.logits));
        }
        states.spread(&items, &logits, &model.logits_of_masked())
    }

    /// The states before the first layer.
    fn begin_group<'a>(&self, encoding: &'a EncodedGraph, group: GivenGroup<'a>) -> GroupStates<'a> {
        let stride = self.stride();
        let (residues, sequences) = (encoding.graph.len(), group.sequences.len());
        let size = residues * stride;
        let mut table = Buffer::recycled((1 + sequences) * size);
        for block in table.chunks_exact_mut(size) {
            block.copy_from_slice(&encoding.undecoded[0]);
        }
        for (block, sequence) in table[size..].chunks_exact_mut(size).zip(group.sequences) {
            add_letters(&self.decoder[0], sequence, block, stride);
        }
        let mut nodes = Buffer::recycled(sequences * size);
        nodes[..size].copy_from_slice(&encoding.nodes);
        let states = Owners::one(residues, sequences);
        let mut begun = GroupStates { encoding, group, rows: states.clone(), states, nodes, table };
        begun.rows = begun.owners_of_rows();
        begun
    }

    /// A layer for some of its items.
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
        self.advance(encoding, layer, &states.table, batch, &mut network.workers.scratch(self.kernels));
        if layer + 1 == self.decoder.len() {
            let logits = self.logits(&nodes);
            return TaskStates { nodes, terms: Buffer::default(), logits };
        }
        let terms = self.neighbor_terms(layer + 1, &nodes);
        TaskStates { nodes, terms, logits: Vec::new() }
    }
}

impl GroupStates<'_> {
    /// Whose neighbor terms each sequence has.
    fn owners_of_rows(&self) -> Owners {
        let (mut rows, mut firsts) = (self.states.clone(), Vec::new());
        for residue in 0..self.encoding.graph.len() {
            let letter = |sequence: usize| self.group.sequences[sequence][residue].index();
            divide(rows.of_mut(residue), letter, VOCABULARY, &mut firsts);
        }
        rows
    }

    /// Whose states each sequence has after the layer.
    fn next_owners(&self) -> Owners {
        let GroupStates { encoding, group, ref states, ref rows, .. } = *self;
        let (mut next, mut firsts) = (states.clone(), Vec::new());
        for residue in 0..encoding.graph.len() {
            let owners = next.of_mut(residue);
            let rank = group.rank[residue];
            for &neighbor in encoding.graph.neighbors(residue) {
                let of_neighbor = rows.of(neighbor as usize);
                if group.rank[neighbor as usize] < rank && of_neighbor.iter().any(|&first| first > 0) {
                    divide(owners, |sequence| of_neighbor[sequence] as usize, states.sequences, &mut firsts);
                }
            }
        }
        next
    }

    /// The states to compute.
    fn items(&self, owners: &Owners) -> Vec<Item> {
        let residues = self.encoding.graph.len();
        let of_sequence = |sequence: usize| {
            let owned = (0..residues).filter(move |&residue| owners.owns(sequence, residue));
            owned.map(move |residue| Item { block: FIRST + sequence as u32, residue: residue as u32 })
        };
        (0..owners.sequences).flat_map(of_sequence).collect()
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
        if self.is_earlier(item, neighbor) {
            (FIRST + self.rows.of(neighbor as usize)[(item.block - FIRST) as usize]) as usize
        } else {
            UNDECODED
        }
    }

    fn seen(&self, item: Item, neighbor: u32) -> u8 {
        match self.is_earlier(item, neighbor) {
            true => seen(self.letter(Item { residue: neighbor, ..item })),
            false => NO_LETTER,
        }
    }

    /// The states of items. `[items, H]`
    fn gather(&self, items: &[Item], stride: usize) -> Buffer {
        let mut out = Buffer::zeros(items.len() * stride);
        for (target, item) in out.chunks_exact_mut(stride).zip(items) {
            let owner = FIRST + self.states.of(item.residue as usize)[(item.block - FIRST) as usize];
            let place = self.place(owner, item.residue);
            target.copy_from_slice(&self.nodes[place * stride..][..stride]);
        }
        out
    }

    /// Makes computed states visible to the next layer.
    fn record_nodes(&mut self, items: &[Item], nodes: &[f32], stride: usize) {
        for (row, item) in nodes.chunks_exact(stride).zip(items) {
            let place = self.place(item.block, item.residue);
            self.nodes[place * stride..][..stride].copy_from_slice(row);
        }
    }

    /// Makes computed neighbor terms visible to the next layer, with the letters of all that have the state in common.
    fn record_terms(&mut self, items: &[Item], terms: &[f32], next: &DecoderLayer, stride: usize) {
        let GroupStates { encoding, group, states, rows, table, .. } = self;
        let residues = encoding.graph.len();
        for (row, item) in terms.chunks_exact(stride).zip(items) {
            let (owner, residue) = (item.block - FIRST, item.residue as usize);
            for (sequence, letters) in group.sequences.iter().enumerate().skip(owner as usize) {
                if states.of(residue)[sequence] == owner && rows.owns(sequence, residue) {
                    let target = Item { block: FIRST + sequence as u32, residue: item.residue }.rows(residues, stride);
                    table[target.clone()].copy_from_slice(row);
                    add_letters(next, &letters[residue..=residue], &mut table[target], stride);
                }
            }
        }
    }

    /// The logits of every sequence, of those of the states that were computed. `[S, N, V]`
    fn spread(
        &self,
        items: &[Item],
        logits: &[[f32; VOCABULARY]],
        masked: &[f32; VOCABULARY],
    ) -> Vec<Vec<[f32; VOCABULARY]>> {
        let graph = &self.encoding.graph;
        let mut spread = vec![vec![*masked; graph.len()]; self.group.sequences.len()];
        for (row, item) in logits.iter().zip(items) {
            let (owner, residue) = (item.block - FIRST, item.residue as usize);
            if graph.resolved[residue] {
                let sharing = spread.iter_mut().zip(self.states.of(residue)).filter(|(_, first)| **first == owner);
                sharing.for_each(|(sequence, _)| sequence[residue] = *row);
            }
        }
        spread
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_common_is_divided_by_all_that_differs() {
        let mut owners = vec![0, 0, 0, 0, 4, 4];
        let mut firsts = Vec::new();
        divide(&mut owners, |sequence| [5, 5, 6, 6, 6, 6][sequence], 7, &mut firsts);
        assert_eq!(owners, [0, 0, 2, 2, 4, 4]);
        divide(&mut owners, |sequence| [0, 1, 0, 0, 1, 0][sequence], 2, &mut firsts);
        assert_eq!(owners, [0, 1, 2, 2, 4, 5]);
    }
}
