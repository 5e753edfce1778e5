//! What a set of weights is multiplied with.

use std::cell::Cell;

use crate::{Isa, IsaError};

/// An instruction set for floats, and the instructions for products of integers. A weight is packed for a plan, and its
/// products run by it.
///
/// Only plans that this processor can run are made: the shells of `dispatch.rs` rely on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KernelPlan {
    isa: Isa,
    products: Products,
}

impl KernelPlan {
    /// With the fastest products of integers that go with an instruction set.
    ///
    /// # Errors
    /// [`IsaError::Unavailable`] where this processor does not have the instruction set.
    pub fn fastest(isa: Isa) -> Result<KernelPlan, IsaError> {
        KernelPlan::new(isa, Products::fastest(isa))
    }

    /// With these products of integers, the fastest or not.
    ///
    /// # Errors
    /// [`IsaError::Unavailable`] where this processor does not have the instruction set or the products.
    pub fn new(isa: Isa, products: Products) -> Result<KernelPlan, IsaError> {
        if !isa.is_available() {
            return Err(IsaError::Unavailable(isa));
        }
        if !products.is_available() {
            return Err(IsaError::UnavailableProducts(products.name()));
        }
        Ok(KernelPlan { isa, products })
    }

    /// The instruction set for floats.
    pub fn isa(self) -> Isa {
        self.isa
    }

    /// The instructions for products of integers. They may be those of another instruction set: the first AVX-512
    /// processors multiply integers with AVX2.
    pub fn products(self) -> Products {
        self.products
    }

    /// Columns of a packed panel of floats.
    pub(crate) fn float_columns(self) -> usize {
        panel_columns(self.isa)
    }

    /// Columns of a packed panel of integers.
    pub(crate) fn integer_columns(self) -> usize {
        panel_columns(self.products.isa())
    }

    /// Sets the calling thread up for the plan's products, where they need it: called by the shells before each product,
    /// and done once a thread.
    #[inline(always)]
    pub(crate) fn set_up_thread(self) {
        if let Some(set_up) = self.products.thread_set_up() {
            once_a_thread(self.products, set_up);
        }
    }
}

thread_local! {
    /// The products that this thread was set up for last.
    static SET_UP_FOR: Cell<Option<Products>> = const { Cell::new(None) };
}

/// Runs `set_up` unless it was the last that this thread ran for these products.
#[inline(always)]
fn once_a_thread(products: Products, set_up: impl FnOnce()) {
    if SET_UP_FOR.get() != Some(products) {
        set_up();
        SET_UP_FOR.set(Some(products));
    }
}

/// Columns of a panel: the microkernel's width.
fn panel_columns(isa: Isa) -> usize {
    match isa {
        Isa::Scalar | Isa::Simd128 => 8,
        Isa::Avx2 | Isa::Neon => 16,
        Isa::Avx512 => 32,
    }
}

/// The instructions that multiply pairs of 16-bit integers. An instruction set may have an extension for it.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Products {
    /// Plain Rust.
    Scalar,
    /// AVX2: `vpmaddwd` and `vpaddd`.
    Avx2,
    /// AVX2 with AVX-VNNI: `vpdpwssd`, which is both in one.
    Avx2Vnni,
    /// AVX-512BW: `vpmaddwd` and `vpaddd`.
    Avx512,
    /// AVX-512 VNNI: `vpdpwssd`.
    Avx512Vnni,
    /// NEON: `smull`, `smull2` and `addp`.
    Neon,
    /// simd128: `i32x4.dot_i16x8_s`.
    Simd128,
}

impl Products {
    /// Every one, slowest first.
    pub const ALL: [Products; 7] = [
        Products::Scalar,
        Products::Simd128,
        Products::Neon,
        Products::Avx2,
        Products::Avx2Vnni,
        Products::Avx512,
        Products::Avx512Vnni,
    ];

    /// The instruction set it belongs to.
    pub fn isa(self) -> Isa {
        match self {
            Products::Scalar => Isa::Scalar,
            Products::Avx2 | Products::Avx2Vnni => Isa::Avx2,
            Products::Avx512 | Products::Avx512Vnni => Isa::Avx512,
            Products::Neon => Isa::Neon,
            Products::Simd128 => Isa::Simd128,
        }
    }

    /// Whether this processor, and this build, can run it.
    pub fn is_available(self) -> bool {
        self.isa().is_available()
            && match self {
                #[cfg(target_arch = "x86_64")]
                Products::Avx2Vnni => std::arch::is_x86_feature_detected!("avxvnni"),
                #[cfg(target_arch = "x86_64")]
                Products::Avx512 => std::arch::is_x86_feature_detected!("avx512bw"),
                #[cfg(target_arch = "x86_64")]
                Products::Avx512Vnni => {
                    std::arch::is_x86_feature_detected!("avx512vnni") && std::arch::is_x86_feature_detected!("avx512bw")
                }
                _ => true,
            }
    }

    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Products::Scalar => "scalar",
            Products::Simd128 => "simd128",
            Products::Neon => "neon",
            Products::Avx2 => "avx2",
            Products::Avx2Vnni => "avx2-vnni",
            Products::Avx512 => "avx512",
            Products::Avx512Vnni => "avx512-vnni",
        }
    }

    /// How a thread is set up before its first product, where it must be: matrix tiles have a configuration that belongs to
    /// the thread. Vector instructions need nothing.
    fn thread_set_up(self) -> Option<fn()> {
        match self {
            Products::Scalar
            | Products::Simd128
            | Products::Neon
            | Products::Avx2
            | Products::Avx2Vnni
            | Products::Avx512
            | Products::Avx512Vnni => None,
        }
    }

    /// The fastest that this processor has within an instruction set. The first AVX-512 processors have no AVX-512BW:
    /// they multiply integers with AVX2.
    fn fastest(isa: Isa) -> Products {
        let found = |isa| Products::ALL.into_iter().rfind(|products| products.isa() == isa && products.is_available());
        found(isa).or_else(|| found(Isa::Avx2)).unwrap_or(Products::Scalar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_is_set_up_once_for_products_and_again_for_others() {
        let count = Cell::new(0);
        let product = |products| once_a_thread(products, || count.set(count.get() + 1));
        for products in [Products::Scalar, Products::Scalar, Products::Avx2, Products::Avx2, Products::Scalar] {
            product(products);
        }
        assert_eq!(count.get(), 3);
        let elsewhere = std::thread::spawn(|| {
            let mut count = 0;
            (0..2).for_each(|_| once_a_thread(Products::Scalar, || count += 1));
            count
        });
        assert_eq!(elsewhere.join().expect("no panic"), 1);
    }

    #[test]
    fn plans_are_made_of_what_the_processor_has() {
        for isa in Isa::ALL {
            let plan = KernelPlan::fastest(isa);
            assert_eq!(plan.is_ok(), isa.is_available(), "{isa}");
            if let Ok(plan) = plan {
                assert!(plan.products().is_available());
                assert_eq!(KernelPlan::new(isa, plan.products()), Ok(plan));
            }
        }
        for products in Products::ALL {
            let plan = KernelPlan::new(Isa::Scalar, products);
            assert_eq!(plan.is_ok(), products.is_available(), "{products:?}");
        }
    }
}
