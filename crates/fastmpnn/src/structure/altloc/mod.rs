//! Keeps one alternate location of each residue and ligand.

use std::collections::{HashMap, HashSet};

use super::atom_record::AtomRecord;
use super::polymer::Class;
use super::read_options::AltlocChoice;
use super::residue_groups::{BACKBONE, Group, Site};
use locations::{Locations, Tallies};

mod locations;

pub(super) use locations::{Location, name_of};

/// Where several residue names share one residue number, keeps one and drops the others: for protein residues, and for
/// ligands that are all alternate locations, the name of the chosen conformer. Returns each group that is kept with the
/// groups dropped for it.
pub(super) fn minor_names(
    groups: &[Group<'_, '_>],
    classes: &[Class],
    choice: AltlocChoice,
) -> Vec<(usize, Vec<usize>)> {
    let mut sites: HashMap<Site<'_>, Vec<usize>> = HashMap::new();
    for (index, group) in groups.iter().enumerate().filter(|(index, _)| classes[*index] != Class::Water) {
        sites.entry(group.site()).or_default().push(index);
    }
    let mut sites: Vec<Vec<usize>> = sites.into_values().filter(|members| members.len() > 1).collect();
    // Sorted by first group, to make the order deterministic.
    sites.sort_unstable();
    let all_alternate = |index: &usize| groups[*index].records.iter().all(|record| record.altloc.is_some());
    let mut decisions = Vec::new();
    for members in sites {
        let (protein, ligands): (Vec<usize>, Vec<usize>) =
            members.iter().partition(|&&index| matches!(classes[index], Class::Protein { .. }));
        let repeated = names_of_single_letters(groups, &ligands);
        let is_alternate = |&index: &usize| {
            let records = &groups[index].records;
            all_alternate(&index)
                || !groups[index].has_letters() && records.iter().any(|record| repeated.contains(record.name))
        };
        let mut ligands: Vec<usize> = ligands.into_iter().filter(is_alternate).collect();
        // A ligand may share its number with a residue, unless the two are alternate locations of each other.
        let alternate_to_protein = protein.iter().any(all_alternate);
        let mut candidates = if protein.is_empty() { std::mem::take(&mut ligands) } else { protein };
        if candidates.is_empty() {
            continue;
        }
        let mut tallies = Tallies::default();
        for &index in &candidates {
            let common = |record: &AtomRecord<'_>| record.altloc.is_none() && groups[index].has_letters();
            for record in groups[index].records.iter().filter(|record| !common(record)) {
                tallies.add(record.altloc, record);
            }
        }
        let winner = tallies.winner(choice, |_| true);
        let holds_winner = |index: &usize| {
            winner.is_some_and(|winner| groups[*index].records.iter().any(|record| record.altloc == winner))
        };
        let place = candidates.iter().position(holds_winner).unwrap_or(0);
        let kept = candidates.remove(place);
        if alternate_to_protein {
            candidates.append(&mut ligands);
        }
        if !candidates.is_empty() {
            decisions.push((kept, candidates));
        }
    }
    decisions
}

/// The atom names of those groups whose atoms all have the same letter. A group with the same residue number, such
/// names and no letters is another location of the same residue.
fn names_of_single_letters<'a>(groups: &[Group<'_, 'a>], members: &[usize]) -> HashSet<&'a str> {
    let records = |&index: &usize| groups[index].records.iter();
    let single = |index: &&usize| {
        let letter = groups[**index].first().altloc;
        letter.is_some() && records(index).all(|record| record.altloc == letter)
    };
    members.iter().filter(single).flat_map(records).map(|record| record.name).collect()
}

/// The atoms of the chosen alternate location.
pub(super) struct Altloc<'r, 'a> {
    /// In file order.
    pub(super) records: Vec<&'r AtomRecord<'a>>,
    /// The chosen location, where there were several.
    pub(super) taken: Option<Location>,
    /// Whether an atom name occurs twice in the same conformer; the first atom was kept.
    pub(super) duplicates: bool,
}

/// The atoms of one location of a residue, one per name.
pub(super) fn altloc_of_residue<'r, 'a>(group: &Group<'r, 'a>, choice: AltlocChoice) -> Altloc<'r, 'a> {
    let mut altloc = altloc_of(group, choice, &BACKBONE);
    let count = altloc.records.len();
    let mut seen = HashSet::with_capacity(count);
    altloc.records.retain(|record| seen.insert(record.name));
    altloc.duplicates = altloc.records.len() < count;
    altloc
}

/// All atoms of one location of a ligand, including those with equal names: docking programs name every carbon `C`.
pub(super) fn altloc_of_ligand<'r, 'a>(group: &Group<'r, 'a>, choice: AltlocChoice) -> Altloc<'r, 'a> {
    altloc_of(group, choice, &[])
}

fn altloc_of<'r, 'a>(group: &Group<'r, 'a>, choice: AltlocChoice, needed: &[&str]) -> Altloc<'r, 'a> {
    let locations = Locations::of(&group.records);
    if locations.is_plain() {
        return Altloc { records: group.records.clone(), taken: None, duplicates: false };
    }
    let (winner, count) = locations.choose(choice, needed);
    let kept = locations.atoms_of(winner.unwrap_or(None));
    Altloc {
        records: kept.into_iter().map(|index| group.records[index]).collect(),
        taken: winner.filter(|_| count > 1),
        duplicates: false,
    }
}
