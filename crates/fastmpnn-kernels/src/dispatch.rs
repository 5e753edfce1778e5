//! Calls one generic body per operation through a thin shell for each instruction set.
//!
//! `dispatch!(isa, body, arguments)` calls `body::<L>(token, arguments)`, compiled once per instruction set inside a
//! function that enables it. `dispatch_tiled!` also passes the microkernel's shape: the largest block of rows × vectors
//! that fits the register file beside one row of weights and a broadcast.
//!
//! | instruction set | registers | shape (rows × vectors) | columns of a panel |
//! |---|---|---|---|
//! | scalar (SSE2 where compiled for x86-64) | 16 × 4 | 4 × 2 | 8 |
//! | AVX2 | 16 × 8 | 6 × 2 | 16 |
//! | AVX-512 | 32 × 16 | 12 × 2 | 32 |
//! | NEON | 32 × 4 | 6 × 4 | 16 |
//! | simd128 | engine's choice | 4 × 2 | 8 |
//!
//! `dispatch_pairs!` does the same for integer products, with the same shapes: an integer register holds as many sums
//! as a float register.

/// Calls `$body(token, $arguments)` for the instruction set.
macro_rules! dispatch {
    ($isa:expr, $body:ident, $arguments:expr, $type:ty) => {
        $crate::dispatch::shells!($isa, $arguments, $type, $body, [], [], [], [], [])
    };
}

/// Calls `$body::<_, ROWS, VECTORS>(token, $arguments)` for the instruction set.
macro_rules! dispatch_tiled {
    ($isa:expr, $body:ident, $arguments:expr, $type:ty) => {
        $crate::dispatch::shells!($isa, $arguments, $type,
            $body, [::<_, 4, 2>], [::<_, 6, 2>], [::<_, 12, 2>], [::<_, 6, 4>], [::<_, 4, 2>])
    };
}

macro_rules! shells {
    ($isa:expr, $arguments:expr, $type:ty, $body:ident,
     [$($scalar:tt)*], [$($avx2:tt)*], [$($avx512:tt)*], [$($neon:tt)*], [$($simd128:tt)*]) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        fn avx2(arguments: $type) {
            // SAFETY: this function runs only where the processor has AVX2 and FMA.
            $body$($avx2)*(unsafe { $crate::arch::avx2::Avx2::new() }, arguments)
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx2,fma")]
        fn avx512(arguments: $type) {
            // SAFETY: this function runs only where the processor has AVX-512F.
            $body$($avx512)*(unsafe { $crate::arch::avx512::Avx512::new() }, arguments)
        }
        #[cfg(target_arch = "aarch64")]
        #[target_feature(enable = "neon")]
        fn neon(arguments: $type) {
            // SAFETY: this function runs only where the processor has NEON.
            $body$($neon)*(unsafe { $crate::arch::neon::Neon::new() }, arguments)
        }
        let arguments: $type = $arguments;
        match $isa {
            // SAFETY: a `KernelPlan` is made only for an instruction set that was detected on this processor.
            #[cfg(target_arch = "x86_64")]
            $crate::Isa::Avx2 => unsafe { avx2(arguments) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            $crate::Isa::Avx512 => unsafe { avx512(arguments) },
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            $crate::Isa::Neon => unsafe { neon(arguments) },
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            $crate::Isa::Simd128 => $body$($simd128)*($crate::arch::simd128::Simd128, arguments),
            _ => $body$($scalar)*($crate::arch::scalar::Scalar, arguments),
        }
    }};
}

/// Calls `$body::<_, ROWS, VECTORS>(token, $arguments)` for the products of a plan, where `token` is a
/// [`Pairs`](crate::lanes::Pairs), on a thread that is set up for them.
macro_rules! dispatch_pairs {
    ($plan:expr, $body:ident, $arguments:expr, $type:ty) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        fn avx2(arguments: $type) {
            // SAFETY: this function runs only where the processor has AVX2 and FMA.
            $body::<_, 6, 2>(unsafe { $crate::arch::avx2::Avx2Pairs::<false>::new() }, arguments)
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avxvnni,avx2,fma")]
        fn avx2_vnni(arguments: $type) {
            // SAFETY: this function runs only where the processor has AVX2, FMA and AVX-VNNI.
            $body::<_, 6, 2>(unsafe { $crate::arch::avx2::Avx2Pairs::<true>::new() }, arguments)
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
        fn avx512(arguments: $type) {
            // SAFETY: this function runs only where the processor has AVX-512F and AVX-512BW.
            $body::<_, 12, 2>(unsafe { $crate::arch::avx512::Avx512Pairs::<false>::new() }, arguments)
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx512bw,avx512vnni,avx2,fma")]
        fn avx512_vnni(arguments: $type) {
            // SAFETY: this function runs only where the processor has AVX-512F, AVX-512BW and AVX-512 VNNI.
            $body::<_, 12, 2>(unsafe { $crate::arch::avx512::Avx512Pairs::<true>::new() }, arguments)
        }
        #[cfg(target_arch = "aarch64")]
        #[target_feature(enable = "neon")]
        fn neon(arguments: $type) {
            // SAFETY: this function runs only where the processor has NEON.
            $body::<_, 6, 4>(unsafe { $crate::arch::neon::Neon::new() }, arguments)
        }
        let arguments: $type = $arguments;
        let plan: $crate::KernelPlan = $plan;
        plan.set_up_thread();
        match plan.products() {
            // SAFETY: a `KernelPlan` is made only for integer products that were detected on this processor.
            #[cfg(target_arch = "x86_64")]
            $crate::Products::Avx2 => unsafe { avx2(arguments) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            $crate::Products::Avx2Vnni => unsafe { avx2_vnni(arguments) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            $crate::Products::Avx512 => unsafe { avx512(arguments) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            $crate::Products::Avx512Vnni => unsafe { avx512_vnni(arguments) },
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            $crate::Products::Neon => unsafe { neon(arguments) },
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            $crate::Products::Simd128 => $body::<_, 4, 2>($crate::arch::simd128::Simd128, arguments),
            _ => $body::<_, 4, 2>($crate::arch::scalar::Scalar, arguments),
        }
    }};
}

pub(crate) use {dispatch, dispatch_pairs, dispatch_tiled, shells};
