//! The states of all residues of one decoding level.

use rayon::prelude::*;

use crate::chemistry::VOCABULARY;
use crate::model::{Decoding, EncodedGraph, Item, MessageMemo, Network, Recorded, Seen};

/// The largest number of items in a task. More would exceed the caches; fewer would make the node products small.
const ITEMS_A_TASK: usize = 48;

/// The data that a level of decoding reads and writes.
pub(super) struct LevelStates<'a> {
    pub(super) encoding: &'a EncodedGraph,
    pub(super) memo: Option<&'a MessageMemo>,
    pub(super) decoding: &'a mut Decoding,
}

impl LevelStates<'_> {
    /// Computes the items of a level on that many threads, records their states, and returns their logits.
    pub(super) fn decode(
        self,
        network: &Network,
        threads: usize,
        items: &[Item],
        sight: impl Fn(Item, u32) -> (usize, Seen) + Sync,
    ) -> Vec<[f32; VOCABULARY]> {
        let LevelStates { encoding, memo, decoding } = self;
        let Network { model, workers } = network;
        let task = items.len().div_ceil(threads).clamp(1, ITEMS_A_TASK);
        let recorded = Recorded { encoding, memo, decoding: &*decoding };
        let states: Vec<_> = items
            .par_chunks(task)
            .map(|items| model.decode_batch(recorded, items, &sight, &mut workers.scratch(model.kernels)))
            .collect();
        for (items, states) in items.chunks(task).zip(&states) {
            model.record_states(encoding, decoding, items, states);
        }
        states.into_iter().flat_map(|states| states.logits).collect()
    }
}
