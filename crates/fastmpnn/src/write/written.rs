//! What is written of a structure: residues that were designed or packed, and all else as it was read.

use std::io;

use crate::chemistry::{IdealAtom, Letter, SideChain};
use crate::decode::{FIXED_LOG_DENSITY, Packing};
use crate::structure::{Atom, LigandAtom, Residue, ResidueId, Structure};

/// A structure that is ready to be written, as PDB or mmCIF.
#[derive(Clone, Debug)]
pub struct WrittenStructure<'s> {
    pub(super) name: &'s str,
    /// Protein chains in the order of the structure, then those of nucleic acids and of peptides that are ligands.
    pub(super) polymers: Vec<Polymer<'s>>,
    /// Everything else.
    pub(super) others: Vec<Group<'s>>,
    /// Residues that are not designed and are written under another name than the file's.
    pub(super) renamed: Vec<Renamed<'s>>,
}

/// A chain whose residues are bonded to each other.
#[derive(Clone, Debug)]
pub(super) struct Polymer<'s> {
    /// The author's chain id.
    pub(super) id: &'s str,
    pub(super) label_id: Option<&'s str>,
    pub(super) kind: PolymerKind,
    pub(super) groups: Vec<Group<'s>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum PolymerKind {
    Protein,
    NucleicAcid,
}

/// A residue, a nucleotide, a small molecule, an ion.
#[derive(Clone, Debug)]
pub(super) struct Group<'s> {
    pub(super) id: &'s ResidueId,
    pub(super) name: &'s str,
    pub(super) hetatm: bool,
    pub(super) label_id: Option<&'s str>,
    /// Its place along its polymer, from 1; increases along a chain.
    pub(super) label_number: Option<i32>,
    pub(super) atoms: Vec<Atom>,
}

/// A residue that goes by another name in the written file.
#[derive(Clone, Debug)]
pub(super) struct Renamed<'s> {
    pub(super) id: &'s ResidueId,
    pub(super) from: &'s str,
    pub(super) to: &'static str,
}

impl<'s> WrittenStructure<'s> {
    /// A design: N, CA, C and O of each designed residue, named by its letter; the other residues with all of their atoms,
    /// as they were read. Their B-factor is `confidence`, 0 … 1. Slices have one entry a residue.
    ///
    /// A designed residue has no side chain, not even where it got its native letter: its surroundings are others now. A
    /// residue that is not designed, but carries another letter than the structure's (that of another state), has none
    /// either.
    pub fn of_design(
        structure: &'s Structure,
        designed: &[bool],
        sequence: &[Letter],
        confidence: &[f32],
    ) -> io::Result<WrittenStructure<'s>> {
        let residues = structure.residues.len();
        if [designed.len(), sequence.len(), confidence.len()] != [residues; 3] {
            let (letters, values) = (sequence.len(), confidence.len());
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{letters} letters and {values} confidences for {residues} residues cannot be written"),
            ));
        }
        Ok(WrittenStructure::assemble(structure, |index| {
            let (residue, letter) = (&structure.residues[index], sequence[index]);
            let shown = Some(confidence[index]).filter(|value| value.is_finite()).unwrap_or(0.0).clamp(0.0, 1.0);
            let mut shape = if !designed[index] && letter == residue.letter {
                Shape::as_read(residue)
            } else {
                Shape::of_letter(letter, backbone(residue))
            };
            for atom in &mut shape.atoms {
                atom.b_factor = shown;
            }
            shape
        }))
    }

    /// A packing: the heavy atoms of each packed residue, with its log density (nats per radian) as B-factor; residues that
    /// keep their side chains with all of their atoms, as they were read, and the B-factor 2. Residues that the packer does
    /// not see are written as they were read, and without a side chain where their letter is another now.
    pub fn of_packing(structure: &'s Structure, packing: &Packing) -> io::Result<WrittenStructure<'s>> {
        packing.check(structure).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        Ok(WrittenStructure::assemble(structure, |index| {
            let (residue, letter) = (&structure.residues[index], packing.sequence[index]);
            if packing.packed[index] {
                let alias = letter == residue.letter && residue.name != letter.residue_name();
                let renamed = alias.then(|| letter.residue_name());
                return Shape { renamed, ..Shape::of_letter(letter, packed_atoms(packing, index)) };
            }
            if letter != residue.letter {
                return Shape::of_letter(letter, backbone(residue));
            }
            let mut shape = Shape::as_read(residue);
            if packing.resolved[index] {
                for atom in &mut shape.atoms {
                    atom.b_factor = FIXED_LOG_DENSITY;
                }
            }
            shape
        }))
    }

    fn assemble(structure: &'s Structure, shape: impl Fn(usize) -> Shape<'s>) -> WrittenStructure<'s> {
        let mut renamed = Vec::new();
        let mut polymers = Vec::with_capacity(structure.chains.len());
        for chain in &structure.chains {
            let numbers = structure.residues[chain.residues.clone()].iter().map(|residue| residue.label_number);
            let numbered = increasing(numbers);
            let group = |index: usize| {
                let residue = &structure.residues[index];
                let Shape { name, hetatm, atoms, renamed: to } = shape(index);
                renamed.extend(to.map(|to| Renamed { id: &residue.id, from: &residue.name, to }));
                let number = residue.label_number.filter(|_| numbered).unwrap_or(residue.sequence_position + 1);
                Group { id: &residue.id, name, hetatm, label_id: None, label_number: Some(number), atoms }
            };
            polymers.push(Polymer {
                id: &chain.id,
                label_id: chain.label_id.as_deref(),
                kind: PolymerKind::Protein,
                groups: chain.residues.clone().map(group).filter(|group| !group.atoms.is_empty()).collect(),
            });
        }
        let mut written = WrittenStructure { name: &structure.name, polymers, others: Vec::new(), renamed };
        written.add_ligands(&structure.ligand_atoms);
        written
    }

    fn add_ligands(&mut self, atoms: &'s [LigandAtom]) {
        let same = |a: &LigandAtom, b: &LigandAtom| a.residue == b.residue && a.residue_name == b.residue_name;
        let proteins = self.polymers.len();
        for atoms in atoms.chunk_by(same) {
            let first = &atoms[0];
            let mut group = Group {
                id: &first.residue,
                name: &first.residue_name,
                hetatm: first.presented.hetatm,
                label_id: first.presented.label_id.as_deref(),
                label_number: None,
                atoms: atoms.iter().map(|ligand| ligand.atom.clone()).collect(),
            };
            let Some(kind) = polymer_kind(atoms) else {
                self.others.push(group);
                continue;
            };
            group.label_number = first.presented.label_number;
            let label_id = group.label_id;
            let belongs = |polymer: &&mut Polymer<'s>| {
                polymer.id == &*first.residue.chain && polymer.kind == kind && polymer.label_id == label_id
            };
            match self.polymers[proteins..].iter_mut().find(belongs) {
                Some(polymer) => polymer.groups.push(group),
                None => self.polymers.push(Polymer { id: &first.residue.chain, label_id, kind, groups: vec![group] }),
            }
        }
        // What is HETATM throughout is a small molecule that a file numbers along a chain.
        for polymer in self.polymers.extract_if(proteins.., |polymer| polymer.groups.iter().all(|group| group.hetatm)) {
            self.others.extend(polymer.groups.into_iter().map(|group| Group { label_number: None, ..group }));
        }
        for polymer in &mut self.polymers[proteins..] {
            if !increasing(polymer.groups.iter().map(|group| group.label_number)) {
                for (number, group) in (1..).zip(&mut polymer.groups) {
                    group.label_number = Some(number);
                }
            }
        }
    }
}

