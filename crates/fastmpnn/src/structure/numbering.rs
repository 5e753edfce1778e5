//! Assigns numbers to residues that have none, and to residues that share one.

use std::collections::{HashMap, HashSet};

use super::atom_record::{AtomRecord, ParsedModel};
use super::polymer::{PEPTIDE_BOND, distance};
use crate::chemistry::is_water;

/// Residues named in one warning, at most.
const NAMED: usize = 6;

/// `A5, A7 and 12 more`.
pub(super) fn list_some(names: &[String]) -> String {
    let listed = names[..names.len().min(NAMED)].join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}

/// The highest number of each chain.
fn highest_numbers<'a>(records: impl Iterator<Item = AtomRecord<'a>>) -> HashMap<&'a str, i32> {
    let mut highest: HashMap<&'a str, i32> = HashMap::new();
    for record in records {
        let number = highest.entry(record.chain).or_insert(0);
        *number = record.number.max(*number);
    }
    highest
}

/// Numbers the records without a number, continuing after the highest number in their chain: some programs number
/// neither ligands nor water. A residue ends where its name or chain changes, and where an atom name repeats.
pub(super) fn number_the_unnumbered(parsed: &mut ParsedModel<'_>) {
    let unnumbered: Vec<usize> = (0..parsed.records.len()).filter(|&index| !parsed.records[index].has_number).collect();
    if unnumbered.is_empty() {
        return;
    }
    let mut highest = highest_numbers(parsed.records.iter().filter(|record| record.has_number).cloned());
    let mut atoms = HashSet::new();
    let mut previous: Option<usize> = None;
    // For each chain and residue name: the first line, and the numbers given.
    let mut given: Vec<(&str, &str, usize, Vec<String>)> = Vec::new();
    for index in unnumbered {
        let record = &parsed.records[index];
        let goes_on = previous.is_some_and(|before| {
            let before_record = &parsed.records[before];
            before + 1 == index
                && (before_record.chain, before_record.segment, before_record.residue_name)
                    == (record.chain, record.segment, record.residue_name)
                && !atoms.contains(&(record.name, record.altloc))
        });
        if !goes_on {
            atoms.clear();
        }
        atoms.insert((record.name, record.altloc));
        let last = highest.entry(record.chain).or_insert(0);
        if !goes_on {
            *last = last.saturating_add(1);
        }
        let number = *last;
        let record = &mut parsed.records[index];
        (record.number, record.has_number) = (number, true);
        if !goes_on {
            let id = record.residue_id().to_string();
            let of_kind = given.iter_mut().find(|kind| (kind.0, kind.1) == (record.chain, record.residue_name));
            match of_kind {
                Some(kind) => kind.3.push(id),
                None => given.push((record.chain, record.residue_name, record.line, vec![id])),
            }
        }
        previous = Some(index);
    }
    for (chain, name, line, ids) in given {
        let kind = if is_water(name) { "a water" } else { "a residue" };
        let message = match ids.len() {
            1 => format!("{name} of chain {chain} is {kind} without a number: called {}", ids[0]),
            count => format!("{count} {name} of chain {chain} have no numbers: called {}", list_some(&ids)),
        };
        parsed.warnings.push((line, message));
    }
}

/// Separates consecutive residues of PDB files that share a number, have no alternate locations and are bonded to each
/// other: their insertion code was lost, and the bond is the only evidence.
pub(super) fn part_bonded_twins(parsed: &mut ParsedModel<'_>) {
    let same_site = |before: &AtomRecord<'_>, after: &AtomRecord<'_>| {
        (before.chain, before.number, before.insertion) == (after.chain, after.number, after.insertion)
    };
    let mut taken: Option<HashSet<(String, i32, char)>> = None;
    let mut start = 0;
    while start < parsed.records.len() {
        let site = parsed.records[start..].chunk_by(same_site).next().map_or(1, <[_]>::len);
        let end = start + site;
        let name = parsed.records[start].residue_name;
        let first = parsed.records[start..end].iter().take_while(|record| record.residue_name == name).count();
        let begin = start;
        start = end;
        if first == site || !are_bonded(&parsed.records[begin..end], first) {
            continue;
        }
        let taken = taken.get_or_insert_with(|| {
            let code = |record: &AtomRecord<'_>| Some((record.chain.to_owned(), record.number, record.insertion?));
            parsed.records.iter().filter_map(code).collect()
        });
        let second = &mut parsed.records[begin + first..end];
        let (line, before) = (second[0].line, second[0].residue_id());
        let place = |code| (second[0].chain.to_owned(), second[0].number, code);
        let Some(code) = ('A'..='Z').find(|&code| !taken.contains(&place(code))) else { continue };
        taken.insert(place(code));
        for record in second.iter_mut() {
            record.insertion = Some(code);
        }
        let (name_after, after) = (second[0].residue_name, second[0].residue_id());
        let message = format!(
            "{name} and {name_after} of one number, {before}, are bonded to each other: the second called {after}"
        );
        parsed.warnings.push((line, message));
    }
}

