//! Products by dot products of pairs, with the sums in vector registers: block by block, in each block pair by pair, for
//! each pair the terms in their order.

use super::layout::{LINE, SplitTerms, TILE, blocks_of, terms_of};
use super::matrix::SplitMatrix;
use super::product::Product;
use super::rows::SplitRows;
use super::stored::{Finish, MOST_ROWS, StoredRows, Sums, place};
use crate::epilogue::{block_rows, for_rows};
use crate::padded;
use crate::tiles::Dots;

/// Dwords of a line.
const DWORDS: usize = TILE;

/// The vectors of a panel.
const VECTORS: usize = LINE / TILE;

/// The rows and a panel of the weight.
#[derive(Clone, Copy)]
struct Operands<'a, D, const PLANES: usize> {
    dots: D,
    a: &'a SplitRows,
    weight: &'a SplitMatrix,
    /// The panel's first column.
    column: usize,
}

impl<D: Dots, const PLANES: usize> Operands<'_, D, PLANES> {
    /// Stores the sums of `ROWS` rows from `row` on, those of the first output at `target`.
    ///
    /// # Safety
    /// - Those rows and the panel exist, and `target` is a row of [`Sums`] with `ROWS` − 1 rows after it.
    #[inline(always)]
    unsafe fn store<const ROWS: usize>(self, row: usize, target: *mut f32) {
        let Operands { dots, a, weight, column } = self;
        let blocks = blocks_of(weight.inputs);
        let plane = a.plane_lines() * DWORDS;
        let mut sums = [[dots.zero(); VECTORS]; ROWS];
        // SAFETY: the caller vouches for the rows and the panel, each with `blocks` lines a plane and `PLANES` planes, and
        // for `target`.
        unsafe {
            let first: *const u32 = a.as_ptr().cast::<u32>().add(row * blocks * DWORDS);
            let tiles = [weight.tiles_of(column).cast::<u16>(), weight.tiles_of(column + TILE).cast::<u16>()];
            for dword in 0..blocks * DWORDS {
                // Dword i of a row meets line i of the tile of its block.
                let line = (dword / DWORDS * PLANES * DWORDS + dword % DWORDS) * 2 * DWORDS;
                let mut weights = [[dots.splat(0); VECTORS]; PLANES];
                for (index, weights) in weights.iter_mut().enumerate() {
                    for (weights, tile) in weights.iter_mut().zip(tiles) {
                        *weights = dots.load(tile.add(line + index * TILE * 2 * DWORDS));
                    }
                }
                for (r, sums) in sums.iter_mut().enumerate() {
                    let pair = first.add(r * blocks * DWORDS + dword);
                    let mut planes = [dots.splat(0); PLANES];
                    for (index, x) in planes.iter_mut().enumerate() {
                        *x = dots.splat(*pair.add(index * plane));
                    }
                    for &(x, w) in const { terms_of(PLANES) } {
                        for (sum, &weight) in sums.iter_mut().zip(&weights[w]) {
                            *sum = dots.multiply_add(planes[x], weight, *sum);
                        }
                    }
                }
            }
            for (r, sums) in sums.into_iter().enumerate() {
                for (vector, sum) in sums.into_iter().enumerate() {
                    dots.store(target.add(place(r, vector * TILE)), sum);
                }
            }
        }
    }
}

/// Multiplies by dot products of pairs. With one term a block has `ROWS` rows, as many as fill the registers; three and
/// six terms are slower than f32 with any processor's dot products, and have one row at a time.
#[inline(always)]
pub(super) fn by_pairs<D: Dots, const ROWS: usize>(dots: D, product: Product<'_>, epilogue: &mut dyn Finish) {
    match product.weight.terms {
        SplitTerms::One => by_planes::<D, ROWS, 1>(dots, product, epilogue),
        SplitTerms::Three => by_planes::<D, 1, 2>(dots, product, epilogue),
        SplitTerms::Six => by_planes::<D, 1, 3>(dots, product, epilogue),
    }
}

#[inline(always)]
fn by_planes<D: Dots, const ROWS: usize, const PLANES: usize>(
    dots: D,
    product: Product<'_>,
    epilogue: &mut dyn Finish,
) {
    let Product { a, weight } = product;
    let mut stored = Sums::new();
    let sums = stored.as_mut_ptr();
    for column in (0..padded(weight.outputs)).step_by(LINE) {
        let operands = Operands::<D, PLANES> { dots, a, weight, column };
        for first in (0..a.count()).step_by(MOST_ROWS) {
            let count = (a.count() - first).min(MOST_ROWS);
            let mut row = 0;
            while row < count {
                let rows = block_rows(count - row, ROWS).min(ROWS);
                // SAFETY: `a` has the rows, its weight the panel, and `stored` room for `count` rows.
                for_rows!(rows, ROWS, |R| unsafe { operands.store::<R>(first + row, sums.add(place(row, 0))) });
                row += rows;
            }
            let rows = StoredRows { sums, first, rows: (0, count), column };
            // SAFETY: the sums were just stored. `Product`s are made in methods of `Kernels`, which checked that `a` has the
            // weight's inputs and its planes, and that the epilogue holds `a.count()` rows of `padded(outputs)` columns.
            unsafe { epilogue.finish(weight.plan.isa(), rows) };
        }
    }
}
