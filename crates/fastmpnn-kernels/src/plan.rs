//! The instructions that a set of weights is packed for and multiplied with.

use std::cell::Cell;
use std::fmt;

use crate::isa::SME;
use crate::{Isa, IsaError, TileInstructions};

/// An instruction set for floats, with or without outer products, the instructions for products of integers and, where there are
/// any, those for products of split numbers. A weight is packed for one plan and can be multiplied only by kernels of that plan.
///
/// A plan exists only for instructions that this processor has; the unsafe code in `dispatch.rs` relies on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KernelPlan {
    isa: Isa,
    products: Products,
    tiles: Option<TileInstructions>,
    outer_products: bool,
}

impl KernelPlan {
    /// A plan for an instruction set, with the fastest integer products available within it, and its own instructions for
    /// split numbers: those of BF16, where AVX-512 or NEON has it. Matrix tiles are a choice of their own:
    /// [`KernelPlan::with_tiles`].
    ///
    /// # Errors
    /// [`IsaError::Unavailable`] where this processor does not have the instruction set.
    pub fn fastest(isa: Isa) -> Result<KernelPlan, IsaError> {
        KernelPlan::new(isa, Products::fastest(isa))
    }

    /// A plan with the given integer products, whether or not they are the fastest.
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
        let own = [TileInstructions::Avx512Bf16, TileInstructions::NeonBf16];
        let tiles = own.into_iter().find(|tiles| tiles.isa() == Some(isa) && tiles.is_available());
        Ok(KernelPlan { isa, products, tiles, outer_products: false })
    }

    /// The plan of a name that [`ISA_VARIABLE`](crate::ISA_VARIABLE) may have. A twin of instructions for split numbers runs beside
    /// the widest instruction set.
    ///
    /// # Errors
    /// [`IsaError`] where nothing has this name, or this processor does not have what it names.
    pub(crate) fn named(name: &str) -> Result<KernelPlan, IsaError> {
        const AMX: TileInstructions = TileInstructions::Amx;
        if name == AMX.name() {
            KernelPlan::fastest(Isa::Avx512).map_err(|_| IsaError::UnavailableTiles(AMX.name()))?.with_tiles(AMX)
        } else if name == SME {
            KernelPlan::fastest(Isa::Neon).map_err(|_| IsaError::UnavailableOuterProducts)?.with_outer_products()
        } else if let Some(twin) = TileInstructions::twins().find(|twin| twin.name() == name) {
            KernelPlan::fastest(Isa::available().last().unwrap_or(Isa::Scalar))?.with_tiles(twin)
        } else {
            KernelPlan::fastest(name.parse()?)
        }
    }

    /// The plan with other instructions for split numbers.
    ///
    /// # Errors
    /// [`IsaError::UnavailableTiles`] where this processor does not have them, or they need a wider instruction set than
    /// the plan's.
    pub fn with_tiles(self, tiles: TileInstructions) -> Result<KernelPlan, IsaError> {
        if tiles.is_available() && tiles.isa().is_none_or(|isa| isa == self.isa) {
            Ok(KernelPlan { tiles: Some(tiles), ..self })
        } else {
            Err(IsaError::UnavailableTiles(tiles.name()))
        }
    }

    /// The plan without instructions for split numbers.
    #[must_use]
    pub fn without_tiles(self) -> KernelPlan {
        KernelPlan { tiles: None, ..self }
    }

    /// The plan with products of floats by outer products: SME's `fmopa`, beside NEON. They are equal to NEON's bit for bit, but
    /// for the bits of a NaN, and read the same packed weights. Their speed was never measured, so no plan has them unasked.
    ///
    /// # Errors
    /// [`IsaError::UnavailableOuterProducts`] where this processor or its system does not have them, or the plan is not NEON's.
    pub fn with_outer_products(self) -> Result<KernelPlan, IsaError> {
        if self.isa == Isa::Neon && has_outer_products() {
            Ok(KernelPlan { outer_products: true, ..self })
        } else {
            Err(IsaError::UnavailableOuterProducts)
        }
    }

    /// Whether products of floats are made of outer products.
    pub fn outer_products(self) -> bool {
        self.outer_products
    }

    /// The instructions for products of split numbers, where there are any.
    pub fn tiles(self) -> Option<TileInstructions> {
        self.tiles
    }

    /// The instruction set for floats.
    pub fn isa(self) -> Isa {
        self.isa
    }

    /// The instructions for products of integers. They may belong to another instruction set: the first AVX-512
    /// processors multiply integers with AVX2.
    pub fn products(self) -> Products {
        self.products
    }

    /// The number of columns in a packed panel of floats.
    pub(crate) fn float_columns(self) -> usize {
        panel_columns(self.isa)
    }

    /// The number of columns in a packed panel of integers.
    pub(crate) fn integer_columns(self) -> usize {
        panel_columns(self.products.isa())
    }

    /// Sets up the calling thread for the plan's integer products, if they need it. Called before each product; the
    /// work is done once per thread.
    #[inline(always)]
    pub(crate) fn set_up_thread(self) {
        if let Some(set_up) = self.products.thread_set_up() {
            once_a_thread(self.products, set_up);
        }
    }
}

