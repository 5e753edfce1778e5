//! WebAssembly with `simd128`. Without relaxed SIMD there is no fused multiply-add: `mul_add` rounds twice.

use core::arch::wasm32::*;

use crate::lanes::{Lanes, Pairs};

/// The token of `simd128`. This file is compiled only for targets that have it, so making a token is safe.
#[derive(Clone, Copy)]
pub(crate) struct Simd128;

// SAFETY: a vector has four floats, `load` and `store` move just those without alignment, and
// this module is compiled only for targets that have simd128.
unsafe impl Lanes for Simd128 {
    type Vector = v128;
    const WIDTH: usize = 4;

    #[inline(always)]
    fn splat(self, x: f32) -> v128 {
        f32x4_splat(x)
    }
    #[inline(always)]
    unsafe fn load(self, source: *const f32) -> v128 {
        // SAFETY: the caller vouches for four readable floats; the load needs no alignment.
        unsafe { v128_load(source.cast()) }
    }
    #[inline(always)]
    unsafe fn store(self, target: *mut f32, value: v128) {
        // SAFETY: the caller vouches for four writable floats; the store needs no alignment.
        unsafe { v128_store(target.cast(), value) }
    }
    #[inline(always)]
    fn add(self, a: v128, b: v128) -> v128 {
        f32x4_add(a, b)
    }
    #[inline(always)]
    fn sub(self, a: v128, b: v128) -> v128 {
        f32x4_sub(a, b)
    }
    #[inline(always)]
    fn mul(self, a: v128, b: v128) -> v128 {
        f32x4_mul(a, b)
    }
    #[inline(always)]
    fn mul_add(self, a: v128, b: v128, c: v128) -> v128 {
        f32x4_add(f32x4_mul(a, b), c)
    }
    #[inline(always)]
    fn neg_mul_add(self, a: v128, b: v128, c: v128) -> v128 {
        f32x4_sub(c, f32x4_mul(a, b))
    }
    #[inline(always)]
    fn min(self, a: v128, b: v128) -> v128 {
        f32x4_pmin(a, b)
    }
    #[inline(always)]
    fn max(self, a: v128, b: v128) -> v128 {
        f32x4_pmax(a, b)
    }
    #[inline(always)]
    fn abs(self, a: v128) -> v128 {
        f32x4_abs(a)
    }
    #[inline(always)]
    fn sqrt(self, a: v128) -> v128 {
        f32x4_sqrt(a)
    }
    #[inline(always)]
    fn round(self, a: v128) -> v128 {
        f32x4_nearest(a)
    }
    #[inline(always)]
    fn power_of_two(self, a: v128) -> v128 {
        i32x4_shl(i32x4_add(i32x4_trunc_sat_f32x4(a), i32x4_splat(127)), 23)
    }
    #[inline(always)]
    fn away_from_zero_to_bf16(self, a: v128) -> v128 {
        let up = i32x4_add(a, i32x4_splat(1 << 15));
        // A carry out of a NaN's last bit would make it a number.
        let up = v128_bitselect(up, v128_or(a, i32x4_splat(1 << 22)), f32x4_eq(a, a));
        v128_and(up, i32x4_splat(!0xffff))
    }
    #[inline(always)]
    fn halves(self, low: v128, high: v128) -> v128 {
        v128_or(u32x4_shr(low, 16), high)
    }
    #[inline(always)]
    fn sum(self, a: v128) -> f32 {
        (f32x4_extract_lane::<0>(a) + f32x4_extract_lane::<2>(a))
            + (f32x4_extract_lane::<1>(a) + f32x4_extract_lane::<3>(a))
    }
}

// SAFETY: a register has four integers or pairs, memory is accessed for just those without alignment, and
// this module is compiled only for targets that have simd128.
unsafe impl Pairs for Simd128 {
    type Floats = Simd128;
    type Integers = v128;

    #[inline(always)]
    fn floats(self) -> Simd128 {
        self
    }
    #[inline(always)]
    fn splat(self, x: i32) -> v128 {
        i32x4_splat(x)
    }
    #[inline(always)]
    unsafe fn load_pairs(self, source: *const i16) -> v128 {
        // SAFETY: the caller vouches for eight readable i16; the load needs no alignment.
        unsafe { v128_load(source.cast()) }
    }
    #[inline(always)]
    fn multiply_add_pairs(self, a: v128, b: v128, sum: v128) -> v128 {
        i32x4_add(sum, i32x4_dot_i16x8(a, b))
    }
    #[inline(always)]
    fn to_float(self, a: v128) -> v128 {
        f32x4_convert_i32x4(a)
    }
    #[inline(always)]
    fn max_magnitude(self, a: v128, x: v128) -> v128 {
        i32x4_max(a, f32x4_abs(x))
    }
    #[inline(always)]
    fn largest(self, a: v128) -> i32 {
        let two = i32x4_max(a, i32x4_shuffle::<2, 3, 0, 1>(a, a));
        i32x4_extract_lane::<0>(two).max(i32x4_extract_lane::<1>(two))
    }
    #[inline(always)]
    unsafe fn store_rounded(self, target: *mut i16, values: [v128; 2]) {
        let [a, b] = values.map(|value| i32x4_trunc_sat_f32x4(f32x4_nearest(value)));
        // SAFETY: the caller vouches for eight writable i16; the store needs no alignment.
        unsafe { v128_store(target.cast(), i16x8_narrow_i32x4(a, b)) }
    }
    #[inline(always)]
    unsafe fn store_pairs(self, target: *mut i32, values: [v128; 2]) {
        let [a, b] = values.map(|value| i32x4_trunc_sat_f32x4(f32x4_nearest(value)));
        // SAFETY: the caller vouches for four writable i32; the store needs no alignment.
        unsafe { v128_store(target.cast(), v128_or(a, i32x4_shl(b, 16))) }
    }
}
