//! Messages of the first decoder layer, remembered.
//!
//! In the first layer the center's and the neighbors' states are the encoder's, so a message depends only on the edge
//! and on what is seen of the neighbor: nothing, or its letter. About half of the neighbors that a residue sees have no
//! letter yet; those messages are computed once for every edge, and all samples add them. With letters there are 21
//! possible messages per edge. When many sequences are drawn the same ones recur, so each is kept once it has been
//! computed; a residue's sum is then 48 additions of rows instead of a matrix product.
//!
//! The rows are added in the order in which the product would have added them, so the sum is the same, bit for bit.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use fastmpnn_kernels::{Buffer, EdgeTerms, Rows, RowsMut};
use rayon::prelude::*;

use super::decoder::LayerEdges;
use super::{EncodedGraph, Model, Network, Reservation, Scratch};
use crate::chemistry::{Letter, VOCABULARY};

/// What the center sees of a neighbor: 0 without a letter, 1 + letter with one.
pub(crate) type Seen = u8;

/// Neighbors without a letter.
pub(crate) const NO_LETTER: Seen = 0;

/// What is seen of a neighbor with that letter.
pub(crate) fn seen(letter: Letter) -> Seen {
    1 + letter.index() as u8
}

/// The messages of one encoding. Threads share it.
#[derive(Debug)]
pub(crate) struct MessageMemo {
    /// gelu(W2·gelu(…)) of each edge whose neighbor shows no letter. `[N·K, H]`
    undecoded: Buffer,
    by_letter: OnceLock<ByLetter>,
    /// The memory of the messages without letters.
    _memory: Reservation,
}

/// Messages with letters, kept as they occur.
#[derive(Debug)]
struct ByLetter {
    /// The place of the message of each edge and letter, counted from 1; 0 if it has not been computed. `[N·K, V]`
    places: Vec<AtomicU32>,
    /// H floats each, in blocks of [`BLOCK`], in the order in which they occurred.
    messages: Vec<OnceLock<Vec<OnceLock<Buffer>>>>,
    /// The number of messages kept.
    count: AtomicUsize,
    /// The largest number of messages kept.
    most: usize,
    _memory: Reservation,
}

/// The number of messages in a block.
const BLOCK: usize = 1024;

impl MessageMemo {
    /// The bytes that the messages without letters take.
    pub(crate) fn bytes(encoding: &EncodedGraph) -> u64 {
        (encoding.edges.len() * size_of::<f32>()) as u64
    }

    /// Computes the messages without letters, in the reserved memory.
    pub(crate) fn new(network: &Network, encoding: &EncodedGraph, memory: Reservation) -> MessageMemo {
        let Network { model, workers } = network;
        let mut undecoded = Buffer::recycled(encoding.edges.len());
        let task = (encoding.graph.degree() * model.stride()).max(1);
        workers.install(|| {
            undecoded.par_chunks_mut(task).enumerate().for_each(|(residue, out)| {
                model.undecoded_messages(encoding, residue, &mut workers.scratch(model.kernels), out);
            });
        });
        MessageMemo { undecoded, by_letter: OnceLock::new(), _memory: memory }
    }

    /// Also keeps messages with letters from now on. `memory` reserves at most the bytes that all of them would take;
    /// the memo keeps as many as fit.
    pub(crate) fn remember_letters(
        &self,
        encoding: &EncodedGraph,
        stride: usize,
        memory: impl FnOnce(u64) -> Reservation,
    ) {
        // The allocator's bookkeeping takes about a cache line per message.
        let message = (stride * size_of::<f32>() + 64) as u64;
        self.by_letter.get_or_init(|| {
            let all = encoding.graph.len() * encoding.graph.degree() * VOCABULARY;
            let places = (all * size_of::<AtomicU32>()) as u64;
            let memory = memory(places + all as u64 * message);
            let most = match memory.bytes().checked_sub(places) {
                Some(bytes) => all.min((bytes / message) as usize).min(u32::MAX as usize),
                None => 0,
            };
            let all = if most == 0 { 0 } else { all };
            ByLetter {
                places: (0..all).map(|_| AtomicU32::new(0)).collect(),
                messages: (0..most.div_ceil(BLOCK)).map(|_| OnceLock::new()).collect(),
                count: AtomicUsize::new(0),
                most,
                _memory: memory,
            }
        });
    }

    /// The message of an edge, if it has been computed.
    fn get(&self, edge: usize, kind: Seen, stride: usize) -> Option<&[f32]> {
        if kind == NO_LETTER {
            return Some(&self.undecoded[edge * stride..][..stride]);
        }
        self.by_letter.get()?.message(edge, kind)
    }

    fn keep(&self, edge: usize, kind: Seen, message: &[f32]) {
        let Some(kept) = self.by_letter.get() else { return };
        let one_more = |count: usize| (count < kept.most).then_some(count + 1);
        let Ok(place) = kept.count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more) else { return };
        let mut own = Buffer::pooled(message.len());
        own.copy_from_slice(message);
        let block = kept.messages[place / BLOCK].get_or_init(|| (0..BLOCK).map(|_| OnceLock::new()).collect());
        block[place % BLOCK].set(own).expect("a place is given once");
        // Another thread may have computed the same numbers meanwhile: either copy will do.
        kept.places[ByLetter::slot(edge, kind)].store(place as u32 + 1, Ordering::Release);
    }
}

