//! x86-64 with AVX2 and FMA.

use core::arch::x86_64::*;

use crate::lanes::{Lanes, Pairs};

/// Proof that the processor has AVX2 and FMA. Made in `dispatch.rs` only.
#[derive(Clone, Copy)]
pub(crate) struct Avx2(());

impl Avx2 {
    /// # Safety
    /// - The processor has AVX2 and FMA.
    #[inline(always)]
    pub(crate) unsafe fn new() -> Self {
        Avx2(())
    }
}

/// One intrinsic without memory access, in a method of the token.
macro_rules! instruction {
    ($($call:tt)*) => {
        // SAFETY: the token `self` exists only where the processor has AVX2 and FMA; no memory is touched.
        unsafe { $($call)* }
    };
}

// SAFETY: a vector has eight floats, `load` and `store` move just those without alignment, and
// `new` is the only way to a token, and its caller vouches for the instruction set.
unsafe impl Lanes for Avx2 {
    type Vector = __m256;
    const WIDTH: usize = 8;

    #[inline(always)]
    fn splat(self, x: f32) -> __m256 {
        instruction!(_mm256_set1_ps(x))
    }
    #[inline(always)]
    unsafe fn load(self, source: *const f32) -> __m256 {
        // SAFETY: the caller vouches for eight readable floats; the load needs no alignment.
        unsafe { _mm256_loadu_ps(source) }
    }
    #[inline(always)]
    unsafe fn store(self, target: *mut f32, value: __m256) {
        // SAFETY: the caller vouches for eight writable floats; the store needs no alignment.
        unsafe { _mm256_storeu_ps(target, value) }
    }
    #[inline(always)]
    fn add(self, a: __m256, b: __m256) -> __m256 {
        instruction!(_mm256_add_ps(a, b))
    }
    #[inline(always)]
    fn sub(self, a: __m256, b: __m256) -> __m256 {
        instruction!(_mm256_sub_ps(a, b))
    }
    #[inline(always)]
    fn mul(self, a: __m256, b: __m256) -> __m256 {
        instruction!(_mm256_mul_ps(a, b))
    }
    #[inline(always)]
    fn mul_add(self, a: __m256, b: __m256, c: __m256) -> __m256 {
        instruction!(_mm256_fmadd_ps(a, b, c))
    }
    #[inline(always)]
    fn neg_mul_add(self, a: __m256, b: __m256, c: __m256) -> __m256 {
        instruction!(_mm256_fnmadd_ps(a, b, c))
    }
    #[inline(always)]
    fn min(self, a: __m256, b: __m256) -> __m256 {
        instruction!(_mm256_min_ps(a, b))
    }
    #[inline(always)]
    fn max(self, a: __m256, b: __m256) -> __m256 {
        instruction!(_mm256_max_ps(a, b))
    }
    #[inline(always)]
    fn abs(self, a: __m256) -> __m256 {
        instruction!(_mm256_andnot_ps(_mm256_set1_ps(-0.0), a))
    }
    #[inline(always)]
    fn sqrt(self, a: __m256) -> __m256 {
        instruction!(_mm256_sqrt_ps(a))
    }
    #[inline(always)]
    fn round(self, a: __m256) -> __m256 {
        instruction!(_mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a))
    }
    #[inline(always)]
    fn power_of_two(self, a: __m256) -> __m256 {
        instruction!({
            let biased = _mm256_add_epi32(_mm256_cvtps_epi32(a), _mm256_set1_epi32(127));
            _mm256_castsi256_ps(_mm256_slli_epi32::<23>(biased))
        })
    }
    #[inline(always)]
    fn away_from_zero_to_bf16(self, a: __m256) -> __m256 {
        instruction!({
            let bits = _mm256_castps_si256(a);
            let up = _mm256_castsi256_ps(_mm256_add_epi32(bits, _mm256_set1_epi32(1 << 15)));
            // A carry out of a NaN's last bit would make it a number.
            let quiet = _mm256_castsi256_ps(_mm256_or_si256(bits, _mm256_set1_epi32(1 << 22)));
            let up = _mm256_blendv_ps(up, quiet, _mm256_cmp_ps::<_CMP_UNORD_Q>(a, a));
            _mm256_and_ps(up, _mm256_castsi256_ps(_mm256_set1_epi32(!0xffff)))
        })
    }
    #[inline(always)]
    fn halves(self, low: __m256, high: __m256) -> __m256 {
        instruction!({
            let low = _mm256_srli_epi32::<16>(_mm256_castps_si256(low));
            _mm256_or_ps(_mm256_castsi256_ps(low), high)
        })
    }
    #[inline(always)]
    fn sum(self, a: __m256) -> f32 {
        instruction!({
            let four = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        })
    }
}

