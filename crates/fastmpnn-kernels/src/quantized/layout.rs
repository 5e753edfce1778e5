//! How rows and weights are written as integers.

use crate::padded;

/// The largest integer that a weight or an activation becomes: twelve bits and a sign.
pub(crate) const LARGEST: i32 = 4095;

/// Inputs whose products are added in i32.
pub(super) const BLOCK: usize = 128;

const _: () = assert!(BLOCK as i64 * (LARGEST as i64).pow(2) <= i32::MAX as i64, "a block's sum fits an i32");

/// Below this, 4095 / max |x| might not be a finite f32.
pub(super) const SMALLEST: f32 = 1e-30;

/// Integers of a cache line.
pub(super) const LINE: usize = 32;

/// A cache line of i16. Rows and panels are whole lines: [`padded`] is a multiple of 32.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Line(pub(super) [i16; LINE]);

/// `(scale, 1 / scale)` of numbers whose largest magnitude has these bits.
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

/// Lines of a row.
pub(super) fn lines_of(inputs: usize) -> usize {
    padded(inputs) / LINE
}

/// The number of inputs is not known when this is compiled.
pub(super) const ANY_INPUTS: usize = 0;

/// The inputs of most products of the published networks, H = 128.
pub(super) const PUBLISHED_INPUTS: usize = 128;
