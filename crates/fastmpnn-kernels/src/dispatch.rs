//! One generic body an operation; here is the thin shell that each instruction set gets.
//!
//! `dispatch!(isa, body, arguments)` calls `body::<L>(token, arguments)`, compiled once per instruction set inside a
//! function that enables it. `dispatch_tiled!` also hands over the microkernel's shape: the rows and the registers
//! across that fit the register file with room for one row of weights and a broadcast.
//!
//! | instruction set | registers | shape (rows × vectors) | columns of a panel |
//! |---|---|---|---|
//! | scalar (SSE2 where compiled for x86-64) | 16 × 4 | 4 × 2 | 8 |
//! | AVX2 | 16 × 8 | 6 × 2 | 16 |
//! | AVX-512 | 32 × 16 | 12 × 2 | 32 |
//! | NEON | 32 × 4 | 6 × 4 | 16 |
//! | simd128 | engine's choice | 4 × 2 | 8 |

use crate::Isa;

/// Columns of a packed panel, f32.
pub(crate) fn panel_columns(isa: Isa) -> usize {
    match isa {
        Isa::Scalar | Isa::Simd128 => 8,
        Isa::Avx2 | Isa::Neon => 16,
        Isa::Avx512 => 32,
    }
}

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
            // SAFETY: a `Kernels` holds only an instruction set that was found on this processor.
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

pub(crate) use {dispatch, dispatch_tiled, shells};
