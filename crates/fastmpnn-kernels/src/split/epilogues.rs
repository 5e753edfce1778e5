//! The epilogues of split products, compiled apart from the products that store their sums.

#[cfg(target_arch = "x86_64")]
use super::pairs::by_pairs_at_once;
use super::planes::PlanesOut;
#[cfg(target_arch = "x86_64")]
use super::product::Product;
use super::stored::{Finish, StoredRows};
use crate::Isa;
use crate::activation::{Exact, Linear};
#[cfg(target_arch = "x86_64")]
use crate::arch::{avx512::Avx512, avx512_bf16::Avx512Bf16};
use crate::dispatch::dispatch;
use crate::epilogue::{Biased, Edge, Summed, WeightedBias, Written};
use crate::lanes::Lanes;

/// An epilogue that is compiled together with AVX-512 BF16, too. A dot product of pairs is short: storing its sums would
/// cost 2 to 6 %.
pub(super) trait AtOnce: Finish {
    /// Multiplies with one term.
    ///
    /// # Safety
    /// - The processor has AVX-512 BF16, and the weight one term.
    #[cfg(target_arch = "x86_64")]
    unsafe fn multiply(&mut self, product: Product<'_>);
}

/// The most rows of a block of dot products.
#[cfg(target_arch = "x86_64")]
const ROWS: usize = 12;

macro_rules! epilogues {
    ($($epilogue:ty),* $(,)?) => {$(
        impl Finish for $epilogue {
            unsafe fn finish(&mut self, isa: Isa, rows: StoredRows) {
                #[inline(always)]
                fn body<L: Lanes>(l: L, (epilogue, rows): (&mut $epilogue, StoredRows)) {
                    // SAFETY: by the trait's condition.
                    unsafe { rows.finish(l, epilogue) }
                }
                dispatch!(isa, body, (self, rows), (&mut $epilogue, StoredRows))
            }
        }

        impl AtOnce for $epilogue {
            #[cfg(target_arch = "x86_64")]
            unsafe fn multiply(&mut self, product: Product<'_>) {
                #[target_feature(enable = "avx512f,avx512bf16,avx2,fma")]
                fn avx512_bf16(epilogue: &mut $epilogue, product: Product<'_>) {
                    // SAFETY: this function runs only where the processor has AVX-512F and AVX-512 BF16.
                    let tokens = unsafe { (Avx512::new(), Avx512Bf16::new()) };
                    by_pairs_at_once::<_, _, ROWS, _>(tokens, product, epilogue);
                }
                // SAFETY: by the trait's condition.
                unsafe { avx512_bf16(self, product) }
            }
        }
    )*};
}
epilogues!(
    Written<'_, Biased<'_, Linear>>,
    Written<'_, Biased<'_, Exact>>,
    Written<'_, WeightedBias<'_>>,
    Written<'_, Edge<'_, Exact>>,
    PlanesOut<'_, Biased<'_, Exact>>,
    PlanesOut<'_, Edge<'_, Exact>>,
    Summed<'_, Exact>,
);
