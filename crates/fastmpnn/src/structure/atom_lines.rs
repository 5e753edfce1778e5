//! The atom lines of a file as written, before they are sorted into models, chains, alternate locations, residues and
//! ligands. They serve programs that have their own rules for that, or that write a file's atoms out again;
//! [`read_bytes`](super::read_bytes) and its siblings apply FastMPNN's rules and return a
//! [`Structure`](super::Structure).
//!
//! Columns are parsed exactly as for a structure: hybrid-36 numbers, serial numbers of any length, overflowed
//! coordinates, gzip archives and text encodings.

use super::Point;
use super::atom_record::AtomRecord;

/// An atom as its line states it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AtomLine {
    /// The number of the line, from 1.
    pub line: usize,
    /// HETATM rather than ATOM.
    pub hetatm: bool,
    /// The atom's name, without padding.
    pub name: String,
    /// The alternate location; `None` for a blank.
    pub altloc: Option<char>,
    /// The residue's name: columns 18 to 20 of PDB lines.
    pub residue_name: String,
    /// The chain: column 22 of PDB lines, empty for a blank; `auth_asym_id` in mmCIF.
    pub chain: String,
    /// The residue's number; `None` where a PDB line has none.
    pub number: Option<i32>,
    /// Its insertion code.
    pub insertion: Option<char>,
    /// Å; `None` where the line says that there is none, or its numbers are not finite.
    pub position: Option<Point>,
    /// Occupancy, 0 … 1; 1 where the line gives none.
    pub occupancy: f32,
    /// B-factor, Å²; 0 where the line gives none.
    pub b_factor: f32,
    /// The segment, columns 73 to 76 of PDB lines, without padding; `label_asym_id` in mmCIF.
    pub segment: String,
    /// The element's symbol as written, columns 77 and 78 of PDB lines, without padding; may be empty.
    pub element: String,
    /// The charge in units of e, columns 79 and 80 of PDB lines; 0 where the line gives none, and in mmCIF.
    pub charge: i32,
}

/// The atom lines of a file.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AtomLines {
    /// In the order of the file: of all models of a PDB file, of the first model of an mmCIF file.
    pub atoms: Vec<AtomLine>,
    /// The whole text of a PDB file, unpacked and decoded; `None` for mmCIF, where nothing stands between the atoms.
    pub pdb_text: Option<Vec<u8>>,
}

/// What to do about malformed atom lines of a PDB file: a record name in lower case or followed by a tab, or fields
/// outside their columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DamagedLines {
    /// Refuse the file with an error that names the line.
    Refuse,
    /// Skip the lines, as programs do that match exact record names only.
    PassOver,
}

impl AtomLine {
    /// An atom of an mmCIF file.
    pub(super) fn of_row(record: &AtomRecord<'_>) -> AtomLine {
        AtomLine {
            line: record.line,
            hetatm: record.hetatm,
            name: record.name.to_owned(),
            altloc: record.altloc,
            residue_name: record.residue_name.to_owned(),
            chain: record.chain.to_owned(),
            number: Some(record.number),
            insertion: record.insertion,
            position: record.has_position().then_some(record.position),
            occupancy: record.occupancy,
            b_factor: record.b_factor,
            segment: record.label_chain.unwrap_or_default().to_owned(),
            element: record.element.trim().to_owned(),
            charge: 0,
        }
    }
}
