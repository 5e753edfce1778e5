//! Residue indexes back to text: compact ranges that the selection grammar reads back as the same residues.

use std::fmt::Write;

use crate::structure::{ResidueId, Structure};

/// More ranges than this are summed up as `and 7 more ranges`, so that a line stays a line.
const LISTED: usize = 12;

/// One residue in the form the selection grammar reads without doubt: `A15`, but `AA:15` or `1:15` where the chain id is
/// not a single letter, and `A:15` where another id begins with it.
pub(super) fn residue_name(id: &ResidueId, structure: &Structure) -> String {
    let mut name = chain_prefix(&id.chain, structure);
    push_number(&mut name, id);
    name
}

/// A range from one residue to another of its chain: `A1-10`.
pub(super) fn range_name(first: &ResidueId, last: &ResidueId, structure: &Structure) -> String {
    let mut name = residue_name(first, structure);
    if first != last {
        name.push('-');
        push_number(&mut name, last);
    }
    name
}

/// Ascending residue indexes as a comma-separated list of ranges, complete.
pub(super) fn ranges(indexes: &[usize], structure: &Structure) -> String {
    range_list(indexes, structure).join(",")
}

/// As [`ranges`], but cut after a dozen.
pub(super) fn short_ranges(indexes: &[usize], structure: &Structure) -> String {
    let list = range_list(indexes, structure);
    if list.len() <= LISTED {
        return list.join(",");
    }
    let more = list.len() - LISTED;
    let plural = if more == 1 { "" } else { "s" };
    format!("{} and {more} more range{plural}", list[..LISTED].join(","))
}

/// `1 residue`, `20 residues`.
pub(super) fn count_of_residues(count: usize) -> String {
    match count {
        1 => "1 residue".to_owned(),
        _ => format!("{count} residues"),
    }
}

fn chain_prefix(chain: &str, structure: &Structure) -> String {
    let longer = |id: &str| id.len() > chain.len() && id.starts_with(chain);
    let mut characters = chain.chars();
    match (characters.next(), characters.next()) {
        (Some(only), None)
            if (only.is_alphabetic() || only == '_') && !structure.chains.iter().any(|other| longer(&other.id)) =>
        {
            chain.to_owned()
        }
        _ => format!("{chain}:"),
    }
}

fn push_number(text: &mut String, id: &ResidueId) {
    // Writing to a String cannot fail.
    let _ = write!(text, "{}", id.number);
    text.extend(id.insertion);
}

fn range_list(indexes: &[usize], structure: &Structure) -> Vec<String> {
    let mut list = Vec::new();
    let mut rest = indexes;
    while !rest.is_empty() {
        let length = run_length(rest, structure);
        let (run, tail) = rest.split_at(length);
        rest = tail;
        let id = |index: usize| &structure.residues[index].id;
        list.push(range_name(id(run[0]), id(run[length - 1]), structure));
    }
    list
}

/// How many of the first indexes make one range. A bare number as the end of a range takes all insertion codes of that
/// number along, so a range may only end on one where it does not reach beyond the run.
fn run_length(indexes: &[usize], structure: &Structure) -> usize {
    let residue = |index: usize| &structure.residues[index];
    let same_number =
        |a: usize, b: usize| residue(a).chain == residue(b).chain && residue(a).id.number == residue(b).id.number;
    let first = indexes[0];
    let bare = |index: usize| residue(index).id.insertion.is_none();
    if bare(first) && first > 0 && same_number(first - 1, first) {
        return 1;
    }
    let mut length = 1;
    while length < indexes.len()
        && indexes[length] == indexes[length - 1] + 1
        && residue(indexes[length]).chain == residue(first).chain
        && residue(indexes[length]).id.number >= residue(indexes[length - 1]).id.number
    {
        length += 1;
    }
    let last = indexes[length - 1];
    if length > 1 && bare(last) && last + 1 < structure.residues.len() && same_number(last, last + 1) {
        length -= 1;
    }
    length
}
