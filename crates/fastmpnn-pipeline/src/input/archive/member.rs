//! Where a member of an archive is.

use crate::input::text_store::Span;

/// A member.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    pub(super) name: Span,
    /// Of its bytes in a tar archive, of its header in a zip archive.
    pub(super) offset: u64,
    /// Bytes in the archive.
    pub(super) packed: u64,
    /// Bytes.
    pub(super) size: u64,
    /// Of zip archives.
    pub(super) checksum: u32,
    pub(super) storage: Storage,
}

/// How a member is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    Plain,
    Deflated,
    Encrypted,
    /// By a method of zip archives that is not read.
    Method(u16),
    /// In pieces, with holes between them.
    Sparse,
}
