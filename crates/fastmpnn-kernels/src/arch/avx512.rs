//! x86-64 with AVX-512F.

use core::arch::x86_64::*;

use crate::lanes::{Lanes, Pairs};

/// Proof that the processor has AVX-512F. Made in `dispatch.rs` only.
#[derive(Clone, Copy)]
pub(crate) struct Avx512(());

impl Avx512 {
    /// # Safety
    /// - The processor has AVX-512F.
    #[inline(always)]
    pub(crate) unsafe fn new() -> Self {
        Avx512(())
    }
}

/// One intrinsic without memory access, in a method of the token.
macro_rules! instruction {
    ($($call:tt)*) => {
        // SAFETY: the token `self` exists only where the processor has AVX-512F; no memory is touched.
        unsafe { $($call)* }
    };
}

// SAFETY: a vector has sixteen floats, `load` and `store` move just those without alignment, and
// `new` is the only way to a token, and its caller vouches for the instruction set.
unsafe impl Lanes for Avx512 {
    type Vector = __m512;
    const WIDTH: usize = 16;

    #[inline(always)]
    fn splat(self, x: f32) -> __m512 {
        instruction!(_mm512_set1_ps(x))
    }
    #[inline(always)]
    unsafe fn load(self, source: *const f32) -> __m512 {
        // SAFETY: the caller vouches for sixteen readable floats; the load needs no alignment.
        unsafe { _mm512_loadu_ps(source) }
    }
    #[inline(always)]
    unsafe fn store(self, target: *mut f32, value: __m512) {
        // SAFETY: the caller vouches for sixteen writable floats; the store needs no alignment.
        unsafe { _mm512_storeu_ps(target, value) }
    }
    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        instruction!(_mm512_add_ps(a, b))
    }
    #[inline(always)]
    fn sub(self, a: __m512, b: __m512) -> __m512 {
        instruction!(_mm512_sub_ps(a, b))
    }
    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        instruction!(_mm512_mul_ps(a, b))
    }
    #[inline(always)]
    fn mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        instruction!(_mm512_fmadd_ps(a, b, c))
    }
    #[inline(always)]
    fn neg_mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        instruction!(_mm512_fnmadd_ps(a, b, c))
    }
    #[inline(always)]
    fn min(self, a: __m512, b: __m512) -> __m512 {
        instruction!(_mm512_min_ps(a, b))
    }
    #[inline(always)]
    fn max(self, a: __m512, b: __m512) -> __m512 {
        instruction!(_mm512_max_ps(a, b))
    }
    #[inline(always)]
    fn abs(self, a: __m512) -> __m512 {
        instruction!(_mm512_abs_ps(a))
    }
    #[inline(always)]
    fn sqrt(self, a: __m512) -> __m512 {
        instruction!(_mm512_sqrt_ps(a))
    }
    #[inline(always)]
    fn round(self, a: __m512) -> __m512 {
        instruction!(_mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT }>(a))
    }
    #[inline(always)]
    fn power_of_two(self, a: __m512) -> __m512 {
        instruction!(_mm512_scalef_ps(_mm512_set1_ps(1.0), a))
    }
    #[inline(always)]
    fn away_from_zero_to_bf16(self, a: __m512) -> __m512 {
        instruction!({
            let bits = _mm512_castps_si512(a);
            let up = _mm512_add_epi32(bits, _mm512_set1_epi32(1 << 15));
            // A carry out of a NaN's last bit would make it a number.
            let is_nan = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(a, a);
            let up = _mm512_mask_or_epi32(up, is_nan, bits, _mm512_set1_epi32(1 << 22));
            _mm512_castsi512_ps(_mm512_and_si512(up, _mm512_set1_epi32(!0xffff)))
        })
    }
    #[inline(always)]
    fn halves(self, low: __m512, high: __m512) -> __m512 {
        instruction!({
            let low = _mm512_srli_epi32::<16>(_mm512_castps_si512(low));
            _mm512_castsi512_ps(_mm512_or_si512(low, _mm512_castps_si512(high)))
        })
    }
    #[inline(always)]
    fn sum(self, a: __m512) -> f32 {
        instruction!({
            let low = _mm512_castps512_ps256(a);
            let high = _mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd(a)));
            let eight = _mm256_add_ps(low, high);
            let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        })
    }
}

