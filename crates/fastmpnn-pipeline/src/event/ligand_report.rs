//! A sentence about the atoms, besides the protein, that a network sees.

use fastmpnn::spec::Environment;
use fastmpnn::structure::{LigandAtom, Structure};

use crate::message::Field;

/// More names than this are counted instead.
const NAMED: usize = 8;

/// The report about a structure's ligands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LigandReport {
    /// There are no ligands, or nothing to report.
    Nothing,
    /// The network sees these, or they are hidden from it on request.
    Seen(String),
    /// The network cannot see them.
    Unseen(String),
}

impl LigandReport {
    /// Of a structure, for a network that sees ligands or one that does not.
    pub(crate) fn of(structure: &Structure, environment: &Environment, sees: bool) -> LigandReport {
        let atoms = &structure.ligand_atoms;
        if !sees {
            return match atoms.is_empty() {
                true => LigandReport::Nothing,
                false => LigandReport::Unseen(format!(
                    "the model does not see {}; {} ligand does",
                    atoms_sentence(atoms.iter().collect()),
                    Field("model")
                )),
            };
        }
        let mut clauses = Vec::new();
        let (seen, left): (Vec<&LigandAtom>, Vec<&LigandAtom>) = atoms.iter().partition(|atom| atom.is_context());
        match (environment.ligands, seen.is_empty()) {
            (true, true) => clauses.push("sees no ligand atoms".to_owned()),
            (true, false) => clauses.push(format!("sees {}", atoms_sentence(seen))),
            (false, true) => {}
            (false, false) => clauses.push(format!("{} hides {}", Field("no_ligand"), atoms_sentence(seen))),
        }
        clauses.extend(left_out(&left));
        let residues = environment.side_chains_of.iter().filter(|&&shown| shown).count();
        if residues > 0 {
            let plural = if residues == 1 { "" } else { "s" };
            clauses.push(format!("sees the side chains of {residues} fixed residue{plural}"));
        } else if !environment.side_chains_of.is_empty() {
            clauses.push(format!("{} shows nothing, for every residue is designed", Field("side_chain_context")));
        }
        match clauses.is_empty() {
            true => LigandReport::Nothing,
            false => LigandReport::Seen(clauses.join("; ")),
        }
    }
}

/// `535 ligand atoms (DC 114, SAH 26)`
fn atoms_sentence(atoms: Vec<&LigandAtom>) -> String {
    let mut names: Vec<(&str, usize)> = Vec::new();
    for atom in &atoms {
        match names.iter_mut().find(|(name, _)| *name == atom.residue_name) {
            Some((_, count)) => *count += 1,
            None => names.push((&atom.residue_name, 1)),
        }
    }
    let dots = if names.len() > NAMED { ", …" } else { "" };
    let list: Vec<String> = names.iter().take(NAMED).map(|(name, count)| format!("{name} {count}")).collect();
    let plural = if atoms.len() == 1 { "" } else { "s" };
    format!("{} ligand atom{plural} ({}{dots})", atoms.len(), list.join(", "))
}

/// `leaves out 12 hydrogens and 1 atom of elements it does not know (MO)`
fn left_out(atoms: &[&LigandAtom]) -> Option<String> {
    let (hydrogens, others): (Vec<&&LigandAtom>, Vec<&&LigandAtom>) =
        atoms.iter().partition(|ligand| ligand.atom.element == "H");
    let mut clauses = Vec::new();
    let count = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    if !hydrogens.is_empty() {
        clauses.push(count(hydrogens.len(), "hydrogen"));
    }
    if !others.is_empty() {
        let mut elements: Vec<&str> = others.iter().map(|ligand| ligand.atom.element.as_str()).collect();
        elements.sort_unstable();
        elements.dedup();
        clauses.push(format!("{} of unknown element ({})", count(others.len(), "atom"), elements.join(", ")));
    }
    (!clauses.is_empty()).then(|| format!("leaves out {}", clauses.join(" and ")))
}
