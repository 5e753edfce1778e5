//! Rows of integers.

use std::ops::Range;

use super::layout::{ANY_INPUTS, LINE, Line, PUBLISHED_INPUTS, lines_of, scale_of};
use crate::Rows;
use crate::lanes::{Lanes, Pairs};

/// Rows of integers with one scale each, filled by [`Kernels::quantize_rows`](crate::Kernels::quantize_rows). Its
/// memory is reused from one call to the next.
#[derive(Clone, Default)]
pub struct QuantizedRows {
    lines: Vec<Line>,
    scales: Vec<f32>,
    inputs: usize,
}

impl QuantizedRows {
    /// All rows.
    pub fn all(&self) -> QuantizedSlice<'_> {
        self.rows(0..self.scales.len())
    }

    /// The rows in `range`.
    ///
    /// # Panics
    /// If the range reaches past the last row.
    pub fn rows(&self, range: Range<usize>) -> QuantizedSlice<'_> {
        let lines = lines_of(self.inputs);
        QuantizedSlice {
            lines: &self.lines[range.start * lines..range.end * lines],
            scales: &self.scales[range],
            inputs: self.inputs,
        }
    }

    /// Changes the shape to `[rows, inputs]`. The numbers may be old ones; the padding of each row is zero.
    pub(super) fn resize(&mut self, rows: usize, inputs: usize) {
        if self.inputs != inputs {
            // The padding may hold numbers of earlier rows with another width.
            self.lines.clear();
            self.inputs = inputs;
        }
        self.lines.resize(rows * lines_of(inputs), Line([0; LINE]));
        self.scales.resize(rows, 0.0);
    }
}

impl std::fmt::Debug for QuantizedRows {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "QuantizedRows({} × {})", self.scales.len(), self.inputs)
    }
}

/// A view of consecutive rows of [`QuantizedRows`].
#[derive(Clone, Copy)]
pub struct QuantizedSlice<'a> {
    pub(super) lines: &'a [Line],
    pub(super) scales: &'a [f32],
    pub(super) inputs: usize,
}

impl<'a> QuantizedSlice<'a> {
    /// The number of rows.
    pub fn count(&self) -> usize {
        self.scales.len()
    }

    /// The width of a row, without padding.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The scale of each row.
    pub fn scales(&self) -> &'a [f32] {
        self.scales
    }

    /// The integers of a row.
    pub fn integers(&self, row: usize) -> impl Iterator<Item = i16> + use<'a> {
        let lines = lines_of(self.inputs);
        self.lines[row * lines..][..lines].iter().flat_map(|line| line.0).take(self.inputs)
    }
}

impl std::fmt::Debug for QuantizedSlice<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "QuantizedSlice({} × {})", self.count(), self.inputs)
    }
}

pub(super) struct Quantize<'a> {
    pub(super) rows: Rows<'a>,
    pub(super) out: &'a mut QuantizedRows,
}

/// The number of rows whose scales are computed together, before the first row is rounded. The two divisions of a scale
/// take as long as the rest of the row, which cannot start before them.
const TOGETHER: usize = 8;

#[inline(always)]
pub(super) fn quantize<P: Pairs, const ROWS: usize, const VECTORS: usize>(p: P, arguments: Quantize<'_>) {
    if arguments.out.inputs == PUBLISHED_INPUTS {
        quantize_of::<P, PUBLISHED_INPUTS>(p, arguments);
    } else {
        quantize_of::<P, ANY_INPUTS>(p, arguments);
    }
}

