//! Sums in memory, and the epilogues that finish them.
//!
//! Several kinds of instructions compute sums of split numbers, and seven epilogues finish them. Compiled together, each with
//! each, they would take minutes. So they are apart: products store the sums of a panel, in the first-level cache, and call
//! the epilogue, which was compiled for the vectors of each instruction set.

use std::mem::MaybeUninit;

use super::layout::{LINE, TILE};
use crate::Isa;
use crate::epilogue::Epilogue;
use crate::lanes::Lanes;

/// The most rows of a block.
pub(super) const MOST_ROWS: usize = 3 * TILE;

/// The sums of a block of rows and a panel of 32 outputs: those of the first sixteen outputs, row by row, then of the
/// others.
#[repr(C, align(64))]
pub(super) struct Sums([MaybeUninit<f32>; 2 * MOST_ROWS * TILE]);

impl Sums {
    /// Memory for sums.
    #[inline(always)]
    pub(super) fn new() -> Sums {
        Sums([MaybeUninit::uninit(); 2 * MOST_ROWS * TILE])
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut f32 {
        self.0.as_mut_ptr().cast()
    }
}

/// Where the sum of a row of the block and an output of the panel is.
#[inline(always)]
pub(super) const fn place(row: usize, output: usize) -> usize {
    output / TILE * MOST_ROWS * TILE + row * TILE + output % TILE
}

/// Rows of sums to be finished.
#[derive(Clone, Copy)]
pub(super) struct StoredRows {
    /// The [`Sums`].
    pub(super) sums: *const f32,
    /// The product's row that the sums begin with.
    pub(super) first: usize,
    /// The rows of the block, from the first up to the second.
    pub(super) rows: (usize, usize),
    /// The first column of the panel.
    pub(super) column: usize,
}

impl StoredRows {
    /// # Safety
    /// - The sums of these rows are stored, and the epilogue was made for the rows and for all columns of the panel.
    #[inline(always)]
    pub(super) unsafe fn finish<L: Lanes, E: Epilogue<L>>(self, l: L, epilogue: &mut E) {
        // SAFETY: the caller vouches for the sums and the epilogue.
        unsafe {
            match L::WIDTH {
                16 => self.finish_vectors::<L, E, { LINE / 16 }>(l, epilogue),
                8 => self.finish_vectors::<L, E, { LINE / 8 }>(l, epilogue),
                _ => self.finish_vectors::<L, E, { LINE / 4 }>(l, epilogue),
            }
        }
    }

    /// # Safety
    /// - As [`StoredRows::finish`], and `VECTORS` vectors are a line.
    #[inline(always)]
    unsafe fn finish_vectors<L: Lanes, E: Epilogue<L>, const VECTORS: usize>(self, l: L, epilogue: &mut E) {
        debug_assert_eq!(VECTORS * L::WIDTH, LINE);
        for row in self.rows.0..self.rows.1 {
            // SAFETY: the caller vouches for the row; a vector does not cross the half of a panel, since its width
            // divides sixteen.
            unsafe {
                let block = std::array::from_fn(|vector| l.load(self.sums.add(place(row, vector * L::WIDTH))));
                epilogue.finish::<1, VECTORS>(l, self.first + row, self.column, [block]);
            }
        }
    }
}

/// An epilogue, compiled for each instruction set.
pub(super) trait Finish {
    /// Finishes the rows with the vectors of `isa`.
    ///
    /// # Safety
    /// - The sums of these rows are stored, and the epilogue was made for the rows and for all columns of the panel.
    /// - `isa` is that of a [`KernelPlan`](crate::KernelPlan).
    unsafe fn finish(&mut self, isa: Isa, rows: StoredRows);
}

/// The epilogue of a panel whose sums are stored, done a few rows at a time.
pub(super) struct Pending<'a> {
    pub(super) epilogue: &'a mut dyn Finish,
    pub(super) isa: Isa,
    /// The panel, with the rows that are left.
    pub(super) left: StoredRows,
    /// The rows that each step makes due, and those that are.
    pub(super) a_step: usize,
    pub(super) due: usize,
}

/// Fewer rows are not worth a call.
const AT_ONCE: usize = 4;

impl Pending<'_> {
    /// Finishes the rows that are due.
    ///
    /// # Safety
    /// - The sums of the rows that are left are stored, the epilogue was made for them, and `isa` is that of a plan.
    #[inline(always)]
    pub(super) unsafe fn advance(&mut self) {
        self.due += self.a_step;
        if self.due >= self.left.rows.0 + AT_ONCE {
            // SAFETY: the caller vouches for the sums, the epilogue and the instruction set.
            unsafe { self.finish_before(self.due) }
        }
    }

    /// Finishes all rows.
    ///
    /// # Safety
    /// - As [`Pending::advance`].
    pub(super) unsafe fn finish(&mut self) {
        // SAFETY: the caller vouches for the sums, the epilogue and the instruction set.
        unsafe { self.finish_before(usize::MAX) }
    }

    /// # Safety
    /// - As [`Pending::advance`].
    #[inline(always)]
    unsafe fn finish_before(&mut self, end: usize) {
        let (next, last) = self.left.rows;
        let end = end.min(last);
        if next < end {
            // SAFETY: the caller vouches for the sums, the epilogue and the instruction set.
            unsafe { self.epilogue.finish(self.isa, StoredRows { rows: (next, end), ..self.left }) };
            self.left.rows.0 = end;
        }
    }
}
