//! Atom records to a [`Structure`]: chains, positions along them, ligand atoms, and the warnings a user should read.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::atom_record::{AtomRecord, ParsedModel};
use super::conformer::{Conformer, Group, conformer_of_ligand, conformer_of_residue, group_records, minor_names};
use super::findings::Findings;
use super::polymer::{Class, PEPTIDE_BOND, classify, distance};
use super::read::{AltlocChoice, ReadOptions};
use super::{Atom, BackboneAtoms, Chain, LigandAtom, Presented, Residue, ResidueId, Structure, Warning, oxygen};
use crate::chemistry::{Letter, element_symbol, infer_element, is_membrane_mark};

/// The element of an atom that is of none.
const NO_ELEMENT: &str = "X";

/// Puts a structure together.
pub(super) fn assemble(name: String, parsed: ParsedModel<'_>, options: &ReadOptions) -> Structure {
    let groups = group_records(&parsed.records);
    let classes = classify(&groups, &parsed.declared_parents, options.needs);
    let mut assembly = Assembly {
        groups: &groups,
        classes: &classes,
        altloc: options.altloc,
        dropped: vec![false; groups.len()],
        structure: Structure {
            name,
            model_number: parsed.model_number,
            model_count: parsed.model_count,
            needs: options.needs,
            ..Structure::default()
        },
    };
    for (line, message) in parsed.warnings {
        assembly.structure.warnings.push(Warning { line: Some(line), residue: None, message });
    }
    assembly.drop_minor_names();
    for (chain, members) in assembly.chains() {
        assembly.add_chain(chain, &members);
    }
    assembly.add_ligands();
    let mut structure = assembly.structure;
    structure.warnings.sort_by_key(|warning| warning.line.unwrap_or(usize::MAX));
    structure
}

struct Assembly<'g, 'r, 'a> {
    groups: &'g [Group<'r, 'a>],
    classes: &'g [Class],
    altloc: AltlocChoice,
    /// Groups that lost their place to another residue name.
    dropped: Vec<bool>,
    structure: Structure,
}

impl<'a> Assembly<'_, '_, 'a> {
    fn warn(&mut self, line: usize, residue: ResidueId, message: String) {
        self.structure.warnings.push(Warning { line: Some(line), residue: Some(residue), message });
    }

    fn is_protein(&self, index: usize) -> bool {
        !self.dropped[index] && matches!(self.classes[index], Class::Protein { .. })
    }

    fn drop_minor_names(&mut self) {
        for (kept, others) in minor_names(self.groups, self.classes, self.altloc) {
            let name = |index: usize| self.groups[index].first().residue_name;
            let names: Vec<&str> = others.iter().take(4).map(|&other| name(other)).collect();
            let message = format!("stands in the file as {0} and as {1}; {0} was read", name(kept), names.join(", "));
            let line = others.first().map_or(0, |&other| self.groups[other].first().line);
            let first = self.groups[kept].first();
            self.warn(line, residue_id(Arc::from(first.chain), first), message);
            for other in others {
                self.dropped[other] = true;
            }
        }
    }

