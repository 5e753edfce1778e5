//! Products by squares of two rows and two outputs, with the sums in vector registers: block by block, in each block two
//! pairs of inputs at a time, for these the terms in their order.

use super::layout::{LINE, SplitTerms, TILE, blocks_of, terms_of};
use super::matrix::SplitMatrix;
use super::product::Product;
use super::rows::SplitRows;
use super::stored::{Finish, MOST_ROWS, StoredRows, Sums, place};
use crate::padded;
use crate::tiles::Squares;

/// Dwords of a line.
const DWORDS: usize = TILE;

/// Pairs of rows and pairs of outputs of a block: sixteen registers of sums, four of rows and four of weights.
const PAIRS: usize = 4;

/// The rows and the outputs of a block. It divides a tile: rows are padded to whole tiles.
const SIDE: usize = 2 * PAIRS;

/// Rows and weights in `PLANES` planes.
#[derive(Clone, Copy)]
struct Operands<'a, S, const PLANES: usize> {
    squares: S,
    a: &'a SplitRows,
    weight: &'a SplitMatrix,
}

impl<S: Squares, const PLANES: usize> Operands<'_, S, PLANES> {
    /// Stores the sums of the rows from `row` and the outputs from `output` on, the first at `target`.
    ///
    /// # Safety
    /// - `SIDE` rows exist, those of the padding among them, and as many outputs; `target` is a row of [`Sums`] with as many
    ///   rows and outputs from there on.
    #[inline(always)]
    unsafe fn store(self, row: usize, output: usize, target: *mut f32) {
        let Operands { squares, a, weight } = self;
        let blocks = blocks_of(weight.inputs);
        let mut sums = [[squares.zero(); PAIRS]; PAIRS];
        // SAFETY: the caller vouches for the rows and the outputs, each with `blocks` lines a plane and `PLANES` planes, and for
        // `target`.
        unsafe {
            let lines: *const u32 = a.as_ptr().add(row * blocks).cast();
            let tiles: *const u32 = weight.tiles_of(output / TILE * TILE).cast::<u32>().add(output % TILE);
            for block in 0..blocks {
                for dword in (0..DWORDS).step_by(2) {
                    let mut rows = [[squares.no_factors(); PAIRS]; PLANES];
                    let mut weights = rows;
                    for plane in 0..PLANES {
                        let line = lines.add((plane * a.plane_lines() + block) * DWORDS + dword);
                        let of_dword = tiles.add(((block * PLANES + plane) * TILE + dword) * DWORDS);
                        for pair in 0..PAIRS {
                            let first = line.add(2 * pair * blocks * DWORDS);
                            rows[plane][pair] = squares.rows([first, first.add(blocks * DWORDS)]);
                            let first = of_dword.add(2 * pair);
                            weights[plane][pair] = squares.weights([first, first.add(DWORDS)]);
                        }
                    }
                    for &(x, w) in const { terms_of(PLANES) } {
                        for (sums, &x) in sums.iter_mut().zip(&rows[x]) {
                            for (sum, &w) in sums.iter_mut().zip(&weights[w]) {
                                *sum = squares.multiply_add(x, w, *sum);
                            }
                        }
                    }
                }
            }
            for (row, sums) in sums.into_iter().enumerate() {
                for (output, sums) in sums.into_iter().enumerate() {
                    squares.store(target.add(place(2 * row, 0) + 2 * output), TILE, sums);
                }
            }
        }
    }
}

/// Multiplies by squares.
#[inline(always)]
pub(super) fn by_squares<S: Squares>(squares: S, product: Product<'_>, epilogue: &mut dyn Finish) {
    match product.weight.terms {
        SplitTerms::One => by_planes::<S, 1>(squares, product, epilogue),
        SplitTerms::Three => by_planes::<S, 2>(squares, product, epilogue),
        SplitTerms::Six => by_planes::<S, 3>(squares, product, epilogue),
    }
}

#[inline(always)]
fn by_planes<S: Squares, const PLANES: usize>(squares: S, product: Product<'_>, epilogue: &mut dyn Finish) {
    let Product { a, weight } = product;
    let operands = Operands::<S, PLANES> { squares, a, weight };
    let mut stored = Sums::new();
    let sums = stored.as_mut_ptr();
    for column in (0..padded(weight.outputs)).step_by(LINE) {
        for first in (0..a.count()).step_by(MOST_ROWS) {
            let count = (a.count() - first).min(MOST_ROWS);
            for row in (0..count).step_by(SIDE) {
                for output in (0..LINE).step_by(SIDE) {
                    // SAFETY: `a` has the rows, padded to whole tiles, its weight the outputs, and `stored` room for both.
                    unsafe { operands.store(first + row, column + output, sums.add(place(row, output))) };
                }
            }
            let rows = StoredRows { sums, first, rows: (0, count), column };
            // SAFETY: the sums were just stored. `Product`s are made in methods of `Kernels`, which checked that `a` has the
            // weight's inputs and its planes, and that the epilogue holds `a.count()` rows of `padded(outputs)` columns.
            unsafe { epilogue.finish(weight.plan.isa(), rows) };
        }
    }
}
