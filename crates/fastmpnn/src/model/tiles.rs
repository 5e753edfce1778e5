//! The number of edges processed at a time.

/// The number of edges of `stride` numbers processed at a time: a tile that leaves room in the first-level cache for
/// its product and a panel of weights, and divides K evenly.
pub(super) fn tile_edges(stride: usize, degree: usize) -> usize {
    const TILE_FLOATS: usize = 24 * 128;
    let most = (TILE_FLOATS / stride).max(1);
    degree.div_ceil(degree.div_ceil(most).max(1)).max(1)
}