/// Whether a peptide bond joins the first `first` records of a site to the rest, which are one residue.
fn are_bonded(site: &[AtomRecord<'_>], first: usize) -> bool {
    let (before, after) = site.split_at(first);
    let one_name = after.iter().all(|record| record.residue_name == after[0].residue_name);
    let no_altloc = site.iter().all(|record| record.altloc.is_none());
    let atom = |records: &[AtomRecord<'_>], name: &str| {
        records.iter().find(|record| record.name == name).map(|record| record.position)
    };
    let bond = atom(before, "C").zip(atom(after, "N"));
    // A cap may share the number of the residue it is bonded to.
    let amino_acids = atom(before, "CA").is_some() && atom(after, "CA").is_some();
    one_name
        && no_altloc
        && amino_acids
        && bond.is_some_and(|(carbon, nitrogen)| distance(carbon, nitrogen) < PEPTIDE_BOND)
}

/// Separates residues that share an author number in one chain but have different `label_seq_id`: the second gets an
/// insertion code, or a number after the highest where no letter is left.
pub(super) fn part_equal_numbers(parsed: &mut ParsedModel<'_>) {
    let site = |record: &AtomRecord<'_>| (record.number, record.insertion);
    let mut labels: HashMap<_, Vec<i32>> = HashMap::new();
    let mut shared = false;
    let mut previous = None;
    for record in &parsed.records {
        let Some(label) = record.label_number else { continue };
        let place = (record.chain, record.label_chain, site(record));
        if previous.replace((place, label)) == Some((place, label)) {
            continue;
        }
        let of_site = labels.entry(place).or_default();
        if !of_site.contains(&label) {
            shared |= !of_site.is_empty();
            of_site.push(label);
        }
    }
    if !shared {
        return;
    }
    let mut taken: HashSet<(&str, (i32, Option<char>))> =
        parsed.records.iter().map(|record| (record.chain, site(record))).collect();
    let mut highest = highest_numbers(parsed.records.iter().cloned());
    let mut renamed = HashMap::new();
    let mut told: Vec<(&str, usize, Vec<String>)> = Vec::new();
    for record in &mut parsed.records {
        let Some(label) = record.label_number else { continue };
        let place = (record.chain, record.label_chain, site(record));
        let of_site = &labels[&place];
        if of_site[0] == label {
            continue;
        }
        let known = renamed.get(&(place, label)).copied();
        let (number, insertion) = known.unwrap_or_else(|| {
            let with_code = ('A'..='Z').map(|code| (record.number, Some(code)));
            let free = with_code.into_iter().find(|&free| !taken.contains(&(record.chain, free)));
            free.unwrap_or_else(|| {
                let last = highest.entry(record.chain).or_insert(0);
                *last = last.saturating_add(1);
                (*last, None)
            })
        });
        let before = record.residue_id();
        (record.number, record.insertion) = (number, insertion);
        if known.is_some() {
            continue;
        }
        taken.insert((record.chain, (number, insertion)));
        renamed.insert((place, label), (number, insertion));
        let sentence =
            format!("{before} (label_seq_id {} and {label}), the second called {}", of_site[0], record.residue_id());
        match told.iter_mut().find(|(chain, ..)| *chain == record.chain) {
            Some((_, _, sentences)) => sentences.push(sentence),
            None => told.push((record.chain, record.line, vec![sentence])),
        }
    }
    for (_, line, sentences) in told {
        let message = format!("two residues of one author's number: {}", list_some(&sentences));
        parsed.warnings.push((line, message));
    }
}
