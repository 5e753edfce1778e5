//! The selection grammar: text in the numbering of the file → residue indexes.
//!
//! ```text
//! selection = item { ("," | space) item }
//! item      = "*" | "all" | chain [ [":"] residues ]
//! residues  = residue [ "-" [ chain [":"] ] residue ]
//! residue   = [ "-" ] digits [ insertion code ]
//! ```
//!
//! `A` is a chain, `A15` a residue, `H100A` one with an insertion code, `A-5` one with a negative number, `A1-10` a range
//! with both ends. Without a colon the chain is the longest chain id of the structure that leaves a valid rest; ids that
//! end in a digit are better written with one (`1:15`).
//!
//! A range by numbers (`A95-100`) takes every residue whose number lies in it, insertion codes of the last number
//! included, so that `A1-100,A101-200` misses nothing; numbers that the file skips do no harm. An end with an insertion
//! code (`A100A-100F`) is that very residue, and the range goes there in file order: antibody numberings count
//! their codes upwards (100A, 100B) as well as downwards (112B, 112A).

use std::collections::BTreeSet;

use super::ranges::{range_name, residue_name};
use crate::error::SpecError;
use crate::structure::{ResidueId, Structure};

/// Residues in the order they were written.
pub(super) struct Selection {
    /// Each residue once, at its first mention.
    pub(super) indexes: Vec<usize>,
    /// The first residue that was mentioned again.
    pub(super) repeated: Option<usize>,
    /// Ranges that go beyond their chain.
    pub(super) warnings: Vec<String>,
}

/// Residue indexes of a selection such as `A1-10,B,C5`, ascending and each once. The grammar is the same for every
/// option that takes residues:
///
/// | text | selects |
/// |---|---|
/// | `A` | chain A |
/// | `A15`, `A-5`, `H100A` | one residue; negative numbers and insertion codes as they are |
/// | `A1-10`, `A-5--1`, `A15-A20` | a range by number, both ends included, with the insertion codes inside |
/// | `A100A-100F` | from one residue to the other in file order |
/// | `A:15`, `AA:1-10`, `1:15` | the same with the chain set apart, for ids of several characters or digits |
/// | `*`, `all` | everything |
///
/// Items are separated by commas or spaces. An item that matches nothing is an error that names the nearest residues.
pub fn parse_selection(text: &str, structure: &Structure) -> Result<Vec<usize>, SpecError> {
    let mut indexes = select("selection", text, structure)?.indexes;
    indexes.sort_unstable();
    Ok(indexes)
}

/// As [`parse_selection`], in written order and with the option's name for errors.
pub(super) fn select(flag: &'static str, text: &str, structure: &Structure) -> Result<Selection, SpecError> {
    let mut selection = Selection { indexes: Vec::new(), repeated: None, warnings: Vec::new() };
    if items(text).next().is_none() {
        let reason = "is an empty selection; write a chain (A), a residue (A15) or a range (A1-10)";
        let reason = reason.to_owned();
        return Err(SpecError::Malformed { flag, item: quoted(text), reason });
    }
    let mut seen = vec![false; structure.residues.len()];
    for item in items(text) {
        let found = Item { flag, text: item, structure }.resolve(&mut selection.warnings)?;
        for index in found {
            if seen[index] {
                selection.repeated.get_or_insert(index);
            } else {
                seen[index] = true;
                selection.indexes.push(index);
            }
        }
    }
    if selection.indexes.is_empty() {
        let structure = structure.name.clone();
        return Err(SpecError::EmptySelection { flag, item: quoted(text), structure });
    }
    Ok(selection)
}

/// Which residues lie in the whole chains that are named, for `--chains`.
pub(super) fn select_chains(flag: &'static str, text: &str, structure: &Structure) -> Result<Vec<bool>, SpecError> {
    for item in items(text) {
        let item = Item { flag, text: item, structure };
        if let Some((chain, Part::Residue(_) | Part::Range(..))) = item.parse()? {
            let reason =
                format!("takes whole chains, and this names residues of chain {chain}; use --redesign for residues");
            return Err(item.malformed(reason));
        }
    }
    let mut inside = vec![false; structure.residues.len()];
    for index in select(flag, text, structure)?.indexes {
        inside[index] = true;
    }
    Ok(inside)
}

/// Text of a user for an error message: quoted, unprintable characters escaped, cut when long.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    let text = text.trim();
    let shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    let more = if text.chars().nth(SHOWN).is_some() { "…" } else { "" };
    format!("`{shown}{more}`")
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(|separator: char| separator == ',' || separator.is_whitespace()).filter(|item| !item.is_empty())
}

/// A residue number with its insertion code, within a chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    number: i32,
    insertion: Option<char>,
}

impl Place {
    fn of(id: &ResidueId) -> Place {
        Place { number: id.number, insertion: id.insertion }
    }

    /// Reads `15`, `-5`, `100A` from the front.
    fn read(text: &str) -> Option<(Place, &str)> {
        let sign = usize::from(text.starts_with('-'));
        let digits = text[sign..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return None;
        }
        let (number, rest) = text.split_at(sign + digits);
        let number = number.parse().ok()?;
        let insertion = rest.chars().next().filter(char::is_ascii_alphabetic);
        let rest = &rest[insertion.map_or(0, char::len_utf8)..];
        Some((Place { number, insertion }, rest))
    }

