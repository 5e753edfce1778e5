//! A linear map of radial basis functions, without those that are nothing.
//!
//! An edge is seen by 16 Gaussians of each of 25 distances, and more than a third of them are so far from the distance
//! that they add less than f32 can tell. The edges of a block lie side by side in the order of their length, so their
//! distances are alike, and whole columns of the map can be left out for all of them:
//!
//! ```text
//! for each block of rows                      (as many as fill the registers)
//!     for each distance of a row, for each Gaussian that any row of the block sees
//!         note the column, and the Gaussian of each row          ← side by side, as the microkernel reads them
//! for each panel of the weight
//!     for each block of rows
//!         accumulators = 0
//!         for each noted column
//!             accumulators[row] += gaussian[column][row] · panel[column]
//! ```
//!
//! Gaussians below [`NOTHING`] are zero, so that a row's result does not depend on what its block sees.

use crate::activation::exp_above;
use crate::dispatch::{dispatch, dispatch_tiled, panel_columns};
use crate::lanes::Lanes;
use crate::matmul::{Epilogue, block_rows, for_rows};
use crate::{ALIGNMENT, Buffer, Kernels, PackedMatrix, RadialBasis, RowsMut, padded};

/// Gaussians below this are taken as zero and all others are less by this: a sixth of f32's rounding at 1.
const NOTHING: f32 = 1e-8;

/// e^−z² is [`NOTHING`] at this z, and a little: less rounding than that goes into z.
const REACH: f32 = 4.2919 * 1.0001;

/// Memory for the functions of a few rows, reused.
#[derive(Debug, Default)]
pub struct RadialScratch {
    /// The Gaussians of each block's rows, column by column.
    values: Buffer,
    /// Where a column begins in a panel, block after block.
    columns: Vec<u32>,
    blocks: Vec<Block>,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    row: usize,
    rows: usize,
    /// Of its columns in `columns`, and of its functions in `values`.
    first: (usize, usize),
    columns: usize,
}

/// Distances of the same pairs of points for each of a few rows, pair after pair: `[pairs, stride]`.
#[derive(Debug, Default)]
pub struct PairDistances {
    distances: Buffer,
    pairs: usize,
    rows: usize,
    stride: usize,
}

impl PairDistances {
    /// Makes room for that many pairs and rows.
    pub fn resize(&mut self, pairs: usize, rows: usize) {
        (self.pairs, self.rows, self.stride) = (pairs, rows, padded(rows));
        // A vector of the last rows may reach beyond them.
        self.distances.resize(pairs * self.stride + ALIGNMENT);
    }

    /// The distance of each row's pair.
    pub fn of(&mut self, pair: usize) -> &mut [f32] {
        &mut self.distances[pair * self.stride..][..self.rows]
    }
}

/// Points of the same kinds for each of a few rows, coordinate after coordinate: `[kinds, 3, stride]`.
#[derive(Debug, Default)]
pub struct RowPoints {
    coordinates: Buffer,
    rows: usize,
    stride: usize,
}

