//! Distances between the points of a residue and those of its neighbors.

use crate::dispatch::dispatch;
use crate::lanes::Lanes;
use crate::{ALIGNMENT, Buffer, Kernels, padded};

/// Distances (Å) between the same pairs of points for each of several rows: `[pairs, stride]`.
#[derive(Debug, Default)]
pub struct PairDistances {
    pub(super) distances: Buffer,
    pub(super) pairs: usize,
    pub(super) rows: usize,
    pub(super) stride: usize,
}

impl PairDistances {
    /// Changes the shape to `pairs` pairs and `rows` rows.
    pub fn resize(&mut self, pairs: usize, rows: usize) {
        (self.pairs, self.rows, self.stride) = (pairs, rows, padded(rows));
        // A vector read or written at the last rows may reach beyond them.
        self.distances.resize(pairs * self.stride + ALIGNMENT);
    }

    /// The distances of one pair, one for each row.
    pub fn of(&mut self, pair: usize) -> &mut [f32] {
        &mut self.distances[pair * self.stride..][..self.rows]
    }
}

/// Points (Å) of the same kinds for each of several rows: `[kinds, 3, stride]`.
#[derive(Debug, Default)]
pub struct RowPoints {
    coordinates: Buffer,
    rows: usize,
    stride: usize,
}

impl RowPoints {
    /// Copies the points of each row, `[rows, kinds, 3]`, in Å.
    ///
    /// # Panics
    /// If the rows have different numbers of points.
    pub fn fill<'a>(&mut self, kinds: usize, rows: impl ExactSizeIterator<Item = &'a [[f32; 3]]>) {
        (self.rows, self.stride) = (rows.len(), padded(rows.len()));
        self.coordinates.resize(kinds * 3 * self.stride);
        for (row, points) in rows.enumerate() {
            assert_eq!(points.len(), kinds, "the rows have different numbers of points");
            for (index, coordinate) in points.as_flattened().iter().enumerate() {
                self.coordinates[index * self.stride + row] = *coordinate;
            }
        }
    }
}

struct Distances<'a> {
    from: &'a [[f32; 3]],
    points: &'a RowPoints,
    pairs: &'a [(usize, usize)],
    out: &'a mut PairDistances,
}

#[inline(always)]
fn distances_of<L: Lanes>(l: L, arguments: Distances<'_>) {
    let Distances { from, points, pairs, out } = arguments;
    let stride = points.stride;
    for (&(a, b), out) in pairs.iter().zip(out.distances.chunks_exact_mut(stride)) {
        let center = from[a].map(|coordinate| l.splat(coordinate));
        let coordinates = &points.coordinates[b * 3 * stride..][..3 * stride];
        for row in (0..stride).step_by(L::WIDTH) {
            // SAFETY: `stride` is a multiple of every vector's width; `out` has that many floats, `coordinates` three
            // times as many.
            unsafe {
                let difference = |axis: usize| {
                    let coordinate = l.load(coordinates.as_ptr().add(axis * stride + row));
                    l.sub(center[axis], coordinate)
                };
                let [x, y, z] = [difference(0), difference(1), difference(2)];
                let square = l.add(l.add(l.mul(x, x), l.mul(y, y)), l.mul(z, z));
                l.store(out.as_mut_ptr().add(row), l.sqrt(l.add(square, l.splat(1e-6))));
            }
        }
    }
}

/// # Panics
/// If the shapes of the operands do not fit.
impl Kernels {
    /// `√(|from[a] − points[b]|² + 10⁻⁶)` for each pair (a, b) and each row of the points.
    pub fn pair_distances(
        &self,
        from: &[[f32; 3]],
        points: &RowPoints,
        pairs: &[(usize, usize)],
        out: &mut PairDistances,
    ) {
        out.resize(pairs.len(), points.rows);
        if points.rows == 0 {
            return;
        }
        let kinds = points.coordinates.len() / (3 * points.stride);
        assert!(pairs.iter().all(|&(a, b)| a < from.len() && b < kinds), "a pair names a point that does not exist");
        dispatch!(self.isa(), distances_of, Distances { from, points, pairs, out }, Distances<'_>);
    }
}