    /// Reads a place and nothing after it.
    fn read_whole(text: &str) -> Option<Place> {
        Place::read(text).filter(|(_, rest)| rest.is_empty()).map(|(place, _)| place)
    }

    fn in_chain(self, chain: &str) -> ResidueId {
        ResidueId { chain: chain.into(), number: self.number, insertion: self.insertion }
    }
}

/// What an item names of its chain.
enum Part {
    Chain,
    Residue(Place),
    Range(Place, Place),
}

/// One item of a selection, and what is needed to complain about it.
struct Item<'a> {
    flag: &'static str,
    text: &'a str,
    structure: &'a Structure,
}

impl<'a> Item<'a> {
    /// The chain and the part of it; `None` for everything.
    fn parse(&self) -> Result<Option<(&'a str, Part)>, SpecError> {
        if matches!(self.text, "*" | "all") {
            return Ok(None);
        }
        let candidates = self.chains_that_prefix();
        let mut complaint = None;
        for &(chain, rest) in &candidates {
            match parse_part(rest, chain) {
                Ok(part) => return Ok(Some((chain, part))),
                // A letter after the id: a longer id was meant, and there is none.
                Err(_) if rest.starts_with(char::is_alphabetic) => {}
                Err(reason) => {
                    complaint.get_or_insert(reason);
                }
            }
        }
        Err(match complaint {
            Some(reason) => self.malformed(reason),
            None => self.unknown_chain(),
        })
    }

    fn resolve(&self, warnings: &mut Vec<String>) -> Result<Vec<usize>, SpecError> {
        let Some((chain, part)) = self.parse()? else {
            return Ok((0..self.structure.residues.len()).collect());
        };
        let members = self.members(chain);
        let found = match part {
            Part::Chain => members,
            Part::Residue(place) => self.exactly(place, &members),
            Part::Range(first, last) => self.range(chain, first, last, &members)?,
        };
        if found.is_empty() {
            return Err(match part {
                Part::Chain => self.unknown_chain(),
                Part::Residue(place) => self.unknown_residue(chain, place, place),
                Part::Range(first, last) => self.unknown_residue(chain, first, last),
            });
        }
        if let Part::Range(first, last) = part {
            warnings.extend(self.beyond(chain, first, last));
        }
        Ok(found)
    }

    /// Every chain id the text begins with, the longest first, and what follows it.
    fn chains_that_prefix(&self) -> Vec<(&'a str, &'a str)> {
        let ids: BTreeSet<&str> = self.structure.chains.iter().map(|chain| chain.id.as_ref()).collect();
        let mut found: Vec<(&str, &str)> =
            ids.into_iter().filter_map(|id| Some((id, self.text.strip_prefix(id)?))).collect();
        found.sort_by_key(|(id, _)| std::cmp::Reverse(id.len()));
        found
    }

