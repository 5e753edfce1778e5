//! Reads PDB and mmCIF files into a [`Structure`], with warnings about anything odd.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::chemistry::{Letter, context_element};

mod altloc;
mod assemble;
mod assembler;
mod assembly;
mod assembly_records;
mod atom_lines;
mod atom_record;
mod cif_tables;
mod cif_tokens;
mod columns;
mod content;
mod element_notes;
mod fingerprint;
mod gaps;
mod geometry;
mod ligand_choice;
mod mmcif;
mod name_columns;
mod names;
mod numbering;
mod operator;
mod oxygen;
mod pdb;
mod pdb_columns;
mod polymer;
mod pose_labels;
mod read;
mod read_options;
mod repeated_chains;
mod residue_groups;
mod summary;
mod virtual_beta;
mod warnings;

pub use atom_lines::{AtomLine, AtomLines, DamagedLines};
pub use columns::{AtomColumns, from_columns};
pub use content::{STRUCTURE_ENDINGS, has_structure_ending, structure_name, unpacked};
pub use fingerprint::Fingerprint;
pub use gaps::Gaps;
pub use ligand_choice::LigandChoice;
pub use read::{read_atom_lines, read_bytes, read_models, read_models_bytes, read_path};
pub use read_options::{AltlocChoice, ReadOptions};
pub use summary::{ChainSummary, LigandSummary, ResidueSummary, StructureSummary, WarningSummary, describe};
pub(crate) use virtual_beta::virtual_beta;

/// A point in space, Å.
pub type Point = [f32; 3];

/// The atoms that a residue must have; residues without them are masked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BackboneAtoms {
    /// N, CA, C and O.
    #[default]
    All,
    /// CA only: traces and coarse-grained models are accepted.
    Alpha,
}

impl BackboneAtoms {
    /// A noun for these atoms, without an article.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            BackboneAtoms::All => "complete backbone",
            BackboneAtoms::Alpha => "CA atom",
        }
    }

    /// [`BackboneAtoms::noun`] with the atoms' names where it does not say them.
    pub(crate) fn long_noun(self) -> &'static str {
        match self {
            BackboneAtoms::All => "complete backbone (N, CA, C, O)",
            BackboneAtoms::Alpha => "CA atom",
        }
    }
}

/// One model of one file: protein residues in file order, chain after chain, and everything else as ligand atoms.
#[derive(Clone, Debug, Default)]
pub struct Structure {
    /// The file's name without folder and endings (`5L33` for `dir/5L33.pdb.gz`); names outputs and keys the random stream.
    pub name: String,
    /// The chains that hold protein residues, in file order; their ranges tile `residues`.
    pub chains: Vec<Chain>,
    /// N protein residues.
    pub residues: Vec<Residue>,
    /// Atoms of everything that is not protein: small molecules, metals, nucleic acids, glycans. Waters are dropped.
    pub ligand_atoms: Vec<LigandAtom>,
    /// The number of the model that was read, as the file numbers it (1 where it does not).
    pub model_number: i32,
    /// The number of models in the file.
    pub model_count: usize,
    /// Each `label_asym_id` of an mmCIF file, including those of ligands, with the author's chain id.
    pub labels: Vec<(String, Arc<str>)>,
    /// The residues labeled FIXED in Rosetta's remarks of a PDB file.
    pub fixed_labels: Vec<FixedLabel>,
    /// The atoms that residues must have; residues without them are masked.
    pub needs: BackboneAtoms,
    /// All warnings, in file order.
    pub warnings: Vec<Warning>,
}

impl Structure {
    /// Whether the residue with this index has the atoms it must have; others are masked. False for an index past the
    /// last residue.
    pub fn is_resolved(&self, residue: usize) -> bool {
        self.residues.get(residue).is_some_and(|residue| residue.has(self.needs))
    }
}

/// A chain of protein residues.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The author's chain id (`auth_asym_id`, PDB column 22), by which users name it; `_` where the file leaves it
    /// blank.
    pub id: Arc<str>,
    /// The mmCIF `label_asym_id` of its first protein residue, where the file has one.
    pub label_id: Option<String>,
    /// Its residues, as a range of [`Structure::residues`].
    pub residues: Range<usize>,
}

/// A residue's name for users: author chain id, author number, insertion code. Displays as `A12` or `H100A`, and as
/// `AA:12` or `1:12` where the chain id is not a single letter: the form that selections accept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResidueId {
    /// The author's chain id.
    pub chain: Arc<str>,
    /// The author's residue number; may be negative.
    pub number: i32,
    /// The insertion code, if any.
    pub insertion: Option<char>,
}

impl fmt::Display for ResidueId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.chain.chars();
        let is_letter = |only: char| only.is_alphabetic() || only == '_';
        let alone = characters.next().is_some_and(is_letter) && characters.next().is_none();
        write!(out, "{}{}{}", self.chain, if alone { "" } else { ":" }, self.number)?;
        match self.insertion {
            Some(code) => write!(out, "{code}"),
            None => Ok(()),
        }
    }
}

