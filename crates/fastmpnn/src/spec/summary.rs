//! A plan on one line, for people.

use std::collections::BTreeMap;

use super::letters::{AMINO_ACIDS, letters_of};
use super::ranges::{count_of_residues, ranges, residue_name, short_ranges};
use super::{DesignPlan, OrderKind, TiedGroup};
use crate::chemistry::{Letter, VOCABULARY};
use crate::structure::Structure;

/// More clauses of a kind than this are counted instead.
const LISTED: usize = 6;

impl DesignPlan {
    /// One line for people: what is designed, fixed, tied, omitted and biased, in ranges of the selection grammar, as in
    /// `designs A1-106 (106 residues); fixes nothing; omits C; ties 20 groups A1-20=B1-20`. `structure` is the one the
    /// plan was resolved against.
    pub fn summary(&self, structure: &Structure) -> String {
        summary(self, structure)
    }
}

fn summary(plan: &DesignPlan, structure: &Structure) -> String {
    let mut designed = Vec::new();
    let mut fixed = Vec::new();
    let mut masked = Vec::new();
    for index in 0..structure.residues.len() {
        match plan.designed.get(index) {
            Some(true) => designed.push(index),
            _ if !structure.is_resolved(index) => masked.push(index),
            _ => fixed.push(index),
        }
    }
    let mut clauses =
        vec![format!("designs {}", counted(&designed, structure)), format!("fixes {}", counted(&fixed, structure))];
    if !masked.is_empty() {
        clauses.push(format!("masks {}", counted(&masked, structure)));
    }
    clauses.extend(omissions(plan, structure, &designed));
    if !plan.ties.is_empty() {
        clauses.push(tie_clause(&plan.ties, structure));
    }
    clauses.extend(biases(plan, structure, &designed));
    clauses.extend(plan.constraints.clauses());
    clauses.extend(plan.environment.clauses(structure));
    if plan.order != OrderKind::Random {
        clauses.push(format!("decodes in {} order", plan.order));
    }
    clauses.join("; ")
}

fn counted(indexes: &[usize], structure: &Structure) -> String {
    if indexes.is_empty() {
        return "nothing".to_owned();
    }
    let count = count_of_residues(indexes.len());
    format!("{} ({count})", short_ranges(indexes, structure))
}

/// `omits C`, `omits CM at A1-5`, `only L at B5`.
fn omissions(plan: &DesignPlan, structure: &Structure, designed: &[usize]) -> Vec<String> {
    let set = |index: usize| plan.omitted[index] & AMINO_ACIDS;
    let choice = |index: usize| AMINO_ACIDS & !set(index);
    let free = || designed.iter().copied().filter(|&index| choice(index).count_ones() > 1);
    let common = free().map(set).fold(AMINO_ACIDS, |all, one| all & one);
    let common = if free().next().is_none() { 0 } else { common };
    let mut extra: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    let mut only: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for &index in designed {
        if choice(index).count_ones() <= 1 {
            only.entry(choice(index)).or_default().push(index);
        } else if set(index) != common {
            extra.entry(set(index) & !common).or_default().push(index);
        }
    }
    let mut clauses = Vec::new();
    if common != 0 {
        clauses.push(format!("omits {}", letters_of(common)));
    }
    let at = |verb: &str, (letters, indexes): (u32, Vec<usize>)| {
        let sentence = format!("{verb} {} at {}", letters_of(letters), short_ranges(&indexes, structure));
        (indexes.first().copied(), sentence)
    };
    let omitted = extra.into_iter().map(|entry| at("omits", entry));
    clauses.extend(listed(omitted.collect(), "omission"));
    clauses.extend(listed(only.into_iter().map(|entry| at("allows only", entry)).collect(), "choice"));
    clauses
}

