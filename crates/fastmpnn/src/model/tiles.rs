//! The number of edges processed at a time.

use super::Arithmetic;

/// The number of edges of `stride` numbers processed at a time: a tile that leaves room in the first-level cache for
/// its product and a panel of weights, and divides K evenly. Planes of split numbers are half as large as floats, and are
/// multiplied sixteen rows at a time.
pub(super) fn tile_edges(arithmetic: Arithmetic, stride: usize, degree: usize) -> usize {
    let edges = if matches!(arithmetic, Arithmetic::Split(_)) { 48 } else { 24 };
    let most = (edges * 128 / stride).max(1);
    degree.div_ceil(degree.div_ceil(most).max(1)).max(1)
}
