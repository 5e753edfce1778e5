//! Products by tiles: a block of rows times a panel of 32 outputs, and the epilogue of the panel before.
//!
//! ```text
//! for each block of rows                      (48, or 32 with three planes: their lines fit the first-level cache)
//!     for each panel of the weight            (32 outputs, two tiles wide)
//!         for each half of the panel
//!             for each block of inputs
//!                 load the planes of the weights
//!                 for each tile of rows
//!                     load its planes, multiply: one product a term
//!                     epilogue of some rows of the panel before     ← vector instructions, while tiles are busy
//!             store the sums
//! ```
//!
//! Registers 0 to 2 are the sums of three tiles of rows, 3 to 5 the planes of the weights, and the rest planes of rows. A
//! register is loaded again as late as possible after its last use: a load waits for that.

use super::layout::{LINE, Line, SplitTerms, TILE, blocks_of};
use super::matrix::SplitMatrix;
use super::rows::SplitRows;
use super::stored::{Finish, MOST_ROWS, Pending, StoredRows, Sums, place};
use crate::padded;
use crate::tiles::Tiles;

/// The operands of a product, shapes already checked.
#[derive(Clone, Copy)]
pub(super) struct Product<'a> {
    pub(super) a: &'a SplitRows,
    pub(super) weight: &'a SplitMatrix,
}

/// The bytes of a row of a stored tile.
const ROW_BYTES: usize = TILE * size_of::<f32>();

/// Multiplies by tiles.
pub(super) fn by_tiles<T: Tiles>(mut tiles: T, product: Product<'_>, epilogue: &mut dyn Finish) {
    match product.weight.terms {
        SplitTerms::One => by_planes::<T, 1>(&mut tiles, product, epilogue),
        SplitTerms::Three => by_planes::<T, 2>(&mut tiles, product, epilogue),
        SplitTerms::Six => by_planes::<T, 3>(&mut tiles, product, epilogue),
    }
}

fn by_planes<T: Tiles, const PLANES: usize>(tiles: &mut T, product: Product<'_>, epilogue: &mut dyn Finish) {
    let Product { a, weight } = product;
    let blocks = blocks_of(weight.inputs);
    let most = if PLANES == 3 { 2 * TILE } else { MOST_ROWS };
    let mut stored = [Sums::new(), Sums::new()];
    let nothing = StoredRows { sums: [].as_ptr(), first: 0, rows: (0, 0), column: 0 };
    let mut pending = Pending { epilogue, isa: weight.plan.isa(), left: nothing, a_step: 0, due: 0 };
    for first in (0..a.count()).step_by(most) {
        let count = (a.count() - first).min(most);
        let rows = RowTiles { lines: a.as_ptr(), plane: a.plane_lines(), blocks, first, count: count.div_ceil(TILE) };
        // The rows that each step finishes, so that all are finished by the last.
        pending.a_step = count.div_ceil(2 * blocks * rows.count);
        for (index, column) in (0..padded(weight.outputs)).step_by(LINE).enumerate() {
            let sums = stored[index % 2].as_mut_ptr();
            // SAFETY: `Product`s are made in methods of `Kernels`, which checked that `a` has the weight's inputs and its
            // planes, and that the epilogue holds `a.count()` rows of `padded(outputs)` columns. `rows` are tiles of `a`,
            // padded to whole tiles; `sums` has three tiles for each half.
            unsafe {
                for half in [0, TILE] {
                    let weights = weight.tiles_of(column + half);
                    half_panel::<T, PLANES>(tiles, rows, weights, &mut pending);
                    store(tiles, rows.count, sums.add(place(0, half)));
                }
                pending.finish();
            }
            pending.left = StoredRows { sums, first, rows: (0, count), column };
            pending.due = 0;
        }
        // SAFETY: as above.
        unsafe { pending.finish() };
    }
}

/// Up to three tiles of rows.
#[derive(Clone, Copy)]
struct RowTiles {
    lines: *const Line,
    /// Lines of a plane.
    plane: usize,
    /// Lines of a row.
    blocks: usize,
    /// The first row.
    first: usize,
    /// The number of tiles.
    count: usize,
}

/// Stores registers 0 to `count` − 1 below each other.
///
/// # Safety
/// - `target` is half of [`Sums`].
#[inline(always)]
unsafe fn store<T: Tiles>(tiles: &T, count: usize, target: *mut f32) {
    // SAFETY: the caller vouches for the target.
    unsafe {
        tiles.store::<0>(target, ROW_BYTES);
        if count > 1 {
            tiles.store::<1>(target.add(place(TILE, 0)), ROW_BYTES);
        }
        if count > 2 {
            tiles.store::<2>(target.add(place(2 * TILE, 0)), ROW_BYTES);
        }
    }
}

