//! Detects the instruction set of this processor, once, and lets the user force one.

use std::fmt;
use std::str::FromStr;

/// The environment variable that forces an instruction set.
pub const ISA_VARIABLE: &str = "FASTMPNN_ISA";

/// What [`ISA_VARIABLE`] calls NEON with the outer products of SME.
pub(crate) const SME: &str = "sme";

/// An instruction set that the kernels support.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Isa {
    /// Plain Rust, four floats at a time, on every processor.
    Scalar,
    /// x86-64 with AVX2 and FMA, eight floats.
    Avx2,
    /// x86-64 with AVX-512F, sixteen floats.
    Avx512,
    /// AArch64 Advanced SIMD, four floats.
    Neon,
    /// WebAssembly `simd128`, four floats.
    Simd128,
}

impl Isa {
    /// Every instruction set, narrowest first.
    pub const ALL: [Isa; 5] = [Isa::Scalar, Isa::Simd128, Isa::Neon, Isa::Avx2, Isa::Avx512];

    /// Whether both this processor and this build support it.
    pub fn is_available(self) -> bool {
        match self {
            Isa::Scalar => true,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => std::arch::is_x86_feature_detected!("avx512f") && Isa::Avx2.is_available(),
            #[cfg(target_arch = "aarch64")]
            Isa::Neon => std::arch::is_aarch64_feature_detected!("neon"),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Isa::Simd128 => true,
            _ => false,
        }
    }

    /// The instruction sets available on this processor, narrowest first.
    pub fn available() -> impl Iterator<Item = Isa> {
        Isa::ALL.into_iter().filter(|isa| isa.is_available())
    }

    /// Its name, as [`ISA_VARIABLE`] expects it.
    pub fn name(self) -> &'static str {
        match self {
            Isa::Scalar => "scalar",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
            Isa::Neon => "neon",
            Isa::Simd128 => "simd128",
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// The requested instruction set is not available.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IsaError {
    /// No instruction set has this name.
    Unknown(String),
    /// This processor or this build does not have it.
    Unavailable(Isa),
    /// This processor or this build does not have the integer products of this name.
    UnavailableProducts(&'static str),
    /// This processor, its system or the plan's instruction set does not have the instructions for split numbers of this name.
    UnavailableTiles(&'static str),
    /// This processor, its system or the plan's instruction set does not have outer products of floats.
    UnavailableOuterProducts,
}

impl fmt::Display for IsaError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IsaError::Unknown(name) => write!(
                out,
                "{ISA_VARIABLE}: no instruction set is called {name:?}; the known names are scalar, avx2, avx512, amx, neon, sme and simd128, \
                 and of twins soft-tiles, soft-dots and soft-squares"
            )?,
            IsaError::Unavailable(isa) => {
                write!(out, "{ISA_VARIABLE}: this processor does not have {isa}")?;
            }
            IsaError::UnavailableProducts(name) => {
                return write!(out, "this processor does not have the integer products {name}");
            }
            IsaError::UnavailableTiles(tiles) => {
                write!(out, "{ISA_VARIABLE}: this processor or its system does not have {tiles}")?;
            }
            IsaError::UnavailableOuterProducts => {
                write!(out, "{ISA_VARIABLE}: this processor or its system does not have {SME}")?;
            }
        }
        let names: Vec<_> = Isa::available().map(Isa::name).collect();
        write!(out, " (available here: {})", names.join(", "))
    }
}

impl std::error::Error for IsaError {}

impl FromStr for Isa {
    type Err = IsaError;

    fn from_str(name: &str) -> Result<Isa, IsaError> {
        Isa::ALL.into_iter().find(|isa| isa.name() == name).ok_or_else(|| IsaError::Unknown(name.to_owned()))
    }
}
