//! Rows of integers.

use std::ops::Range;

use super::{LINE, Line, lines_of, scale_of};
use crate::Rows;
use crate::lanes::{Lanes, Pairs};

/// Rows of integers with a scale each: what [`Kernels::quantize_rows`](crate::Kernels::quantize_rows) makes. Its memory
/// is kept from use to use.
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

    /// Some of the rows.
    ///
    /// # Panics
    /// When the range reaches past the last row.
    pub fn rows(&self, range: Range<usize>) -> QuantizedSlice<'_> {
        let lines = lines_of(self.inputs);
        QuantizedSlice {
            lines: &self.lines[range.start * lines..range.end * lines],
            scales: &self.scales[range],
            inputs: self.inputs,
        }
    }

    /// Makes room for other rows.
    pub(super) fn resize(&mut self, rows: usize, inputs: usize) {
        if self.inputs != inputs {
            // The padding of rows of another width may hold numbers.
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

/// Rows of [`QuantizedRows`].
#[derive(Clone, Copy)]
pub struct QuantizedSlice<'a> {
    pub(super) lines: &'a [Line],
    pub(super) scales: &'a [f32],
    pub(super) inputs: usize,
}

impl<'a> QuantizedSlice<'a> {
    /// How many rows there are.
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

#[inline(always)]
pub(super) fn quantize<P: Pairs, const ROWS: usize, const VECTORS: usize>(p: P, arguments: Quantize<'_>) {
    let Quantize { rows, out } = arguments;
    let l = p.floats();
    let width = P::Floats::WIDTH;
    let (inputs, lines) = (out.inputs, lines_of(out.inputs));
    let whole = inputs / (2 * width) * (2 * width);
    for (row, (scale, line)) in out.scales.iter_mut().zip(out.lines.chunks_exact_mut(lines)).enumerate() {
        let source = &rows.data[row * rows.stride..][..inputs];
        // What is left of a row after whole pairs of vectors, and zeros: no vector is wider than sixteen floats.
        let mut rest = [0.0f32; 32];
        if whole < inputs {
            rest[..inputs - whole].copy_from_slice(&source[whole..]);
        }
        // SAFETY: `source` has `whole` floats, a multiple of two vectors, and `rest` has two vectors. `line` has
        // `padded(inputs)` i16, a multiple of any two vectors and no fewer than `inputs`.
        unsafe {
            let load = |source: *const f32| [l.load(source), l.load(source.add(width))];
            let mut bits = p.splat(0);
            for column in (0..whole).step_by(2 * width) {
                let [a, b] = load(source.as_ptr().add(column));
                bits = p.max_magnitude(p.max_magnitude(bits, a), b);
            }
            if whole < inputs {
                let [a, b] = load(rest.as_ptr());
                bits = p.max_magnitude(p.max_magnitude(bits, a), b);
            }
            let inverse;
            (*scale, inverse) = scale_of(p.largest(bits) as u32);
            if inverse == 0.0 {
                // Infinity times zero is no number: such a row is not multiplied.
                line.fill(Line([0; LINE]));
                continue;
            }
            let inverse = l.splat(inverse);
            let target = line.as_mut_ptr().cast::<i16>();
            for column in (0..whole).step_by(2 * width) {
                let values = load(source.as_ptr().add(column));
                p.store_rounded(target.add(column), values.map(|value| l.mul(value, inverse)));
            }
            if whole < inputs {
                p.store_rounded(target.add(whole), load(rest.as_ptr()).map(|value| l.mul(value, inverse)));
            }
        }
    }
}