#[inline(always)]
fn quantize_of<P: Pairs, const INPUTS: usize>(p: P, arguments: Quantize<'_>) {
    let Quantize { rows, out } = arguments;
    let inputs = if INPUTS == ANY_INPUTS { out.inputs } else { INPUTS };
    let lines = lines_of(inputs);
    let batches = out.scales.chunks_mut(TOGETHER).zip(out.lines.chunks_mut(TOGETHER * lines));
    for (batch, (scales, targets)) in batches.enumerate() {
        let first = batch * TOGETHER;
        let mut largest = [0; TOGETHER];
        let mut inverses = [0.0; TOGETHER];
        for (row, largest) in (first..).zip(&mut largest[..scales.len()]) {
            *largest = largest_magnitude(p, Source::of(p, rows, row, inputs));
        }
        for ((scale, inverse), &largest) in scales.iter_mut().zip(&mut inverses).zip(&largest) {
            (*scale, *inverse) = scale_of(largest);
        }
        for ((row, target), &inverse) in (first..).zip(targets.chunks_exact_mut(lines)).zip(&inverses) {
            if inverse == 0.0 {
                // Infinity times zero is NaN, which no integer can represent: the row becomes zeros.
                target.fill(Line([0; LINE]));
            } else {
                round(p, Source::of(p, rows, row, inputs), inverse, target);
            }
        }
    }
}

/// A row, split into whole pairs of vectors and a padded rest.
struct Source<'a> {
    /// `inputs` floats, of which the first `whole` fill pairs of vectors.
    row: &'a [f32],
    whole: usize,
    /// The remaining floats, padded with zeros: no vector is wider than sixteen floats.
    rest: [f32; 32],
}

impl<'a> Source<'a> {
    #[inline(always)]
    fn of<P: Pairs>(_: P, rows: Rows<'a>, row: usize, inputs: usize) -> Source<'a> {
        let row = &rows.data[row * rows.stride..][..inputs];
        let whole = inputs / (2 * P::Floats::WIDTH) * (2 * P::Floats::WIDTH);
        let mut rest = [0.0f32; 32];
        if whole < inputs {
            rest[..inputs - whole].copy_from_slice(&row[whole..]);
        }
        Source { row, whole, rest }
    }
}

/// The f32 bits of a row's largest magnitude.
#[inline(always)]
fn largest_magnitude<P: Pairs>(p: P, Source { row, whole, rest }: Source<'_>) -> u32 {
    let l = p.floats();
    let width = P::Floats::WIDTH;
    let mut bits = [p.splat(0); 2];
    // SAFETY: `row` has `whole` floats, a multiple of two vectors, and `rest` has two vectors.
    unsafe {
        for column in (0..whole).step_by(2 * width) {
            for (vector, bits) in bits.iter_mut().enumerate() {
                *bits = p.max_magnitude(*bits, l.load(row.as_ptr().add(column + vector * width)));
            }
        }
        if whole < row.len() {
            for (vector, bits) in bits.iter_mut().enumerate() {
                *bits = p.max_magnitude(*bits, l.load(rest.as_ptr().add(vector * width)));
            }
        }
    }
    p.largest(bits[0]).max(p.largest(bits[1])) as u32
}

/// Writes the row times `inverse`, rounded to the nearest integers.
#[inline(always)]
fn round<P: Pairs>(p: P, Source { row, whole, rest }: Source<'_>, inverse: f32, target: &mut [Line]) {
    let width = P::Floats::WIDTH;
    let target = target.as_mut_ptr().cast::<i16>();
    // SAFETY: as above; `target` has `padded(inputs)` i16, a multiple of any two vectors and no fewer than the row.
    unsafe {
        for column in (0..whole).step_by(2 * width) {
            round_two(p, row.as_ptr().add(column), inverse, target.add(column));
        }
        if whole < row.len() {
            round_two(p, rest.as_ptr(), inverse, target.add(whole));
        }
    }
}

/// Writes two vectors times `inverse`, rounded to the nearest integers.
///
/// # Safety
/// - `source` is readable and `target` writable for two vectors.
#[inline(always)]
unsafe fn round_two<P: Pairs>(p: P, source: *const f32, inverse: f32, target: *mut i16) {
    let l = p.floats();
    let inverse = l.splat(inverse);
    // SAFETY: the caller vouches for two readable vectors at `source` and two writable ones at `target`.
    unsafe {
        let values = [l.mul(l.load(source), inverse), l.mul(l.load(source.add(P::Floats::WIDTH)), inverse)];
        p.store_rounded(target, values);
    }
}
