//! The atom lines of a file as they stand there, with what the lines between them say: for programs that write a file's
//! atoms out again, or that have rules of their own for what is a residue.
//!
//! Lines of PDB files are read by the same columns as for a [`Structure`](super::Structure). Of mmCIF files the atoms of
//! the first model are read; their segment is the `label_asym_id`, and nothing is said between them.

use super::Point;
use super::atom_record::AtomRecord;

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// An atom.
    Atom(AtomLine),
    /// Anisotropic displacement of the atom before, the six numbers of the line (Å² · 10⁴), and its alternate location.
    Anisotropic([i32; 6], Option<char>),
    /// The end of a chain: TER.
    EndOfChain,
    /// The end of a model: ENDMDL or END.
    EndOfModel,
}

/// An atom as its line has it.
#[derive(Clone, Debug, PartialEq)]
pub struct AtomLine {
    /// HETATM rather than ATOM.
    pub hetatm: bool,
    /// The atom's name, without padding.
    pub name: String,
    /// The alternate location; `None` for a blank.
    pub altloc: Option<char>,
    /// The residue's name, columns 18 to 20.
    pub residue_name: String,
    /// The chain, column 22; empty for a blank.
    pub chain: String,
    /// The residue's number.
    pub number: i32,
    /// Its insertion code.
    pub insertion: Option<char>,
    /// Å.
    pub position: Point,
    /// Occupancy, 0 … 1; 1 where the line is silent.
    pub occupancy: f32,
    /// B-factor, Å²; 0 where the line is silent.
    pub b_factor: f32,
    /// The segment, columns 73 to 76, without padding.
    pub segment: String,
    /// The element's symbol as written, columns 77 and 78, without padding; may be empty.
    pub element: String,
    /// The charge, columns 79 and 80; 0 where the line is silent.
    pub charge: i32,
}

/// The records of a file, in its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// Each with the number of its line, from 1.
    pub records: Vec<(usize, Record)>,
    /// How many lines the file has.
    pub lines: usize,
}

impl AtomLine {
    /// An atom of an mmCIF file.
    pub(super) fn of_record(record: &AtomRecord<'_>) -> AtomLine {
        AtomLine {
            hetatm: record.hetatm,
            name: record.name.to_owned(),
            altloc: record.altloc,
            residue_name: record.residue_name.to_owned(),
            chain: record.chain.to_owned(),
            number: record.number,
            insertion: record.insertion,
            position: record.position,
            occupancy: record.occupancy,
            b_factor: record.b_factor,
            segment: record.label_chain.unwrap_or_default().to_owned(),
            element: record.element.trim().to_owned(),
            charge: 0,
        }
    }
}
