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

use std::mem::MaybeUninit;

use super::layout::{LINE, Line, SplitTerms, TILE, blocks_of};
use super::matrix::SplitMatrix;
use super::rows::SplitRows;
use crate::epilogue::Epilogue;
use crate::lanes::Lanes;
use crate::padded;
use crate::tiles::Tiles;

/// The operands of a product, shapes already checked: the input of the generic bodies.
pub(super) struct Product<'a, E> {
    pub(super) a: &'a SplitRows,
    pub(super) weight: &'a SplitMatrix,
    pub(super) epilogue: E,
}

/// The most rows of a block.
const MOST_ROWS: usize = 3 * TILE;

/// The bytes of a row of a stored tile.
const ROW_BYTES: usize = TILE * size_of::<f32>();

/// The sums of a block and a panel: those of the first sixteen outputs, row by row, then of the others.
#[repr(C, align(64))]
struct Sums([MaybeUninit<f32>; 2 * MOST_ROWS * TILE]);

/// Multiplies by tiles.
#[inline(always)]
pub(super) fn by_tiles<T: Tiles, E: Epilogue<T::Floats>>(tiles: T, arguments: Product<'_, E>) {
    match arguments.weight.terms {
        SplitTerms::One => by_planes::<T, E, 1>(tiles, arguments),
        SplitTerms::Three => by_planes::<T, E, 2>(tiles, arguments),
        SplitTerms::Six => by_planes::<T, E, 3>(tiles, arguments),
    }
}

#[inline(always)]
fn by_planes<T: Tiles, E: Epilogue<T::Floats>, const PLANES: usize>(mut tiles: T, arguments: Product<'_, E>) {
    let Product { a, weight, mut epilogue } = arguments;
    let l = tiles.floats();
    let blocks = blocks_of(weight.inputs);
    let most = if PLANES == 3 { 2 * TILE } else { MOST_ROWS };
    let mut stored = [const { Sums([MaybeUninit::uninit(); 2 * MOST_ROWS * TILE]) }; 2];
    for first in (0..a.count()).step_by(most) {
        let count = (a.count() - first).min(most);
        let rows = RowTiles { lines: a.as_ptr(), plane: a.plane_lines(), blocks, first, count: count.div_ceil(TILE) };
        // The rows that each step finishes, so that all are finished by the last.
        let a_step = count.div_ceil(2 * blocks * rows.count);
        let mut pending = Pending { sums: [].as_ptr(), first, rows: 0, next: 0, column: 0, a_step };
        for (index, column) in (0..padded(weight.outputs)).step_by(LINE).enumerate() {
            let sums = (&raw mut stored[index % 2]).cast::<f32>();
            // SAFETY: `Product`s are made in methods of `Kernels`, which checked that `a` has the weight's inputs and its
            // planes, and that the epilogue holds `a.count()` rows of `padded(outputs)` columns. `rows` are tiles of `a`,
            // padded to whole tiles; `sums` has three tiles for each half.
            unsafe {
                for half in 0..2 {
                    let weights = weight.tiles_of(column + half * TILE);
                    let sums = sums.add(half * MOST_ROWS * TILE);
                    half_panel::<T, E, PLANES>(&mut tiles, rows, weights, &mut pending, &mut epilogue);
                    tiles.store::<0>(sums, ROW_BYTES);
                    if rows.count > 1 {
                        tiles.store::<1>(sums.add(TILE * TILE), ROW_BYTES);
                    }
                    if rows.count > 2 {
                        tiles.store::<2>(sums.add(2 * TILE * TILE), ROW_BYTES);
                    }
                }
                pending.finish(l, &mut epilogue, count);
            }
            pending = Pending { sums, rows: count, next: 0, column, ..pending };
        }
        // SAFETY: as above.
        unsafe { pending.finish(l, &mut epilogue, count) };
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

/// The sums of a block of rows and sixteen outputs, in registers 0 to 2.
///
/// # Safety
/// - The rows exist in `PLANES` planes; `weights` are the tiles of sixteen outputs, for each of the rows' blocks.
#[inline(always)]
unsafe fn half_panel<T: Tiles, E: Epilogue<T::Floats>, const PLANES: usize>(
    tiles: &mut T,
    rows: RowTiles,
    weights: *const Line,
    pending: &mut Pending,
    epilogue: &mut E,
) {
    let l = tiles.floats();
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
                pending.advance(l, epilogue);
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

/// The epilogue of a panel whose sums are stored, done a few rows at a time.
struct Pending {
    sums: *const f32,
    /// The product's row that the sums begin with, and their number.
    first: usize,
    rows: usize,
    /// The next row to finish.
    next: usize,
    column: usize,
    a_step: usize,
}

impl Pending {
    /// Finishes the rows of a step.
    ///
    /// # Safety
    /// - `sums` holds `rows` rows, and the epilogue was made for them and for the panel of `column`.
    #[inline(always)]
    unsafe fn advance<L: Lanes, E: Epilogue<L>>(&mut self, l: L, epilogue: &mut E) {
        // SAFETY: the caller vouches for the sums and the epilogue.
        unsafe { self.finish(l, epilogue, self.next + self.a_step) }
    }

    /// Finishes the rows before `end`.
    ///
    /// # Safety
    /// - As [`Pending::advance`].
    #[inline(always)]
    unsafe fn finish<L: Lanes, E: Epilogue<L>>(&mut self, l: L, epilogue: &mut E, end: usize) {
        let end = end.min(self.rows);
        // SAFETY: the caller vouches for the sums and the epilogue.
        unsafe {
            while self.next + 2 <= end {
                self.some::<L, E, 2>(l, epilogue);
            }
            if self.next < end {
                self.some::<L, E, 1>(l, epilogue);
            }
        }
    }

    /// Finishes `ROWS` rows.
    ///
    /// # Safety
    /// - As [`Pending::advance`], and that many rows are left.
    #[inline(always)]
    unsafe fn some<L: Lanes, E: Epilogue<L>, const ROWS: usize>(&mut self, l: L, epilogue: &mut E) {
        for column in (0..LINE).step_by(2 * L::WIDTH) {
            // SAFETY: the caller vouches for the rows; a vector does not cross the half of a panel, since its width
            // divides sixteen.
            unsafe {
                let mut block = [[l.splat(0.0); 2]; ROWS];
                for (row, vectors) in block.iter_mut().enumerate() {
                    for (vector, sums) in vectors.iter_mut().enumerate() {
                        let column = column + vector * L::WIDTH;
                        let row = column / TILE * MOST_ROWS + self.next + row;
                        *sums = l.load(self.sums.add(row * TILE + column % TILE));
                    }
                }
                epilogue.finish::<ROWS, 2>(l, self.first + self.next, self.column + column, block);
            }
        }
        self.next += ROWS;
    }
}

/// Multiplies `$product` with the instructions of its weight.
macro_rules! run {
    ($product:ident, $epilogue:ty) => {{
        #[inline(always)]
        fn tiles<T: Tiles>(tiles: T, arguments: Product<'_, $epilogue>) {
            by_tiles::<T, $epilogue>(tiles, arguments);
        }
        #[inline(always)]
        fn dots<D: Dots, const ROWS: usize>(dots: D, arguments: Product<'_, $epilogue>) {
            by_pairs::<D, ROWS, $epilogue>(dots, arguments);
        }
        let plan = $product.weight.plan;
        let instructions = $product.weight.tiles;
        dispatch_split!(plan, instructions, tiles, dots, $product, Product<'_, $epilogue>)
    }};
}
pub(super) use run;
