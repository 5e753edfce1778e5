//! Functions of one number, such as a distance, with a whole row of values: tabulated once, interpolated ever after.
//!
//! Between two rows of the table the function is the polynomial of degree five through the three rows on either side
//! (Lagrange). For a function that is smooth on the scale of a few steps the error is that of f32 itself: it falls with
//! the sixth power of the step.

use crate::activation::{Activation, Exact};
use crate::dispatch::dispatch;
use crate::lanes::Lanes;
use crate::{Buffer, Kernels, RowsMut};

/// Rows that have a say in a value.
const POINTS: usize = 6;

/// Rows below the interval that a number falls into.
const BELOW: usize = 2;

/// A function's rows at evenly spaced numbers. Below the first interval and above the last it is held constant.
#[derive(Clone, Debug)]
pub struct FunctionTable {
    rows: Buffer,
    width: usize,
    /// Intervals from 0 on.
    intervals: usize,
    step: f32,
}

impl FunctionTable {
    /// The numbers that a table for 0 … `intervals · step` wants the function's rows at: it needs some beyond both ends.
    pub fn arguments(intervals: usize, step: f32) -> Vec<f32> {
        (0..intervals + POINTS - 1).map(|row| (row as f32 - BELOW as f32) * step).collect()
    }

    /// A table of the rows at [`FunctionTable::arguments`], `width` floats each.
    ///
    /// # Panics
    /// When there are not that many rows, the width is not a multiple of [`ALIGNMENT`](crate::ALIGNMENT), or the step
    /// is no power of two: others would round the place within an interval.
    pub fn new(rows: Buffer, width: usize, step: f32) -> FunctionTable {
        assert!(width > 0 && width.is_multiple_of(crate::ALIGNMENT) && rows.len().is_multiple_of(width));
        assert!(rows.len() / width >= POINTS, "{} rows are no table", rows.len() / width);
        assert!(step.is_normal() && step > 0.0 && step.to_bits() << 9 == 0, "a step of {step} is no power of two");
        let intervals = rows.len() / width + 1 - POINTS;
        FunctionTable { rows, width, intervals, step }
    }

    /// Floats of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The first of the rows that have a say in the value at `x`, and their shares.
    fn place(&self, x: f32) -> (usize, [f32; POINTS]) {
        let scaled = (x / self.step).clamp(0.0, self.intervals as f32);
        let interval = (scaled as usize).min(self.intervals - 1);
        (interval, shares(scaled - interval as f32))
    }
}

/// Lagrange's polynomials for nodes at −2 … 3.
fn shares(t: f32) -> [f32; POINTS] {
    let [a, b, c, d, e] = [t + 2.0, t + 1.0, t - 1.0, t - 2.0, t - 3.0];
    let (ab, de) = (a * b, d * e);
    let (abt, cde) = (ab * t, c * de);
    [
        b * t * cde * (-1.0 / 120.0),
        a * t * cde * (1.0 / 24.0),
        ab * cde * (-1.0 / 12.0),
        abt * de * (1.0 / 12.0),
        abt * c * e * (-1.0 / 24.0),
        abt * c * d * (1.0 / 120.0),
    ]
}

/// Σ share · row of the table, for one vector of columns.
///
/// # Safety
/// - `rows` is readable for [`POINTS`] rows of `width` floats, and `column + WIDTH ≤ width`.
#[inline(always)]
unsafe fn value<L: Lanes>(l: L, rows: *const f32, width: usize, column: usize, shares: &[f32; POINTS]) -> L::Vector {
    // SAFETY: the caller vouches for the rows.
    unsafe {
        let row = |point: usize| l.load(rows.add(point * width + column));
        let mut sum = l.mul(l.splat(shares[0]), row(0));
        for (point, &share) in shares.iter().enumerate().skip(1) {
            sum = l.mul_add(l.splat(share), row(point), sum);
        }
        sum
    }
}

struct Interpolation<'a> {
    table: &'a FunctionTable,
    numbers: &'a [f32],
    center: &'a [f32],
    out: RowsMut<'a>,
}

#[inline(always)]
fn body<L: Lanes>(l: L, arguments: Interpolation<'_>) {
    let Interpolation { table, numbers, center, out } = arguments;
    let width = table.width;
    for (out, &x) in out.data.chunks_exact_mut(width).zip(numbers) {
        let (first, shares) = table.place(x);
        let rows = table.rows[first * width..][..POINTS * width].as_ptr();
        for column in (0..width).step_by(L::WIDTH) {
            // SAFETY: the slice above has `POINTS` rows of `width` floats, as many as `out` and `center` have; `width`
            // is a multiple of every vector's width (checked by the caller).
            unsafe {
                let sum = l.add(value(l, rows, width, column, &shares), l.load(center.as_ptr().add(column)));
                l.store(out.as_mut_ptr().add(column), Exact::of(l, sum));
            }
        }
    }
}

impl Kernels {
    /// `out[row] = gelu(f(numbers[row]) + center)`
    ///
    /// # Panics
    /// When the shapes do not fit.
    pub fn interpolate_gelu(&self, table: &FunctionTable, numbers: &[f32], center: &[f32], out: RowsMut<'_>) {
        let width = table.width;
        assert!(out.stride == width && out.count == numbers.len() && center.len() >= width, "rows of {width} floats");
        dispatch!(self.isa(), body, Interpolation { table, numbers, center, out }, Interpolation<'_>);
    }
}
