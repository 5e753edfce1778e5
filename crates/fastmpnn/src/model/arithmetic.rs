//! How a network of some precision is computed on a processor.

use std::borrow::Cow;

use fastmpnn_kernels::{Kernels, TileInstructions, round_to_bf16, round_to_f16};

use super::Precision;
use super::mixture::Mixture;

/// How a network is computed: what a [`Precision`] means on the processor at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    /// f32.
    Floats,
    /// f32, with stored numbers rounded to bf16.
    StoredBf16,
    /// f32, with stored numbers rounded to f16.
    StoredF16,
    /// Large products in integers.
    Integers,
    /// Large products of numbers split into bf16.
    Split(Mixture),
}

impl Precision {
    /// The precision that a network of this one is computed in by these kernels: [`Precision::F32`] for
    /// [`Precision::Bf16x3`] without matrix tiles, which alone make it faster.
    pub fn on(self, kernels: Kernels) -> Precision {
        match self {
            Precision::Bf16x3 if !has_matrix_tiles(kernels) => Precision::F32,
            precision => precision,
        }
    }

    /// What these kernels compute instead, in words, where it is not what the name says.
    pub fn substitute(self, kernels: Kernels) -> Option<&'static str> {
        match Arithmetic::of(self, kernels) {
            Arithmetic::Floats if self == Precision::Bf16x3 => Some(
                "this processor has no matrix tiles (AMX), so the network is computed in f32, which is faster on it",
            ),
            Arithmetic::StoredBf16 => Some(
                "this processor does not multiply bf16, so numbers are rounded to it where they are stored, which takes as \
                 long as f32",
            ),
            _ => None,
        }
    }
}

fn has_matrix_tiles(kernels: Kernels) -> bool {
    kernels.plan().tiles().is_some_and(TileInstructions::are_matrix_tiles)
}

impl Arithmetic {
    /// What these kernels compute for a precision.
    pub(crate) fn of(precision: Precision, kernels: Kernels) -> Arithmetic {
        match precision.on(kernels) {
            Precision::F32 if has_matrix_tiles(kernels) => Arithmetic::Split(Mixture::AS_EXACT_AS_F32),
            Precision::F32 => Arithmetic::Floats,
            Precision::Bf16x3 => Arithmetic::Split(Mixture::THREE_TERMS),
            // One term pays with dot products of pairs, too.
            Precision::Bf16 if kernels.plan().tiles().is_some() => Arithmetic::Split(Mixture::ONE_TERM),
            Precision::Bf16 => Arithmetic::StoredBf16,
            Precision::F16 => Arithmetic::StoredF16,
            Precision::Q16 => Arithmetic::Integers,
        }
    }

    /// Whether stored numbers are rounded.
    pub(crate) fn rounds(self) -> bool {
        matches!(self, Arithmetic::StoredBf16 | Arithmetic::StoredF16)
    }

    /// Rounds stored numbers to bf16 or f16 if they are kept in these; leaves them alone otherwise.
    pub(crate) fn round(self, values: &mut [f32]) {
        match self {
            Arithmetic::StoredBf16 => round_to_bf16(values),
            Arithmetic::StoredF16 => round_to_f16(values),
            Arithmetic::Floats | Arithmetic::Integers | Arithmetic::Split(_) => {}
        }
    }

    /// [`Arithmetic::round`] of a copy, if there is anything to round.
    pub(crate) fn rounded(self, values: &[f32]) -> Cow<'_, [f32]> {
        let mut values = Cow::Borrowed(values);
        if self.rounds() {
            self.round(values.to_mut());
        }
        values
    }
}
