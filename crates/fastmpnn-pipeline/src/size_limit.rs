//! How large a member of an archive may be.

/// The most bytes that a member may have: no structure is this large, and a bomb of zeros packed thousandfold is.
pub(super) const LARGEST: u64 = 1 << 30;
