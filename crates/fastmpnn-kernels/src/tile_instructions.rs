//! The instructions that multiply numbers split into bf16.

use std::fmt;

use crate::Isa;

/// The instructions that multiply numbers split into bf16: see [`SplitMatrix`](crate::SplitMatrix).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TileInstructions {
    /// The twin of [`TileInstructions::Amx`] in plain Rust: the same numbers, on every processor, slowly.
    Soft,
    /// x86-64 with AMX: `tdpbf16ps` multiplies 16 × 32 bf16 with 32 × 16.
    Amx,
    /// The twin of [`TileInstructions::Avx512Bf16`] in plain Rust: the same numbers, on every processor, slowly.
    SoftDots,
    /// x86-64 with AVX-512 BF16: `vdpbf16ps` adds the dot product of two pairs to each of sixteen sums. AMD Zen 4 starts one in each
    /// cycle, twice the multiply-adds of f32, so that one term pays and three do not.
    Avx512Bf16,
    /// The twin of [`TileInstructions::NeonBf16`] in plain Rust: the same numbers, on every processor, slowly.
    SoftSquares,
    /// AArch64 with BF16: `bfmmla` multiplies 2 × 4 bf16 with 4 × 2. Tested with an emulator; its speed is not measured.
    NeonBf16,
}

impl TileInstructions {
    /// All of them.
    pub const ALL: [TileInstructions; 6] = [
        TileInstructions::Soft,
        TileInstructions::Amx,
        TileInstructions::SoftDots,
        TileInstructions::Avx512Bf16,
        TileInstructions::SoftSquares,
        TileInstructions::NeonBf16,
    ];

    /// Whether this processor, its system and this build support them.
    pub fn is_available(self) -> bool {
        match self {
            TileInstructions::Soft | TileInstructions::SoftDots | TileInstructions::SoftSquares => true,
            #[cfg(target_arch = "x86_64")]
            TileInstructions::Amx => Isa::Avx512.is_available() && crate::arch::amx::is_available(),
            #[cfg(target_arch = "x86_64")]
            TileInstructions::Avx512Bf16 => {
                Isa::Avx512.is_available() && std::arch::is_x86_feature_detected!("avx512bf16")
            }
            #[cfg(target_arch = "aarch64")]
            TileInstructions::NeonBf16 => Isa::Neon.is_available() && std::arch::is_aarch64_feature_detected!("bf16"),
            _ => false,
        }
    }

    /// The instruction set whose vectors they need.
    pub fn isa(self) -> Option<Isa> {
        match self {
            TileInstructions::Soft | TileInstructions::SoftDots | TileInstructions::SoftSquares => None,
            TileInstructions::Amx | TileInstructions::Avx512Bf16 => Some(Isa::Avx512),
            TileInstructions::NeonBf16 => Some(Isa::Neon),
        }
    }

    /// Those in plain Rust.
    pub(crate) fn twins() -> impl Iterator<Item = TileInstructions> {
        TileInstructions::ALL.into_iter().filter(|tiles| tiles.isa().is_none())
    }

    /// Whether they multiply matrix tiles, with which even six terms are faster than f32. Twins answer as the hardware.
    pub fn are_matrix_tiles(self) -> bool {
        matches!(self, TileInstructions::Soft | TileInstructions::Amx)
    }

    /// The name used in messages.
    pub fn name(self) -> &'static str {
        match self {
            TileInstructions::Soft => "soft-tiles",
            TileInstructions::Amx => "amx",
            TileInstructions::SoftDots => "soft-dots",
            TileInstructions::Avx512Bf16 => "avx512-bf16",
            TileInstructions::SoftSquares => "soft-squares",
            TileInstructions::NeonBf16 => "neon-bf16",
        }
    }
}

impl fmt::Display for TileInstructions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
