//! The layout of rows and weights quantized to integers.

use crate::padded;

/// The largest magnitude of a quantized weight or activation: twelve bits and a sign.
pub(crate) const LARGEST: i32 = 4095;

/// The number of inputs whose products are summed in i32.
pub(super) const BLOCK: usize = 128;

const _: () = assert!(BLOCK as i64 * (LARGEST as i64).pow(2) <= i32::MAX as i64, "a block's sum fits an i32");

/// Rows with max |x| below this are quantized to zero: 4095 / max |x| might overflow an f32.
pub(super) const SMALLEST: f32 = 1e-30;

/// The number of i16 in a cache line.
pub(super) const LINE: usize = 32;

/// A cache line of i16. Rows and panels are whole lines: [`padded`] is a multiple of 32.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Line(pub(super) [i16; LINE]);

/// `(scale, 1 / scale)` for numbers whose largest magnitude has the given f32 bits.
#[inline(always)]
pub(super) fn scale_of(magnitude_bits: u32) -> (f32, f32) {
    let largest = f32::from_bits(magnitude_bits);
    if !largest.is_finite() {
        (f32::NAN, 0.0)
    } else if largest < SMALLEST {
        (0.0, 0.0)
    } else {
        (largest / LARGEST as f32, LARGEST as f32 / largest)
    }
}

/// The number of cache lines in a row of `inputs` integers.
pub(super) fn lines_of(inputs: usize) -> usize {
    padded(inputs) / LINE
}

/// Stands for a number of inputs that is not known at compile time.
pub(super) const ANY_INPUTS: usize = 0;

/// The number of inputs of most products in the published networks (H = 128).
pub(super) const PUBLISHED_INPUTS: usize = 128;
