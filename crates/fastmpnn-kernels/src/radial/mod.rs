//! A linear map of radial basis functions that skips the functions too small to change the result.
//!
//! Each edge has 25 distances, and each distance 16 Gaussians; more than a third of these are centered so far from the
//! distance that they add less than f32 resolves. The edges of a block follow each other in order of length, so their
//! distances are similar, and whole columns of the map can be skipped for all of them:
//!
//! ```text
//! for each block of rows                      (as many as fill the registers)
//!     for each distance of a row, for each Gaussian above the limit in any row of the block
//!         note the column, and the Gaussian of each row          ← contiguous, as the microkernel reads them
//! for each panel of the weight
//!     for each block of rows
//!         accumulators = 0
//!         for each noted column
//!             accumulators[row] += gaussian[column][row] · panel[column]
//! ```
//!
//! Gaussians below the limit are set to zero, so that a row's result does not depend on the other rows in its block.
//! With float weights the limit is a sixth of f32's rounding error at 1. With integer weights, Gaussians are integers
//! 0 … 4095, stored in pairs as in [`quantized`](mod@crate::quantized), and the limit is one half.

mod distances;
mod numbers;

pub use self::distances::{PairDistances, RowPoints};
use self::numbers::{Floats, Integers, Numbers};
use crate::dispatch::{dispatch_pairs, dispatch_tiled};
use crate::epilogue::{Epilogue, Plain, Written, block_rows, for_rows};
use crate::lanes::{Lanes, Pairs};
use crate::{ALIGNMENT, Buffer, Kernels, PackedMatrix, QuantizedMatrix, RadialBasis, RowsMut, padded};

/// Reusable memory for the functions of several rows.
#[derive(Debug, Default)]
pub struct RadialScratch {
    /// The Gaussians of each block's rows, slot by slot, in the format of [`Numbers`].
    values: Buffer,
    /// The offset of each slot's weights in a panel, block after block.
    slots: Vec<u32>,
    blocks: Vec<Block>,
}

#[derive(Clone, Copy, Debug)]
struct Block {
    row: usize,
    rows: usize,
    /// The index of the block's first slot in `slots`, and of its first function in `values`.
    first: (usize, usize),
    slots: usize,
}

struct RadialProduct<'a, W> {
    basis: &'a RadialBasis,
    distances: &'a PairDistances,
    weight: &'a W,
    scratch: &'a mut RadialScratch,
    out: RowsMut<'a>,
}

impl<W> RadialProduct<'_, W> {
    fn check(&self, inputs: usize, outputs: usize) {
        let RadialProduct { basis, distances, out, .. } = self;
        assert_eq!(
            inputs,
            distances.pairs * basis.count(),
            "the weight needs a column for each function of each distance"
        );
        assert_eq!(out.count, distances.rows, "the result needs a row for each row of distances");
        assert!(out.stride >= padded(outputs), "the result is narrower than the product");
    }
}

#[inline(always)]
fn body<N: Numbers, const ROWS: usize, const VECTORS: usize, W>(
    numbers: N,
    arguments: RadialProduct<'_, W>,
    outputs: usize,
) {
    let RadialProduct { basis, distances, scratch, out, .. } = arguments;
    let l = numbers.floats();
    let width = VECTORS * N::Floats::WIDTH;
    scratch.prepare::<N, ROWS>(numbers, basis, distances, width);
    debug_assert_eq!(scratch.blocks.iter().map(|block| block.rows).sum::<usize>(), out.count);
    let mut epilogue = Written::new(out, Plain);
    for column in (0..padded(outputs)).step_by(width) {
        for &Block { row, rows, first: (slot, value), slots } in &scratch.blocks {
            let values = &scratch.values[value..][..rows * slots];
            let slots = &scratch.slots[slot..][..slots];
            // SAFETY: there are `rows` values a slot; a slot's weights lie within the panel, by `prepare`; `out` has
            // `rows` rows of `padded(outputs)` columns, checked by the caller.
            unsafe {
                for_rows!(rows, ROWS, |R| {
                    let sums = numbers.sums::<R, VECTORS>(values.as_ptr(), slots, column);
                    epilogue.finish(l, row, column, sums);
                });
            }
        }
    }
}

