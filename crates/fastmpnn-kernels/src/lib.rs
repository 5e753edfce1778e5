//! The vector kernels of FastMPNN: operations on rows of floats, with nothing specific to proteins.
//!
//! A [`Kernels`] value stands for one instruction set that this processor has. Weights are packed for it once
//! ([`PackedMatrix`]); every operation is then one call on rows of floats ([`Rows`], [`RowsMut`]), checked for shape,
//! safe, and equal to its plain-loop twin in [`mod@reference`] within rounding.
//!
//! This is the only crate of the workspace with `unsafe` code.

mod activation;
mod arch;
mod buffer;
mod chunk;
mod dispatch;
mod epilogue;
mod held_tiles;
mod interpolate;
mod isa;
mod knn;
mod lanes;
mod matmul;
mod message;
mod norm;
#[cfg(target_arch = "aarch64")]
mod outer_products;
mod pack;
mod peak;
mod plan;
mod prefetch;
mod quantized;
mod radial;
mod rbf;
pub mod reference;
mod rounding;
mod split;
mod sum;
mod tile_instructions;
mod tiles;
#[cfg(feature = "yardstick")]
pub mod yardstick;

pub use buffer::{ALIGNMENT, Buffer, Rows, RowsMut, padded};
pub use epilogue::{EdgeTerms, WeightedBias};
pub use held_tiles::HeldTiles;
pub use interpolate::FunctionTable;
pub use isa::{ISA_VARIABLE, Isa, IsaError};
pub use knn::{PointCloud, SearchScratch};
pub use pack::PackedMatrix;
use pack::WeightShape;
pub use plan::{KernelPlan, Products};
pub use prefetch::prefetch;
pub use quantized::{QuantizedMatrix, QuantizedRows, QuantizedSlice};
pub use radial::{PairDistances, RadialScratch, RowPoints};
pub use rbf::RadialBasis;
pub use rounding::{round_to_bf16, round_to_f16};
pub use split::{SplitMatrix, SplitRows, SplitTerms};
pub use tile_instructions::TileInstructions;

/// The operations, run by one [`KernelPlan`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kernels {
    plan: KernelPlan,
}

impl Kernels {
    /// Kernels for the widest instruction set of this processor, with matrix tiles where it has them, or for the one named
    /// by the environment variable [`ISA_VARIABLE`]: `amx` is AVX-512 with tiles, `avx512` is without, and `sme` is NEON with
    /// outer products, which are never chosen unnamed.
    pub fn detect() -> Result<Kernels, IsaError> {
        match std::env::var(ISA_VARIABLE) {
            Ok(name) if !name.is_empty() => Ok(Kernels::by(KernelPlan::named(&name)?)),
            _ => {
                let plan = KernelPlan::fastest(Isa::available().last().unwrap_or(Isa::Scalar))?;
                Ok(Kernels::by(plan.with_tiles(TileInstructions::Amx).unwrap_or(plan)))
            }
        }
    }

    /// Kernels for the given instruction set, without matrix tiles.
    pub fn on(isa: Isa) -> Result<Kernels, IsaError> {
        Ok(Kernels::by(KernelPlan::fastest(isa)?))
    }

    /// Kernels for the given plan.
    pub fn by(plan: KernelPlan) -> Kernels {
        Kernels { plan }
    }

    /// The plan that weights are packed for and multiplied by.
    pub fn plan(&self) -> KernelPlan {
        self.plan
    }

    /// The instruction set.
    pub fn isa(&self) -> Isa {
        self.plan.isa()
    }

    /// Packs a row-major `[outputs, inputs]` weight.
    ///
    /// # Panics
    /// If `weights` does not have `outputs · inputs` numbers.
    pub fn pack(&self, weights: &[f32], outputs: usize, inputs: usize) -> PackedMatrix {
        assert_eq!(weights.len(), outputs * inputs, "a weight of {outputs} × {inputs}");
        PackedMatrix::new(self.plan, weights, WeightShape { outputs, inputs, stride: inputs })
    }

    /// Packs columns `first..first + inputs` of a row-major weight whose rows are `stride` numbers long.
    ///
    /// # Panics
    /// If the columns lie outside the weight.
    pub fn pack_columns(&self, weights: &[f32], stride: usize, first: usize, inputs: usize) -> PackedMatrix {
        assert!(first + inputs <= stride && weights.len().is_multiple_of(stride), "columns outside the weight");
        PackedMatrix::new(self.plan, &weights[first..], WeightShape { outputs: weights.len() / stride, inputs, stride })
    }
}
