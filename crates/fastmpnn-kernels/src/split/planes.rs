//! An epilogue that writes planes: the rows of the next product.

use std::mem::MaybeUninit;

use super::layout::{LINE, Line, SplitTerms, place_in_line, split_line, split_number};
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
    unsafe fn write<const PLANES: usize>(&mut self, row: usize, column: usize, values: &[f32]) {
        // SAFETY: the caller vouches for the row and its columns.
        unsafe {
            let line = self.lines.as_mut_ptr().add(row * self.row + column / LINE);
            if let Ok(values) = <&[f32; LINE]>::try_from(values) {
                for (index, planes) in split_line::<PLANES>(values).into_iter().enumerate() {
                    line.add(index * self.plane).write(planes);
                }
                return;
            }
            for (offset, &value) in values.iter().enumerate() {
                for (index, bits) in split_number::<PLANES>(value).into_iter().enumerate() {
                    (*line.add(index * self.plane)).0[place_in_line(column + offset)] = bits;
                }
            }
        }
    }
}

impl<L: Lanes, S: Step<L>> Epilogue<L> for PlanesOut<'_, S> {
    const LONG: bool = true;

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
            let width = VECTORS * L::WIDTH;
            // SAFETY: the rows and columns of the block are within the step and the lines, by the trait's condition; a block
            // has at most a line's columns, and does not cross the end of one; all of `width` values are written.
            unsafe {
                let of_row = self.step.row(l, row + r);
                for (v, &sum) in sums.iter().enumerate() {
                    let value = self.step.value(l, of_row, column + v * L::WIDTH, sum);
                    l.store(values.as_mut_ptr().add(v * L::WIDTH).cast(), value);
                }
                let values = std::slice::from_raw_parts(values.as_ptr().cast::<f32>(), width);
                match self.planes {
                    1 => self.write::<1>(row + r, column, values),
                    2 => self.write::<2>(row + r, column, values),
                    _ => self.write::<3>(row + r, column, values),
                }
            }
        }
    }
}