impl RadialScratch {
    /// Finds the functions above the limit in each block of rows, for panels of `width` columns.
    #[inline(always)]
    fn prepare<N: Numbers, const ROWS: usize>(
        &mut self,
        numbers: N,
        basis: &RadialBasis,
        distances: &PairDistances,
        width: usize,
    ) {
        let &PairDistances { pairs, rows: total, stride, ref distances } = distances;
        let l = numbers.floats();
        // The number of functions is even, so no slot has those of two distances.
        let a_pair = basis.count() / N::GAUSSIANS;
        // Every function of every row, and one vector beyond the last.
        self.values.resize(pairs * a_pair * total + ALIGNMENT);
        self.slots.clear();
        self.blocks.clear();
        let (mut row, mut length) = (0, 0);
        while row < total {
            let rows = block_rows(total - row, ROWS);
            let first = (self.slots.len(), length);
            for pair in 0..pairs {
                let distances = &distances[pair * stride + row..];
                let (mut nearest, mut farthest) = (f32::INFINITY, f32::NEG_INFINITY);
                for &distance in &distances[..rows] {
                    nearest = nearest.min(distance);
                    farthest = farthest.max(distance);
                }
                let seen = basis.within(nearest, farthest, N::REACH);
                for slot in seen.start / N::GAUSSIANS..seen.end.div_ceil(N::GAUSSIANS) {
                    self.slots.push(((pair * a_pair + slot) * width) as u32);
                    let centers = &basis.centers()[slot * N::GAUSSIANS..][..N::GAUSSIANS];
                    for lane in (0..rows).step_by(N::Floats::WIDTH) {
                        // SAFETY: `distances` and `values` both go on for a vector beyond their last row, by
                        // `PairDistances::resize` and the `resize` above: no more than all functions are written.
                        unsafe {
                            let distance = l.load(distances.as_ptr().add(lane));
                            let target = self.values.as_mut_ptr().add(length + lane);
                            numbers.write(distance, centers.as_ptr(), basis.inverse_sigma(), target);
                        }
                    }
                    length += rows;
                }
            }
            self.blocks.push(Block { row, rows, first, slots: self.slots.len() - first.0 });
            row += rows;
        }
    }
}

/// # Panics
/// Every method panics when the shapes of its operands do not fit.
impl Kernels {
    /// `out[row] += W · [basis(distance) for each distance of the row]`
    pub fn radial_product(
        &self,
        basis: &RadialBasis,
        distances: &PairDistances,
        weight: &PackedMatrix,
        scratch: &mut RadialScratch,
        out: RowsMut<'_>,
    ) {
        #[inline(always)]
        fn of_floats<L: Lanes, const ROWS: usize, const VECTORS: usize>(l: L, a: RadialProduct<'_, PackedMatrix>) {
            let (numbers, outputs) = (Floats { l, weight: a.weight }, a.weight.outputs);
            body::<_, ROWS, VECTORS, _>(numbers, a, outputs);
        }
        assert_eq!(weight.plan.isa(), self.isa(), "the weight was packed for another instruction set");
        let arguments = RadialProduct { basis, distances, weight, scratch, out };
        arguments.check(weight.inputs, weight.outputs);
        dispatch_tiled!(self.isa(), of_floats, arguments, RadialProduct<'_, PackedMatrix>);
    }

    /// `out[row] += W · [basis(distance) for each distance of the row]`, the product in integers
    pub fn quantized_radial_product(
        &self,
        basis: &RadialBasis,
        distances: &PairDistances,
        weight: &QuantizedMatrix,
        scratch: &mut RadialScratch,
        out: RowsMut<'_>,
    ) {
        #[inline(always)]
        fn of_integers<P: Pairs, const ROWS: usize, const VECTORS: usize>(p: P, a: RadialProduct<'_, QuantizedMatrix>) {
            let (numbers, outputs) = (Integers { p, weight: a.weight }, a.weight.outputs());
            body::<_, ROWS, VECTORS, _>(numbers, a, outputs);
        }
        let arguments = RadialProduct { basis, distances, weight, scratch, out };
        arguments.check(weight.inputs(), weight.outputs());
        assert!(basis.fits_integers(distances.pairs), "the sums of {} distances do not fit an i32", distances.pairs);
        dispatch_pairs!(weight.plan(), of_integers, arguments, RadialProduct<'_, QuantizedMatrix>);
    }
}