impl ByLetter {
    fn slot(edge: usize, kind: Seen) -> usize {
        edge * VOCABULARY + usize::from(kind) - 1
    }

    fn message(&self, edge: usize, kind: Seen) -> Option<&[f32]> {
        let place = self.places.get(ByLetter::slot(edge, kind))?.load(Ordering::Acquire).checked_sub(1)? as usize;
        self.messages[place / BLOCK].get()?[place % BLOCK].get().map(|message| &message[..])
    }
}

/// Messages that may have been computed already, and what one or several residues see of their neighbors, `[residues,
/// K]`.
#[derive(Clone, Copy)]
pub(crate) struct Remembered<'a> {
    pub(crate) memo: &'a MessageMemo,
    pub(crate) kinds: &'a [Seen],
}

impl Model {
    /// Adds the sum of a residue's messages in the first decoder layer to `sum`. Those that are not known yet are
    /// computed.
    pub(crate) fn add_remembered_messages(
        &self,
        encoding: &EncodedGraph,
        remembered: Remembered<'_>,
        received: LayerEdges<'_>,
        scratch: &mut Scratch,
        sum: &mut [f32],
    ) {
        let Remembered { memo, kinds } = remembered;
        let stride = self.stride();
        let degree = kinds.len();
        let first_edge = received.edges.start;
        let known = |slot: usize| memo.get(first_edge + slot, kinds[slot], stride);
        scratch.missing.clear();
        scratch.missing.extend((0..degree).filter(|&slot| known(slot).is_none()));
        self.compute_missing(encoding, received, scratch);
        // Another thread may have made a message known meanwhile: the list says which ones were computed here.
        let computed = || scratch.missing.iter().copied().zip(scratch.second.chunks_exact(stride));
        let mut next = computed().peekable();
        let messages: Vec<&[f32]> = (0..degree)
            .filter_map(|slot| match next.next_if(|&(missing, _)| missing == slot) {
                Some((_, message)) => Some(message),
                None => known(slot),
            })
            .collect();
        self.kernels.add_rows(&messages, sum);
        for (slot, message) in computed() {
            memo.keep(first_edge + slot, kinds[slot], message);
        }
    }

    /// The messages of the edges `scratch.missing`, counted from the first of those received, into `scratch.second`.
    fn compute_missing(&self, encoding: &EncodedGraph, received: LayerEdges<'_>, scratch: &mut Scratch) {
        let stride = self.stride();
        let Scratch { missing, first, second, narrow, .. } = scratch;
        let LayerEdges { layer, ref edges, terms } = received;
        let (first_edge, degree) = (edges.start, edges.len());
        second.resize(missing.len() * stride);
        if missing.is_empty() {
            return;
        }
        // If a third or more are missing, computing all edges in one product is faster than one edge after another.
        if 3 * missing.len() >= degree {
            first.resize(degree * stride);
            self.first_map(encoding, received, first, narrow);
            for (row, &slot) in missing.iter().enumerate() {
                first.copy_within(slot * stride..(slot + 1) * stride, row * stride);
            }
            first.resize(missing.len() * stride);
        } else {
            first.resize(missing.len() * stride);
            for (&slot, out) in missing.iter().zip(first.chunks_exact_mut(stride)) {
                let edge = first_edge + slot;
                let terms = EdgeTerms { index: &terms.index[slot..][..1], ..terms };
                self.first_map(encoding, LayerEdges { layer, edges: edge..edge + 1, terms }, out, narrow);
            }
        }
        let layer = &self.decoder[0].message.second;
        let rows = Rows::new(first, stride);
        layer.weight.matmul_gelu(self.kernels, rows, narrow, &layer.bias, RowsMut::new(second, stride));
    }

    /// The messages of all edges of a residue, as if no neighbor had been decoded, to `out`. `[K, H]`
    fn undecoded_messages(&self, encoding: &EncodedGraph, residue: usize, scratch: &mut Scratch, out: &mut [f32]) {
        let stride = self.stride();
        let degree = encoding.graph.degree();
        let terms = EdgeTerms {
            center: &encoding.center[residue * stride..][..stride],
            table: Rows::new(&encoding.undecoded[0], stride),
            index: encoding.graph.neighbors(residue),
        };
        let Scratch { first, narrow, .. } = scratch;
        first.resize(degree * stride);
        let edges = residue * degree..(residue + 1) * degree;
        self.first_map(encoding, LayerEdges { layer: 0, edges, terms }, first, narrow);
        let layer = &self.decoder[0].message.second;
        let rows = Rows::new(first, stride);
        layer.weight.matmul_gelu(self.kernels, rows, narrow, &layer.bias, RowsMut::new(out, stride));
    }
}
