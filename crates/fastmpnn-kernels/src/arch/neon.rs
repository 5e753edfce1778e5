//! AArch64 with Advanced SIMD (NEON).

use core::arch::aarch64::*;

use crate::lanes::{Lanes, Pairs};

/// Proof that the processor has NEON. Made in `dispatch.rs` only.
#[derive(Clone, Copy)]
pub(crate) struct Neon(());

impl Neon {
    /// # Safety
    /// - The processor has NEON.
    #[inline(always)]
    pub(crate) unsafe fn new() -> Self {
        Neon(())
    }
}

/// One intrinsic without memory access, in a method of the token.
macro_rules! instruction {
    ($($call:tt)*) => {{
        #[allow(unused_unsafe, reason = "some of these intrinsics are safe to call where NEON is the baseline")]
        // SAFETY: the token `self` exists only where the processor has NEON; no memory is touched.
        unsafe { $($call)* }
    }};
}

// SAFETY: a vector has four floats, `load` and `store` move just those without alignment, and
// `new` is the only way to a token, and its caller vouches for the instruction set.
unsafe impl Lanes for Neon {
    type Vector = float32x4_t;
    const WIDTH: usize = 4;

    #[inline(always)]
    fn splat(self, x: f32) -> float32x4_t {
        instruction!(vdupq_n_f32(x))
    }
    #[inline(always)]
    unsafe fn load(self, source: *const f32) -> float32x4_t {
        // SAFETY: the caller vouches for four readable floats.
        unsafe { vld1q_f32(source) }
    }
    #[inline(always)]
    unsafe fn store(self, target: *mut f32, value: float32x4_t) {
        // SAFETY: the caller vouches for four writable floats.
        unsafe { vst1q_f32(target, value) }
    }
    #[inline(always)]
    fn add(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        instruction!(vaddq_f32(a, b))
    }
    #[inline(always)]
    fn sub(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        instruction!(vsubq_f32(a, b))
    }
    #[inline(always)]
    fn mul(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        instruction!(vmulq_f32(a, b))
    }
    #[inline(always)]
    fn mul_add(self, a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t {
        instruction!(vfmaq_f32(c, a, b))
    }
    #[inline(always)]
    fn neg_mul_add(self, a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t {
        instruction!(vfmsq_f32(c, a, b))
    }
    #[inline(always)]
    fn min(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        instruction!(vminq_f32(a, b))
    }
    #[inline(always)]
    fn max(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        instruction!(vmaxq_f32(a, b))
    }
    #[inline(always)]
    fn abs(self, a: float32x4_t) -> float32x4_t {
        instruction!(vabsq_f32(a))
    }
    #[inline(always)]
    fn sqrt(self, a: float32x4_t) -> float32x4_t {
        instruction!(vsqrtq_f32(a))
    }
    #[inline(always)]
    fn round(self, a: float32x4_t) -> float32x4_t {
        instruction!(vrndnq_f32(a))
    }
    #[inline(always)]
    fn power_of_two(self, a: float32x4_t) -> float32x4_t {
        instruction!({
            let biased = vaddq_s32(vcvtq_s32_f32(a), vdupq_n_s32(127));
            vreinterpretq_f32_s32(vshlq_n_s32::<23>(biased))
        })
    }
    #[inline(always)]
    fn away_from_zero_to_bf16(self, a: float32x4_t) -> float32x4_t {
        instruction!({
            let bits = vreinterpretq_u32_f32(a);
            let up = vaddq_u32(bits, vdupq_n_u32(1 << 15));
            // A carry out of a NaN's last bit would make it a number.
            let up = vbslq_u32(vceqq_f32(a, a), up, vorrq_u32(bits, vdupq_n_u32(1 << 22)));
            vreinterpretq_f32_u32(vandq_u32(up, vdupq_n_u32(!0xffff)))
        })
    }
    #[inline(always)]
    fn halves(self, low: float32x4_t, high: float32x4_t) -> float32x4_t {
        instruction!({
            let low = vshrq_n_u32::<16>(vreinterpretq_u32_f32(low));
            vreinterpretq_f32_u32(vorrq_u32(low, vreinterpretq_u32_f32(high)))
        })
    }
    #[inline(always)]
    fn sum(self, a: float32x4_t) -> f32 {
        instruction!(vaddvq_f32(a))
    }
}

// SAFETY: a register has four integers or pairs, memory is accessed for just those without alignment, and
// `new` is the only way to a token, and its caller vouches for the instruction set.
unsafe impl Pairs for Neon {
    type Floats = Neon;
    type Integers = int32x4_t;

    #[inline(always)]
    fn floats(self) -> Neon {
        self
    }
    #[inline(always)]
    fn splat(self, x: i32) -> int32x4_t {
        instruction!(vdupq_n_s32(x))
    }
    #[inline(always)]
    unsafe fn load_pairs(self, source: *const i16) -> int32x4_t {
        // SAFETY: the caller vouches for eight readable i16.
        unsafe { vreinterpretq_s32_s16(vld1q_s16(source)) }
    }
    #[inline(always)]
    fn multiply_add_pairs(self, a: int32x4_t, b: int32x4_t, sum: int32x4_t) -> int32x4_t {
        instruction!({
            let (a, b) = (vreinterpretq_s16_s32(a), vreinterpretq_s16_s32(b));
            let low = vmull_s16(vget_low_s16(a), vget_low_s16(b));
            let high = vmull_high_s16(a, b);
            vaddq_s32(sum, vpaddq_s32(low, high))
        })
    }
    #[inline(always)]
    fn to_float(self, a: int32x4_t) -> float32x4_t {
        instruction!(vcvtq_f32_s32(a))
    }
    #[inline(always)]
    fn max_magnitude(self, a: int32x4_t, x: float32x4_t) -> int32x4_t {
        instruction!(vmaxq_s32(a, vreinterpretq_s32_f32(vabsq_f32(x))))
    }
    #[inline(always)]
    fn largest(self, a: int32x4_t) -> i32 {
        instruction!(vmaxvq_s32(a))
    }
    #[inline(always)]
    unsafe fn store_rounded(self, target: *mut i16, [a, b]: [float32x4_t; 2]) {
        // SAFETY: the caller vouches for eight writable i16.
        unsafe { vst1q_s16(target, vcombine_s16(vmovn_s32(vcvtnq_s32_f32(a)), vmovn_s32(vcvtnq_s32_f32(b)))) }
    }
    #[inline(always)]
    unsafe fn store_pairs(self, target: *mut i32, [a, b]: [float32x4_t; 2]) {
        // SAFETY: the caller vouches for four writable i32.
        unsafe { vst1q_s32(target, vsliq_n_s32::<16>(vcvtnq_s32_f32(a), vcvtnq_s32_f32(b))) }
    }
}
