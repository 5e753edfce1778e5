//! Rows split into planes of bf16.

use super::layout::{LINE, Line, SplitTerms, TILE, blocks_of, split_line};
use crate::Rows;
use crate::lanes::Lanes;

/// Rows in planes of bf16, filled by [`Kernels::split_rows`](crate::Kernels::split_rows) or by a product. Their memory is
/// reused from one call to the next.
#[derive(Clone, Default)]
pub struct SplitRows {
    lines: Vec<Line>,
    count: usize,
    inputs: usize,
    planes: usize,
}

impl SplitRows {
    /// The number of rows.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The width of a row, without padding.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The number of planes of each number.
    pub fn planes(&self) -> usize {
        self.planes
    }

    /// The bits of a plane of a row, a bf16 each.
    pub fn bits(&self, plane: usize, row: usize) -> impl Iterator<Item = u16> + '_ {
        let blocks = blocks_of(self.inputs);
        let line = plane * self.plane_lines() + row * blocks;
        let row = &self.lines[line..][..blocks];
        (0..self.inputs).map(|input| row[input / LINE].0[super::layout::place_in_line(input)])
    }

    /// Changes the shape. The numbers may be old ones: a whole row is written before it is read.
    pub(super) fn resize(&mut self, count: usize, inputs: usize, terms: SplitTerms) {
        (self.count, self.inputs, self.planes) = (count, inputs, terms.planes());
        self.lines.resize(self.planes * self.plane_lines(), Line::ZERO);
    }

    /// The lines of a plane: those of whole tiles of rows.
    #[inline(always)]
    pub(super) fn plane_lines(&self) -> usize {
        self.count.next_multiple_of(TILE) * blocks_of(self.inputs)
    }

    pub(super) fn as_ptr(&self) -> *const Line {
        self.lines.as_ptr()
    }

    /// The lines of each plane, one plane after another.
    pub(super) fn lines_mut(&mut self) -> &mut [Line] {
        &mut self.lines
    }
}

impl std::fmt::Debug for SplitRows {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "SplitRows({} × {}, {} planes)", self.count, self.inputs, self.planes)
    }
}

pub(super) struct Split<'a> {
    pub(super) rows: Rows<'a>,
    pub(super) out: &'a mut SplitRows,
}

macro_rules! bodies {
    ($($body:ident: $planes:literal),*) => {$(
        #[inline(always)]
        pub(super) fn $body<L: Lanes>(l: L, arguments: Split<'_>) {
            split::<L, $planes>(l, arguments);
        }
    )*};
}
bodies!(split_one: 1, split_two: 2, split_three: 3);

#[inline(always)]
fn split<L: Lanes, const PLANES: usize>(l: L, arguments: Split<'_>) {
    let Split { rows, out } = arguments;
    let (inputs, plane) = (out.inputs, out.plane_lines());
    let blocks = blocks_of(inputs);
    let lines = &mut out.lines_mut()[..PLANES * plane];
    for row in 0..rows.count {
        let values = &rows.data[row * rows.stride..][..inputs];
        for (block, values) in values.chunks(LINE).enumerate() {
            let planes = match values.try_into() {
                Ok(values) => split_line::<L, PLANES>(l, values),
                Err(_) => {
                    let mut padded = [0.0; LINE];
                    padded[..values.len()].copy_from_slice(values);
                    split_line::<L, PLANES>(l, &padded)
                }
            };
            for (index, line) in planes.into_iter().enumerate() {
                lines[index * plane + row * blocks + block] = line;
            }
        }
    }
}
