//! The residues of a structure, in the order of all lists and tables about them.

use fastmpnn_pipeline::fastmpnn::structure::{ResidueId, Structure};
use schemars::JsonSchema;
use serde::Serialize;

/// A residue.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ResidueEntry {
    /// What selections call it, such as `A12` or `H100A`.
    pub(crate) id: String,
    /// The author's chain id.
    pub(crate) chain: String,
    /// The author's residue number.
    pub(crate) number: i32,
    /// The insertion code.
    pub(crate) insertion: Option<char>,
    /// The letter of the file.
    pub(crate) native: char,
    /// Whether it is designed, or counts for the score; null where the task knows no such thing.
    pub(crate) designed: Option<bool>,
    /// Whether it has the atoms that the network needs.
    pub(crate) resolved: Option<bool>,
}

impl ResidueEntry {
    pub(crate) fn of_id(id: &ResidueId, native: char) -> ResidueEntry {
        ResidueEntry {
            id: id.to_string(),
            chain: id.chain.to_string(),
            number: id.number,
            insertion: id.insertion,
            native,
            designed: None,
            resolved: None,
        }
    }

    /// All residues of a structure; `designed` is `[N]` or empty.
    pub(crate) fn of_structure(structure: &Structure, designed: &[bool]) -> Vec<ResidueEntry> {
        let entry = |(index, residue): (usize, &fastmpnn_pipeline::fastmpnn::structure::Residue)| ResidueEntry {
            designed: designed.get(index).copied(),
            resolved: Some(structure.is_resolved(index)),
            ..ResidueEntry::of_id(&residue.id, residue.letter.to_char())
        };
        structure.residues.iter().enumerate().map(entry).collect()
    }
}
