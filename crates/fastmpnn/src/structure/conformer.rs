//! Atom records to residues: grouping by id and name, and one conformer of each.

use std::collections::{HashMap, HashSet};

use super::atom_record::AtomRecord;
use super::locations::{Location, Locations, Tallies};
use super::polymer::Class;
use super::read::AltlocChoice;

/// The atom records of one residue name at one place of one chain.
#[derive(Clone, Debug)]
pub(super) struct Group<'r, 'a> {
    pub(super) records: Vec<&'r AtomRecord<'a>>,
    /// The line where the same residue occurs again after another one came between.
    pub(super) again_at: Option<usize>,
    /// The first N, CA and C; looked up once, because a file may hold residues of any size.
    pub(super) backbone: [Option<&'r AtomRecord<'a>>; 3],
}

const BACKBONE: [&str; 3] = ["N", "CA", "C"];

/// Chain, number and insertion code.
pub(super) type Site<'a> = (&'a str, i32, Option<char>);

impl<'r, 'a> Group<'r, 'a> {
    /// The record that names the group; groups are never empty.
    pub(super) fn first(&self) -> &'r AtomRecord<'a> {
        self.records[0]
    }

    pub(super) fn site(&self) -> Site<'a> {
        let first = self.first();
        (first.chain, first.number, first.insertion)
    }

    /// Whether it has N, CA and C.
    pub(super) fn has_peptide_backbone(&self) -> bool {
        self.backbone.iter().all(Option::is_some)
    }

    /// Whether any of its atoms has the letter of an alternate location.
    fn has_letters(&self) -> bool {
        self.records.iter().any(|record| record.altloc.is_some())
    }

    fn push(&mut self, record: &'r AtomRecord<'a>) {
        if let Some(place) = BACKBONE.iter().position(|&name| name == record.name) {
            self.backbone[place].get_or_insert(record);
        }
        self.records.push(record);
    }
}

/// Groups records by chain, number, insertion code and name, in order of first appearance.
pub(super) fn group_records<'r, 'a>(records: &'r [AtomRecord<'a>]) -> Vec<Group<'r, 'a>> {
    let mut groups: Vec<Group<'r, 'a>> = Vec::new();
    let mut index_of: HashMap<(Site<'a>, &str), usize> = HashMap::new();
    let mut current = None;
    let mut site_of_last = None;
    for record in records {
        let site = (record.chain, record.number, record.insertion);
        let index = *index_of.entry((site, record.residue_name)).or_insert_with(|| {
            groups.push(Group { records: Vec::new(), again_at: None, backbone: [None; 3] });
            groups.len() - 1
        });
        let group = &mut groups[index];
        // Conformers of different names may alternate at one site: that is no second occurrence.
        if !group.records.is_empty() && current != Some(index) && site_of_last != Some(site) {
            group.again_at.get_or_insert(record.line);
        }
        group.push(record);
        current = Some(index);
        site_of_last = Some(site);
    }
    groups
}

/// Where one place holds several residue names one stays, and the others go: of protein residues the one of the winning
/// conformer, and the same of ligands that are all alternate locations. Gives the groups that stay with those that go.
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
    // By first group, so that the result has an order.
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
        // A ligand may share its number with a residue, unless both are alternate locations of one thing.
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

/// The atom names of those groups whose atoms all have one and the same letter. What has such names at the same place and
/// no letters is another location of the same thing.
fn names_of_single_letters<'a>(groups: &[Group<'_, 'a>], members: &[usize]) -> HashSet<&'a str> {
    let records = |&index: &usize| groups[index].records.iter();
    let single = |index: &&usize| {
        let letter = groups[**index].first().altloc;
        letter.is_some() && records(index).all(|record| record.altloc == letter)
    };
    members.iter().filter(single).flat_map(records).map(|record| record.name).collect()
}

/// What came of choosing a conformer.
pub(super) struct Conformer<'r, 'a> {
    /// In file order.
    pub(super) records: Vec<&'r AtomRecord<'a>>,
    /// The alternate location taken, where there were several.
    pub(super) taken: Option<Location>,
    /// Whether a name occurs twice in the same conformer; the first was kept.
    pub(super) duplicates: bool,
}

/// The atoms of one location of a residue, one per name.
pub(super) fn conformer_of_residue<'r, 'a>(group: &Group<'r, 'a>, choice: AltlocChoice) -> Conformer<'r, 'a> {
    let mut conformer = conformer_of(group, choice, &BACKBONE);
    let count = conformer.records.len();
    let mut seen = HashSet::with_capacity(count);
    conformer.records.retain(|record| seen.insert(record.name));
    conformer.duplicates = conformer.records.len() < count;
    conformer
}

/// The atoms of one location of a ligand, all of them: docking programs name every carbon `C`.
pub(super) fn conformer_of_ligand<'r, 'a>(group: &Group<'r, 'a>, choice: AltlocChoice) -> Conformer<'r, 'a> {
    conformer_of(group, choice, &[])
}

fn conformer_of<'r, 'a>(group: &Group<'r, 'a>, choice: AltlocChoice, needed: &[&str]) -> Conformer<'r, 'a> {
    let locations = Locations::of(&group.records);
    if locations.is_plain() {
        return Conformer { records: group.records.clone(), taken: None, duplicates: false };
    }
    let (winner, count) = locations.choose(choice, needed);
    let kept = locations.atoms_of(winner.unwrap_or(None));
    Conformer {
        records: kept.into_iter().map(|index| group.records[index]).collect(),
        taken: winner.filter(|_| count > 1),
        duplicates: false,
    }
}
