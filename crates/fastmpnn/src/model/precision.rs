//! The number formats a network can be computed in.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use fastmpnn_kernels::{round_to_bf16, round_to_f16};
use serde::Serialize;

use crate::error::EngineError;

/// The number format in which the network is computed. Distances, neighbors, layer norms and the sums of products
/// between rows are f32 in each of them, and so are biases and the tables of letters and of positions along the chain.
///
/// `docs/numerics.md` gives the accuracy of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Precision {
    /// f32 everywhere: the reference.
    #[default]
    F32,
    /// Weight matrices, the edges' states and the decoder's products of them are rounded to bf16 (8 bits of precision);
    /// arithmetic and storage are f32.
    Bf16,
    /// As [`Precision::Bf16`], with f16 (IEEE binary16, 11 bits of precision).
    F16,
    /// Products of edges use integers of 12 bits and a sign, with one scale per row of activations and one per output
    /// of the weights; sums are exact up to 128 inputs. Products of nodes are f32.
    Q16,
}

impl Precision {
    /// Every precision, the reference first.
    pub const ALL: [Precision; 4] = [Precision::F32, Precision::Bf16, Precision::F16, Precision::Q16];

    /// Its name in options and result files.
    pub fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::Bf16 => "bf16",
            Precision::F16 => "f16",
            Precision::Q16 => "q16",
        }
    }

    /// Whether stored values are rounded.
    pub(crate) fn rounds(self) -> bool {
        matches!(self, Precision::Bf16 | Precision::F16)
    }

    /// Rounds stored values to bf16 or f16 if this is one of them; leaves them alone otherwise.
    pub(crate) fn round(self, values: &mut [f32]) {
        match self {
            Precision::Bf16 => round_to_bf16(values),
            Precision::F16 => round_to_f16(values),
            Precision::F32 | Precision::Q16 => {}
        }
    }

    /// [`Precision::round`] of a copy, if there is anything to round.
    pub(crate) fn rounded(self, values: &[f32]) -> Cow<'_, [f32]> {
        let mut values = Cow::Borrowed(values);
        if self.rounds() {
            self.round(values.to_mut());
        }
        values
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for Precision {
    type Err = EngineError;

    fn from_str(name: &str) -> Result<Precision, EngineError> {
        let known = |precision: &Precision| precision.name() == name;
        Precision::ALL.into_iter().find(known).ok_or_else(|| EngineError::Precision(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Precision;

    #[test]
    fn names_read_back_and_others_are_refused() {
        for precision in Precision::ALL {
            assert_eq!(precision.to_string().parse::<Precision>().expect("a name"), precision);
            let json = serde_json::to_string(&precision).expect("a value");
            assert_eq!(json, format!("\"{precision}\""));
        }
        let error = "fp8".parse::<Precision>().expect_err("no such precision").to_string();
        assert_eq!(error, "no precision is called \"fp8\"; the known names are f32, bf16, f16 and q16");
    }
}
