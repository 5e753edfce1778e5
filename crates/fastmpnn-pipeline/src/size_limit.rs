//! How large an input may be.

/// The most bytes that are read of standard input, an object, a member of an archive, or what gzip packed: no structure is
/// this large, and a bomb of zeros packed thousandfold is.
pub(crate) const LARGEST: u64 = 1 << 30;
