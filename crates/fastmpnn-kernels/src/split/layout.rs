//! The planes of a number, and where they lie.

use crate::lanes::Lanes;
use crate::padded;
use crate::rounding::away_from_zero_to_bf16;

/// The products of planes that a product of split numbers adds up: in a block of inputs, the first of each list first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SplitTerms {
    /// hi·hi: each factor rounded to bf16.
    One,
    /// hi·mid, hi·hi and mid·hi, in this order: errors of 2⁻¹⁶ of each product.
    Three,
    /// hi·lo, hi·mid, hi·hi, mid·mid, mid·hi and lo·hi, in this order: as exact as f32.
    Six,
}

impl SplitTerms {
    /// All of them, fewest first.
    pub const ALL: [SplitTerms; 3] = [SplitTerms::One, SplitTerms::Three, SplitTerms::Six];

    /// The number of terms.
    pub fn count(self) -> usize {
        match self {
            SplitTerms::One => 1,
            SplitTerms::Three => 3,
            SplitTerms::Six => 6,
        }
    }

    /// The number of planes of each factor.
    pub fn planes(self) -> usize {
        match self {
            SplitTerms::One => 1,
            SplitTerms::Three => 2,
            SplitTerms::Six => 3,
        }
    }
}

/// The planes of the left and the right factor of each term, in the order in which they are added.
pub(super) const fn terms_of(planes: usize) -> &'static [(usize, usize)] {
    match planes {
        1 => &[(0, 0)],
        2 => &[(0, 1), (0, 0), (1, 0)],
        _ => &[(0, 2), (0, 1), (0, 0), (1, 1), (1, 0), (2, 0)],
    }
}

/// The number of bf16 in a cache line: the inputs of a block.
pub(crate) const LINE: usize = 32;

/// Half a block: dword i of a line holds inputs i and i + 16.
pub(crate) const HALF: usize = LINE / 2;

/// The rows of a tile, its outputs, and the lines of a tile of weights.
pub(crate) const TILE: usize = 16;

/// A cache line of bf16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub(crate) struct Line(pub(crate) [u16; LINE]);

impl Line {
    pub(crate) const ZERO: Line = Line([0; LINE]);
}

/// The number of blocks of `inputs` inputs.
pub(super) fn blocks_of(inputs: usize) -> usize {
    padded(inputs) / LINE
}

/// The planes of 32 numbers.
#[inline(always)]
pub(super) fn split_line<L: Lanes, const PLANES: usize>(l: L, values: &[f32; LINE]) -> [Line; PLANES] {
    let mut lines = [Line::ZERO; PLANES];
    for first in (0..HALF).step_by(L::WIDTH) {
        // SAFETY: `WIDTH` divides half a line, which is as many floats in `values` and dwords in `lines`.
        unsafe {
            let (mut low, mut high) = (l.load(&raw const values[first]), l.load(&raw const values[first + HALF]));
            for line in &mut lines {
                let (of_low, of_high) = (l.away_from_zero_to_bf16(low), l.away_from_zero_to_bf16(high));
                l.store((&raw mut line.0).cast::<f32>().add(first), l.halves(of_low, of_high));
                (low, high) = (l.sub(low, of_low), l.sub(high, of_high));
            }
        }
    }
    lines
}

/// The planes of one number, as the bits of bf16.
#[inline(always)]
pub(super) fn split_number<const PLANES: usize>(value: f32) -> [u16; PLANES] {
    let mut rest = value;
    [(); PLANES].map(|()| {
        let rounded = away_from_zero_to_bf16(rest);
        rest -= rounded;
        (rounded.to_bits() >> 16) as u16
    })
}

/// Where input `input` is within its line.
pub(super) fn place_in_line(input: usize) -> usize {
    input % HALF * 2 + input % LINE / HALF
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::scalar::Scalar;

    fn value(bits: u16) -> f32 {
        f32::from_bits(u32::from(bits) << 16)
    }

    #[test]
    fn three_planes_are_the_number() {
        let mut state = 1u32;
        for _ in 0..100_000 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Exponents −63 … 64: the last plane is not denormal.
            let x = f32::from_bits(state & 0x807f_ffff | (64 + state / 7 % 128) << 23);
            let [hi, mid, lo] = split_number::<3>(x).map(value);
            assert_eq!(f64::from(hi) + f64::from(mid) + f64::from(lo), f64::from(x), "{x:e}");
            assert!((x - hi).abs() <= x.abs() / 256.0 && (x - hi - mid).abs() <= x.abs() / 65536.0);
        }
    }

    #[test]
    fn a_line_holds_the_planes_of_each_number() {
        let values: [f32; LINE] = std::array::from_fn(|index| (index as f32 - 11.3) * 0.37);
        let lines = split_line::<_, 3>(Scalar, &values);
        for (input, &value) in values.iter().enumerate() {
            assert_eq!(lines.map(|line| line.0[place_in_line(input)]), split_number::<3>(value));
        }
    }

    #[test]
    fn what_is_no_number_stays_none() {
        for bits in [0x7fc0_0000, 0x7fff_ffff, 0xffff_ffff, 0x7f80_0001] {
            assert!(value(split_number::<1>(f32::from_bits(bits))[0]).is_nan(), "{bits:x}");
        }
        assert_eq!(value(split_number::<1>(f32::NEG_INFINITY)[0]), f32::NEG_INFINITY);
        assert_eq!(value(split_number::<1>(f32::MAX)[0]), f32::INFINITY);
        assert!(split_number::<2>(f32::INFINITY).map(value)[1].is_nan());
    }
}
