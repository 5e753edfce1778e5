//! Layer normalization over the first `width` floats of each row (Ba et al. 2016; PyTorch's `nn.LayerNorm`, ε = 10⁻⁵).
//!
//! Rows are padded with zeros, which leaves the sum unchanged; each zero adds mean² to the squared deviations, and that
//! is subtracted. Gain and bias are zero in the padding, which keeps it zero.

use crate::dispatch::dispatch;
use crate::lanes::Lanes;
use crate::{Kernels, RowsMut};

/// ε of PyTorch's `nn.LayerNorm`.
const EPSILON: f32 = 1e-5;

struct Normalization<'a> {
    rows: RowsMut<'a>,
    width: usize,
    gain: &'a [f32],
    bias: &'a [f32],
}

#[inline(always)]
fn body<L: Lanes>(l: L, arguments: Normalization<'_>) {
    let Normalization { rows, width, gain, bias } = arguments;
    let stride = rows.stride;
    let padding = (stride - width) as f32;
    let share = 1.0 / width as f32;
    for row in rows.data.chunks_exact_mut(stride) {
        let row = row.as_mut_ptr();
        // SAFETY: `row`, `gain` and `bias` have `stride` floats, a multiple of two vectors of any width (checked
        // by the caller).
        unsafe {
            // Two sums at a time: one alone would wait for its own latency.
            let (mut even, mut odd) = (l.splat(0.0), l.splat(0.0));
            for column in (0..stride).step_by(2 * L::WIDTH) {
                even = l.add(even, l.load(row.add(column)));
                odd = l.add(odd, l.load(row.add(column + L::WIDTH)));
            }
            let mean = l.sum(l.add(even, odd)) * share;
            let center = l.splat(mean);
            (even, odd) = (l.splat(0.0), l.splat(0.0));
            for column in (0..stride).step_by(2 * L::WIDTH) {
                let a = l.sub(l.load(row.add(column)), center);
                let b = l.sub(l.load(row.add(column + L::WIDTH)), center);
                even = l.mul_add(a, a, even);
                odd = l.mul_add(b, b, odd);
            }
            let squares = l.sum(l.add(even, odd)) - padding * mean * mean;
            let scale = l.splat(1.0 / (squares * share + EPSILON).sqrt());
            for column in (0..stride).step_by(L::WIDTH) {
                let deviation = l.mul(l.sub(l.load(row.add(column)), center), scale);
                let value = l.mul_add(deviation, l.load(gain.as_ptr().add(column)), l.load(bias.as_ptr().add(column)));
                l.store(row.add(column), value);
            }
        }
    }
}

impl Kernels {
    /// Normalizes each row in place: row = (row − mean) / √(variance + ε) · gain + bias, over its first `width` floats.
    /// The rest of a row, of `gain` and of `bias` must be zero.
    ///
    /// # Panics
    /// If the shapes do not fit, or the stride is not a multiple of [`ALIGNMENT`](crate::ALIGNMENT).
    pub fn layer_norm(&self, rows: RowsMut<'_>, width: usize, gain: &[f32], bias: &[f32]) {
        assert!(rows.stride.is_multiple_of(crate::ALIGNMENT) && (1..=rows.stride).contains(&width));
        assert!(gain.len() >= rows.stride && bias.len() >= rows.stride);
        dispatch!(self.isa(), body, Normalization { rows, width, gain, bias }, Normalization<'_>);
    }
}
