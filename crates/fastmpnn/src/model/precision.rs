//! The number formats a network can be computed in.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::error::EngineError;

/// The number format in which the network is computed. Distances, neighbors, layer norms and the sums of products
/// between rows are f32 in each of them, and so are biases and the tables of letters and of positions along the chain.
///
/// `docs/numerics.md` gives the accuracy of each, and says which products are split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Precision {
    /// f32, the reference: within 10⁻⁴ of the published code's ln p. On processors with matrix tiles (AMX), large products
    /// are of numbers split into sums of bf16, as exact as that.
    #[default]
    F32,
    /// Large products are of numbers split into two bf16, three products each: within 3·10⁻⁴ of the published code's ln p.
    /// Only matrix tiles (AMX) make it faster than f32; processors without them compute f32 instead
    /// ([`Precision::on`]).
    Bf16x3,
    /// bf16, 8 bits of precision: about 0.1 from the published code's ln p. Processors that multiply bf16 (AMX, AVX-512 BF16)
    /// do so in large products. On others weight matrices, the edges' states and the decoder's products of them are rounded
    /// to bf16, while arithmetic and storage are f32.
    Bf16,
    /// Weight matrices, the edges' states and the decoder's products of them are rounded to f16 (IEEE binary16, 11 bits of
    /// precision); arithmetic and storage are f32.
    F16,
    /// Products of edges use integers of 12 bits and a sign, with one scale per row of activations and one per output
    /// of the weights; sums are exact up to 128 inputs. Products of nodes are f32.
    Q16,
}

impl Precision {
    /// Every precision, the reference first.
    pub const ALL: [Precision; 5] =
        [Precision::F32, Precision::Bf16x3, Precision::Bf16, Precision::F16, Precision::Q16];

    /// Its name in options and result files.
    pub fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::Bf16x3 => "bf16x3",
            Precision::Bf16 => "bf16",
            Precision::F16 => "f16",
            Precision::Q16 => "q16",
        }
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
        assert_eq!(error, "no precision is called \"fp8\"; the known names are f32, bf16x3, bf16, f16 and q16");
    }
}
