//! x86-64 with AVX-512 BF16: dot products of pairs of bf16.

use core::arch::x86_64::*;

use crate::tiles::Dots;

/// Proof that the processor has AVX-512F and AVX-512 BF16. Made in `split/multiply.rs` only.
#[derive(Clone, Copy)]
pub(crate) struct Avx512Bf16(());

impl Avx512Bf16 {
    /// # Safety
    /// - The processor has AVX-512F and AVX-512 BF16.
    #[inline(always)]
    pub(crate) unsafe fn new() -> Self {
        Avx512Bf16(())
    }
}

// SAFETY: a register has sixteen pairs, `load` reads just those without alignment, and `new` is the only way to a token,
// and its caller vouches for the instruction set.
unsafe impl Dots for Avx512Bf16 {
    type Pairs = __m512i;
    type Sums = __m512;

    #[inline(always)]
    fn zero(self) -> __m512 {
        // SAFETY: the token exists only where the processor has AVX-512F; no memory is touched.
        unsafe { _mm512_setzero_ps() }
    }
    #[inline(always)]
    fn splat(self, x: u32) -> __m512i {
        // SAFETY: the token exists only where the processor has AVX-512F; no memory is touched.
        unsafe { _mm512_set1_epi32(x.cast_signed()) }
    }
    #[inline(always)]
    unsafe fn load(self, source: *const u16) -> __m512i {
        // SAFETY: the caller vouches for thirty-two readable bf16; the load needs no alignment.
        unsafe { _mm512_loadu_si512(source.cast()) }
    }
    #[inline(always)]
    fn multiply_add(self, a: __m512i, b: __m512i, sum: __m512) -> __m512 {
        // SAFETY: the token exists only where the processor has AVX-512 BF16; no memory is touched; both types of
        // registers are 512 bits.
        unsafe {
            _mm512_dpbf16_ps(
                sum,
                core::mem::transmute::<__m512i, __m512bh>(a),
                core::mem::transmute::<__m512i, __m512bh>(b),
            )
        }
    }
    #[inline(always)]
    unsafe fn store(self, target: *mut f32, sums: __m512) {
        // SAFETY: the caller vouches for sixteen writable floats; the store needs no alignment.
        unsafe { _mm512_storeu_ps(target, sums) }
    }
}