/// Their names, such as `avx512+amx`: the instruction set, `sme` where there are outer products, the instructions for split numbers.
impl fmt::Display for KernelPlan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.isa)?;
        if self.outer_products {
            write!(out, "+{SME}")?;
        }
        self.tiles.map_or(Ok(()), |tiles| write!(out, "+{tiles}"))
    }
}

thread_local! {
    /// The products that this thread was last set up for.
    static SET_UP_FOR: Cell<Option<Products>> = const { Cell::new(None) };
}

/// Runs `set_up` unless this thread was last set up for these products.
#[inline(always)]
fn once_a_thread(products: Products, set_up: impl FnOnce()) {
    if SET_UP_FOR.get() != Some(products) {
        set_up();
        SET_UP_FOR.set(Some(products));
    }
}

/// Whether this processor has outer products of floats, and its system lets a program use them.
fn has_outer_products() -> bool {
    #[cfg(target_arch = "aarch64")]
    return crate::arch::sme::is_available();
    #[cfg(not(target_arch = "aarch64"))]
    false
}

/// The number of columns in a panel: the microkernel's width.
fn panel_columns(isa: Isa) -> usize {
    match isa {
        Isa::Scalar | Isa::Simd128 => 8,
        Isa::Avx2 | Isa::Neon => 16,
        Isa::Avx512 => 32,
    }
}

/// The instructions that multiply pairs of 16-bit integers. Some instruction sets have an extension for this.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Products {
    /// Plain Rust.
    Scalar,
    /// AVX2: `vpmaddwd` and `vpaddd`.
    Avx2,
    /// AVX2 with AVX-VNNI: `vpdpwssd`, which does both in one instruction.
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
    /// Every kind of integer product, slowest first.
    pub const ALL: [Products; 7] = [
        Products::Scalar,
        Products::Simd128,
        Products::Neon,
        Products::Avx2,
        Products::Avx2Vnni,
        Products::Avx512,
        Products::Avx512Vnni,
    ];

    /// The instruction set that these products belong to.
    pub fn isa(self) -> Isa {
        match self {
            Products::Scalar => Isa::Scalar,
            Products::Avx2 | Products::Avx2Vnni => Isa::Avx2,
            Products::Avx512 | Products::Avx512Vnni => Isa::Avx512,
            Products::Neon => Isa::Neon,
            Products::Simd128 => Isa::Simd128,
        }
    }

    /// Whether both this processor and this build support them.
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

    /// The name used in messages.
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

    /// The function that prepares a thread for these products, if they need one: matrix tiles are configured per
    /// thread, vector instructions need no preparation.
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

    /// The fastest integer products of this processor within an instruction set. Early AVX-512 processors without
    /// AVX-512BW multiply integers with AVX2.
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
    fn names_stand_for_plans() {
        for isa in Isa::ALL {
            assert_eq!(KernelPlan::named(isa.name()), KernelPlan::fastest(isa));
        }
        match KernelPlan::named("sme") {
            Ok(plan) => assert!(plan.isa() == Isa::Neon && plan.outer_products()),
            Err(error) => assert!(error == IsaError::UnavailableOuterProducts && !has_outer_products()),
        }
        match KernelPlan::named("amx") {
            Ok(plan) => assert!(plan.isa() == Isa::Avx512 && plan.tiles() == Some(TileInstructions::Amx)),
            Err(error) => {
                assert!(error == IsaError::UnavailableTiles("amx") && !TileInstructions::Amx.is_available());
            }
        }
        let widest = Isa::available().last().and_then(|isa| KernelPlan::fastest(isa).ok());
        for twin in ["soft-tiles", "soft-dots", "soft-squares"] {
            let plan = KernelPlan::named(twin).expect("a twin is available everywhere");
            assert_eq!(plan.to_string(), format!("{}+{twin}", plan.isa()));
            assert_eq!(Some(plan.without_tiles()), widest.map(KernelPlan::without_tiles));
        }
        assert_eq!(KernelPlan::named("mmx"), Err(IsaError::Unknown("mmx".to_owned())));
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
