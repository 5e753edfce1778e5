//! One residue decoded at another place in the order.
//!
//! Moving a residue changes the states of those that see it, or no longer see it, and of those that see these in the next
//! layer. The states of the order without a move are computed once; for each move only the states that change are
//! computed, and of those only what the moved residue's last state depends on: the layer below at the neighbors that are
//! decoded before it, the next layer below at theirs, and so on.

use fastmpnn_kernels::{Buffer, Rows, RowsMut};
use rayon::prelude::*;

use super::batch::{Batch, add_letters, each_neighbor, gather, neighbor_rows};
use super::given::GivenSequence;
use super::states::{Decoding, Item, SHARED, UNDECODED};
use crate::chemistry::{Letter, VOCABULARY};
use crate::model::{EncodedGraph, MessageMemo, Model, NO_LETTER, Network, Remembered, Scratch, seen};

/// A residue moved in the order to just before the residues of rank `before` and greater.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MovedResidue {
    pub(crate) residue: u32,
    pub(crate) before: u32,
}

/// A sequence in an order in which residues are moved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MovingOrder<'a> {
    pub(crate) encoding: &'a EncodedGraph,
    pub(crate) given: GivenSequence<'a>,
    /// The first layer's messages, where they are kept.
    pub(crate) memo: Option<&'a MessageMemo>,
}

/// The states of all residues in an order.
#[derive(Debug)]
pub(crate) struct OrderStates {
    /// h after each layer but the last. `[N, H]` each
    nodes: Vec<Buffer>,
    /// The neighbor terms of each layer, without letters and with them. `[2·N, H]` each
    tables: Vec<Buffer>,
}

/// Residues that go through a layer, and what the layer takes in besides their states.
#[derive(Clone, Copy)]
struct MovedLayer<'a> {
    layer: usize,
    /// The layer's neighbor terms, without letters and with them. `[2·N, H]`
    table: &'a [f32],
    items: &'a [Item],
    /// Whether a residue sees the letter of a neighbor.
    earlier: &'a (dyn Fn(u32, u32) -> bool + Sync),
}

impl OrderStates {
    /// Memory in which residues are moved.
    pub(crate) fn decoding(&self, model: &Model, encoding: &EncodedGraph) -> Decoding {
        Decoding { tables: self.tables.clone(), residues: encoding.graph.len(), stride: model.stride() }
    }
}

impl Model {
    /// The states of all residues in an order, on all threads.
    pub(crate) fn order_states(network: &Network, order: MovingOrder<'_>) -> OrderStates {
        let Network { model, workers } = network;
        let MovingOrder { encoding, given: GivenSequence { sequence, rank }, .. } = order;
        let (stride, residues) = (model.stride(), encoding.graph.len());
        let items: Vec<Item> = (0..residues as u32).map(|residue| Item { block: SHARED as u32, residue }).collect();
        let earlier = |residue: u32, neighbor: u32| rank[neighbor as usize] < rank[residue as usize];
        let mut states = OrderStates { nodes: Vec::new(), tables: Vec::new() };
        for layer in 0..model.decoder.len() {
            let mut decoded = Buffer::zeros(residues * stride);
            if layer == 0 {
                decoded.copy_from_slice(&encoding.undecoded[0]);
                add_letters(&model.decoder[0], sequence, &mut decoded, stride);
            } else {
                let task = workers.residues_a_task(residues);
                let mut nodes = Buffer::zeros(residues * stride);
                workers.install(|| {
                    let shares = nodes.par_chunks_mut(task * stride).zip(decoded.par_chunks_mut(task * stride));
                    shares.zip(items.par_chunks(task)).for_each(|((nodes, decoded), items)| {
                        let of_item =
                            |item: &Item| item.residue as usize * stride..(item.residue as usize + 1) * stride;
                        let mut own = Buffer::zeros(nodes.len());
                        for (row, item) in own.chunks_exact_mut(stride).zip(items) {
                            let before = states.nodes.last().unwrap_or(&encoding.nodes);
                            row.copy_from_slice(&before[of_item(item)]);
                        }
                        let table = &states.tables[layer - 1];
                        let made = MovedLayer { layer: layer - 1, table, items, earlier: &earlier };
                        model.moved_layer(order, made, &mut own, &mut workers.scratch(model.kernels));
                        let letters: Vec<Letter> = items.iter().map(|item| sequence[item.residue as usize]).collect();
                        nodes.copy_from_slice(&own);
                        decoded.copy_from_slice(&model.neighbor_terms(layer, &own));
                        add_letters(&model.decoder[layer], &letters, decoded, stride);
                    });
                });
                states.nodes.push(nodes);
            }
            let mut table = Buffer::zeros(2 * residues * stride);
            let (undecoded, shared) = table.split_at_mut(residues * stride);
            undecoded.copy_from_slice(&encoding.undecoded[layer]);
            shared.copy_from_slice(&decoded);
            states.tables.push(table);
        }
        states
    }

