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
//! A decoding order is only a choice among these rows.

mod batch;
mod edge_terms;
mod given;
mod given_group;
mod moved;
mod states;
mod teacher_forced;

pub(crate) use batch::Recorded;
pub(crate) use edge_terms::LayerEdges;
pub(crate) use given::GivenSequence;
pub(crate) use given_group::{BLOCKS_A_SEQUENCE, GivenGroup};
pub(crate) use moved::{MovedResidue, MovingOrder};
pub(crate) use states::{Decoding, Item, SHARED, UNDECODED};
