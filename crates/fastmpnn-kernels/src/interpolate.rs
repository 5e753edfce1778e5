//! Functions from one number, such as a distance, to a row of values: tabulated once, then interpolated.
//!
//! Between two rows of the table the function is the polynomial of degree five through the three rows on either side
//! (Lagrange). The error falls with the sixth power of the step; for a function that is smooth on the scale of a few
//! steps it is no larger than that of f32 itself.

use crate::activation::{Activation, Exact};
use crate::dispatch::dispatch;
use crate::lanes::Lanes;
use crate::{Buffer, Kernels, RowsMut};

/// The number of rows that a value is interpolated from.
const POINTS: usize = 6;

/// The number of those rows below the interval that contains the argument.
const BELOW: usize = 2;

/// A function's rows at evenly spaced arguments. Below the first interval and above the last it is constant.
#[derive(Clone, Debug)]
pub struct FunctionTable {
    rows: Buffer,
    width: usize,
    /// The number of intervals, starting at 0.
    intervals: usize,
    step: f32,
}

impl FunctionTable {
    /// The arguments at which a table of 0 … `intervals · step` needs the function's rows. Some lie beyond either end.
    pub fn arguments(intervals: usize, step: f32) -> Vec<f32> {
        (0..intervals + POINTS - 1).map(|row| (row as f32 - BELOW as f32) * step).collect()
    }

    /// A table from the function's rows at [`FunctionTable::arguments`], `[arguments, width]`.
    ///
    /// # Panics
    /// If there are fewer than six rows, the width is not a multiple of [`ALIGNMENT`](crate::ALIGNMENT), or the step is
    /// not a power of two: with other steps the position within an interval would be rounded.
    pub fn new(rows: Buffer, width: usize, step: f32) -> FunctionTable {
        assert!(width > 0 && width.is_multiple_of(crate::ALIGNMENT) && rows.len().is_multiple_of(width));
        assert!(rows.len() / width >= POINTS, "{} rows are too few for a table", rows.len() / width);
        assert!(step.is_normal() && step > 0.0 && step.to_bits() << 9 == 0, "a step of {step} is not a power of two");
        let intervals = rows.len() / width + 1 - POINTS;
        FunctionTable { rows, width, intervals, step }
    }

    /// The number of floats in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The first row that the value at `x` is interpolated from, and the weights of the rows from there on.
    fn place(&self, x: f32) -> (usize, [f32; POINTS]) {
        let scaled = (x / self.step).clamp(0.0, self.intervals as f32);
        let interval = (scaled as usize).min(self.intervals - 1);
        (interval, shares(scaled - interval as f32))
    }
}

/// The Lagrange basis polynomials at `t`, for nodes at −2 … 3.
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
            // SAFETY: the slice above has `POINTS` rows of `width` floats, and `out` and `center` have `width` floats;
            // `width` is a multiple of every vector's width (checked by the caller).
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
    /// If the shapes do not fit.
    pub fn interpolate_gelu(&self, table: &FunctionTable, numbers: &[f32], center: &[f32], out: RowsMut<'_>) {
        let width = table.width;
        assert!(out.stride == width && out.count == numbers.len() && center.len() >= width, "rows of {width} floats");
        dispatch!(self.isa(), body, Interpolation { table, numbers, center, out }, Interpolation<'_>);
    }
}
