//! What all wishes of a specification are resolved with: the structure, its tied groups, and the warnings so far.

use super::quotation::quoted;
use super::ranges::{residue_name, short_ranges};
use super::selection::Selector;
use super::ties::Group;
use crate::chemistry::Letter;
use crate::error::SpecError;
use crate::structure::Structure;

pub(super) struct Resolver<'a> {
    pub(super) structure: &'a Structure,
    pub(super) selector: Selector<'a>,
    pub(super) groups: Vec<Group>,
    pub(super) group_of: Vec<Option<usize>>,
    pub(super) masked: Vec<bool>,
    /// `omit_at` and `bias_at` as written, with the residues they name.
    pub(super) places: Vec<(String, Vec<usize>)>,
    pub(super) warnings: Vec<String>,
}

impl Resolver<'_> {
    /// A selection as ascending indexes; its warnings are kept.
    pub(super) fn select(&mut self, field: &'static str, text: &str) -> Result<Vec<usize>, SpecError> {
        let mut selection = self.selector.select(field, text)?;
        selection.indexes.sort_unstable();
        self.warnings.append(&mut selection.warnings);
        Ok(selection.indexes)
    }

    /// All selections of an option together, as a field for every residue.
    pub(super) fn marks(&mut self, field: &'static str, texts: &[String]) -> Result<Vec<bool>, SpecError> {
        let mut marks = vec![false; self.structure.residues.len()];
        for text in texts {
            for index in self.select(field, text)? {
                marks[index] = true;
            }
        }
        Ok(marks)
    }

    /// The residues with all their tied partners, ascending; the second list are the partners that came in by that.
    fn with_partners(&self, indexes: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let mut marks = vec![false; self.structure.residues.len()];
        for &index in indexes {
            marks[index] = true;
        }
        let mut added = Vec::new();
        for &index in indexes {
            let group = self.group_of[index].map(|rank| self.groups[rank].members.as_slice());
            for &partner in group.unwrap_or_default() {
                if !std::mem::replace(&mut marks[partner], true) {
                    added.push(partner);
                }
            }
        }
        added.sort_unstable();
        (marked(&marks), added)
    }

    /// As [`Resolver::with_partners`], with a warning.
    pub(super) fn extended(&mut self, field: &str, item: &str, indexes: &[usize]) -> Vec<usize> {
        let (all, added) = self.with_partners(indexes);
        if !added.is_empty() {
            let (added, item) = (self.ranges(&added), quoted(item));
            self.warnings.push(format!("`{field}` {item} holds for the tied {added} as well"));
        }
        all
    }

    pub(super) fn ranges(&self, indexes: &[usize]) -> String {
        short_ranges(indexes, self.structure)
    }

    pub(super) fn name(&self, index: usize) -> String {
        residue_name(&self.structure.residues[index].id, self.structure)
    }

    pub(super) fn letter(&self, index: usize) -> Letter {
        self.structure.residues[index].letter
    }

    /// The tied groups by their members.
    pub(super) fn group_members(&self) -> Vec<&[usize]> {
        self.groups.iter().map(|group| &group.members[..]).collect()
    }
}

/// The indexes of what is marked, ascending.
pub(super) fn marked(marks: &[bool]) -> Vec<usize> {
    (0..marks.len()).filter(|&index| marks[index]).collect()
}