    /// A layer for some residues, whose states go from the layer's input to its output.
    fn moved_layer(&self, order: MovingOrder<'_>, made: MovedLayer<'_>, nodes: &mut Buffer, scratch: &mut Scratch) {
        let MovedLayer { layer, table, items, earlier } = made;
        let MovingOrder { encoding, given, memo } = order;
        let stride = self.stride();
        let mut center = Buffer::default();
        if layer == 0 {
            center = gather(&encoding.center, items, stride);
        } else {
            center.resize(nodes.len());
            let out = RowsMut::new(&mut center, stride);
            self.decoder[layer].message.center_terms(self.kernels, Rows::new(nodes, stride), out);
        }
        let block = |item: Item, neighbor| if earlier(item.residue, neighbor) { SHARED } else { UNDECODED };
        let index = neighbor_rows(encoding, items, block);
        let memo = memo.filter(|_| layer == 0);
        let sight = |item: Item, neighbor: u32| match earlier(item.residue, neighbor) {
            true => seen(given.sequence[neighbor as usize]),
            false => NO_LETTER,
        };
        let kinds = memo.map(|_| each_neighbor(encoding, items, sight));
        let remembered = memo.zip(kinds.as_deref()).map(|(memo, kinds)| Remembered { memo, kinds });
        let batch = Batch { items, center: &center, index: &index, remembered, nodes };
        self.advance(encoding, layer, table, batch, scratch);
    }

    /// The logits of a residue that is moved in the order. `decoding` has the states of the order as it is, and has them
    /// again afterwards.
    pub(crate) fn decode_moved(
        &self,
        order: MovingOrder<'_>,
        states: &OrderStates,
        moved: MovedResidue,
        decoding: &mut Decoding,
        scratch: &mut Scratch,
    ) -> [f32; VOCABULARY] {
        let MovingOrder { encoding, given: GivenSequence { sequence, rank }, .. } = order;
        let MovedResidue { residue: moved, before } = moved;
        let stride = self.stride();
        if !encoding.graph.resolved[moved as usize] {
            return self.logits_of_masked();
        }
        // Twice the rank, so that there is a place between two.
        let place = |residue: u32| match residue == moved {
            true => 2 * u64::from(before),
            false => 2 * u64::from(rank[residue as usize]) + 1,
        };
        let earlier = |residue: u32, neighbor: u32| place(neighbor) < place(residue);
        let was_earlier = |residue: u32, neighbor: u32| rank[neighbor as usize] < rank[residue as usize];
        let neighbors = |residue: u32| encoding.graph.neighbors(residue as usize).iter().copied();
        let sees_another_order = |residue: u32| {
            residue == moved
                || (earlier(residue, moved) != was_earlier(residue, moved)
                    && neighbors(residue).any(|neighbor| neighbor == moved))
        };
        let needed = self.needed_states(encoding, moved, &earlier);
        // The residues whose states differ after the layer before, sorted, and these states.
        let mut changed: Vec<u32> = Vec::new();
        let mut nodes = gather(&encoding.nodes, &[Item { block: SHARED as u32, residue: moved }], stride);
        let mut written: Vec<Vec<u32>> = Vec::new();
        for (layer, needed) in needed.iter().enumerate() {
            let is_changed = |residue: u32| changed.binary_search(&residue).is_ok();
            let differs = |residue: &u32| {
                sees_another_order(*residue)
                    || is_changed(*residue)
                    || neighbors(*residue).any(|neighbor| is_changed(neighbor) && earlier(*residue, neighbor))
            };
            let residues: Vec<u32> = needed.iter().copied().filter(differs).collect();
            let mut own = Buffer::zeros(residues.len() * stride);
            for (row, &residue) in own.chunks_exact_mut(stride).zip(&residues) {
                let (rows, at) = match (layer, changed.binary_search(&residue)) {
                    (0, _) => (&encoding.nodes, residue as usize),
                    (_, Ok(at)) => (&nodes, at),
                    (_, Err(_)) => (&states.nodes[layer - 1], residue as usize),
                };
                row.copy_from_slice(&rows[at * stride..][..stride]);
            }
            let items: Vec<Item> = residues.iter().map(|&residue| Item { block: SHARED as u32, residue }).collect();
            let made = MovedLayer { layer, table: &decoding.tables[layer], items: &items, earlier: &earlier };
            self.moved_layer(order, made, &mut own, scratch);
            if let Some(next) = self.decoder.get(layer + 1) {
                let terms = self.neighbor_terms(layer + 1, &own);
                for (item, terms) in items.iter().zip(terms.chunks_exact(stride)) {
                    let row = &mut decoding.tables[layer + 1][item.rows(decoding.residues, stride)];
                    row.copy_from_slice(terms);
                    add_letters(next, &sequence[item.residue as usize..][..1], row, stride);
                }
                written.push(residues.clone());
            }
            (changed, nodes) = (residues, own);
        }
        for (layer, residues) in (1..).zip(written) {
            for residue in residues {
                let rows = Item { block: SHARED as u32, residue }.rows(decoding.residues, stride);
                decoding.tables[layer][rows.clone()].copy_from_slice(&states.tables[layer][rows]);
            }
        }
        self.logits(&nodes)[0]
    }

    /// The residues whose states after each layer the last state of a residue depends on, itself included, sorted.
    fn needed_states(
        &self,
        encoding: &EncodedGraph,
        residue: u32,
        earlier: &dyn Fn(u32, u32) -> bool,
    ) -> Vec<Vec<u32>> {
        let mut needed = vec![vec![residue]; self.decoder.len().min(1)];
        for layer in 1..self.decoder.len() {
            let mut residues = needed[layer - 1].clone();
            for &residue in &needed[layer - 1] {
                let neighbors = encoding.graph.neighbors(residue as usize).iter().copied();
                residues.extend(neighbors.filter(|&neighbor| earlier(residue, neighbor)));
            }
            residues.sort_unstable();
            residues.dedup();
            needed.push(residues);
        }
        needed.reverse();
        needed
    }
}
