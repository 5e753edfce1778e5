//! Plain Rust in groups of four floats, which the compiler turns into the target's baseline vector instructions.
//! `mul_add` rounds twice: without an FMA instruction, a fused one would be a call into the C library.

use crate::lanes::{Lanes, Pairs};
use crate::rounding::away_from_zero_to_bf16;

/// The token of the portable path, which runs on every processor.
#[derive(Clone, Copy)]
pub(crate) struct Scalar;

type Four = [f32; 4];

#[inline(always)]
fn map(a: Four, f: impl Fn(f32) -> f32) -> Four {
    [f(a[0]), f(a[1]), f(a[2]), f(a[3])]
}

#[inline(always)]
fn zip(a: Four, b: Four, f: impl Fn(f32, f32) -> f32) -> Four {
    [f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3])]
}

// SAFETY: a vector has four floats, `load` and `store` move just those without alignment, and
// the token needs no instructions beyond the target's baseline.
unsafe impl Lanes for Scalar {
    type Vector = Four;
    const WIDTH: usize = 4;

    #[inline(always)]
    fn splat(self, x: f32) -> Four {
        [x; 4]
    }
    #[inline(always)]
    unsafe fn load(self, source: *const f32) -> Four {
        // SAFETY: the caller vouches for four readable floats; the read needs no alignment.
        unsafe { source.cast::<Four>().read_unaligned() }
    }
    #[inline(always)]
    unsafe fn store(self, target: *mut f32, value: Four) {
        // SAFETY: the caller vouches for four writable floats; the write needs no alignment.
        unsafe { target.cast::<Four>().write_unaligned(value) }
    }
    #[inline(always)]
    fn add(self, a: Four, b: Four) -> Four {
        zip(a, b, |x, y| x + y)
    }
    #[inline(always)]
    fn sub(self, a: Four, b: Four) -> Four {
        zip(a, b, |x, y| x - y)
    }
    #[inline(always)]
    fn mul(self, a: Four, b: Four) -> Four {
        zip(a, b, |x, y| x * y)
    }
    #[inline(always)]
    fn mul_add(self, a: Four, b: Four, c: Four) -> Four {
        zip(zip(a, b, |x, y| x * y), c, |x, y| x + y)
    }
    #[inline(always)]
    fn neg_mul_add(self, a: Four, b: Four, c: Four) -> Four {
        zip(zip(a, b, |x, y| x * y), c, |x, y| y - x)
    }
    #[inline(always)]
    fn min(self, a: Four, b: Four) -> Four {
        zip(a, b, |x, y| if x < y { x } else { y })
    }
    #[inline(always)]
    fn max(self, a: Four, b: Four) -> Four {
        zip(a, b, |x, y| if x > y { x } else { y })
    }
    #[inline(always)]
    fn abs(self, a: Four) -> Four {
        map(a, f32::abs)
    }
    #[inline(always)]
    fn sqrt(self, a: Four) -> Four {
        map(a, f32::sqrt)
    }
    #[inline(always)]
    fn round(self, a: Four) -> Four {
        // Adding and subtracting 1.5 · 2^23 leaves the nearest integer, ties to even, for |x| < 2^22.
        const MAGIC: f32 = 12_582_912.0;
        map(a, |x| (x + MAGIC) - MAGIC)
    }
    #[inline(always)]
    fn power_of_two(self, a: Four) -> Four {
        map(a, |x| f32::from_bits(((x as i32 + 127) as u32) << 23))
    }
    #[inline(always)]
    fn away_from_zero_to_bf16(self, a: Four) -> Four {
        map(a, away_from_zero_to_bf16)
    }
    #[inline(always)]
    fn halves(self, low: Four, high: Four) -> Four {
        zip(low, high, |low, high| f32::from_bits(low.to_bits() >> 16 | high.to_bits()))
    }
    #[inline(always)]
    fn sum(self, a: Four) -> f32 {
        (a[0] + a[2]) + (a[1] + a[3])
    }
}

/// Both numbers of a pair, in memory order.
#[inline(always)]
fn halves(pair: i32) -> (i32, i32) {
    let [a, b, c, d] = pair.to_ne_bytes();
    (i16::from_ne_bytes([a, b]).into(), i16::from_ne_bytes([c, d]).into())
}

// SAFETY: a register has four integers or pairs, memory is accessed for just those without alignment, and
// the token needs no instructions beyond the target's baseline.
unsafe impl Pairs for Scalar {
    type Floats = Scalar;
    type Integers = [i32; 4];

    #[inline(always)]
    fn floats(self) -> Scalar {
        self
    }
    #[inline(always)]
    fn splat(self, x: i32) -> [i32; 4] {
        [x; 4]
    }
    #[inline(always)]
    unsafe fn load_pairs(self, source: *const i16) -> [i32; 4] {
        // SAFETY: the caller vouches for eight readable i16; the read needs no alignment.
        unsafe { source.cast::<[i32; 4]>().read_unaligned() }
    }
    #[inline(always)]
    fn multiply_add_pairs(self, a: [i32; 4], b: [i32; 4], sum: [i32; 4]) -> [i32; 4] {
        std::array::from_fn(|lane| {
            let ((a, a_next), (b, b_next)) = (halves(a[lane]), halves(b[lane]));
            sum[lane].wrapping_add((a * b).wrapping_add(a_next * b_next))
        })
    }
    #[inline(always)]
    fn to_float(self, a: [i32; 4]) -> Four {
        a.map(|x| x as f32)
    }
    #[inline(always)]
    fn max_magnitude(self, a: [i32; 4], x: Four) -> [i32; 4] {
        std::array::from_fn(|lane| a[lane].max(x[lane].abs().to_bits() as i32))
    }
    #[inline(always)]
    fn largest(self, a: [i32; 4]) -> i32 {
        a[0].max(a[1]).max(a[2].max(a[3]))
    }
    #[inline(always)]
    unsafe fn store_rounded(self, target: *mut i16, [a, b]: [Four; 2]) {
        let ([a, b, c, d], [e, f, g, h]) = (Lanes::round(self, a), Lanes::round(self, b));
        // SAFETY: the caller vouches for eight writable i16; the write needs no alignment.
        unsafe { target.cast::<[i16; 8]>().write_unaligned([a, b, c, d, e, f, g, h].map(|x| x as i16)) }
    }
    #[inline(always)]
    unsafe fn store_pairs(self, target: *mut i32, [a, b]: [Four; 2]) {
        let (a, b) = (Lanes::round(self, a), Lanes::round(self, b));
        let pair = |lane: usize| {
            let ([a, c], [b, d]) = ((a[lane] as i16).to_ne_bytes(), (b[lane] as i16).to_ne_bytes());
            i32::from_ne_bytes([a, c, b, d])
        };
        // SAFETY: the caller vouches for four writable i32; the write needs no alignment.
        unsafe { target.cast::<[i32; 4]>().write_unaligned(std::array::from_fn(pair)) }
    }
}
