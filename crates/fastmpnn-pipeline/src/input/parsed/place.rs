//! Where a structure is in a file of parsed structures.

use crate::input::text_store::Span;

/// A line with a structure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u32,
    /// The name that it gives its structure; empty where it gives none.
    pub(super) name: Span,
    /// In bytes of what is unpacked, where the file is packed.
    pub(super) offset: u64,
    pub(super) length: u64,
}