/// A protein residue.
#[derive(Clone, Debug)]
pub struct Residue {
    /// Chain, number and insertion code.
    pub id: ResidueId,
    /// Index into [`Structure::chains`].
    pub chain: usize,
    /// The residue name of the file, such as `ALA` or `MSE`.
    pub name: String,
    /// Whether its records are HETATM, as those of modified residues are.
    pub hetatm: bool,
    /// The residue's letter for the network: the standard amino acid that the name stands for, or X.
    pub letter: Letter,
    /// The position along the chain, from 0 in each chain, counting the residues that the numbering skips: the
    /// published code's `residue_idx`. Relative positions are differences of it.
    pub sequence_position: i32,
    /// The mmCIF `label_seq_id`, where the file has one.
    pub label_number: Option<i32>,
    /// Its atoms in file order, one per name, hydrogens included; a rebuilt O is among them.
    pub atoms: Vec<Atom>,
}

impl Residue {
    /// The atom with the given name.
    pub fn atom(&self, name: &str) -> Option<&Atom> {
        self.atoms.iter().find(|atom| atom.name == name)
    }

    /// The atom in the place of a standard residue's: the selenium of MSE in that of SD, of SEC in that of SG.
    pub(crate) fn atom_in_place_of(&self, name: &str) -> Option<&Atom> {
        let selenium = || self.atom("SE").filter(|_| matches!(name, "SD" | "SG"));
        self.atom(name).or_else(selenium)
    }

    /// Whether the residue has the given atoms.
    pub fn has(&self, atoms: BackboneAtoms) -> bool {
        match atoms {
            BackboneAtoms::All => self.backbone().is_some(),
            BackboneAtoms::Alpha => self.atom("CA").is_some(),
        }
    }

    /// N, CA, C, O in Å, or `None` when one is missing: such a residue is masked unless CA atoms are enough.
    pub fn backbone(&self) -> Option<[Point; 4]> {
        let position = |name| self.atom(name).map(|atom| atom.position);
        Some([position("N")?, position("CA")?, position("C")?, position("O")?])
    }

    /// The CB position of an ideal alanine on this backbone, Å; `None` where N, CA or C is missing.
    pub fn virtual_beta(&self) -> Option<Point> {
        let position = |name| self.atom(name).map(|atom| atom.position);
        Some(virtual_beta(position("N")?, position("CA")?, position("C")?))
    }
}

/// An atom.
#[derive(Clone, Debug)]
pub struct Atom {
    /// Its name without padding, such as `CA` or `OXT`.
    pub name: String,
    /// The element's symbol in upper case, such as `C` or `ZN`; inferred from the name where the file leaves it blank.
    pub element: String,
    /// Position, Å.
    pub position: Point,
    /// Occupancy, 0 … 1 (1 where the file gives none).
    pub occupancy: f32,
    /// B-factor, Å² (0 where the file gives none).
    pub b_factor: f32,
    /// Formal charge in units of e (0 where the file gives none).
    pub charge: i8,
}

/// An atom of something that is not protein.
#[derive(Clone, Debug)]
pub struct LigandAtom {
    /// Chain, number and insertion code of the group it belongs to.
    pub residue: ResidueId,
    /// The group's residue name, such as `HEM`, `ZN`, `DA`.
    pub residue_name: String,
    /// How the file presents the group.
    pub presented: Presented,
    /// The atom.
    pub atom: Atom,
}

/// How a file presents a group that is not protein, which distinguishes nucleic acids from small molecules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presented {
    /// Whether its records are HETATM; those of nucleotides are ATOM.
    pub hetatm: bool,
    /// Whether the file places it in a polymer: by `label_seq_id` in mmCIF, before the TER of its chain in PDB. `None`
    /// where it does not say.
    pub in_polymer: Option<bool>,
    /// The mmCIF `label_asym_id`, where the file has one.
    pub label_id: Option<Arc<str>>,
    /// The mmCIF `label_seq_id`, where the file has one.
    pub label_number: Option<i32>,
}

impl LigandAtom {
    /// Whether the atom is part of LigandMPNN's context: hydrogens and a few elements are not.
    pub fn is_context(&self) -> bool {
        context_element(&self.atom.element).is_some()
    }
}

/// A residue that is labeled FIXED.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedLabel {
    /// The line of the file, from 1.
    pub line: usize,
    /// The residue, or the reason why the label is invalid, as the end of a message.
    pub residue: Result<ResidueId, String>,
}

/// Something odd in a file that was read nevertheless. Displays as one sentence that names line and residue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The line of the file (1-based), where there is one.
    pub line: Option<usize>,
    /// The residue it concerns, where there is one.
    pub residue: Option<ResidueId>,
    /// The finding, and how it was handled.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(out, "line {line}: ")?;
        }
        if let Some(residue) = &self.residue {
            write!(out, "residue {residue}: ")?;
        }
        write!(out, "{}", self.message)
    }
}