    /// The ids of the chains that have residues, in file order.
    fn chain_ids(&self) -> Vec<&'a str> {
        let chains = self.structure.chains.iter().filter(|chain| !chain.residues.is_empty());
        chains.map(|chain| chain.id.as_ref()).collect()
    }

    /// The residues of a chain in file order.
    fn members(&self, chain: &str) -> Vec<usize> {
        (0..self.structure.residues.len())
            .filter(|&index| self.structure.residues[index].id.chain.as_ref() == chain)
            .collect()
    }

    fn place(&self, index: usize) -> Place {
        Place::of(&self.structure.residues[index].id)
    }

    fn exactly(&self, place: Place, members: &[usize]) -> Vec<usize> {
        members.iter().copied().filter(|&index| self.place(index) == place).collect()
    }

    fn range(&self, chain: &str, first: Place, last: Place, members: &[usize]) -> Result<Vec<usize>, SpecError> {
        let reversed = || {
            let (first, last) = (first.in_chain(chain), last.in_chain(chain));
            let (first, last) = (residue_name(&first, self.structure), residue_name(&last, self.structure));
            self.malformed(format!("the range is reversed: {last} comes before {first}"))
        };
        let coded = first.insertion.is_some() || last.insertion.is_some();
        if first.number > last.number && !coded {
            return Err(reversed());
        }
        let position = |place: Place| members.iter().position(|&index| self.place(index) == place);
        for end in [first, last] {
            if end.insertion.is_some() && position(end).is_none() {
                return Err(self.unknown_residue(chain, end, end));
            }
        }
        let (from, to) = (position(first), position(last));
        if coded && matches!((from, to), (Some(from), Some(to)) if from > to) {
            return Err(reversed());
        }
        let after_first = |rank: usize, number: i32| match (first.insertion, from) {
            (Some(_), Some(from)) => rank >= from,
            _ => number >= first.number,
        };
        let before_last = |rank: usize, number: i32| match (last.insertion, to) {
            (Some(_), Some(to)) => rank <= to,
            _ => number <= last.number,
        };
        let found: Vec<usize> = members
            .iter()
            .enumerate()
            .filter(|&(rank, &index)| {
                let number = self.place(index).number;
                after_first(rank, number) && before_last(rank, number)
            })
            .map(|(_, &index)| index)
            .collect();
        if found.is_empty() && first.number > last.number {
            return Err(reversed());
        }
        Ok(found)
    }

    /// A warning for a range whose end lies outside its chain: it may be a slip of the pen.
    fn beyond(&self, chain: &str, first: Place, last: Place) -> Option<String> {
        let (lowest, highest) = self.extremes(chain)?;
        let outside = first.number < lowest.number || last.number > highest.number;
        outside.then(|| {
            format!(
                "{} {}: the range goes beyond chain {chain}, which runs {}",
                self.flag,
                quoted(self.text),
                run(lowest, highest)
            )
        })
    }

    fn extremes(&self, chain: &str) -> Option<(Place, Place)> {
        let places = || self.members(chain).into_iter().map(|index| self.place(index));
        Some((places().min()?, places().max()?))
    }

    fn malformed(&self, reason: String) -> SpecError {
        SpecError::Malformed { flag: self.flag, item: quoted(self.text), reason }
    }

    fn unknown_chain(&self) -> SpecError {
        let named = match self.text.split_once(':') {
            Some((chain, _)) => chain,
            None => {
                let end = self.text.find(|c: char| c.is_ascii_digit() || c == '-');
                &self.text[..end.unwrap_or(self.text.len())]
            }
        };
        let ids = self.chain_ids();
        if named.is_empty() {
            let chain = ids.first().copied().unwrap_or("A");
            return self.malformed(format!("an item begins with a chain id, as in {chain}15 or {chain}:1-10"));
        }
        let meant = ids.iter().find(|id| id.to_lowercase() == named.to_lowercase());
        let mut available = if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
        if let Some(id) = meant {
            available.push_str(&format!(" (upper and lower case differ: was {id} meant?)"));
        }
        SpecError::UnknownChain {
            flag: self.flag,
            item: quoted(self.text),
            chain: named.chars().take(20).flat_map(char::escape_debug).collect(),
            structure: self.structure.name.clone(),
            available,
        }
    }

    fn unknown_residue(&self, chain: &str, first: Place, last: Place) -> SpecError {
        let residue = range_name(&first.in_chain(chain), &last.in_chain(chain), self.structure);
        let code = |place: Place| i64::from(place.insertion.map_or(0, u32::from));
        let distance = |index: usize| {
            let place = self.place(index);
            let from = if place < first { first } else { last };
            let numbers = i64::from(place.number).abs_diff(i64::from(from.number));
            (numbers, code(place).abs_diff(code(from)))
        };
        let mut near = self.members(chain);
        near.sort_by_key(|&index| distance(index));
        near.truncate(2);
        near.sort_unstable();
        let names: Vec<String> =
            near.iter().map(|&index| residue_name(&self.structure.residues[index].id, self.structure)).collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        let run = self.extremes(chain).map_or_else(String::new, |(low, high)| run(low, high));
        let mut there = format!("chain {chain} runs {run}; nearest {verb} {}", names.join(", "));
        // `A15` where there are chains A and A1: say how to reach the other one.
        let other = self
            .chains_that_prefix()
            .into_iter()
            .find(|&(other, rest)| other.len() < chain.len() && parse_part(rest, other).is_ok());
        if let Some((other, rest)) = other {
            there.push_str(&format!(" (for chain {other} write {other}:{rest})"));
        }
        SpecError::UnknownResidue {
            flag: self.flag,
            item: quoted(self.text),
            residue,
            structure: self.structure.name.clone(),
            there,
        }
    }
}

fn run(lowest: Place, highest: Place) -> String {
    let show = |place: Place| {
        let code = place.insertion.map_or_else(String::new, String::from);
        format!("{}{code}", place.number)
    };
    format!("{}–{}", show(lowest), show(highest))
}

/// Reads what follows the chain id; the error says what was expected.
fn parse_part(rest: &str, chain: &str) -> Result<Part, String> {
    if rest.is_empty() {
        return Ok(Part::Chain);
    }
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let expected = || {
        format!(
            "after chain {chain} comes a residue number with or without an insertion code, or a range \
             ({chain}:15, {chain}:100A, {chain}:1-10)"
        )
    };
    let (first, tail) = Place::read(rest).ok_or_else(expected)?;
    if tail.is_empty() {
        return Ok(Part::Residue(first));
    }
    let last = tail.strip_prefix('-').ok_or_else(expected)?;
    if let Some(last) = Place::read_whole(last) {
        return Ok(Part::Range(first, last));
    }
    let repeated = last.strip_prefix(chain).and_then(|last| Place::read_whole(last.strip_prefix(':').unwrap_or(last)));
    match repeated {
        Some(last) => Ok(Part::Range(first, last)),
        None if last.starts_with(char::is_alphabetic) => {
            Err(format!("a range stays within one chain, and ends in a number of chain {chain}"))
        }
        None => Err(expected()),
    }
}
