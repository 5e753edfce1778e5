//! Messages of the first decoder layer, remembered.
//!
//! In the first layer the centre's and the neighbours' states are the encoder's, so a message depends only on the edge
//! and on what is seen of the neighbour: nothing, or its letter. That is 22 possibilities an edge, and when many
//! sequences are drawn the same ones come up again and again. A message is computed when it is first asked for; then
//! a residue's sum is 48 additions of rows instead of a matrix product.
//!
//! The rows are added in the order in which the product would have added them, so the sum is the same, bit for bit.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use fastmpnn_kernels::{Buffer, EdgeTerms, Rows, RowsMut};

use super::{Encoding, Model, Scratch};
use crate::chemistry::{Letter, VOCABULARY};

/// What the centre sees of a neighbour: 0 without a letter, 1 + letter with one.
pub(crate) type Seen = u8;

/// Neighbours without a letter.
pub(crate) const NO_LETTER: Seen = 0;

/// What is seen of a neighbour with that letter.
pub(crate) fn seen(letter: Letter) -> Seen {
    1 + letter.index() as u8
}

const KINDS: usize = VOCABULARY + 1;

/// The messages of one encoding. Threads share it.
#[derive(Debug)]
pub(crate) struct MessageMemo {
    /// gelu(W2·gelu(…)) by edge and kind, `[N·K, 22]`, H floats where it has been asked for.
    messages: Vec<OnceLock<Buffer>>,
    /// How many more may be kept.
    room: AtomicUsize,
}

impl MessageMemo {
    /// Room for the messages of `edges` edges, of which at most `most` are kept.
    pub(crate) fn new(edges: usize, most: usize) -> MessageMemo {
        let mut messages = Vec::new();
        messages.resize_with(edges * KINDS, OnceLock::new);
        MessageMemo { messages, room: AtomicUsize::new(most) }
    }

    /// What remembering a message of `stride` floats takes.
    pub(crate) fn bytes_a_message(stride: usize) -> u64 {
        // The allocator's own book-keeping is about a cache line.
        (stride * size_of::<f32>() + 64) as u64
    }

    fn slot(&self, edge: usize, kind: Seen) -> &OnceLock<Buffer> {
        &self.messages[edge * KINDS + kind as usize]
    }

    fn keep(&self, edge: usize, kind: Seen, message: &[f32]) {
        let one_less = |room: usize| room.checked_sub(1);
        if self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
            let mut own = Buffer::zeros(message.len());
            own.copy_from_slice(message);
            // Another thread may have computed the same numbers meanwhile: either copy will do.
            let _ = self.slot(edge, kind).set(own);
        }
    }
}

impl Model {
    /// Adds the sum of a residue's messages in the first decoder layer to `sum`. `kinds` says what it sees of each
    /// neighbour `[K]`; `terms` are what the messages are made of where they are not known yet.
    pub(crate) fn add_remembered_messages(
        &self,
        (encoding, memo): (&Encoding, &MessageMemo),
        residue: u32,
        (kinds, terms): (&[Seen], EdgeTerms<'_>),
        scratch: &mut Scratch,
        sum: &mut [f32],
    ) {
        let stride = self.stride();
        let first_edge = residue as usize * kinds.len();
        let missing = &mut scratch.missing;
        missing.clear();
        missing.extend((0..kinds.len()).filter(|&slot| memo.slot(first_edge + slot, kinds[slot]).get().is_none()));
        self.compute_missing(encoding, first_edge, terms, scratch);
        let mut computed = scratch.missing.iter().copied().zip(scratch.second.chunks_exact(stride)).peekable();
        let messages: Vec<&[f32]> = kinds
            .iter()
            .enumerate()
            .map(|(slot, &kind)| match computed.next_if(|&(missing, _)| missing == slot) {
                Some((_, message)) => {
                    memo.keep(first_edge + slot, kind, message);
                    message
                }
                None => memo.slot(first_edge + slot, kind).get().map_or(&self.zeros[..], |message| message),
            })
            .collect();
        self.kernels.add_rows(&messages, sum);
    }

    /// The messages of the edges `scratch.missing`, counted from `first_edge`, into `scratch.second`.
    fn compute_missing(&self, encoding: &Encoding, first_edge: usize, terms: EdgeTerms<'_>, scratch: &mut Scratch) {
        let stride = self.stride();
        let Scratch { missing, first, second, integers, .. } = scratch;
        first.resize(missing.len() * stride);
        second.resize(missing.len() * stride);
        for (&slot, out) in missing.iter().zip(first.chunks_exact_mut(stride)) {
            let edge = first_edge + slot;
            let terms = EdgeTerms { index: &terms.index[slot..][..1], ..terms };
            self.first_map(encoding, (0, edge..edge + 1), terms, (out, integers));
        }
        let layer = &self.decoder[0].message.second;
        if !missing.is_empty() {
            let rows = (Rows::new(first, stride), integers);
            layer.weight.matmul_gelu(self.kernels, rows, &layer.bias, RowsMut::new(second, stride));
        }
    }
}
