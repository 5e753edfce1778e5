//! The requested decoding order, which the engine turns into a permutation.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::SpecError;

/// The order in which the residues are decoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum OrderKind {
    /// A new random order for each sample, as in the training of the networks.
    #[default]
    Random,
    /// From the N to the C terminus, chain after chain in file order; the same for every sample.
    Chain,
    /// Groups of residues that are not each other's neighbors, one group after another, in a new random order for
    /// each sample. Each group is decoded at once, so there are few steps at any length. Any order is valid, but
    /// this one does not have the distribution that the networks were trained with.
    Colored,
}

impl OrderKind {
    /// Every order, in the order the help lists them.
    pub const ALL: [OrderKind; 3] = [OrderKind::Random, OrderKind::Chain, OrderKind::Colored];

    /// The name users write.
    pub fn name(self) -> &'static str {
        match self {
            OrderKind::Random => "random",
            OrderKind::Chain => "chain",
            OrderKind::Colored => "colored",
        }
    }
}

impl fmt::Display for OrderKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl FromStr for OrderKind {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<OrderKind, SpecError> {
        OrderKind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text.trim())).ok_or_else(|| {
            SpecError::UnknownOrder {
                text: text.escape_debug().to_string(),
                available: OrderKind::ALL.map(OrderKind::name).join(", "),
            }
        })
    }
}
