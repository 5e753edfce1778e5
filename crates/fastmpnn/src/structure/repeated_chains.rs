//! Chains that repeat the id of another chain: the monomers of a complex after each TER, the segments of a simulation,
//! or a numbering that restarts. The second one becomes a separate chain with a free id.
//!
//! Atoms are grouped in blocks: consecutive atoms of one chain and one segment, up to a TER or to a lower residue
//! number. A block of amino acids or nucleotides that repeats a heavy atom of the chain begins a copy of it. Atoms
//! apart from the polymer (ligands, water, hydrogens listed separately) go to the copy of their segment, or to the one
//! in which their residue number is free.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::atom_record::{AtomRecord, ParsedModel};
use crate::chemistry::{is_amino_acid_name, is_water};

/// The new chain ids, by record.
pub(super) struct RepeatedChains {
    /// The ids that were assigned.
    ids: Vec<String>,
    /// The record's index and that of its new id.
    renamed: Vec<(usize, usize)>,
    /// Line and sentence.
    warnings: Vec<(usize, String)>,
}

/// What names an atom of a chain.
type AtomKey<'a> = (i32, Option<char>, &'a str, Option<char>);

/// Consecutive records.
struct Block {
    records: Range<usize>,
    /// Whether it is a run of amino acids or nucleotides.
    polymer: bool,
}

/// A copy of a chain under construction; the original counts as the first copy.
#[derive(Default)]
struct ChainCopy<'a> {
    /// The index of its id; the first copy keeps the file's.
    id: Option<usize>,
    segments: HashSet<&'a str>,
    atoms: HashSet<AtomKey<'a>>,
    /// Number, insertion code and residue name.
    residues: HashSet<(i32, Option<char>, &'a str)>,
}

impl RepeatedChains {
    /// Finds the repeated chains of a model.
    pub(super) fn of(parsed: &ParsedModel<'_>) -> RepeatedChains {
        let mut found = RepeatedChains { ids: Vec::new(), renamed: Vec::new(), warnings: Vec::new() };
        let records = &parsed.records;
        let blocks = blocks_of(records);
        let mut polymers: HashMap<&str, usize> = HashMap::new();
        for block in blocks.iter().filter(|block| block.polymer) {
            *polymers.entry(records[block.records.start].chain).or_default() += 1;
        }
        let mut ids: HashSet<String> = records.iter().map(|record| record.chain.to_owned()).collect();
        let mut chains: HashMap<&str, Vec<ChainCopy<'_>>> = HashMap::new();
        let several = |block: &&Block| polymers.get(records[block.records.start].chain).is_some_and(|&count| count > 1);
        for block in blocks.iter().filter(several).filter(|block| block.polymer) {
            let of_chain = chains.entry(records[block.records.start].chain).or_default();
            found.place_polymer(&records[block.records.clone()], block.records.start, of_chain, &mut ids);
        }
        chains.retain(|_, copies| copies.len() > 1);
        for block in blocks.iter().filter(|block| !block.polymer) {
            let Some(of_chain) = chains.get_mut(records[block.records.start].chain) else { continue };
            let mut start = block.records.start;
            for residue in records[block.records.clone()].chunk_by(same_residue) {
                found.place_residue(residue, start, of_chain);
                start += residue.len();
            }
        }
        found
    }

