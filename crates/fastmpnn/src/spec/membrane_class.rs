//! The class of a residue for the membrane networks.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::quotation::quoted;
use crate::error::SpecError;

pub(super) const GLOBAL: &str = "membrane_global";
pub(super) const BURIED: &str = "membrane_buried";
pub(super) const INTERFACE: &str = "membrane_interface";

/// The class of a residue for the membrane networks; the numbers are the published ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum MembraneClass {
    /// Neither of the others: outside the membrane. With the network of global labels: a soluble protein.
    #[default]
    Outside = 0,
    /// In the membrane's interface. With the network of global labels: a transmembrane protein.
    Interface = 1,
    /// Buried in the membrane.
    Buried = 2,
}

impl MembraneClass {
    /// Every class, by its number.
    pub const ALL: [MembraneClass; 3] = [MembraneClass::Outside, MembraneClass::Interface, MembraneClass::Buried];

    /// Its name in a file of labels.
    pub fn name(self) -> &'static str {
        match self {
            MembraneClass::Outside => "other",
            MembraneClass::Interface => "interface",
            MembraneClass::Buried => "buried",
        }
    }
}

/// The label of a whole protein, for the membrane network of global labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MembraneLabel {
    /// The protein does not cross a membrane.
    Soluble,
    /// The protein crosses a membrane.
    Transmembrane,
}

impl FromStr for MembraneLabel {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<MembraneLabel, SpecError> {
        match text {
            "soluble" => Ok(MembraneLabel::Soluble),
            "transmembrane" => Ok(MembraneLabel::Transmembrane),
            _ => Err(SpecError::Malformed {
                field: GLOBAL,
                item: quoted(text),
                reason: "is not a label of a protein; the labels are soluble and transmembrane".to_owned(),
            }),
        }
    }
}
