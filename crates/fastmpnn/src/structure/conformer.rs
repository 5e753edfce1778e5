//! Atom records to residues: grouping by id and name, and one conformer of each.

use std::collections::HashMap;

use super::atom_record::AtomRecord;
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

/// The alternate location that wins among the records; `None` when none of them names one.
pub(super) fn winning_altloc<'x>(
    records: impl Iterator<Item = &'x AtomRecord<'x>>,
    choice: AltlocChoice,
) -> Option<char> {
    struct Tally {
        label: char,
        occupancy: f64,
        atoms: f64,
    }
    let mut tallies: Vec<Tally> = Vec::new();
    let mut index_of: HashMap<char, usize> = HashMap::new();
    for record in records {
        let Some(label) = record.altloc else { continue };
        let index = *index_of.entry(label).or_insert_with(|| {
            tallies.push(Tally { label, occupancy: 0.0, atoms: 0.0 });
            tallies.len() - 1
        });
        tallies[index].occupancy += f64::from(record.occupancy);
        tallies[index].atoms += 1.0;
    }
    let first = tallies.first()?;
    match choice {
        AltlocChoice::First => Some(first.label),
        AltlocChoice::Named(label) => Some(if index_of.contains_key(&label) { label } else { first.label }),
        AltlocChoice::Occupancy => {
            // Of equal ones the first, hence a comparison that only a larger mean wins.
            let mean = |tally: &Tally| tally.occupancy / tally.atoms;
            let best = tallies.iter().reduce(|best, tally| if mean(tally) > mean(best) + 1e-6 { tally } else { best });
            best.map(|tally| tally.label)
        }
    }
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
        let mut ligands: Vec<usize> = ligands.into_iter().filter(all_alternate).collect();
        // A ligand may share its number with a residue, unless both are alternate locations of one thing.
        let alternate_to_protein = protein.iter().any(all_alternate);
        let mut candidates = if protein.is_empty() { std::mem::take(&mut ligands) } else { protein };
        let winner = winning_altloc(candidates.iter().flat_map(|&index| groups[index].records.iter().copied()), choice);
        let holds_winner = |index: &usize| {
            groups[*index].records.iter().any(|record| record.altloc.is_some() && record.altloc == winner)
        };
        let place = match choice {
            AltlocChoice::First => 0,
            _ => candidates.iter().position(holds_winner).unwrap_or(0),
        };
        if candidates.is_empty() {
            continue;
        }
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

/// What came of choosing a conformer.
pub(super) struct Conformer<'r, 'a> {
    /// In file order.
    pub(super) records: Vec<&'r AtomRecord<'a>>,
    /// The alternate location taken, where there were several.
    pub(super) altloc: Option<char>,
    /// Whether a name occurs twice in the same conformer; the first was kept.
    pub(super) duplicates: bool,
}

/// One atom per name: of the winning alternate location or of none, else whichever comes first.
pub(super) fn conformer_of_residue<'r, 'a>(group: &Group<'r, 'a>, choice: AltlocChoice) -> Conformer<'r, 'a> {
    choose(group, choice, true)
}

/// As for residues, except that atoms without an alternate location are all kept: docking programs name every
/// carbon `C`.
pub(super) fn conformer_of_ligand<'r, 'a>(group: &Group<'r, 'a>, choice: AltlocChoice) -> Conformer<'r, 'a> {
    choose(group, choice, false)
}

fn choose<'r, 'a>(group: &Group<'r, 'a>, choice: AltlocChoice, unique: bool) -> Conformer<'r, 'a> {
    let winner = winning_altloc(group.records.iter().copied(), choice);
    let mut several = false;
    let mut kept: Vec<usize> = Vec::with_capacity(group.records.len());
    let mut slot_of: HashMap<&str, usize> = HashMap::with_capacity(group.records.len());
    let mut duplicates = false;
    for (index, record) in group.records.iter().enumerate() {
        several |= record.altloc.is_some() && record.altloc != winner;
        if record.altloc.is_none() && !unique {
            kept.push(index);
            continue;
        }
        let Some(&slot) = slot_of.get(record.name) else {
            slot_of.insert(record.name, kept.len());
            kept.push(index);
            continue;
        };
        let held = group.records[kept[slot]];
        let preferred = |altloc: Option<char>| altloc.is_none() || altloc == winner;
        if preferred(record.altloc) && !preferred(held.altloc) {
            kept[slot] = index;
        } else if record.altloc == held.altloc {
            duplicates = true;
        }
    }
    kept.sort_unstable();
    Conformer {
        records: kept.into_iter().map(|index| group.records[index]).collect(),
        altloc: winner.filter(|_| several),
        duplicates,
    }
}
