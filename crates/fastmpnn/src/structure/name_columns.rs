//! Column 21 of PDB lines, which the format leaves blank. CHARMM, AMBER and CYANA have the fourth letter of a residue
//! name there (`TIP3`, `NHIS`, `ARG+`), and files of large complexes the first letter of a chain id (`AA`, `NB`). One
//! line does not say which: `HISA` in column 22's chain A may be a histidine of chain `AA` or a tautomer of chain `A`.
//! A run of lines does:
//!
//! - Where other residues of the run have column 21 blank, it holds the fourth letter of a name.
//! - Where none has, and the run contains one of the twenty amino acids or a right-justified name, the run is a chain
//!   with an id of two letters; all residues with these two letters belong to it, wherever in the file they are.
//! - Otherwise it is a fourth letter where that makes a name of a table, or where the run repeats one name, as membranes
//!   and solvents do.
//! - Four residues and more in a row with the same two letters, most of whose names would be in no table with the fourth
//!   letter, are a chain with that id whatever follows.
//!
//! A run is what follows in one chain by column 22 and one segment, all ATOM or all HETATM, up to a TER or to a number that
//! is lower.

use std::collections::{HashMap, HashSet};

use super::pdb_columns::columns;
use crate::chemistry::{Letter, is_amino_acid_name, is_long_residue_name, is_water};

/// Column 21 and column 22.
type Pair = [u8; 2];

/// Residue name and chain id of each line, `_` for a blank id. A line is `None` where a chain ends.
pub(super) fn names_and_chains<'a>(lines: &[Option<&'a [u8]>]) -> Vec<(&'a str, &'a str)> {
    let fourth = |line: &[u8]| line.get(20).copied().unwrap_or(b' ');
    if lines.iter().flatten().all(|line| fourth(line) == b' ') {
        return lines.iter().map(|line| line.map_or(("", ""), narrow)).collect();
    }
    let runs = runs_of(lines);
    let pairs: HashSet<Pair> = runs.iter().flat_map(Run::pairs_of_chains).collect();
    let mut run_of = vec![None; lines.len()];
    for run in &runs {
        for &line in &run.lines {
            run_of[line] = Some(run);
        }
    }
    let read = |(index, line): (usize, &Option<&'a [u8]>)| {
        let Some(line) = *line else { return ("", "") };
        let wide_chain = match run_of[index] {
            _ if fourth(line) == b' ' => false,
            Some(run) => run.has_wide_chain(line, &pairs),
            None => false,
        };
        if fourth(line) == b' ' {
            narrow(line)
        } else if wide_chain {
            (columns(line, 18, 20).trim(), columns(line, 21, 22).trim())
        } else {
            (columns(line, 18, 21).trim(), narrow(line).1)
        }
    };
    lines.iter().enumerate().map(read).collect()
}

/// Residue name and chain id by the format: columns 18 to 20 and 22.
pub(super) fn narrow(line: &[u8]) -> (&str, &str) {
    let chain = columns(line, 22, 22).trim();
    (columns(line, 18, 20).trim(), if chain.is_empty() { "_" } else { chain })
}

/// Consecutive lines of one chain.
#[derive(Default)]
struct Run<'a> {
    /// Indices.
    lines: Vec<usize>,
    /// One line of each residue.
    residues: Vec<&'a [u8]>,
    /// Whether a residue has column 21 blank.
    has_blank: bool,
    /// For each pair, how many residues have it, and whether one of their names differs from the first.
    pairs: HashMap<Pair, (usize, bool, &'a [u8])>,
}

fn runs_of<'a>(lines: &[Option<&'a [u8]>]) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    let mut previous: Option<&[u8]> = None;
    for (index, line) in lines.iter().enumerate() {
        let Some(line) = *line else {
            previous = None;
            continue;
        };
        let same = |from: usize, to: usize| previous.is_some_and(|before| before.get(from..to) == line.get(from..to));
        let goes_on = same(21, 22)
            && same(0, 4)
            && columns(line, 73, 76) == previous.map_or("", |before| columns(before, 73, 76))
            && previous.is_some_and(|before| number_of(before) <= number_of(line));
        if !goes_on {
            runs.push(Run::default());
        }
        if let Some(run) = runs.last_mut() {
            run.lines.push(index);
            if !goes_on || !same(17, 27) {
                run.add_residue(line);
            }
        }
        previous = Some(line);
    }
    runs
}

/// The residue number, where it is plain decimal; it is used only to detect a decrease.
fn number_of(line: &[u8]) -> Option<i32> {
    columns(line, 23, 26).trim().parse().ok()
}

impl<'a> Run<'a> {
    fn add_residue(&mut self, line: &'a [u8]) {
        self.residues.push(line);
        let Some(&[fourth, chain]) = line.get(20..22) else { return };
        if fourth == b' ' {
            self.has_blank = true;
            return;
        }
        let entry = self.pairs.entry([fourth, chain]).or_insert((0, false, line));
        entry.0 += 1;
        entry.1 |= entry.2.get(17..20) != line.get(17..20);
    }

    /// The two-letter combinations that this run shows to be chain ids.
    fn pairs_of_chains(&self) -> Vec<Pair> {
        let pair = |line: &[u8]| line.get(20..22).and_then(<[u8]>::first_chunk).copied();
        let shows = |line: &[u8]| {
            let short = columns(line, 18, 20);
            let is_amino_acid = Letter::from_standard_name(&short.to_ascii_uppercase()).is_some();
            line.get(20).is_some_and(u8::is_ascii_alphanumeric)
                && ((short.starts_with(' ') && !is_moved(line)) || (is_amino_acid && !is_known(columns(line, 18, 21))))
        };
        if !self.has_blank {
            return self.residues.iter().filter(|line| shows(line)).filter_map(|line| pair(line)).collect();
        }
        let rows = self.residues.chunk_by(|before, after| pair(before) == pair(after));
        let is_chain = |row: &&[&[u8]]| row.len() >= 4 && 2 * row.iter().filter(|line| shows(line)).count() > row.len();
        rows.filter(is_chain).filter_map(|row| pair(row[0])).collect()
    }

    /// Whether columns 21 and 22 of a line of this run, the first of them not blank, are a chain id.
    fn has_wide_chain(&self, line: &[u8], pairs: &HashSet<Pair>) -> bool {
        let Some(&pair @ [fourth, chain]) = line.get(20..22).and_then(<[u8]>::first_chunk) else { return false };
        if pairs.contains(&pair) {
            return true;
        }
        if self.has_blank || !fourth.is_ascii_alphanumeric() || is_moved(line) {
            return false;
        }
        let short = columns(line, 18, 20).trim();
        if is_known(columns(line, 18, 21)) {
            return !pairs.is_empty() && Letter::from_standard_name(short).is_some();
        }
        let (count, differ, _) = self.pairs.get(&pair).copied().unwrap_or((1, false, line));
        let repeats_one_name = count > 1 && !differ && pairs.is_empty();
        let is_known_short = is_water(short) || is_amino_acid_name(short);
        is_known_short || (chain != b' ' && !repeats_one_name)
    }
}

/// Whether a name of three letters is shifted one column to the right.
fn is_moved(line: &[u8]) -> bool {
    let long = columns(line, 18, 21);
    long.starts_with(' ') && Letter::from_standard_name(long.trim()).is_some()
}

/// Whether the four-letter name is in a table of amino acids, water or lipids.
fn is_known(name: &str) -> bool {
    let name = name.trim().to_ascii_uppercase();
    is_water(&name) || is_long_residue_name(&name)
}
