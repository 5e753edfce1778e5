//! Which designs are kept.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{PipelineError, refusal};
use crate::measure::properties::PropertySet;
use crate::message::Field;

/// Which designs are kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct SelectionSettings {
    /// Conditions that designs have to meet, such as `score < 1.0 and charge > -10`.
    pub filter: Vec<String>,
    /// The number of designs kept of each structure, the best; all when null.
    #[schemars(range(min = 1))]
    pub top: Option<u64>,
    /// What designs are ranked by: a column or an expression of columns, of which less is better. Where null, `rescored` if
    /// designs have that, else `score`.
    pub by: Option<String>,
    /// Whether more is better.
    pub descending: bool,
    /// The fraction of designed residues at which two designs of a structure that are both kept differ at least; the better
    /// one is kept.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_distance: Option<f64>,
    /// Motifs to count, such as `rgd=RGD`: a name and a regular expression; the column is `motif_rgd`.
    pub motif: Vec<String>,
}

impl SelectionSettings {
    /// Those that may differ between structures. `motif` is a column of the whole table.
    pub(crate) const OF_A_STRUCTURE: &'static [&'static str] = &["filter", "top", "by", "descending", "min_distance"];

    /// Whether every design is kept.
    pub fn keeps_all(&self) -> bool {
        self.filter.is_empty() && self.top.is_none() && self.min_distance.is_none()
    }

    /// The properties of sequences that can be asked for.
    pub fn properties(&self) -> Result<PropertySet, PipelineError> {
        PropertySet::new(&self.motif)
    }

    pub(crate) fn check(&self) -> Result<(), PipelineError> {
        if self.top == Some(0) {
            return Err(refusal(format!("{} 0 keeps nothing: it is 1 or more", Field("top"))));
        }
        if self.min_distance.is_some_and(|distance| !(0.0..=1.0).contains(&distance)) {
            return Err(refusal(format!("{} is a fraction, from 0 to 1", Field("min_distance"))));
        }
        self.properties().map(|_| ())
    }
}
