//! Products by dot products of pairs, with the sums in vector registers: block by block, in each block pair by pair, for
//! each pair the terms in their order.

use super::layout::{LINE, SplitTerms, TILE, blocks_of, terms_of};
use super::matrix::SplitMatrix;
use super::product::Product;
use super::rows::SplitRows;
use super::stored::{Finish, MOST_ROWS, StoredRows, Sums, place};
#[cfg(target_arch = "x86_64")]
use crate::epilogue::{Epilogue, PanelSums, finish_panel};
#[cfg(target_arch = "x86_64")]
use crate::lanes::Lanes;
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
    /// The sums of the rows `row .. row + ROWS`.
    ///
    /// # Safety
    /// - Those rows and the panel exist.
    #[inline(always)]
    unsafe fn sums<const ROWS: usize>(self, row: usize) -> [[D::Sums; VECTORS]; ROWS] {
        let Operands { dots, a, weight, column } = self;
        let blocks = blocks_of(weight.inputs);
        let plane = a.plane_lines() * DWORDS;
        let mut sums = [[dots.zero(); VECTORS]; ROWS];
        // SAFETY: the caller vouches for the rows and the panel, each with `blocks` lines a plane and `PLANES` planes.
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
        }
        sums
    }
}

/// The sums of one term, as vectors of the epilogue.
#[cfg(target_arch = "x86_64")]
impl<L: Lanes, D: Dots<Sums = L::Vector>> PanelSums<L> for Operands<'_, D, 1> {
    #[inline(always)]
    unsafe fn sums<const ROWS: usize, const OF_PANEL: usize>(self, _: L, row: usize) -> [[L::Vector; OF_PANEL]; ROWS] {
        // SAFETY: the caller vouches for the rows and the panel.
        let sums = unsafe { self.sums::<ROWS>(row) };
        sums.map(|sums| std::array::from_fn(|vector| sums[vector]))
    }
}

/// Multiplies by dot products of pairs with one term, and finishes each block of rows in its registers.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn by_pairs_at_once<L: Lanes, D: Dots<Sums = L::Vector>, const ROWS: usize, E: Epilogue<L>>(
    (l, dots): (L, D),
    product: Product<'_>,
    epilogue: &mut E,
) {
    let Product { a, weight } = product;
    for column in (0..padded(weight.outputs)).step_by(LINE) {
        let operands = Operands::<D, 1> { dots, a, weight, column };
        // SAFETY: `Product`s are made in methods of `Kernels`, which checked that `a` has the weight's inputs and its
        // planes, and that the epilogue holds `a.count()` rows of `padded(outputs)` columns.
        unsafe { finish_panel::<L, ROWS, VECTORS, false, E>(l, operands, a.count(), column, epilogue) };
    }
}

/// Multiplies by dot products of pairs, and stores the sums before they are finished.
#[inline(always)]
pub(super) fn by_pairs<D: Dots>(dots: D, product: Product<'_>, epilogue: &mut dyn Finish) {
    match product.weight.terms {
        SplitTerms::One => by_planes::<D, 1>(dots, product, epilogue),
        SplitTerms::Three => by_planes::<D, 2>(dots, product, epilogue),
        SplitTerms::Six => by_planes::<D, 3>(dots, product, epilogue),
    }
}

#[inline(always)]
fn by_planes<D: Dots, const PLANES: usize>(dots: D, product: Product<'_>, epilogue: &mut dyn Finish) {
    let Product { a, weight } = product;
    let mut stored = Sums::new();
    let sums = stored.as_mut_ptr();
    for column in (0..padded(weight.outputs)).step_by(LINE) {
        let operands = Operands::<D, PLANES> { dots, a, weight, column };
        for first in (0..a.count()).step_by(MOST_ROWS) {
            let count = (a.count() - first).min(MOST_ROWS);
            for row in 0..count {
                // SAFETY: `a` has the rows, its weight the panel, and `stored` room for `count` rows.
                unsafe {
                    let [vectors] = operands.sums::<1>(first + row);
                    for (vector, of_row) in vectors.into_iter().enumerate() {
                        dots.store(sums.add(place(row, vector * TILE)), of_row);
                    }
                }
            }
            let rows = StoredRows { sums, first, rows: (0, count), column };
            // SAFETY: the sums were just stored. `Product`s are made in methods of `Kernels`, which checked that `a` has the
            // weight's inputs and its planes, and that the epilogue holds `a.count()` rows of `padded(outputs)` columns.
            unsafe { epilogue.finish(weight.plan.isa(), rows) };
        }
    }
}
