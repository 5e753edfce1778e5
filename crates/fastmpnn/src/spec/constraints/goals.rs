//! Goals, by residue index.

use super::motif::Automaton;
use crate::chemistry::VOCABULARY;

/// What sequences of a protein must satisfy, by residue index of the structure that they were resolved against. The
/// default asks for nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Constraints {
    /// N, the residues of the protein; in a plan for several states, those of one state.
    pub(crate) residues: usize,
    pub(crate) totals: Vec<Total>,
    pub(crate) motifs: Vec<Motif>,
    /// All motifs in one.
    pub(crate) automaton: Automaton,
    /// Runs of adjacent residues in which no motif may occur. Where a chain is cyclic, residues are repeated.
    pub(crate) segments: Vec<Vec<usize>>,
}

/// Bounds of a sum over residues of a value of their letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Total {
    /// The field it comes from: `charge` or `count`.
    pub(crate) field: &'static str,
    /// The goal as written.
    pub(crate) text: String,
    /// What is summed up, as the subject of a sentence: `the net charge`, `the number of W in A`.
    pub(crate) subject: String,
    /// The residues that count, ascending.
    pub(crate) residues: Vec<usize>,
    pub(crate) values: [i32; VOCABULARY],
    pub(crate) minimum: i32,
    pub(crate) maximum: i32,
}

/// A motif that is not to occur.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Motif {
    /// The regular expression as written.
    pub(crate) text: String,
    pub(crate) automaton: Automaton,
}

impl Constraints {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.totals.is_empty() && self.motifs.is_empty()
    }

    /// The goals in words: `charge -5..0`, `count W>=1`, `no motif N[^P][ST]`.
    pub fn clauses(&self) -> Vec<String> {
        let totals = self.totals.iter().map(|total| format!("{} {}", total.field, total.text));
        totals.chain(self.motifs.iter().map(|motif| format!("no motif {}", motif.text))).collect()
    }

    /// The largest index of a residue that a goal names, and one more.
    pub(crate) fn named(&self) -> usize {
        let residues = self.totals.iter().flat_map(|total| &total.residues).chain(self.segments.iter().flatten());
        residues.max().map_or(0, |&last| last + 1)
    }

    /// The same goals where residue `index` stands at `place(index)`.
    pub(crate) fn moved(&self, place: impl Fn(usize) -> usize) -> Constraints {
        let moved = |residues: &Vec<usize>| residues.iter().map(|&residue| place(residue)).collect::<Vec<usize>>();
        let total = |total: &Total| Total { residues: moved(&total.residues), ..total.clone() };
        Constraints {
            totals: self.totals.iter().map(total).collect(),
            segments: self.segments.iter().map(moved).collect(),
            ..self.clone()
        }
    }
}
