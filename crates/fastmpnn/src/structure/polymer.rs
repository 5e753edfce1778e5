//! Which residues are protein: by name, by ATOM or HETATM, and where these leave it open by the peptide bond.
//!
//! - ATOM: the twenty names and the alias table are protein; any other name with N, CA and C is protein of letter X;
//!   the rest (nucleic acids, caps) is ligand.
//! - HETATM of the alias table: protein when the file places it in a polymer, or, where the file does not say, when it
//!   has N, CA and C. Said to be outside the polymer, it must be bonded to protein.
//! - HETATM of the twenty names: a free amino acid, hence ligand, unless bonded to protein.
//! - Where CA atoms are enough, a CA that stands alone counts as N, CA and C for names of the alias table: traces have no
//!   peptide bonds to decide by.

use std::collections::HashMap;

use super::BackboneAtoms;
use super::conformer::{Group, Site};
use crate::chemistry::{Letter, is_water, modified_residue_letter};

/// What a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Water,
    Ligand,
    /// A ligand by its unknown name, though it has a backbone that is bonded to protein.
    BondedLigand,
    Protein {
        letter: Letter,
        /// It stands after the end of its polymer in the file, so its place in the chain is by number.
        late: bool,
    },
}

/// C–N closer than this, Å, is a peptide bond (1.33 Å in good geometry).
pub(super) const PEPTIDE_BOND: f32 = 2.0;

/// The class of every group.
pub(super) fn classify(
    groups: &[Group<'_, '_>],
    declared_parents: &[(&str, &str)],
    needs: BackboneAtoms,
) -> Vec<Class> {
    let declared: HashMap<&str, Letter> = declared_parents
        .iter()
        .filter_map(|&(name, parent)| Some((name, Letter::from_standard_name(parent)?)))
        .collect();
    let mut classes: Vec<Class> = Vec::with_capacity(groups.len());
    let mut open: Vec<(usize, Option<Letter>)> = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        let first = group.first();
        let name = first.residue_name;
        let standard = Letter::from_standard_name(name);
        let modified = || modified_residue_letter(name).or_else(|| declared.get(name).copied());
        let protein = |letter| Class::Protein { letter, late: false };
        classes.push(match standard.or_else(modified) {
            // Docking programs call their ligands UNK; a residue has at least its CA.
            Some(Letter::X) if !first.hetatm && group.backbone[1].is_none() => Class::Ligand,
            Some(letter) if !first.hetatm => protein(letter),
            Some(letter) => {
                let modified = standard.is_none();
                let [n, ca, c] = group.backbone.map(|atom| atom.is_some());
                let trace = needs == BackboneAtoms::Alpha && ca && !n && !c;
                let backbone = group.has_peptide_backbone() || trace;
                let placed = match first.in_polymer {
                    Some(placed) => placed && group.backbone[1].is_some(),
                    None => backbone,
                };
                if modified && placed {
                    protein(letter)
                } else {
                    if backbone {
                        open.push((index, Some(letter)));
                    }
                    Class::Ligand
                }
            }
            None if !first.hetatm && group.has_peptide_backbone() => protein(Letter::X),
            None if is_water(name) => Class::Water,
            None => {
                if group.has_peptide_backbone() {
                    open.push((index, None));
                }
                Class::Ligand
            }
        });
    }
    decide_by_bonds(groups, &mut classes, &open);
    classes
}

/// Turns into protein those of `open` that a peptide bond ties to a residue that is protein already, and marks those
/// without a letter.
fn decide_by_bonds(groups: &[Group<'_, '_>], classes: &mut [Class], open: &[(usize, Option<Letter>)]) {
    if open.is_empty() {
        return;
    }
    let is_protein = |class: Class| matches!(class, Class::Protein { .. });
    let numbered = |group: &Group<'_, '_>| {
        let (chain, number, _): Site<'_> = group.site();
        (chain.to_owned(), i64::from(number))
    };
    let mut by_number: HashMap<(String, i64), usize> = HashMap::new();
    for (index, group) in groups.iter().enumerate().filter(|(index, _)| is_protein(classes[*index])) {
        by_number.entry(numbered(group)).or_insert(index);
    }
    for &(index, letter) in open {
        let group = &groups[index];
        let (chain, number) = numbered(group);
        let beside = [index.checked_sub(1), Some(index + 1).filter(|&next| next < groups.len())];
        let numbered_beside = [number - 1, number + 1].map(|number| by_number.get(&(chain.clone(), number)).copied());
        let bonded = beside.into_iter().chain(numbered_beside).flatten().any(|other| {
            let same_chain = groups[other].first().chain == group.first().chain;
            same_chain
                && is_protein(classes[other])
                && (peptide_bonded(&groups[other], group) || peptide_bonded(group, &groups[other]))
        });
        if bonded {
            let late = group.first().in_polymer == Some(false);
            classes[index] = match letter {
                Some(letter) => Class::Protein { letter, late },
                None => Class::BondedLigand,
            };
            if letter.is_some() {
                by_number.entry((chain, number)).or_insert(index);
            }
        }
    }
}

fn peptide_bonded(before: &Group<'_, '_>, after: &Group<'_, '_>) -> bool {
    match (before.backbone[2], after.backbone[0]) {
        (Some(carbon), Some(nitrogen)) => distance(carbon.position, nitrogen.position) < PEPTIDE_BOND,
        _ => false,
    }
}

/// Å.
pub(super) fn distance(a: super::Point, b: super::Point) -> f32 {
    let square = |axis: usize| (a[axis] - b[axis]) * (a[axis] - b[axis]);
    (square(0) + square(1) + square(2)).sqrt()
}
