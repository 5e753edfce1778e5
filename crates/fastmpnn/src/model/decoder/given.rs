//! Sequences that are given in full.

use crate::chemistry::Letter;

/// A sequence and the rank of each residue in the decoding order: a residue sees the letters of those with a smaller
/// rank. `[N]` each
#[derive(Clone, Copy, Debug)]
pub(crate) struct GivenSequence<'a> {
    pub(crate) sequence: &'a [Letter],
    pub(crate) rank: &'a [u32],
}
