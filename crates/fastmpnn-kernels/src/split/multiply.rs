//! Multiplies with the instructions of a weight.

use super::epilogues::AtOnce;
#[cfg(target_arch = "x86_64")]
use super::layout::SplitTerms;
use super::pairs::by_pairs;
use super::product::{Product, by_tiles};
use super::squares::by_squares;
use super::stored::Finish;
use crate::TileInstructions;
#[cfg(target_arch = "aarch64")]
use crate::arch::neon_bf16::NeonBf16;
use crate::arch::soft_tiles::{SoftDots, SoftSquares, SoftTiles};
#[cfg(target_arch = "x86_64")]
use crate::arch::{amx::Amx, avx512_bf16::Avx512Bf16};
use crate::dispatch::dispatch;
use crate::lanes::Lanes;

/// Multiplies, and finishes the sums.
pub(super) fn multiply(product: Product<'_>, epilogue: &mut impl AtOnce) {
    match product.weight.tiles {
        // SAFETY: a `KernelPlan` has only tile instructions that were detected on this processor.
        #[cfg(target_arch = "x86_64")]
        TileInstructions::Avx512Bf16 if product.weight.terms == SplitTerms::One => unsafe {
            epilogue.multiply(product);
        },
        _ => multiply_stored(product, epilogue),
    }
}

/// Multiplies, stores the sums and finishes them.
fn multiply_stored(product: Product<'_>, epilogue: &mut dyn Finish) {
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bf16,avx2,fma")]
    fn avx512_bf16(product: Product<'_>, epilogue: &mut dyn Finish) {
        // SAFETY: this function runs only where the processor has AVX-512F and AVX-512 BF16.
        by_pairs(unsafe { Avx512Bf16::new() }, product, epilogue);
    }
    #[cfg(target_arch = "aarch64")]
    #[target_feature(enable = "neon,bf16")]
    fn neon_bf16(product: Product<'_>, epilogue: &mut dyn Finish) {
        // SAFETY: this function runs only where the processor has NEON and BF16.
        by_squares(unsafe { NeonBf16::new() }, product, epilogue);
    }
    #[inline(always)]
    fn soft_dots<L: Lanes>(_: L, (product, epilogue): (Product<'_>, &mut dyn Finish)) {
        by_pairs(SoftDots, product, epilogue);
    }
    let isa = product.weight.plan.isa();
    match product.weight.tiles {
        // SAFETY: a `KernelPlan` has only tile instructions that were detected on this processor.
        #[cfg(target_arch = "x86_64")]
        TileInstructions::Amx => by_tiles(unsafe { Amx::new() }, product, epilogue),
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        TileInstructions::Avx512Bf16 => unsafe { avx512_bf16(product, epilogue) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        TileInstructions::NeonBf16 => unsafe { neon_bf16(product, epilogue) },
        TileInstructions::SoftSquares => by_squares(SoftSquares, product, epilogue),
        // The instruction set has fused multiply-adds, where there are any.
        TileInstructions::SoftDots => {
            dispatch!(isa, soft_dots, (product, epilogue), (Product<'_>, &mut dyn Finish))
        }
        _ => by_tiles(SoftTiles::new(isa), product, epilogue),
    }
}
