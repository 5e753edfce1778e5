//! Products by dot products of pairs, with the sums in vector registers: block by block, in each block pair by pair, for
//! each pair the terms in their order.

use super::layout::{SplitTerms, TILE, blocks_of, terms_of};
use super::matrix::SplitMatrix;
use super::product::Product;
use super::rows::SplitRows;
use crate::epilogue::{Epilogue, PanelSums, finish_panel};
use crate::lanes::Lanes;
use crate::padded;
use crate::tiles::Dots;

/// Dwords of a line.
const DWORDS: usize = TILE;

/// A block of rows and a panel.
#[derive(Clone, Copy)]
struct Operands<'a, D, const PLANES: usize> {
    dots: D,
    a: &'a SplitRows,
    weight: &'a SplitMatrix,
    /// The panel's first column.
    column: usize,
}

impl<D: Dots, const PLANES: usize> PanelSums<D::Floats> for Operands<'_, D, PLANES> {
    #[inline(always)]
    unsafe fn sums<const ROWS: usize, const VECTORS: usize>(
        self,
        l: D::Floats,
        row: usize,
    ) -> [[<D::Floats as Lanes>::Vector; VECTORS]; ROWS] {
        let Operands { dots, a, weight, column } = self;
        let blocks = blocks_of(weight.inputs);
        let plane = a.plane_lines() * DWORDS;
        let mut sums = [[l.splat(0.0); VECTORS]; ROWS];
        // SAFETY: `a` has the rows and the weight the columns, by the trait's condition, each with `blocks` lines a plane
        // and `PLANES` planes; a vector does not cross the end of a line, since its width divides sixteen.
        unsafe {
            let first: *const u32 = a.as_ptr().cast::<u32>().add(row * blocks * DWORDS);
            let mut tiles = [weight.tiles_of(0).cast::<u16>(); VECTORS];
            for (vector, tile) in tiles.iter_mut().enumerate() {
                let column = column + vector * D::Floats::WIDTH;
                *tile = weight.tiles_of(column / TILE * TILE).cast::<u16>().add(2 * (column % TILE));
            }
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

/// The vectors of a block. With one term a block has as many rows as fill the registers; three and six terms are slower
/// than f32 with any processor's dot products, and have one row at a time.
const VECTORS: usize = 2;

/// Multiplies by dot products of pairs.
#[inline(always)]
pub(super) fn by_pairs<D: Dots, const ROWS: usize, E: Epilogue<D::Floats>>(dots: D, arguments: Product<'_, E>) {
    match arguments.weight.terms {
        SplitTerms::One => by_planes::<D, ROWS, E, 1>(dots, arguments),
        SplitTerms::Three => by_planes::<D, 1, E, 2>(dots, arguments),
        SplitTerms::Six => by_planes::<D, 1, E, 3>(dots, arguments),
    }
}

#[inline(always)]
fn by_planes<D: Dots, const ROWS: usize, E: Epilogue<D::Floats>, const PLANES: usize>(
    dots: D,
    arguments: Product<'_, E>,
) {
    let Product { a, weight, mut epilogue } = arguments;
    for column in (0..padded(weight.outputs)).step_by(VECTORS * D::Floats::WIDTH) {
        let sums = Operands::<D, PLANES> { dots, a, weight, column };
        // SAFETY: `Product`s are made in methods of `Kernels`, which checked that `a` has the weight's inputs and its
        // planes, and that the epilogue holds `a.count()` rows of `padded(outputs)` columns.
        unsafe {
            if ROWS == 1 {
                for row in 0..a.count() {
                    epilogue.finish(dots.floats(), row, column, sums.sums::<1, VECTORS>(dots.floats(), row));
                }
            } else {
                finish_panel::<D::Floats, ROWS, VECTORS, false, E>(
                    dots.floats(),
                    sums,
                    a.count(),
                    column,
                    &mut epilogue,
                );
            }
        }
    }
}