/// Proof that the processor has AVX2 and FMA, and AVX-VNNI where `VNNI` says so. Made in `dispatch.rs` only.
#[derive(Clone, Copy)]
pub(crate) struct Avx2Pairs<const VNNI: bool>(Avx2);

impl<const VNNI: bool> Avx2Pairs<VNNI> {
    /// # Safety
    /// - The processor has AVX2 and FMA.
    /// - If `VNNI`, it has AVX-VNNI.
    #[inline(always)]
    pub(crate) unsafe fn new() -> Self {
        Avx2Pairs(Avx2(()))
    }
}

// SAFETY: a register has eight integers or pairs, memory is accessed for just those without alignment, and
// `new` is the only way to a token, and its caller vouches for the instruction set.
unsafe impl<const VNNI: bool> Pairs for Avx2Pairs<VNNI> {
    type Floats = Avx2;
    type Integers = __m256i;

    #[inline(always)]
    fn floats(self) -> Avx2 {
        self.0
    }
    #[inline(always)]
    fn splat(self, x: i32) -> __m256i {
        instruction!(_mm256_set1_epi32(x))
    }
    #[inline(always)]
    unsafe fn load_pairs(self, source: *const i16) -> __m256i {
        // SAFETY: the caller vouches for sixteen readable i16; the load needs no alignment.
        unsafe { _mm256_loadu_si256(source.cast()) }
    }
    #[inline(always)]
    fn multiply_add_pairs(self, a: __m256i, b: __m256i, sum: __m256i) -> __m256i {
        if VNNI {
            // SAFETY: a token with `VNNI` exists only where the processor has AVX-VNNI; no memory is touched.
            unsafe { _mm256_dpwssd_avx_epi32(sum, a, b) }
        } else {
            instruction!(_mm256_add_epi32(sum, _mm256_madd_epi16(a, b)))
        }
    }
    #[inline(always)]
    fn to_float(self, a: __m256i) -> __m256 {
        instruction!(_mm256_cvtepi32_ps(a))
    }
    #[inline(always)]
    fn max_magnitude(self, a: __m256i, x: __m256) -> __m256i {
        instruction!(_mm256_max_epi32(a, _mm256_castps_si256(self.0.abs(x))))
    }
    #[inline(always)]
    fn largest(self, a: __m256i) -> i32 {
        instruction!({
            let four = _mm_max_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256::<1>(a));
            let two = _mm_max_epi32(four, _mm_shuffle_epi32::<0b01_00_11_10>(four));
            _mm_cvtsi128_si32(_mm_max_epi32(two, _mm_shuffle_epi32::<0b10_11_00_01>(two)))
        })
    }
    #[inline(always)]
    unsafe fn store_rounded(self, target: *mut i16, [a, b]: [__m256; 2]) {
        // SAFETY: the caller vouches for sixteen writable i16; the store needs no alignment.
        unsafe {
            // Packing works within halves of a register: put the quarters back in order.
            let mixed = _mm256_packs_epi32(_mm256_cvtps_epi32(a), _mm256_cvtps_epi32(b));
            _mm256_storeu_si256(target.cast(), _mm256_permute4x64_epi64::<0b11_01_10_00>(mixed));
        }
    }
    #[inline(always)]
    unsafe fn store_pairs(self, target: *mut i32, [a, b]: [__m256; 2]) {
        // SAFETY: the caller vouches for eight writable i32; the store needs no alignment.
        unsafe {
            let pairs = _mm256_or_si256(_mm256_cvtps_epi32(a), _mm256_slli_epi32::<16>(_mm256_cvtps_epi32(b)));
            _mm256_storeu_si256(target.cast(), pairs);
        }
    }
}
