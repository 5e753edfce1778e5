//! Rounding of f32 numbers to the values of a 16-bit format. The numbers stay f32; each takes the nearest value of the
//! format, ties to even.
//!
//! | format | bits of mantissa | smallest normal | largest |
//! | --- | --- | --- | --- |
//! | bf16 | 7 | 2⁻¹²⁶ | 3.39·10³⁸ |
//! | f16 (IEEE binary16) | 10 | 2⁻¹⁴ | 65,504 |
//!
//! Numbers beyond the largest become infinite and NaN stays NaN. Below the smallest normal number the format's values
//! are evenly spaced (subnormal numbers). The arithmetic is on the bits as integers, so it is the same on every
//! processor.

/// `bits` without the last `DROPPED` bits, rounded to nearest even. A carry into the exponent gives the right result.
#[inline(always)]
fn round_bits<const DROPPED: u32>(bits: u32) -> u32 {
    let half = (1 << (DROPPED - 1)) - 1;
    let odd = (bits >> DROPPED) & 1;
    bits.wrapping_add(half + odd) & !((1 << DROPPED) - 1)
}

/// The nearest bf16 of `x`, ties away from zero, as split numbers are rounded: one addition. NaN stays NaN.
#[inline(always)]
pub(crate) fn away_from_zero_to_bf16(x: f32) -> f32 {
    // A carry out of a NaN's last bit would make it a number.
    let up = if x.is_nan() { x.to_bits() | 1 << 22 } else { x.to_bits().wrapping_add(1 << 15) };
    f32::from_bits(up & !0xffff)
}

/// Rounds each number to the nearest bf16.
pub fn round_to_bf16(values: &mut [f32]) {
    for value in values {
        let rounded = f32::from_bits(round_bits::<16>(value.to_bits()));
        *value = if value.is_nan() { f32::NAN } else { rounded };
    }
}

/// Rounds each number to the nearest f16.
pub fn round_to_f16(values: &mut [f32]) {
    const SMALLEST_NORMAL: f32 = 1.0 / 16384.0;
    /// Halfway between the largest number and the one that would follow it. From here on numbers round to infinity.
    const BEYOND: f32 = 65520.0;
    for value in values {
        let magnitude = value.abs();
        let normal = f32::from_bits(round_bits::<13>(magnitude.to_bits()));
        // The step of f32 between a half and one is 2⁻²⁴, that of f16 below its smallest normal number.
        let subnormal = (magnitude + 0.5) - 0.5;
        let finite = if magnitude < SMALLEST_NORMAL { subnormal } else { normal };
        let rounded = if magnitude >= BEYOND { f32::INFINITY } else { finite };
        *value = if value.is_nan() { f32::NAN } else { rounded.copysign(*value) };
    }
}