    /// The protein groups of each chain, in order along it.
    fn chains(&self) -> Vec<(&'a str, Vec<usize>)> {
        let mut chains: Vec<(&'a str, Vec<usize>)> = Vec::new();
        let mut index_of: HashMap<&str, usize> = HashMap::new();
        for index in (0..self.groups.len()).filter(|&index| self.is_protein(index)) {
            let chain = self.groups[index].first().chain;
            let slot = *index_of.entry(chain).or_insert_with(|| {
                chains.push((chain, Vec::new()));
                chains.len() - 1
            });
            chains[slot].1.push(index);
        }
        for (_, members) in &mut chains {
            self.place_late_members(members);
        }
        chains
    }

    /// Some programs write modified residues after the end of their chain: they go where their number says, provided
    /// that the others are in the order of their numbers.
    fn place_late_members(&self, members: &mut [usize]) {
        let late = |index: usize| matches!(self.classes[index], Class::Protein { late: true, .. });
        let number = |index: usize| self.groups[index].first().number;
        let in_order = members.iter().filter(|&&index| !late(index)).is_sorted_by_key(|&index| number(index));
        if in_order && members.iter().any(|&index| late(index)) {
            members.sort_by_key(|&index| (number(index), late(index)));
        }
    }

    fn add_chain(&mut self, chain_name: &'a str, members: &[usize]) {
        let id: Arc<str> = Arc::from(chain_name);
        let begin = self.structure.residues.len();
        let mut findings = Findings::default();
        let mut previous_number: Option<i32> = None;
        let mut position = 0_i32;
        let mut lines = Vec::with_capacity(members.len());
        for &member in members {
            let group = &self.groups[member];
            let first = group.first();
            let Class::Protein { letter, .. } = self.classes[member] else {
                continue;
            };
            let residue_index = self.structure.residues.len();
            if let Some(previous) = previous_number {
                let step = i64::from(first.number) - i64::from(previous);
                position = position.saturating_add(i32::try_from(step).unwrap_or(i32::MAX).max(1));
            }
            previous_number = Some(first.number);
            lines.push(first.line);
            let conformer = conformer_of_residue(group, self.altloc);
            report_conformer(&mut findings, residue_index, group, &conformer);
            report_name(&mut findings, residue_index, first, letter);
            self.structure.residues.push(Residue {
                id: residue_id(id.clone(), first),
                chain: self.structure.chains.len(),
                name: first.residue_name.to_owned(),
                hetatm: first.hetatm,
                letter,
                sequence_position: position,
                label_number: first.label_number,
                atoms: conformer.records.iter().map(|record| atom_of(record, true)).collect(),
            });
        }
        let range = begin..self.structure.residues.len();
        let label_id = members.first().and_then(|&first| self.groups[first].first().label_chain).map(str::to_owned);
        self.structure.chains.push(Chain { id, label_id, residues: range.clone() });
        self.warn_of_numbering(range.clone(), &lines, &mut findings);
        self.complete_backbone(range, &lines, &mut findings);
        let warnings = findings.into_warnings(&self.structure.residues);
        self.structure.warnings.extend(warnings);
    }

    /// Says where the numbering skips or falls back. Every break in the chain is a sentence of its own; numbering schemes
    /// that skip numbers along an unbroken chain, as those of antibodies do, get one a chain.
    fn warn_of_numbering(&mut self, range: Range<usize>, lines: &[usize], findings: &mut Findings) {
        for index in range.start + 1..range.end {
            let line = lines[index - range.start];
            let (before, after) = (&self.structure.residues[index - 1], &self.structure.residues[index]);
            let residue = after.id.clone();
            let (first, last) = (i64::from(before.id.number) + 1, i64::from(after.id.number) - 1);
            match last - first + 1 {
                0 | -1 => {}
                ..-1 => {
                    let message =
                        "its number is lower than that of the residue before it: it counts as the next residue";
                    findings.add(message.to_owned(), index, line);
                }
                1.. if peptide_bonded(before, after) => {
                    let message = "the numbering skips before it though the chain is unbroken: it counts as a gap";
                    findings.add(message.to_owned(), index, line);
                }
                1 => self.warn(line, residue, format!("the numbering skips {first} before it: 1 residue is missing")),
                count => self.warn(
                    line,
                    residue,
                    format!("the numbering skips {first}–{last} before it: {count} residues are missing"),
                ),
            }
        }
    }

    /// Rebuilds missing O atoms and says which residues stay without a backbone.
    fn complete_backbone(&mut self, range: Range<usize>, lines: &[usize], findings: &mut Findings) {
        for index in range.clone() {
            let line = lines[index - range.start];
            let residue = &self.structure.residues[index];
            let alpha_alone = self.structure.needs == BackboneAtoms::Alpha;
            let needed: &[&str] = if alpha_alone { &["CA"] } else { &["N", "CA", "C"] };
            let missing: Vec<&str> = needed.iter().copied().filter(|name| residue.atom(name).is_none()).collect();
            if !missing.is_empty() {
                let message = format!("no {} atom: kept in the sequence, masked", missing.join(", "));
                findings.add(message, index, line);
                continue;
            }
            if alpha_alone || residue.atom("O").is_some() {
                continue;
            }
            let next = self.structure.residues[..range.end].get(index + 1);
            let (oxygen, message) = replacement_oxygen(residue, next);
            findings.add(message.to_owned(), index, line);
            if let Some(oxygen) = oxygen {
                let atoms = &mut self.structure.residues[index].atoms;
                // After C, where O stands in the files that have it.
                let after_carbon = atoms.iter().position(|atom| atom.name == "C").map_or(0, |at| at + 1);
                atoms.insert(after_carbon, oxygen);
            }
        }
    }

    fn add_ligands(&mut self) {
        let mut chain_ids: HashMap<&str, Arc<str>> = HashMap::new();
        for (index, group) in self.groups.iter().enumerate() {
            if self.dropped[index] || !matches!(self.classes[index], Class::Ligand | Class::BondedLigand) {
                continue;
            }
            let first = group.first();
            let chain = chain_ids.entry(first.chain).or_insert_with(|| Arc::from(first.chain)).clone();
            if self.classes[index] == Class::BondedLigand {
                let message = format!(
                    "{} is bonded to the chain, but names no known amino acid: read as a ligand",
                    first.residue_name
                );
                self.warn(first.line, residue_id(chain.clone(), first), message);
            }
            let conformer = conformer_of_ligand(group, self.altloc);
            let presented = Presented {
                hetatm: first.hetatm,
                in_polymer: first.in_polymer,
                label_id: first.label_chain.map(Arc::from),
                label_number: first.label_number,
            };
            let mark = is_membrane_mark(first.residue_name);
            if !mark {
                self.warn_of_ligand(&chain, &conformer);
            }
            self.structure.ligand_atoms.extend(conformer.records.iter().map(|record| {
                let mut atom = atom_of(record, false);
                if mark {
                    atom.element = NO_ELEMENT.to_owned();
                }
                LigandAtom {
                    residue: residue_id(chain.clone(), first),
                    residue_name: first.residue_name.to_owned(),
                    presented: presented.clone(),
                    atom,
                }
            }));
        }
    }
}

impl Assembly<'_, '_, '_> {
    /// Says what of a ligand's atoms is kept though other programs drop them.
    fn warn_of_ligand(&mut self, chain: &Arc<str>, conformer: &Conformer<'_, '_>) {
        let Some(first) = conformer.records.first() else { return };
        let (line, name) = (first.line, first.residue_name);
        let count =
            |wanted: &dyn Fn(&AtomRecord<'_>) -> bool| conformer.records.iter().filter(|record| wanted(record)).count();
        let (absent, nameless) =
            (count(&|record| record.occupancy <= 0.0), count(&|record| element_symbol(record.element).is_none()));
        let mut warn = |count: usize, message: String| {
            if count > 0 {
                self.warn(line, residue_id(chain.clone(), first), message);
            }
        };
        warn(absent, format!("{absent} of {} atoms of {name} have occupancy 0: kept", conformer.records.len()));
        warn(nameless, format!("{nameless} atoms of {name} have no element: inferred from their names"));
    }
}

fn residue_id(chain: Arc<str>, record: &AtomRecord<'_>) -> ResidueId {
    ResidueId { chain, number: record.number, insertion: record.insertion }
}

fn atom_of(record: &AtomRecord<'_>, amino_acid: bool) -> Atom {
    let element =
        element_symbol(record.element).or_else(|| infer_element(record.padded_name, record.residue_name, amino_acid));
    Atom {
        name: record.name.to_owned(),
        element: element.unwrap_or(NO_ELEMENT).to_owned(),
        position: record.position,
        occupancy: record.occupancy,
        b_factor: record.b_factor,
        charge: record.charge,
    }
}

fn report_conformer(findings: &mut Findings, residue: usize, group: &Group<'_, '_>, conformer: &Conformer<'_, '_>) {
    let line = group.first().line;
    if let Some(altloc) = conformer.altloc {
        findings.add(format!("several alternate locations; {altloc} was read"), residue, line);
    }
    if conformer.duplicates {
        let message = match group.again_at {
            Some(_) => {
                "the id occurs again in the file; the repeated atoms were left out (give each chain an id of its own)"
            }
            None => "an atom name occurs twice; the first atom was read",
        };
        findings.add(message.to_owned(), residue, group.again_at.unwrap_or(line));
    }
}

fn report_name(findings: &mut Findings, residue: usize, first: &AtomRecord<'_>, letter: Letter) {
    let name = first.residue_name;
    let message = if Letter::from_standard_name(name).is_some() {
        if !first.hetatm {
            return;
        }
        format!("{name} is a HETATM but bonded to the chain: read as protein")
    } else if letter == Letter::X {
        format!("{name} names no known amino acid: read as X")
    } else {
        format!("{name} read as {}", letter.residue_name())
    };
    findings.add(message, residue, first.line);
}

/// Whether a peptide bond joins two residues.
fn peptide_bonded(before: &Residue, after: &Residue) -> bool {
    match (before.atom("C"), after.atom("N")) {
        (Some(carbon), Some(nitrogen)) => distance(carbon.position, nitrogen.position) < PEPTIDE_BOND,
        _ => false,
    }
}

/// The O of a residue that has N, CA and C but no O, and what to say of it.
fn replacement_oxygen(residue: &Residue, next: Option<&Residue>) -> (Option<Atom>, &'static str) {
    // CHARMM and GROMACS name the two oxygens of a C terminus OT1, OT2 and O1, O2.
    if let Some(terminal) = ["OT1", "O1"].iter().find_map(|name| residue.atom(name)) {
        let oxygen = Atom { name: "O".to_owned(), ..terminal.clone() };
        return (Some(oxygen), "no O atom: the first oxygen of the C terminus stands in for it");
    }
    let position = |name: &str| residue.atom(name).map(|atom| atom.position);
    let next_nitrogen =
        next.filter(|next| peptide_bonded(residue, next)).and_then(|next| next.atom("N")).map(|atom| atom.position);
    let rebuilt = match (position("N"), position("CA"), position("C")) {
        (Some(n), Some(ca), Some(c)) => oxygen::rebuild(n, ca, c, next_nitrogen.or(position("OXT"))),
        _ => None,
    };
    let Some(position) = rebuilt else {
        return (None, "no O atom, and N, CA and C lie on a line: kept in the sequence, masked");
    };
    let oxygen = Atom {
        name: "O".to_owned(),
        element: "O".to_owned(),
        position,
        occupancy: 1.0,
        b_factor: residue.atom("C").map_or(0.0, |atom| atom.b_factor),
        charge: 0,
    };
    (Some(oxygen), "no O atom: rebuilt from N, CA and C")
}