    /// Adds a block to the copy it belongs to, or begins one with it.
    fn place_polymer<'a>(
        &mut self,
        block: &[AtomRecord<'a>],
        start: usize,
        copies: &mut Vec<ChainCopy<'a>>,
        ids: &mut HashSet<String>,
    ) {
        let first = &block[0];
        // Amino acids and nucleotides of one number share names of hydrogens, but not of other atoms.
        let heavy = block
            .iter()
            .filter(|record| !record.name.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['H', 'D']));
        let is_free = |copy: &ChainCopy<'_>| heavy.clone().all(|record| !copy.atoms.contains(&key_of(record)));
        let of_segment = |copy: &ChainCopy<'_>| !first.segment.is_empty() && copy.segments.contains(first.segment);
        let last = copies.len().saturating_sub(1);
        let place = copies.iter().position(|copy| of_segment(copy) && is_free(copy));
        let place = place.or_else(|| copies.last().is_some_and(is_free).then_some(last)).unwrap_or_else(|| {
            let id = (!copies.is_empty()).then(|| {
                let id = free_id(ids);
                ids.insert(id.clone());
                self.ids.push(id);
                self.warn(block);
                self.ids.len() - 1
            });
            copies.push(ChainCopy { id, ..ChainCopy::default() });
            copies.len() - 1
        });
        self.add(block, start, &mut copies[place]);
    }

    fn place_residue<'a>(&mut self, residue: &[AtomRecord<'a>], start: usize, copies: &mut [ChainCopy<'a>]) {
        let first = &residue[0];
        if is_water(first.residue_name) {
            return;
        }
        let name = (first.number, first.insertion, first.residue_name);
        let is_free = |copy: &ChainCopy<'_>| residue.iter().all(|record| !copy.atoms.contains(&key_of(record)));
        let of_segment = |copy: &ChainCopy<'_>| !first.segment.is_empty() && copy.segments.contains(first.segment);
        let goes_on = |copy: &ChainCopy<'_>| copy.residues.contains(&name) && is_free(copy);
        let is_absent = |copy: &ChainCopy<'_>| !copy.residues.contains(&name);
        let place = copies.iter().position(of_segment);
        let place = place.or_else(|| copies.iter().position(goes_on)).or_else(|| copies.iter().position(is_absent));
        self.add(residue, start, &mut copies[place.unwrap_or(0)]);
    }

    fn add<'a>(&mut self, records: &[AtomRecord<'a>], start: usize, copy: &mut ChainCopy<'a>) {
        copy.segments.insert(records[0].segment);
        for (offset, record) in records.iter().enumerate() {
            copy.atoms.insert(key_of(record));
            copy.residues.insert((record.number, record.insertion, record.residue_name));
            self.renamed.extend(copy.id.map(|id| (start + offset, id)));
        }
    }

    fn warn(&mut self, block: &[AtomRecord<'_>]) {
        let (Some(first), Some(id)) = (block.first(), self.ids.last()) else { return };
        // Water and ions may follow without a TER; the CA of calcium is no amino acid's.
        let is_alpha = |record: &&AtomRecord<'_>| record.name == "CA" && record.residue_name != "CA";
        let is_sugar = |record: &&AtomRecord<'_>| matches!(record.name, "C1'" | "C1*");
        let last = block.iter().rfind(|record| is_alpha(record) || is_sugar(record)).unwrap_or(first);
        let segment = if first.segment.is_empty() || first.label_chain.is_some() {
            String::new()
        } else {
            format!(" in segment {}", first.segment)
        };
        let message = format!(
            "residues of chain {} come again from here on, {}–{}{segment}: read as another chain, {id}",
            first.chain,
            first.residue_id(),
            last.residue_id(),
        );
        self.warnings.push((first.line, message));
    }

    /// Gives the records their ids.
    pub(super) fn apply<'a>(&'a self, mut parsed: ParsedModel<'a>) -> ParsedModel<'a> {
        for &(record, id) in &self.renamed {
            parsed.records[record].chain = &self.ids[id];
        }
        parsed.warnings.extend(self.warnings.iter().cloned());
        parsed
    }
}

fn key_of<'a>(record: &AtomRecord<'a>) -> AtomKey<'a> {
    (record.number, record.insertion, record.name, record.altloc)
}

fn same_residue(before: &AtomRecord<'_>, after: &AtomRecord<'_>) -> bool {
    let name = |record: &AtomRecord<'_>| (record.number, record.insertion);
    name(before) == name(after) && before.residue_name == after.residue_name
}

fn blocks_of(records: &[AtomRecord<'_>]) -> Vec<Block> {
    let mut start = 0;
    let goes_on = |before: &AtomRecord<'_>, after: &AtomRecord<'_>| {
        before.chain == after.chain
            && before.segment == after.segment
            && !after.follows_end
            && before.number <= after.number
    };
    let block = |members: &[AtomRecord<'_>]| {
        let records = start..start + members.len();
        start = records.end;
        Block { records, polymer: is_polymer(members) }
    };
    records.chunk_by(goes_on).map(block).collect()
}

/// Whether the records are amino acids or nucleotides: one as ATOM, or several.
fn is_polymer(records: &[AtomRecord<'_>]) -> bool {
    let mut members = 0;
    for residue in records.chunk_by(same_residue) {
        let first = &residue[0];
        let has = |name: &str| residue.iter().any(|record| record.name == name);
        let amino_acid = has("CA") && (is_amino_acid_name(first.residue_name) || (has("N") && has("C")));
        let nucleotide = (has("C1'") && has("C4'")) || (has("C1*") && has("C4*"));
        if amino_acid || nucleotide {
            members += if first.hetatm { 1 } else { 2 };
        }
        if members > 1 {
            return true;
        }
    }
    false
}

/// The first id that no chain has: a letter or a digit, or two letters.
fn free_id(ids: &HashSet<String>) -> String {
    let letters = || ('A'..='Z').chain('a'..='z');
    let single = letters().chain('0'..='9').map(String::from);
    let double = letters().flat_map(|first| letters().map(move |second| format!("{first}{second}")));
    let numbered = (1..).map(|number: u64| format!("copy{number}"));
    single.chain(double).chain(numbered).find(|id| !ids.contains(id)).unwrap_or_default()
}
