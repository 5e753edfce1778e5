//! Builds a [`Structure`] from atom records: chains, sequence positions, ligand atoms, and warnings for the user.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::altloc::{self, Altloc, Location, altloc_of_ligand, altloc_of_residue, minor_names};
use super::atom_record::{AtomRecord, ParsedModel};
use super::element_notes::ElementNotes;
use super::gaps::{self, Gaps, Numbering};
use super::polymer::{Class, classify};
use super::read_options::{AltlocChoice, ReadOptions};
use super::residue_groups::{Group, group_records};
use super::warnings::ResidueWarnings;
use super::{
    Atom, BackboneAtoms, Chain, LigandAtom, Presented, Residue, ResidueId, Structure, Warning, geometry, oxygen,
};
use crate::chemistry::{Letter, element_symbol, infer_element, is_membrane_mark};

/// The element symbol of an atom whose element is unknown.
const NO_ELEMENT: &str = "X";

/// Builds a structure from the records of one model.
pub(super) fn assemble(name: String, parsed: ParsedModel<'_>, options: &ReadOptions) -> Structure {
    let groups = group_records(&parsed.records);
    let classes = classify(&groups, &parsed.declared_parents, options.needs);
    let mut assembly = Assembly {
        groups: &groups,
        classes: &classes,
        altloc: options.altloc,
        gaps: options.gaps,
        lines: Vec::new(),
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
    assembly.warn_of_missing_location();
    assembly.warn_of_coordinates();
    let mut structure = assembly.structure;
    structure.warnings.sort_by_key(|warning| warning.line.unwrap_or(usize::MAX));
    structure
}

struct Assembly<'g, 'r, 'a> {
    groups: &'g [Group<'r, 'a>],
    classes: &'g [Class],
    altloc: AltlocChoice,
    gaps: Gaps,
    /// The first line of each residue of the structure.
    lines: Vec<usize>,
    /// Whether each group was dropped in favor of another residue name.
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

    /// Some programs write modified residues after the end of their chain. They are moved to where their number
    /// belongs, provided that the numbers of the other residues ascend.
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
        let mut residue_warnings = ResidueWarnings::default();
        for &member in members {
            let group = &self.groups[member];
            let first = group.first();
            let Class::Protein { letter, .. } = self.classes[member] else {
                continue;
            };
            let residue_index = self.structure.residues.len();
            self.lines.push(first.line);
            let altloc = altloc_of_residue(group, self.altloc);
            report_altloc(&mut residue_warnings, residue_index, group, &altloc);
            report_name(&mut residue_warnings, residue_index, first, letter);
            self.structure.residues.push(Residue {
                id: residue_id(id.clone(), first),
                chain: self.structure.chains.len(),
                name: first.residue_name.to_owned(),
                hetatm: first.hetatm,
                letter,
                sequence_position: 0,
                label_number: first.label_number,
                atoms: altloc.records.iter().map(|record| atom_of(record, true)).collect(),
            });
        }
        let range = begin..self.structure.residues.len();
        let label_id = members.first().and_then(|&first| self.groups[first].first().label_chain).map(str::to_owned);
        self.structure.chains.push(Chain { id, label_id, residues: range.clone() });
        gaps::place(&mut self.structure.residues[range.clone()], self.gaps);
        let numbering = Numbering {
            residues: &self.structure.residues[range.clone()],
            begin,
            lines: &self.lines[range.clone()],
            gaps: self.gaps,
        };
        numbering.report(&mut residue_warnings, &mut self.structure.warnings);
        self.report_hetatm(members, range.clone(), &mut residue_warnings);
        self.complete_backbone(range, &mut residue_warnings);
        let warnings = residue_warnings.into_warnings(|index| &self.structure.residues[index].id);
        self.structure.warnings.extend(warnings);
    }

    /// Reports standard amino acids that are HETATM but read as protein, in one warning per chain.
    fn report_hetatm(&self, members: &[usize], range: Range<usize>, residue_warnings: &mut ResidueWarnings) {
        let is_standard = |residue: &Residue| Letter::from_standard_name(&residue.name).is_some();
        let found: Vec<usize> = range
            .clone()
            .zip(members)
            .filter(|&(index, &member)| {
                self.groups[member].first().hetatm && is_standard(&self.structure.residues[index])
            })
            .map(|(index, _)| index)
            .collect();
        let Some(&first) = found.first() else { return };
        let residues = &self.structure.residues;
        let one_name = found.iter().all(|&index| residues[index].name == residues[first].name);
        let what =
            if one_name { format!("{} is a", residues[first].name) } else { "standard amino acids as".to_owned() };
        for index in found {
            let joined = |before: usize, after: usize| gaps::are_joined(&residues[before], &residues[after]);
            let bonded =
                index > range.start && joined(index - 1, index) || index + 1 < range.end && joined(index, index + 1);
            let place = if bonded { "but bonded to the chain" } else { "but stands within the chain" };
            residue_warnings.add(format!("{what} HETATM {place}: read as protein"), index, self.lines[index]);
        }
    }

    /// Rebuilds missing O atoms and reports residues whose backbone remains incomplete.
    fn complete_backbone(&mut self, range: Range<usize>, residue_warnings: &mut ResidueWarnings) {
        for index in range.clone() {
            let line = self.lines[index];
            let residue = &self.structure.residues[index];
            let alpha_alone = self.structure.needs == BackboneAtoms::Alpha;
            let needed: &[&str] = if alpha_alone { &["CA"] } else { &["N", "CA", "C"] };
            let missing: Vec<&str> = needed.iter().copied().filter(|name| residue.atom(name).is_none()).collect();
            if !missing.is_empty() {
                let message = format!("no {} atom: kept in the sequence, masked", missing.join(", "));
                residue_warnings.add(message, index, line);
                continue;
            }
            if alpha_alone || residue.atom("O").is_some() {
                continue;
            }
            // In a cyclic chain, the first residue follows the last.
            let next = if index + 1 < range.end { index + 1 } else { range.start };
            let next = Some(&self.structure.residues[next]).filter(|_| range.len() > 1);
            let (oxygen, message) = replacement_oxygen(residue, next);
            residue_warnings.add(message.to_owned(), index, line);
            if let Some(oxygen) = oxygen {
                let atoms = &mut self.structure.residues[index].atoms;
                // O follows C, as in files that have it.
                let after_carbon = atoms.iter().position(|atom| atom.name == "C").map_or(0, |at| at + 1);
                atoms.insert(after_carbon, oxygen);
            }
        }
    }

    fn add_ligands(&mut self) {
        let mut chain_ids: HashMap<&str, Arc<str>> = HashMap::new();
        let mut ids: Vec<ResidueId> = Vec::new();
        let mut residue_warnings = ResidueWarnings::default();
        let mut elements = ElementNotes::default();
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
            let altloc = altloc_of_ligand(group, self.altloc);
            let presented = Presented {
                hetatm: first.hetatm,
                in_polymer: first.in_polymer,
                label_id: first.label_chain.map(Arc::from),
                label_number: first.label_number,
            };
            if let Some(location) = altloc.taken {
                let message = format!("{} has {}", first.residue_name, several_locations(location));
                residue_warnings.add(message, ids.len(), first.line);
                ids.push(residue_id(chain.clone(), first));
            }
            let mark = is_membrane_mark(first.residue_name);
            if !mark {
                self.warn_of_ligand(&chain, &altloc);
                elements.add(&altloc.records);
            }
            self.structure.ligand_atoms.extend(altloc.records.iter().map(|record| {
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
        self.structure.warnings.extend(residue_warnings.into_warnings(|index| &ids[index]));
        self.structure.warnings.extend(elements.into_warnings());
    }
}

impl Assembly<'_, '_, '_> {
    /// Warns when no atom of the file has the requested alternate location.
    fn warn_of_missing_location(&mut self) {
        let AltlocChoice::Named(letter) = self.altloc else { return };
        let mut letters = self.groups.iter().flat_map(|group| &group.records).filter_map(|record| record.altloc);
        if letters.any(|other| other == letter) {
            return;
        }
        let message = format!("no atom has the alternate location {letter}; the first of each residue was read");
        self.structure.warnings.push(Warning { line: None, residue: None, message });
    }

    /// Reports implausible coordinates, chain breaks, and residues with occupancy 0.
    fn warn_of_coordinates(&mut self) {
        let Structure { residues, chains, .. } = &self.structure;
        let mut residue_warnings = ResidueWarnings::default();
        for (index, residue) in residues.iter().enumerate() {
            let mut backbone = ["N", "CA", "C", "O"].into_iter().filter_map(|name| residue.atom(name)).peekable();
            if backbone.peek().is_some() && backbone.all(|atom| atom.occupancy <= 0.0) {
                residue_warnings.add("the backbone has occupancy 0: kept".to_owned(), index, self.lines[index]);
            }
        }
        let mut warnings = residue_warnings.into_warnings(|index| &residues[index].id);
        warnings.extend(geometry::report(residues, &self.lines));
        let ranges = chains.iter().map(|chain| chain.residues.clone());
        warnings.extend(gaps::report_breaks(residues, ranges, &self.lines));
        self.structure.warnings.extend(warnings);
    }

    /// Reports atoms of a ligand that are kept here but dropped by other programs.
    fn warn_of_ligand(&mut self, chain: &Arc<str>, altloc: &Altloc<'_, '_>) {
        let Some(first) = altloc.records.first() else { return };
        let (line, name) = (first.line, first.residue_name);
        let absent = altloc.records.iter().filter(|record| record.occupancy <= 0.0).count();
        if absent > 0 {
            let message = format!("{absent} of {} atoms of {name} have occupancy 0: kept", altloc.records.len());
            self.warn(line, residue_id(chain.clone(), first), message);
        }
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

fn several_locations(taken: Location) -> String {
    format!("several alternate locations; {} was read", altloc::name_of(taken))
}

fn report_altloc(
    residue_warnings: &mut ResidueWarnings,
    residue: usize,
    group: &Group<'_, '_>,
    altloc: &Altloc<'_, '_>,
) {
    let line = group.first().line;
    if let Some(location) = altloc.taken {
        residue_warnings.add(several_locations(location), residue, line);
    }
    if altloc.duplicates {
        let message = match group.again_at {
            Some(_) => {
                "the id occurs again in the file; the repeated atoms were left out (give each chain an id of its own)"
            }
            None => "an atom name occurs twice; the first atom was read",
        };
        residue_warnings.add(message.to_owned(), residue, group.again_at.unwrap_or(line));
    }
}

fn report_name(residue_warnings: &mut ResidueWarnings, residue: usize, first: &AtomRecord<'_>, letter: Letter) {
    let name = first.residue_name;
    let message = if Letter::from_standard_name(name).is_some() {
        return;
    } else if letter == Letter::X {
        format!("{name} names no known amino acid: read as X")
    } else {
        format!("{name} read as {}", letter.residue_name())
    };
    residue_warnings.add(message, residue, first.line);
}

/// The O of a residue that has N, CA and C but no O, and the message about it.
fn replacement_oxygen(residue: &Residue, next: Option<&Residue>) -> (Option<Atom>, &'static str) {
    let position = |name: &str| residue.atom(name).map(|atom| atom.position);
    let next_nitrogen =
        next.filter(|next| gaps::are_joined(residue, next)).and_then(|next| next.atom("N")).map(|atom| atom.position);
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
