//! What is odd about the residues of one chain, gathered so that the user reads one sentence a kind and not a thousand.

use std::collections::HashMap;

use super::{Residue, Warning};

/// Residues about which the same is to be said, kind by kind.
#[derive(Default)]
pub(super) struct Findings {
    /// In order of first mention: the sentence, its residues as indices into the structure, the first line.
    kinds: Vec<(String, Vec<usize>, usize)>,
    index_of: HashMap<String, usize>,
}

impl Findings {
    /// Notes that `message` holds for a residue, seen on `line`.
    pub(super) fn add(&mut self, message: String, residue: usize, line: usize) {
        let next = self.kinds.len();
        let index = *self.index_of.entry(message.clone()).or_insert(next);
        if index == next {
            self.kinds.push((message, Vec::new(), line));
        }
        self.kinds[index].1.push(residue);
    }

    /// One warning a kind, naming every residue: `residues A5, A7–A12: …`.
    pub(super) fn into_warnings(self, residues: &[Residue]) -> Vec<Warning> {
        let warning = |(message, mut members, line): (String, Vec<usize>, usize)| {
            members.sort_unstable();
            match members[..] {
                [only] => Warning { line: Some(line), residue: Some(residues[only].id.clone()), message },
                _ => Warning {
                    line: Some(line),
                    residue: None,
                    message: format!("residues {}: {message}", list_residues(&members, residues)),
                },
            }
        };
        self.kinds.into_iter().map(warning).collect()
    }
}

/// Ascending indices as ids, with runs of neighbours as ranges.
fn list_residues(members: &[usize], residues: &[Residue]) -> String {
    let runs = members.chunk_by(|before, after| before + 1 == *after);
    let words = runs.map(|run| {
        let id = |index: usize| residues[index].id.to_string();
        match *run {
            [only] => id(only),
            [first, second] => format!("{}, {}", id(first), id(second)),
            [first, .., last] => format!("{}–{}", id(first), id(last)),
            [] => String::new(),
        }
    });
    words.collect::<Vec<_>>().join(", ")
}
