//! Atoms as columns, the form in which other programs and libraries hold a structure, to a [`Structure`] and back.
//!
//! A row is what an atom line is to the readers of files, and the rows go the same way from there.

use super::assembler::Assembler;
use super::atom_record::{AtomRecord, FARTHEST, ModelChoice, ParsedModel, choose_model, is_hetatm_by_name};
use super::pose_labels::PoseLabels;
use super::read_options::ReadOptions;
use super::{Atom, Point, ResidueId, Structure};
use crate::error::StructureError;

/// The atoms of one model, one a row, as columns of equal length. The columns after `position` may be empty, which says
/// nothing of any atom.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AtomColumns {
    /// The author's chain ids. An empty one becomes `_`, as a blank in a PDB file does.
    pub chain: Vec<String>,
    /// The author's residue numbers.
    pub residue_number: Vec<i32>,
    /// Residue names, such as `ALA` or `HEM`.
    pub residue_name: Vec<String>,
    /// Atom names, such as `CA`.
    pub atom_name: Vec<String>,
    /// Å; finite.
    pub position: Vec<Point>,
    /// Insertion codes. None where the column is empty.
    pub insertion: Vec<Option<char>>,
    /// Symbols of elements in any case. Taken from the atom's name where blank, and where the column is empty.
    pub element: Vec<String>,
    /// Occupancies, 0 … 1. 1 where not finite, and where the column is empty.
    pub occupancy: Vec<f32>,
    /// B-factors, Å². 0 where not finite, and where the column is empty.
    pub b_factor: Vec<f32>,
    /// Whether a file would have the atom as HETATM. Where the column is empty, amino acids, modified ones included, are
    /// ATOM and all else is HETATM.
    pub hetatm: Vec<bool>,
    /// Alternate locations. None where the column is empty.
    pub altloc: Vec<Option<char>>,
    /// Formal charges in units of e. 0 where the column is empty.
    pub charge: Vec<i8>,
    /// Whether the atom's residue is part of a polymer; `None` where that is not known, and where the column is empty.
    /// What it says decides about amino acids that are bonded to nothing, as a PDB file's TER and the `label_seq_id` of
    /// mmCIF do.
    pub in_polymer: Vec<Option<bool>>,
}

/// Makes a structure of columns by the rules that files are read by: waters are dropped, modified amino acids are read as
/// their parents, one alternate location of each residue counts, skipped residue numbers are gaps. Warnings have no line.
/// `name` becomes the structure's name as it stands.
///
/// # Errors
/// Where there is no atom or the options leave none, where columns differ in length, where a coordinate is not finite, a
/// name is empty, or a text holds a control character, and where the options ask for another model than 1 or for an
/// assembly. Rows count from 0.
pub fn from_columns(name: &str, columns: &AtomColumns, options: &ReadOptions) -> Result<Structure, StructureError> {
    choose_model(name, &[1], ModelChoice::of(options.model_number))?;
    if options.assembly.is_some() {
        let reason = "its atoms were given as columns, which say nothing of assemblies".to_owned();
        return Err(StructureError::NoAssembly { file: name.to_owned(), reason });
    }
    columns.check_lengths(name)?;
    let rows = 0..columns.position.len();
    if rows.is_empty() {
        let reason = "its columns are empty".to_owned();
        return Err(StructureError::NoAtoms { file: name.to_owned(), reason });
    }
    let records = rows.map(|row| columns.record(name, row)).collect::<Result<_, _>>()?;
    let parsed = ParsedModel { records, model_number: 1, model_count: 1, ..ParsedModel::default() };
    let assembler = Assembler { file: name, labels: PoseLabels::none(), name: name.to_owned(), options };
    let mut structure = assembler.structure(parsed)?;
    for warning in &mut structure.warnings {
        warning.line = None;
    }
    Ok(structure)
}

/// A value of a column that may be empty.
fn value<T: Copy>(column: &[T], row: usize, absent: T) -> T {
    column.get(row).copied().unwrap_or(absent)
}

impl AtomColumns {
    /// Every column that is given must have a row for each atom.
    fn check_lengths(&self, name: &str) -> Result<(), StructureError> {
        let expected = self.position.len();
        let needed = [
            ("chain", self.chain.len()),
            ("residue_number", self.residue_number.len()),
            ("residue_name", self.residue_name.len()),
            ("atom_name", self.atom_name.len()),
        ];
        let optional = [
            ("insertion", self.insertion.len()),
            ("element", self.element.len()),
            ("occupancy", self.occupancy.len()),
            ("b_factor", self.b_factor.len()),
            ("hetatm", self.hetatm.len()),
            ("altloc", self.altloc.len()),
            ("charge", self.charge.len()),
            ("in_polymer", self.in_polymer.len()),
        ];
        let mut given = needed.into_iter().chain(optional.into_iter().filter(|&(_, length)| length > 0));
        match given.find(|&(_, length)| length != expected) {
            None => Ok(()),
            Some((column, found)) => {
                Err(StructureError::ColumnLength { file: name.to_owned(), column, found, expected })
            }
        }
    }

