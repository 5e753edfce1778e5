//! Multiplies with the instructions of a weight.

use super::pairs::by_pairs;
use super::product::{Product, by_tiles};
use super::stored::Finish;
use crate::TileInstructions;
use crate::arch::soft_tiles::{SoftDots, SoftTiles};
#[cfg(target_arch = "x86_64")]
use crate::arch::{amx::Amx, avx512_bf16::Avx512Bf16};
use crate::dispatch::dispatch;
use crate::lanes::Lanes;

/// The rows of a block of dot products: twice as many sums, two rows of weights and a pair fill 32 registers.
#[cfg(target_arch = "x86_64")]
const ROWS: usize = 12;

/// Multiplies, and finishes the sums.
pub(super) fn multiply(product: Product<'_>, epilogue: &mut dyn Finish) {
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bf16,avx2,fma")]
    fn avx512_bf16(product: Product<'_>, epilogue: &mut dyn Finish) {
        // SAFETY: this function runs only where the processor has AVX-512F and AVX-512 BF16.
        by_pairs::<_, ROWS>(unsafe { Avx512Bf16::new() }, product, epilogue);
    }
    #[inline(always)]
    fn soft_dots<L: Lanes>(_: L, (product, epilogue): (Product<'_>, &mut dyn Finish)) {
        by_pairs::<_, 1>(SoftDots, product, epilogue);
    }
    let isa = product.weight.plan.isa();
    match product.weight.tiles {
        // SAFETY: a `KernelPlan` has only tile instructions that were detected on this processor.
        #[cfg(target_arch = "x86_64")]
        TileInstructions::Amx => by_tiles(unsafe { Amx::new() }, product, epilogue),
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        TileInstructions::Avx512Bf16 => unsafe { avx512_bf16(product, epilogue) },
        // The instruction set has fused multiply-adds, where there are any.
        TileInstructions::SoftDots => {
            dispatch!(isa, soft_dots, (product, epilogue), (Product<'_>, &mut dyn Finish))
        }
        _ => by_tiles(SoftTiles::new(isa), product, epilogue),
    }
}