/// Proof that the processor has AVX-512F and AVX-512BW, and AVX-512 VNNI where `VNNI` says so. Made in `dispatch.rs`
/// only.
#[derive(Clone, Copy)]
pub(crate) struct Avx512Pairs<const VNNI: bool>(Avx512);

impl<const VNNI: bool> Avx512Pairs<VNNI> {
    /// # Safety
    /// - The processor has AVX-512F and AVX-512BW.
    /// - If `VNNI`, it has AVX-512 VNNI.
    #[inline(always)]
    pub(crate) unsafe fn new() -> Self {
        Avx512Pairs(Avx512(()))
    }
}

// SAFETY: a register has sixteen integers or pairs, memory is accessed for just those without alignment, and
// `new` is the only way to a token, and its caller vouches for the instruction set.
unsafe impl<const VNNI: bool> Pairs for Avx512Pairs<VNNI> {
    type Floats = Avx512;
    type Integers = __m512i;

    #[inline(always)]
    fn floats(self) -> Avx512 {
        self.0
    }
    #[inline(always)]
    fn splat(self, x: i32) -> __m512i {
        instruction!(_mm512_set1_epi32(x))
    }
    #[inline(always)]
    unsafe fn load_pairs(self, source: *const i16) -> __m512i {
        // SAFETY: the caller vouches for thirty-two readable i16; the load needs no alignment.
        unsafe { _mm512_loadu_si512(source.cast()) }
    }
    #[inline(always)]
    fn multiply_add_pairs(self, a: __m512i, b: __m512i, sum: __m512i) -> __m512i {
        if VNNI {
            // SAFETY: a token with `VNNI` exists only where the processor has AVX-512 VNNI; no memory is touched.
            unsafe { _mm512_dpwssd_epi32(sum, a, b) }
        } else {
            // SAFETY: the token exists only where the processor has AVX-512BW; no memory is touched.
            unsafe { _mm512_add_epi32(sum, _mm512_madd_epi16(a, b)) }
        }
    }
    #[inline(always)]
    fn to_float(self, a: __m512i) -> __m512 {
        instruction!(_mm512_cvtepi32_ps(a))
    }
    #[inline(always)]
    fn max_magnitude(self, a: __m512i, x: __m512) -> __m512i {
        instruction!(_mm512_max_epi32(a, _mm512_castps_si512(self.0.abs(x))))
    }
    #[inline(always)]
    fn largest(self, a: __m512i) -> i32 {
        instruction!(_mm512_reduce_max_epi32(a))
    }
    #[inline(always)]
    unsafe fn store_rounded(self, target: *mut i16, [a, b]: [__m512; 2]) {
        // SAFETY: the token exists only where the processor has AVX-512BW; the caller vouches for thirty-two writable
        // i16; the store needs no alignment.
        unsafe {
            // Packing works within quarters of a register: put the eighths back in order.
            let mixed = _mm512_packs_epi32(_mm512_cvtps_epi32(a), _mm512_cvtps_epi32(b));
            let order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
            _mm512_storeu_si512(target.cast(), _mm512_permutexvar_epi64(order, mixed));
        }
    }
    #[inline(always)]
    unsafe fn store_pairs(self, target: *mut i32, [a, b]: [__m512; 2]) {
        // SAFETY: the caller vouches for sixteen writable i32; the store needs no alignment.
        unsafe {
            let pairs = _mm512_or_si512(_mm512_cvtps_epi32(a), _mm512_slli_epi32::<16>(_mm512_cvtps_epi32(b)));
            _mm512_storeu_si512(target.cast(), pairs);
        }
    }
}