/// The sums of a block of rows and sixteen outputs, in registers 0 to 2. It is not inlined: the optimizer would write a copy for
/// each number of tiles and blocks.
///
/// # Safety
/// - The rows exist in `PLANES` planes; `weights` are the tiles of sixteen outputs, for each of the rows' blocks.
#[inline(never)]
unsafe fn half_panel<T: Tiles, const PLANES: usize>(
    tiles: &mut T,
    rows: RowTiles,
    weights: *const Line,
    pending: &mut Pending<'_>,
) {
    // SAFETY: the caller vouches for the rows and the weights, and for what is pending.
    unsafe {
        let of_block = |block: usize| rows.lines.add(rows.first * rows.blocks + block);
        let tile_lines = TILE * rows.blocks;
        tiles.zero::<0>();
        tiles.zero::<1>();
        tiles.zero::<2>();
        macro_rules! step {
            ($a:expr, $sum:literal, $three:tt, $two:tt) => {
                multiply_tile!(tiles, PLANES, $a, rows, $sum, $three, $two);
                pending.advance();
            };
        }
        let mut block = 0;
        while block < rows.blocks {
            load_weights::<T, PLANES>(tiles, weights.add(block * PLANES * TILE));
            let a = of_block(block);
            step!(a, 0, (6, 7), (6, 7));
            if rows.count > 1 {
                step!(a.add(tile_lines), 1, (7, 6), (5, 6));
            }
            if rows.count > 2 {
                step!(a.add(2 * tile_lines), 2, (6, 7), (7, 5));
            }
            block += 1;
            // An odd number of registers was loaded: the next block begins with the other.
            if block < rows.blocks && rows.count != 2 {
                load_weights::<T, PLANES>(tiles, weights.add(block * PLANES * TILE));
                let a = of_block(block);
                step!(a, 0, (7, 6), (6, 7));
                if rows.count > 1 {
                    step!(a.add(tile_lines), 1, (6, 7), (5, 6));
                    step!(a.add(2 * tile_lines), 2, (7, 6), (7, 5));
                }
                block += 1;
            }
        }
    }
}

/// Loads the planes of a tile of weights into registers 3 to 5.
///
/// # Safety
/// - `weights` is valid for reading `PLANES` tiles.
#[inline(always)]
unsafe fn load_weights<T: Tiles, const PLANES: usize>(tiles: &mut T, weights: *const Line) {
    // SAFETY: the caller vouches for the tiles.
    unsafe {
        if PLANES > 2 {
            tiles.load::<5>(weights.add(2 * TILE), size_of::<Line>());
        }
        if PLANES > 1 {
            tiles.load::<4>(weights.add(TILE), size_of::<Line>());
        }
        tiles.load::<3>(weights, size_of::<Line>());
    }
}

/// The terms of a tile of rows and a tile of weights: see [`SplitTerms`]. `$x`, `$y` and so on are the registers of rows.
macro_rules! multiply_tile {
    ($tiles:ident, $planes:ident, $a:expr, $rows:ident, $sum:literal, ($x:literal, $y:literal), ($p:literal, $q:literal)) => {
        let (hi, stride) = ($a, $rows.blocks * size_of::<Line>());
        match $planes {
            1 => {
                $tiles.load::<$p>(hi, stride);
                $tiles.multiply::<$sum, $p, 3>();
            }
            2 => {
                $tiles.load::<$p>(hi, stride);
                $tiles.load::<$q>(hi.add($rows.plane), stride);
                $tiles.multiply::<$sum, $p, 4>();
                $tiles.multiply::<$sum, $p, 3>();
                $tiles.multiply::<$sum, $q, 3>();
            }
            _ => {
                $tiles.load::<$x>(hi, stride);
                $tiles.multiply::<$sum, $x, 5>();
                $tiles.multiply::<$sum, $x, 4>();
                $tiles.multiply::<$sum, $x, 3>();
                $tiles.load::<$y>(hi.add($rows.plane), stride);
                $tiles.multiply::<$sum, $y, 4>();
                $tiles.multiply::<$sum, $y, 3>();
                $tiles.load::<$x>(hi.add(2 * $rows.plane), stride);
                $tiles.multiply::<$sum, $x, 3>();
            }
        }
    };
}
use multiply_tile;
