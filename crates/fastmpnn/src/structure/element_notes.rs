//! Warnings about ligand atoms whose element was blank and was inferred from their names: one warning per kind of
//! ligand, because a simulation may hold thousands of ions.

use super::atom_record::AtomRecord;
use super::numbering::list_some;
use super::warnings::Kinds;
use super::{ResidueId, Warning};
use crate::chemistry::{element_symbol, infer_element, title_case};

/// The findings so far: message, line of the first, residues.
#[derive(Default)]
pub(super) struct ElementNotes(Kinds<String, (usize, Vec<ResidueId>)>);

impl ElementNotes {
    /// Records the atoms of one ligand that have no element.
    pub(super) fn add(&mut self, records: &[&AtomRecord<'_>]) {
        let Some(first) = records.first() else { return };
        let mut elements: Vec<String> = Vec::new();
        let mut count = 0;
        for record in records.iter().filter(|record| element_symbol(record.element).is_none()) {
            count += 1;
            let element = infer_element(record.padded_name, record.residue_name, false);
            let shown = element.map_or_else(|| "no element".to_owned(), title_case);
            if !elements.contains(&shown) {
                elements.push(shown);
            }
        }
        if count == 0 {
            return;
        }
        let (atoms, names) = if count == 1 { ("atom", "has no element") } else { ("atoms", "have no element") };
        let by = if count == 1 { "by its name" } else { "by their names" };
        let message =
            format!("{count} {atoms} of {} {names}: read as {} {by}", first.residue_name, list_some(&elements));
        self.0.entry(message, || (first.line, Vec::new())).1.push(first.residue_id());
    }

    /// One warning per kind of ligand.
    pub(super) fn into_warnings(self) -> Vec<Warning> {
        let warning = |(message, (line, mut residues)): (String, (usize, Vec<ResidueId>))| {
            if residues.len() == 1 {
                return Warning { line: Some(line), residue: residues.pop(), message };
            }
            let ids: Vec<String> = residues.iter().map(ResidueId::to_string).collect();
            let message = format!("residues {}: {message}", list_some(&ids));
            Warning { line: Some(line), residue: None, message }
        };
        self.0.into_iter().map(warning).collect()
    }
}
