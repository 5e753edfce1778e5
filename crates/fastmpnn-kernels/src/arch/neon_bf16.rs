//! AArch64 with Advanced SIMD (NEON) and BF16.
//!
//! The intrinsic of `bfmmla` is not in stable Rust, so it is an assembly block.

use core::arch::aarch64::*;
use core::arch::asm;

use crate::tiles::Squares;

/// Proof that the processor has NEON and BF16. Made in `split/multiply.rs` only.
#[derive(Clone, Copy)]
pub(crate) struct NeonBf16(());

impl NeonBf16 {
    /// # Safety
    /// - The processor has NEON and BF16.
    #[inline(always)]
    pub(crate) unsafe fn new() -> Self {
        NeonBf16(())
    }
}

// SAFETY: a register has two rows of two dwords or of two floats, memory is accessed for just those without alignment, and
// `new` is the only way to a token, and its caller vouches for the instruction set.
unsafe impl Squares for NeonBf16 {
    type Factors = uint32x4_t;
    type Sums = float32x4_t;

    #[inline(always)]
    fn zero(self) -> float32x4_t {
        // SAFETY: the token exists only where the processor has NEON; no memory is touched.
        unsafe { vdupq_n_f32(0.0) }
    }
    #[inline(always)]
    fn no_factors(self) -> uint32x4_t {
        // SAFETY: as above.
        unsafe { vdupq_n_u32(0) }
    }
    #[inline(always)]
    unsafe fn rows(self, [first, second]: [*const u32; 2]) -> uint32x4_t {
        // SAFETY: the caller vouches for two readable dwords at both places; the loads need no alignment.
        unsafe { vcombine_u32(vld1_u32(first), vld1_u32(second)) }
    }
    #[inline(always)]
    unsafe fn weights(self, [first, second]: [*const u32; 2]) -> uint32x4_t {
        // SAFETY: as above.
        unsafe {
            let (first, second) = (vld1_u32(first), vld1_u32(second));
            vcombine_u32(vzip1_u32(first, second), vzip2_u32(first, second))
        }
    }
    #[inline(always)]
    fn multiply_add(self, rows: uint32x4_t, weights: uint32x4_t, mut sums: float32x4_t) -> float32x4_t {
        // SAFETY: the token exists only where the processor has BF16; no memory is touched.
        unsafe {
            asm!(
                "bfmmla {sums:v}.4s, {rows:v}.8h, {weights:v}.8h",
                sums = inout(vreg) sums,
                rows = in(vreg) rows,
                weights = in(vreg) weights,
                options(pure, nomem, nostack, preserves_flags)
            );
        }
        sums
    }
    #[inline(always)]
    unsafe fn store(self, target: *mut f32, stride: usize, sums: float32x4_t) {
        // SAFETY: the caller vouches for two writable floats in both rows; the stores need no alignment.
        unsafe {
            vst1_f32(target, vget_low_f32(sums));
            vst1_f32(target.add(stride), vget_high_f32(sums));
        }
    }
}
