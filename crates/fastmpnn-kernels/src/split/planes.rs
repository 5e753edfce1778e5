//! An epilogue that writes planes: the rows of the next product.

use std::mem::MaybeUninit;

use super::layout::{LINE, Line, SplitTerms, split_line};
use super::rows::SplitRows;
use crate::epilogue::{Epilogue, Step};
use crate::lanes::Lanes;
use crate::padded;

/// Splits the number that a step computes from each sum.
pub(super) struct PlanesOut<'a, S> {
    lines: &'a mut [Line],
    /// The lines of a plane, and of a row.
    plane: usize,
    row: usize,
    planes: usize,
    step: S,
}

impl<'a, S> PlanesOut<'a, S> {
    /// `step` must have been made for these rows and outputs.
    pub(super) fn new(
        out: &'a mut SplitRows,
        rows: usize,
        outputs: usize,
        terms: SplitTerms,
        step: S,
    ) -> PlanesOut<'a, S> {
        out.resize(rows, outputs, terms);
        let (plane, row) = (out.plane_lines(), padded(outputs) / LINE);
        PlanesOut { lines: out.lines_mut(), plane, row, planes: terms.planes(), step }
    }

    /// Writes the planes of a row's numbers from `column` on.
    ///
    /// # Safety
    /// - The row and the columns are within `lines`, and `PLANES` is at most `planes`.
    #[inline(always)]
    unsafe fn write<L: Lanes, const PLANES: usize>(&mut self, l: L, row: usize, column: usize, values: &[f32; LINE]) {
        for (index, planes) in split_line::<L, PLANES>(l, values).into_iter().enumerate() {
            // SAFETY: the caller vouches for the row and its columns.
            unsafe { self.lines.as_mut_ptr().add(index * self.plane + row * self.row + column / LINE).write(planes) };
        }
    }
}

/// Blocks are whole lines.
impl<L: Lanes, S: Step<L>> Epilogue<L> for PlanesOut<'_, S> {
    const LONG: bool = true;
    const ADDED: bool = false;

    #[inline(always)]
    unsafe fn finish<const ROWS: usize, const VECTORS: usize>(
        &mut self,
        l: L,
        row: usize,
        column: usize,
        block: [[L::Vector; VECTORS]; ROWS],
    ) {
        for (r, sums) in block.iter().enumerate() {
            let mut values = [MaybeUninit::<f32>::uninit(); LINE];
            debug_assert_eq!(VECTORS * L::WIDTH, LINE);
            // SAFETY: the rows and columns of the block are within the step and the lines, by the trait's condition; a block
            // is a line, so all values are written.
            unsafe {
                let of_row = self.step.row(l, row + r);
                for (v, &sum) in sums.iter().enumerate() {
                    let value = self.step.value(l, of_row, column + v * L::WIDTH, sum);
                    l.store(values.as_mut_ptr().add(v * L::WIDTH).cast(), value);
                }
                let values = &*values.as_ptr().cast::<[f32; LINE]>();
                match self.planes {
                    1 => self.write::<L, 1>(l, row + r, column, values),
                    2 => self.write::<L, 2>(l, row + r, column, values),
                    _ => self.write::<L, 3>(l, row + r, column, values),
                }
            }
        }
    }
}