impl RowPoints {
    /// The points of each row.
    ///
    /// # Panics
    /// When the rows have different numbers of points.
    pub fn fill<'a>(&mut self, kinds: usize, rows: impl ExactSizeIterator<Item = &'a [[f32; 3]]>) {
        (self.rows, self.stride) = (rows.len(), padded(rows.len()));
        self.coordinates.resize(kinds * 3 * self.stride);
        for (row, points) in rows.enumerate() {
            assert_eq!(points.len(), kinds, "points of a row");
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

struct Arguments<'a> {
    basis: &'a RadialBasis,
    distances: &'a PairDistances,
    weight: &'a PackedMatrix,
    scratch: &'a mut RadialScratch,
    out: RowsMut<'a>,
}

#[inline(always)]
fn body<L: Lanes, const ROWS: usize, const VECTORS: usize>(l: L, arguments: Arguments<'_>) {
    let Arguments { basis, distances, weight, scratch, out } = arguments;
    let rows = out.count;
    scratch.prepare::<L, ROWS>(l, basis, distances, panel_columns(weight.isa));
    let width = VECTORS * L::WIDTH;
    debug_assert_eq!(width, panel_columns(weight.isa));
    debug_assert_eq!(scratch.blocks.iter().map(|block| block.rows).sum::<usize>(), rows);
    let mut epilogue = Add { out: out.data.as_mut_ptr(), stride: out.stride };
    for (index, panel) in weight.panels.chunks_exact(width * weight.inputs).enumerate() {
        for &Block { row, rows, first: (column, value), columns } in &scratch.blocks {
            let values = &scratch.values[value..][..rows * columns];
            let columns = &scratch.columns[column..][..columns];
            // SAFETY: there are `rows` values a column; a column begins within the panel, by `prepare`; `out` has
            // `rows` rows of `padded(outputs)` columns, checked by the caller.
            unsafe {
                for_rows!(rows, ROWS, |R| {
                    block::<L, R, VECTORS>(l, (values, columns), panel, (row, index * width), &mut epilogue)
                });
            }
        }
    }
}

/// # Safety
/// - `values` holds `ROWS` floats for each of `columns`, and the panel a row of weights from each on.
/// - The epilogue's conditions hold.
#[inline(always)]
unsafe fn block<L: Lanes, const ROWS: usize, const VECTORS: usize>(
    l: L,
    (values, columns): (&[f32], &[u32]),
    panel: &[f32],
    (row, column): (usize, usize),
    epilogue: &mut Add,
) {
    let mut sums = [[l.splat(0.0); VECTORS]; ROWS];
    let mut value = values.as_ptr();
    // SAFETY: the caller vouches for both operands.
    unsafe {
        for &column in columns {
            let panel = panel.as_ptr().add(column as usize);
            let weights: [L::Vector; VECTORS] = std::array::from_fn(|vector| l.load(panel.add(vector * L::WIDTH)));
            for (row, sums) in sums.iter_mut().enumerate() {
                let x = l.splat(*value.add(row));
                for (sum, &weight) in sums.iter_mut().zip(&weights) {
                    *sum = l.mul_add(x, weight, *sum);
                }
            }
            value = value.add(ROWS);
        }
        epilogue.finish(l, row, column, sums);
    }
}

/// out += x
struct Add {
    out: *mut f32,
    stride: usize,
}

impl<L: Lanes> Epilogue<L> for Add {
    #[inline(always)]
    unsafe fn finish<const ROWS: usize, const VECTORS: usize>(
        &mut self,
        l: L,
        row: usize,
        column: usize,
        block: [[L::Vector; VECTORS]; ROWS],
    ) {
        for (r, sums) in block.iter().enumerate() {
            for (v, &sum) in sums.iter().enumerate() {
                // SAFETY: within `out`, by the trait's condition.
                unsafe {
                    let target = self.out.add((row + r) * self.stride + column + v * L::WIDTH);
                    l.store(target, l.add(l.load(target), sum));
                }
            }
        }
    }
}

impl RadialScratch {
    /// The functions that each block of rows sees, for panels of `width` columns.
    #[inline(always)]
    fn prepare<L: Lanes, const ROWS: usize>(
        &mut self,
        l: L,
        basis: &RadialBasis,
        distances: &PairDistances,
        width: usize,
    ) {
        let &PairDistances { pairs, rows: total, stride, ref distances } = distances;
        let count = basis.count();
        // Every function of every row, and a vector that reaches beyond the last.
        self.values.resize(pairs * count * total + ALIGNMENT);
        self.columns.clear();
        self.blocks.clear();
        let (mut row, mut length) = (0, 0);
        while row < total {
            let rows = block_rows(total - row, ROWS);
            let first = (self.columns.len(), length);
            for pair in 0..pairs {
                let distances = &distances[pair * stride + row..];
                let (mut nearest, mut farthest) = (f32::INFINITY, f32::NEG_INFINITY);
                for &distance in &distances[..rows] {
                    nearest = nearest.min(distance);
                    farthest = farthest.max(distance);
                }
                for index in basis.within(nearest, farthest, REACH) {
                    self.columns.push(((pair * count + index) * width) as u32);
                    let center = l.splat(basis.centers()[index]);
                    for lane in (0..rows).step_by(L::WIDTH) {
                        // SAFETY: `distances` and `values` both go on for a vector beyond their last row, by
                        // `PairDistances::resize` and the `resize` above: no more than all functions are written.
                        unsafe {
                            let distance = l.load(distances.as_ptr().add(lane));
                            let z = l.mul(l.sub(distance, center), l.splat(basis.inverse_sigma()));
                            let value = exp_above(l, l.neg_mul_add(z, z, l.splat(0.0)), NOTHING);
                            l.store(self.values.as_mut_ptr().add(length + lane), value);
                        }
                    }
                    length += rows;
                }
            }
            self.blocks.push(Block { row, rows, first, columns: self.columns.len() - first.0 });
            row += rows;
        }
    }
}

/// # Panics
/// Every method panics when the shapes of its operands do not fit.
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
        assert!(pairs.iter().all(|&(a, b)| a < from.len() && b < kinds), "a pair of points that are not there");
        dispatch!(self.isa(), distances_of, Distances { from, points, pairs, out }, Distances<'_>);
    }

    /// `out[row] += W · [basis(distance) for each distance of the row]`
    pub fn radial_product(
        &self,
        basis: &RadialBasis,
        distances: &PairDistances,
        weight: &PackedMatrix,
        scratch: &mut RadialScratch,
        out: RowsMut<'_>,
    ) {
        assert_eq!(weight.isa, self.isa(), "the weight was packed for another instruction set");
        assert_eq!(weight.inputs, distances.pairs * basis.count(), "a column for each function of each distance");
        assert_eq!(out.count, distances.rows, "a row of distances for each row of the result");
        assert!(out.stride >= padded(weight.outputs), "the result is narrower than the product");
        dispatch_tiled!(self.isa(), body, Arguments { basis, distances, weight, scratch, out }, Arguments<'_>);
    }
}
