//! Tied groups: `tie` to groups of residues, and groups of several sources to one disjoint list.

use std::collections::HashMap;

use super::quotation::quoted;
use super::ranges::{count_of_residues, residue_name};
use super::selection::Selector;
use crate::error::SpecError;
use crate::structure::Structure;

const TIE: &str = "tie";

/// A weight beyond this is taken for a slip; logits times weight must stay far from the end of single precision.
const LARGEST_WEIGHT: f32 = 1e6;

/// Residues that are to carry one letter, before it is known which of them are designed.
#[derive(Clone)]
pub(super) struct Group {
    /// In written order, or in file order for copies.
    pub(super) members: Vec<usize>,
    pub(super) weights: Vec<f32>,
    /// The option it comes from, for errors.
    pub(super) origin: String,
}

impl Group {
    /// Members with their weights, in an order that does not depend on how they were written.
    fn weighted(&self) -> Vec<(usize, u32)> {
        let weights = self.weights.iter().map(|weight| weight.to_bits());
        let mut pairs: Vec<_> = self.members.iter().copied().zip(weights).collect();
        pairs.sort_unstable();
        pairs
    }

    fn sorted_members(&self) -> Vec<usize> {
        let mut members = self.members.clone();
        members.sort_unstable();
        members
    }
}

/// `A1-20=B1-20`, `A1-20*1.0=B1-20*-0.5`: the n-th residues of all sides make a group.
pub(super) fn parse_tie(
    text: &str,
    selector: Selector<'_>,
    warnings: &mut Vec<String>,
) -> Result<Vec<Group>, SpecError> {
    let mut sides = Vec::new();
    for side in text.split('=') {
        let (selection, weight) = split_weight(side)?;
        let selected = selector.select_in_order(TIE, selection)?;
        warnings.extend(selected.warnings);
        if let Some(index) = selected.repeated {
            return Err(tied_twice(selector.structure, index, format!("{} names it twice", quoted(side))));
        }
        sides.push((selected.indexes, weight, selection));
    }
    let length = sides[0].0.len();
    if sides.len() < 2 {
        let reason = "a tie joins two or more selections, as in A1-20=B1-20".to_owned();
        return Err(SpecError::Malformed { field: TIE, item: quoted(text), reason });
    }
    if sides.iter().any(|(indexes, ..)| indexes.len() != length) {
        let lengths: Vec<String> = sides
            .iter()
            .map(|(indexes, _, side)| format!("{} has {}", quoted(side), count_of_residues(indexes.len())))
            .collect();
        return Err(SpecError::UnequalTie { item: quoted(text), lengths: lengths.join(", ") });
    }
    let origin = format!("`{TIE}` {}", quoted(text));
    Ok((0..length)
        .map(|rank| Group {
            members: sides.iter().map(|(indexes, ..)| indexes[rank]).collect(),
            weights: sides.iter().map(|(_, weight, _)| *weight).collect(),
            origin: origin.clone(),
        })
        .collect())
}

/// One list of disjoint groups, sorted by their first residue in file order. Groups that say the same become one; where a
/// tie names the very residues that are tied as copies, its weights hold.
pub(super) fn disjoint(ties: Vec<Group>, copies: Vec<Group>, structure: &Structure) -> Result<Vec<Group>, SpecError> {
    let mut groups: Vec<Group> = Vec::new();
    let mut group_of: HashMap<usize, usize> = HashMap::new();
    let explicit = ties.len();
    for (rank, group) in ties.into_iter().chain(copies).enumerate() {
        let known = group.members.iter().find_map(|member| group_of.get(member));
        if let Some(&known) = known {
            let known = &groups[known];
            let same = known.weighted() == group.weighted();
            let copied = rank >= explicit && known.sorted_members() == group.sorted_members();
            if same || copied {
                continue;
            }
        }
        for &member in &group.members {
            let how = match group_of.insert(member, groups.len()) {
                None => continue,
                Some(known) if known == groups.len() => {
                    format!("{} ties it to itself", group.origin)
                }
                Some(known) => format!(
                    "by {} and by {}; write one tie with all its partners, as in A1=B1=C1",
                    groups[known].origin, group.origin
                ),
            };
            return Err(tied_twice(structure, member, how));
        }
        groups.push(group);
    }
    groups.sort_by_key(|group| group.members.iter().min().copied());
    Ok(groups)
}

/// A selection and its weight. The last `*` begins a weight unless nothing follows it: then it is the selection of
/// everything.
fn split_weight(side: &str) -> Result<(&str, f32), SpecError> {
    let Some((selection, weight)) = side.rsplit_once('*').filter(|(_, w)| !w.trim().is_empty()) else {
        return Ok((side, 1.0));
    };
    match weight.trim().parse::<f32>() {
        Ok(weight) if weight.is_finite() && weight.abs() <= LARGEST_WEIGHT => Ok((selection, weight)),
        _ => {
            let reason =
                "what follows the * is not a weight; a weighted tie is written A1-20*1.0=B1-20*-0.5".to_owned();
            Err(SpecError::Malformed { field: TIE, item: quoted(side), reason })
        }
    }
}

fn tied_twice(structure: &Structure, index: usize, how: String) -> SpecError {
    SpecError::TiedTwice { residue: residue_name(&structure.residues[index].id, structure), how }
}