/// What is written of a residue.
struct Shape<'s> {
    name: &'s str,
    hetatm: bool,
    atoms: Vec<Atom>,
    /// The name, where it is not the file's though the residue is the same.
    renamed: Option<&'static str>,
}

impl<'s> Shape<'s> {
    fn of_letter(letter: Letter, atoms: Vec<Atom>) -> Shape<'s> {
        Shape { name: letter.residue_name(), hetatm: false, atoms, renamed: None }
    }

    /// With all of its atoms. An oxygen of the C terminus that stands in for O is written once, as O.
    fn as_read(residue: &'s Residue) -> Shape<'s> {
        let oxygen = residue.atom("O").map(|atom| atom.position);
        let doubled = |atom: &&Atom| atom.name != "O" && Some(atom.position) == oxygen;
        let renamed = standard_name(residue);
        Shape {
            name: renamed.unwrap_or(&residue.name),
            renamed,
            hetatm: residue.hetatm,
            atoms: residue.atoms.iter().filter(|atom| !doubled(atom)).cloned().collect(),
        }
    }
}

/// The standard name of a residue whose own is longer than residue names are, or in small letters: force fields call a
/// histidine at the N terminus NHIS. Modified residues keep their names.
fn standard_name(residue: &Residue) -> Option<&'static str> {
    let odd = residue.name.len() > 3 || residue.name.bytes().any(|byte| byte.is_ascii_lowercase());
    (odd && residue.letter != Letter::X).then(|| residue.letter.residue_name())
}

fn backbone(residue: &Residue) -> Vec<Atom> {
    ["N", "CA", "C", "O"].iter().filter_map(|name| residue.atom(name).cloned()).collect()
}

fn packed_atoms(packing: &Packing, residue: usize) -> Vec<Atom> {
    let ideal = SideChain::of(packing.sequence[residue]).atoms;
    let atom = |(index, ideal): (usize, &IdealAtom)| Atom {
        name: ideal.name.to_owned(),
        element: ideal.element().to_owned(),
        position: packing.atoms[residue][index],
        occupancy: 1.0,
        b_factor: packing.b_factor(residue, index).filter(|value| value.is_finite()).unwrap_or(0.0),
        charge: 0,
    };
    ideal.iter().enumerate().map(atom).collect()
}

/// Whether a group that is no protein is part of a polymer: nucleotides, and residues of a peptide that is a ligand.
fn polymer_kind(atoms: &[LigandAtom]) -> Option<PolymerKind> {
    let presented = &atoms[0].presented;
    let placed = presented.in_polymer.unwrap_or(!presented.hetatm);
    if !placed {
        return None;
    }
    // Older files have C1* for C1'.
    let has = |name: &str| atoms.iter().any(|ligand| ligand.atom.name.replace('*', "'") == name);
    if ["C1'", "C3'", "C4'"].iter().all(|name| has(name)) {
        return Some(PolymerKind::NucleicAcid);
    }
    ["N", "CA", "C"].iter().all(|name| has(name)).then_some(PolymerKind::Protein)
}

fn increasing(numbers: impl Iterator<Item = Option<i32>>) -> bool {
    let numbers: Option<Vec<i32>> = numbers.collect();
    numbers.is_some_and(|numbers| numbers.is_sorted_by(|a, b| a < b))
}
