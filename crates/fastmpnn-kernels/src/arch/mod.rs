//! [`crate::lanes::Lanes`], [`crate::lanes::Pairs`], [`crate::tiles::Tiles`], [`crate::tiles::Dots`] and
//! [`crate::tiles::Squares`] for each instruction set, and the outer products of one.

pub(crate) mod scalar;
pub(crate) mod soft_tiles;

#[cfg(target_arch = "x86_64")]
pub(crate) mod amx;
#[cfg(target_arch = "x86_64")]
pub(crate) mod avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) mod avx512;
#[cfg(target_arch = "x86_64")]
pub(crate) mod avx512_bf16;
#[cfg(target_arch = "aarch64")]
pub(crate) mod neon;
#[cfg(target_arch = "aarch64")]
pub(crate) mod neon_bf16;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub(crate) mod simd128;
#[cfg(target_arch = "aarch64")]
pub(crate) mod sme;