/// `biases A=-1`, `biases W=2 at A1-5`.
fn biases(plan: &DesignPlan, structure: &Structure, designed: &[usize]) -> Vec<String> {
    let Some(&first) = designed.first() else {
        return Vec::new();
    };
    // A letter with one value at all designed residues is said once for all.
    let everywhere: [bool; VOCABULARY] =
        std::array::from_fn(|l| designed.iter().all(|&index| plan.bias[index][l] == plan.bias[first][l]));
    let show = |row: &[f32; VOCABULARY], wanted: &dyn Fn(usize) -> bool| {
        let items: Vec<String> = Letter::all()
            .take(VOCABULARY - 1)
            .filter(|letter| wanted(letter.index()) && row[letter.index()] != 0.0)
            .map(|letter| format!("{letter}={}", row[letter.index()]))
            .collect();
        items.join(",")
    };
    let mut clauses = Vec::new();
    let common = show(&plan.bias[first], &|l| everywhere[l]);
    if !common.is_empty() {
        clauses.push(format!("biases {common}"));
    }
    let mut local: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for &index in designed {
        let row = show(&plan.bias[index], &|l| !everywhere[l]);
        if !row.is_empty() {
            local.entry(row).or_default().push(index);
        }
    }
    let local = local.into_iter().map(|(row, indexes)| {
        let sentence = format!("biases {row} at {}", short_ranges(&indexes, structure));
        (indexes.first().copied(), sentence)
    });
    clauses.extend(listed(local.collect(), "bias"));
    clauses
}

/// Clauses in the order of their first residues, cut after a few.
fn listed(mut clauses: Vec<(Option<usize>, String)>, noun: &str) -> Vec<String> {
    clauses.sort();
    let more = clauses.len().saturating_sub(LISTED);
    let mut list: Vec<String> = clauses.into_iter().take(LISTED).map(|(_, clause)| clause).collect();
    if more > 0 {
        let plural = match (more, noun) {
            (1, _) => "",
            (_, "bias") => "es",
            _ => "s",
        };
        list.push(format!("and {more} more {noun}{plural}"));
    }
    list
}

/// `ties 20 groups A1-20=B1-20`.
fn tie_clause(ties: &[TiedGroup], structure: &Structure) -> String {
    let mut runs = Vec::new();
    let mut rest = ties;
    while let Some(first) = rest.first() {
        let length = rest
            .iter()
            .enumerate()
            .take_while(|(offset, group)| continues(first, group, *offset, structure))
            .count()
            .max(1);
        let (run, tail) = rest.split_at(length);
        rest = tail;
        runs.push(tie_text(run, structure));
    }
    let count = match ties.len() {
        1 => "1 group".to_owned(),
        count => format!("{count} groups"),
    };
    let more = runs.len().saturating_sub(LISTED);
    runs.truncate(LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("ties {count} {}{more}", runs.join(", "))
}

/// Whether each member of the group stands `offset` residues after that of the first, in the same chain.
fn continues(first: &TiedGroup, group: &TiedGroup, offset: usize, structure: &Structure) -> bool {
    let chain = |index: usize| structure.residues[index].chain;
    group.weights == first.weights
        && group.members.len() == first.members.len()
        && group
            .members
            .iter()
            .zip(&first.members)
            .all(|(&member, &start)| member == start + offset && chain(member) == chain(start))
}

fn tie_text(run: &[TiedGroup], structure: &Structure) -> String {
    let first = &run[0];
    let weighted = first.weights.iter().any(|&weight| weight != 1.0);
    let sides: Vec<String> = first
        .members
        .iter()
        .zip(&first.weights)
        .map(|(&start, weight)| {
            let indexes: Vec<usize> = (start..start + run.len()).collect();
            let mut side = match indexes.as_slice() {
                [only] => residue_name(&structure.residues[*only].id, structure),
                several => ranges(several, structure),
            };
            if weighted {
                side.push_str(&format!("*{weight}"));
            }
            side
        })
        .collect();
    sides.join("=")
}
