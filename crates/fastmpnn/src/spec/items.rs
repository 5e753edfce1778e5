//! One item of a selection: a chain, a residue or a range, in the numbering of the file.
//!
//! Without a colon the chain is the longest chain id of the structure that leaves a valid rest; ids that end in a digit are
//! better written with one (`1:15`), and ids that are words of the grammar must be (`all:`, `not:15`).
//!
//! A range by numbers (`A95-100`) takes every residue whose number lies in it, insertion codes of the last number
//! included, so that `A1-100,A101-200` misses nothing; numbers that the file skips do no harm. An end with an insertion
//! code (`A100A-100F`) is that very residue, and the range goes there in file order: antibody numberings count
//! their codes upwards (100A, 100B) as well as downwards (112B, 112A).

use std::collections::BTreeSet;

use super::expression::is_word;
use super::quotation::{FileLine, written};
use super::ranges::{range_name, residue_name};
use crate::error::{SpecError, in_sentence};
use crate::structure::{LigandAtom, LigandChoice, ResidueId, Structure};

/// Ligands that an error lists.
const LIGANDS_NAMED: usize = 6;

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
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) field: &'static str,
    pub(super) text: &'a str,
    pub(super) line: Option<FileLine<'a>>,
    pub(super) structure: &'a Structure,
}

impl<'a> Item<'a> {
    /// The chain and the part of it.
    fn parse(&self) -> Result<(&'a str, Part), SpecError> {
        // A word of the grammar, as a chain.
        let word = self.text.strip_suffix(':').filter(|word| is_word(word));
        if let Some(word) = word.filter(|word| self.chain_ids().contains(word)) {
            return Ok((word, Part::Chain));
        }
        let candidates = self.chains_that_prefix();
        let mut complaint = None;
        for &(chain, rest) in &candidates {
            match parse_part(rest, chain) {
                Ok(part) => return Ok((chain, part)),
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

    /// The residues it names, in file order.
    pub(super) fn resolve(&self, warnings: &mut Vec<String>) -> Result<Vec<usize>, SpecError> {
        let (chain, part) = self.parse()?;
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

    /// The author's id of the chain that an mmCIF file labels so, where that is another one.
    fn author_of_label(&self, label: &str) -> Option<&'a str> {
        let (_, author) = self.structure.labels.iter().find(|(of_file, _)| of_file == label)?;
        (author.as_ref() != label).then_some(author)
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

    /// A warning for a range whose end lies outside its chain: it may be a mistake.
    fn beyond(&self, chain: &str, first: Place, last: Place) -> Option<String> {
        let (lowest, highest) = self.extremes(chain)?;
        let outside = first.number < lowest.number || last.number > highest.number;
        outside.then(|| {
            format!(
                "{} {}: the range goes beyond chain {chain}, which runs {}",
                in_sentence(self.field),
                self.written(),
                run(lowest, highest)
            )
        })
    }

    fn extremes(&self, chain: &str) -> Option<(Place, Place)> {
        let places = || self.members(chain).into_iter().map(|index| self.place(index));
        Some((places().min()?, places().max()?))
    }

    /// The chain, if the item names no less than all of it.
    pub(super) fn whole_chain(&self) -> Result<(), SpecError> {
        match self.parse()? {
            (_, Part::Chain) => Ok(()),
            (chain, _) => Err(self.malformed(format!(
                "takes whole chains, and this names residues of chain {chain}; use `redesign` for residues"
            ))),
        }
    }

    /// The ligand atoms it names: of a chain that holds nothing else, of residues by number, or of residues by name as
    /// `ligand` takes them.
    pub(super) fn ligand_atoms(&self) -> Vec<&'a LigandAtom> {
        let atoms = &self.structure.ligand_atoms;
        let ids: BTreeSet<&str> = atoms.iter().map(|atom| atom.residue.chain.as_ref()).collect();
        let parts = ids.into_iter().rev().filter_map(|id| {
            let part = parse_part(self.text.strip_prefix(id)?, id).ok()?;
            // Chains with protein were looked at before; what has no number there may have one among the ligands.
            (!matches!(part, Part::Chain) || !self.chain_ids().contains(&id)).then_some((id, part))
        });
        for (id, part) in parts {
            let inside = |atom: &&LigandAtom| {
                let place = Place::of(&atom.residue);
                atom.residue.chain.as_ref() == id
                    && match part {
                        Part::Chain => true,
                        Part::Residue(only) => place == only,
                        Part::Range(first, last) => (first..=last).contains(&place),
                    }
            };
            let found: Vec<&LigandAtom> = atoms.iter().filter(inside).collect();
            if !found.is_empty() {
                return found;
            }
        }
        let Ok(choice) = self.text.parse::<LigandChoice>() else { return Vec::new() };
        atoms.iter().filter(|atom| choice.holds_for(&atom.residue, &atom.residue_name)).collect()
    }

    /// The error where neither protein nor ligands are called so.
    pub(super) fn no_target(&self, error: SpecError) -> SpecError {
        let SpecError::UnknownChain { field, item, chain, structure, mut available } = error else { return error };
        let mut names: Vec<String> = Vec::new();
        for atom in &self.structure.ligand_atoms {
            let ResidueId { chain, number, insertion } = &atom.residue;
            let name =
                format!("{}:{chain}:{number}{}", atom.residue_name, insertion.map(String::from).unwrap_or_default());
            if names.last() != Some(&name) {
                names.push(name);
            }
        }
        let more = if names.len() > LIGANDS_NAMED { ", …" } else { "" };
        names.truncate(LIGANDS_NAMED);
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        available.push_str(&format!("; its ligands are {names}{more}"));
        SpecError::UnknownChain { field, item, chain, structure, available }
    }

    fn malformed(&self, reason: String) -> SpecError {
        SpecError::Malformed { field: self.field, item: self.written(), reason }
    }

    fn written(&self) -> String {
        written(self.text, self.line)
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
        if let Some(author) = self.author_of_label(named) {
            available.push_str(&format!(" (label {named} is author chain {author})"));
        } else if meant.is_none() && !self.ligand_atoms().is_empty() {
            available.push_str(&format!(
                " (ligands are not designed; within 5 of {} are the residues near them)",
                self.text
            ));
        }
        SpecError::UnknownChain {
            field: self.field,
            item: self.written(),
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
        if let Some(author) = self.author_of_label(chain) {
            there.push_str(&format!(" (chains go by author ids; label {chain} is author chain {author})"));
        }
        SpecError::UnknownResidue {
            field: self.field,
            item: self.written(),
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
