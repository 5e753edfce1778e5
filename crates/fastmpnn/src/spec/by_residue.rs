//! Settings by residue, as values instead of text.

use std::collections::HashMap;

use super::ranges::residue_name;
use super::{PairBias, Pssm};
use crate::chemistry::VOCABULARY;
use crate::error::SpecError;
use crate::structure::{ResidueId, Structure};

/// A set of residues, as values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResidueSet {
    /// Residues by index, from 0, in any order.
    Indexes(Vec<usize>),
    /// Residues by chain, number and insertion code.
    Ids(Vec<ResidueId>),
    /// A mask over all residues. `[N]`
    Mask(Vec<bool>),
}

/// Settings by residue, as values: they are added to the text of a [`DesignSpec`](super::DesignSpec), and extend to
/// tied partners in the same way. Tables have one row for each residue of the structure, or are empty.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ByResidue {
    /// Residues that keep their native letters, as with [`DesignSpec::fix`](super::DesignSpec::fix).
    pub fix: Option<ResidueSet>,
    /// The only residues that are designed, as with [`DesignSpec::redesign`](super::DesignSpec::redesign).
    pub redesign: Option<ResidueSet>,
    /// Biases in nats at T = 1, in addition to those in text. `[N, V]`
    pub bias: Vec<[f32; VOCABULARY]>,
    /// Whether a letter is never drawn. `[N, V]`
    pub omit: Vec<[bool; VOCABULARY]>,
    /// The decoding order of every sample instead of a kind of order: residue indexes, the first decoded first. `[N]`
    pub order: Vec<u32>,
    /// Temperatures of residues that have one of their own. `[N]`
    pub temperature: Vec<Option<f32>>,
    /// Biases that depend on the letters of two residues.
    pub pair_bias: Vec<PairBias>,
    /// Profiles that are mixed with the network's probabilities.
    pub pssm: Option<Pssm>,
}

impl ResidueSet {
    /// A mark for each residue, `[N]`; `field` is what errors call the set.
    pub(super) fn marks(&self, field: &'static str, structure: &Structure) -> Result<Vec<bool>, SpecError> {
        let count = structure.residues.len();
        let mut marks = vec![false; count];
        let absent = |residue: String| SpecError::NoSuchResidue { field, residue, structure: structure.name.clone() };
        match self {
            ResidueSet::Indexes(indexes) => {
                for &index in indexes {
                    *marks.get_mut(index).ok_or_else(|| absent(format!("of index {index}")))? = true;
                }
            }
            ResidueSet::Ids(ids) => {
                let places: HashMap<&ResidueId, usize> =
                    structure.residues.iter().map(|residue| &residue.id).zip(0..).collect();
                for id in ids {
                    marks[*places.get(id).ok_or_else(|| absent(id.to_string()))?] = true;
                }
            }
            ResidueSet::Mask(mask) => {
                check_rows(field, mask.len(), structure)?;
                marks = mask.clone();
            }
        }
        Ok(marks)
    }
}

/// An order that names every residue once, or none at all.
pub(super) fn given_order(order: &[u32], structure: &Structure) -> Result<Vec<u32>, SpecError> {
    const ORDER: &str = "order";
    if order.is_empty() {
        return Ok(Vec::new());
    }
    check_rows(ORDER, order.len(), structure)?;
    let mut seen = vec![false; order.len()];
    for &index in order {
        match seen.get_mut(index as usize) {
            Some(seen) if !*seen => *seen = true,
            Some(_) => {
                let residue = residue_name(&structure.residues[index as usize].id, structure);
                return Err(SpecError::RepeatedInOrder { residue, structure: structure.name.clone() });
            }
            None => {
                let residue = format!("of index {index}");
                return Err(SpecError::NoSuchResidue { field: ORDER, residue, structure: structure.name.clone() });
            }
        }
    }
    Ok(order.to_vec())
}

/// Whether a table has a row for each residue.
pub(super) fn check_rows(field: &'static str, found: usize, structure: &Structure) -> Result<(), SpecError> {
    let expected = structure.residues.len();
    if found == expected {
        return Ok(());
    }
    Err(SpecError::RowCount { field, found, expected, structure: structure.name.clone() })
}

/// A table whose rows extend to tied partners: a group takes the row of the member that has one. `is_wish` tells
/// whether a row sets anything.
pub(super) fn shared_rows<T: Clone + PartialEq>(
    field: &'static str,
    rows: &[T],
    groups: &[&[usize]],
    structure: &Structure,
    is_wish: impl Fn(&T) -> bool,
) -> Result<Vec<T>, SpecError> {
    check_rows(field, rows.len(), structure)?;
    let mut shared = rows.to_vec();
    for members in groups {
        let mut asked = members.iter().copied().filter(|&member| is_wish(&rows[member]));
        let Some(first) = asked.next() else { continue };
        if let Some(second) = asked.find(|&member| rows[member] != rows[first]) {
            let [first, second] = [first, second].map(|index| residue_name(&structure.residues[index].id, structure));
            return Err(SpecError::TiedUnlike { field, first, second });
        }
        members.iter().for_each(|&member| shared[member] = rows[first].clone());
    }
    Ok(shared)
}
