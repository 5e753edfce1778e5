//! Calls a function with the tile instructions of a plan.

/// Calls `$tiles(registers, $arguments)` or `$dots::<_, ROWS>(token, $arguments)`, as the tile instructions are a
/// [`Tiles`](crate::tiles::Tiles) or a [`Dots`](crate::tiles::Dots). Twins have the vectors of the plan's instruction set.
macro_rules! dispatch_split {
    ($plan:expr, $instructions:expr, $tiles:ident, $dots:ident, $arguments:expr, $type:ty) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx512bw,avx2,fma")]
        fn amx(arguments: $type) {
            // SAFETY: this function runs only where the processor and the system have tiles of bf16.
            $tiles(unsafe { $crate::arch::amx::Amx::new() }, arguments)
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx512bf16,avx2,fma")]
        fn avx512_bf16(arguments: $type) {
            // SAFETY: this function runs only where the processor has AVX-512F and AVX-512 BF16.
            $dots::<_, 12>(unsafe { $crate::arch::avx512_bf16::Avx512Bf16::new() }, arguments)
        }
        #[inline(always)]
        fn soft_tiles<L: $crate::lanes::Lanes>(l: L, (isa, arguments): ($crate::Isa, $type)) {
            $tiles($crate::arch::soft_tiles::SoftTiles::new(l, isa), arguments)
        }
        #[inline(always)]
        fn soft_dots<L: $crate::lanes::Lanes>(l: L, arguments: $type) {
            $dots::<_, 1>($crate::arch::soft_tiles::SoftDots(l), arguments)
        }
        let arguments: $type = $arguments;
        let plan: $crate::KernelPlan = $plan;
        match $instructions {
            // SAFETY: a `KernelPlan` has only tile instructions that were detected on this processor.
            #[cfg(target_arch = "x86_64")]
            $crate::TileInstructions::Amx => unsafe { amx(arguments) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            $crate::TileInstructions::Avx512Bf16 => unsafe { avx512_bf16(arguments) },
            $crate::TileInstructions::SoftDots => {
                $crate::dispatch::dispatch!(plan.isa(), soft_dots, arguments, $type)
            }
            _ => $crate::dispatch::dispatch!(plan.isa(), soft_tiles, (plan.isa(), arguments), ($crate::Isa, $type)),
        }
    }};
}

pub(crate) use dispatch_split;
