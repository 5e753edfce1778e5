//! Collects warnings about residues, so that the user reads one sentence per kind instead of one per residue.

use std::collections::HashMap;
use std::hash::Hash;

use super::{ResidueId, Warning};

/// Values by kind, in order of first occurrence.
pub(super) struct Kinds<K, V> {
    kinds: Vec<(K, V)>,
    index_of: HashMap<K, usize>,
}

impl<K, V> Default for Kinds<K, V> {
    fn default() -> Kinds<K, V> {
        Kinds { kinds: Vec::new(), index_of: HashMap::new() }
    }
}

impl<K: Clone + Eq + Hash, V> Kinds<K, V> {
    /// The value of a kind, initialized by `new` at its first occurrence.
    pub(super) fn entry(&mut self, kind: K, new: impl FnOnce() -> V) -> &mut V {
        let next = self.kinds.len();
        let index = *self.index_of.entry(kind.clone()).or_insert(next);
        if index == next {
            self.kinds.push((kind, new()));
        }
        &mut self.kinds[index].1
    }
}

impl<K, V> IntoIterator for Kinds<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.kinds.into_iter()
    }
}

/// The residues of each kind of warning: message, residue indices, first line.
#[derive(Default)]
pub(super) struct ResidueWarnings(Kinds<String, (Vec<usize>, usize)>);

impl ResidueWarnings {
    /// Notes that `message` holds for a residue, seen on `line`.
    pub(super) fn add(&mut self, message: String, residue: usize, line: usize) {
        self.0.entry(message, || (Vec::new(), line)).0.push(residue);
    }

    /// One warning per kind, naming every residue: `residues A5, A7–A12: …`. `id` gives the id of an index.
    pub(super) fn into_warnings<'i>(self, id: impl Fn(usize) -> &'i ResidueId) -> Vec<Warning> {
        let warning = |(message, (mut members, line)): (String, (Vec<usize>, usize))| {
            members.sort_unstable();
            match members[..] {
                [only] => Warning { line: Some(line), residue: Some(id(only).clone()), message },
                _ => {
                    let ids = list_residues(&members, &id);
                    Warning { line: Some(line), residue: None, message: format!("residues {ids}: {message}") }
                }
            }
        };
        self.0.into_iter().map(warning).collect()
    }
}

/// Ascending indices as ids, with runs of neighbors in one chain as ranges.
pub(super) fn list_residues<'i>(members: &[usize], id: impl Fn(usize) -> &'i ResidueId) -> String {
    let follows = |before: &usize, after: &usize| before + 1 == *after && id(*before).chain == id(*after).chain;
    let words = members.chunk_by(follows).map(|run| match *run {
        [only] => id(only).to_string(),
        [first, second] => format!("{}, {}", id(first), id(second)),
        [first, .., last] => format!("{}–{}", id(first), id(last)),
        [] => String::new(),
    });
    words.collect::<Vec<_>>().join(", ")
}