    /// The record of a row; all columns that are given have it.
    fn record(&self, name: &str, row: usize) -> Result<AtomRecord<'_>, StructureError> {
        let chain = match self.chain[row].trim() {
            "" => "_",
            chain => chain,
        };
        let code = |codes: &[Option<char>]| value(codes, row, None).filter(|code| !code.is_whitespace());
        let (number, insertion) = (self.residue_number[row], code(&self.insertion));
        let bad = |column: &'static str, reason: String| StructureError::BadRow {
            file: name.to_owned(),
            column,
            row,
            residue: ResidueId { chain: chain.escape_debug().to_string().into(), number, insertion }.to_string(),
            reason,
        };
        let element = self.element.get(row).map_or("", |element| element.trim());
        let (residue_name, atom_name) = (self.residue_name[row].trim(), self.atom_name[row].trim());
        let altloc = code(&self.altloc);
        let texts = [("chain", chain), ("residue_name", residue_name), ("atom_name", atom_name), ("element", element)];
        let codes = [("insertion", insertion), ("altloc", altloc)];
        let texts = texts.into_iter().filter(|(_, text)| text.contains(char::is_control)).map(|(column, _)| column);
        let codes = codes.into_iter().filter(|(_, code)| code.is_some_and(char::is_control)).map(|(column, _)| column);
        if let Some(column) = texts.chain(codes).next() {
            return Err(bad(column, "holds a control character".to_owned()));
        }
        if residue_name.is_empty() {
            return Err(bad("residue_name", "an atom has no residue name".to_owned()));
        }
        if atom_name.is_empty() {
            return Err(bad("atom_name", "an atom has no name".to_owned()));
        }
        for (coordinate, axis) in self.position[row].into_iter().zip(['x', 'y', 'z']) {
            if !coordinate.is_finite() {
                return Err(bad("position", format!("the {axis} coordinate is {coordinate}")));
            }
            if coordinate.abs() > FARTHEST {
                let reason = format!("the {axis} coordinate {coordinate} is farther out than {FARTHEST} Å");
                return Err(bad("position", reason));
            }
        }
        let finite = |column: &[f32], absent: f32| Some(value(column, row, absent)).filter(|value| value.is_finite());
        Ok(AtomRecord {
            line: row,
            hetatm: self.hetatm.get(row).copied().unwrap_or_else(|| is_hetatm_by_name(residue_name)),
            name: atom_name,
            padded_name: atom_name,
            altloc,
            residue_name,
            chain,
            label_chain: None,
            segment: "",
            follows_end: row == 0,
            number,
            has_number: true,
            insertion,
            label_number: None,
            in_polymer: value(&self.in_polymer, row, None),
            position: self.position[row],
            occupancy: finite(&self.occupancy, 1.0).unwrap_or(1.0),
            b_factor: finite(&self.b_factor, 0.0).unwrap_or(0.0),
            charge: value(&self.charge, row, 0),
            element,
        })
    }

    fn push(&mut self, residue: &ResidueId, residue_name: &str, hetatm: bool, in_polymer: Option<bool>, atom: &Atom) {
        self.chain.push(residue.chain.to_string());
        self.residue_number.push(residue.number);
        self.insertion.push(residue.insertion);
        self.residue_name.push(residue_name.to_owned());
        self.hetatm.push(hetatm);
        self.in_polymer.push(in_polymer);
        self.altloc.push(None);
        self.atom_name.push(atom.name.clone());
        self.element.push(atom.element.clone());
        self.position.push(atom.position);
        self.occupancy.push(atom.occupancy);
        self.b_factor.push(atom.b_factor);
        self.charge.push(atom.charge);
    }
}

impl Structure {
    /// Its atoms as columns, all of them filled: those of protein residues in their order, then those of ligands. An O that
    /// was rebuilt is among them; one location was read of each residue, so no atom has the letter of another.
    ///
    /// [`from_columns`] makes the same residues and ligands of them, given the same options. What only files say is not
    /// there: label ids and numbers of mmCIF, FIXED labels, the model's number, and warnings about what was changed.
    pub fn to_columns(&self) -> AtomColumns {
        let mut columns = AtomColumns::default();
        for residue in &self.residues {
            for atom in &residue.atoms {
                columns.push(&residue.id, &residue.name, residue.hetatm, Some(true), atom);
            }
        }
        for ligand in &self.ligand_atoms {
            let presented = &ligand.presented;
            let (hetatm, in_polymer) = (presented.hetatm, presented.in_polymer);
            columns.push(&ligand.residue, &ligand.residue_name, hetatm, in_polymer, &ligand.atom);
        }
        columns
    }
}
