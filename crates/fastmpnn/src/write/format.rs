//! The format in which a structure is written.
//!
//! The PDB format cannot hold every structure that is read: chain ids have one column, residue names three, atom names
//! four, residue numbers four, serial numbers five.

use std::collections::BTreeSet;
use std::io;

use super::pdb_columns::{coordinate_columns, hybrid_36, plain};
use super::pdb_names::{CHAIN_IDS, fits_three, own_column};
use super::written::WrittenStructure;
use super::{mmcif, pdb};
use crate::chemistry::Letter;
use crate::structure::{ResidueId, Structure};

/// The format of a structure on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[non_exhaustive]
pub enum StructureFormat {
    /// PDB, version 3.3.
    Pdb,
    /// mmCIF.
    #[cfg_attr(feature = "clap", value(name = "cif"))]
    Mmcif,
}

impl StructureFormat {
    /// The extension of its files.
    pub fn ending(self) -> &'static str {
        match self {
            StructureFormat::Pdb => "pdb",
            StructureFormat::Mmcif => "cif",
        }
    }
}

impl WrittenStructure<'_> {
    /// Writes the structure. Fails if the format cannot hold it; [`choose_format`] tells beforehand.
    pub fn write(&self, out: &mut impl io::Write, format: StructureFormat) -> io::Result<()> {
        match format {
            StructureFormat::Pdb => pdb::write(out, self),
            StructureFormat::Mmcif => mmcif::write(out, self),
        }
    }
}

/// Why a structure does not fit into a PDB file.
enum Obstacle {
    /// It fits with another name, or with fewer digits.
    Name(String),
    /// It cannot be written at all.
    Wall(String),
}

/// The format for a structure with `atoms` atoms: the requested one, or PDB by default. If the structure does not fit
/// into a PDB file, it is mmCIF, with a message that gives the reason; if PDB was requested, only where replacing names
/// does not help.
pub fn choose_format(
    asked: Option<StructureFormat>,
    structure: &Structure,
    atoms: usize,
) -> (StructureFormat, Option<String>) {
    if asked == Some(StructureFormat::Mmcif) {
        return (StructureFormat::Mmcif, None);
    }
    match (obstacle(structure, atoms), asked) {
        (None, _) => (StructureFormat::Pdb, None),
        (Some(Obstacle::Name(what)), Some(StructureFormat::Pdb)) => {
            (StructureFormat::Pdb, Some(format!("PDB has no room for {what}: REMARK 6 says what is written instead")))
        }
        (Some(Obstacle::Name(what) | Obstacle::Wall(what)), _) => {
            (StructureFormat::Mmcif, Some(format!("written as mmCIF, because PDB has no room for {what}")))
        }
    }
}

/// The first obstacle to PDB; obstacles that no change of names removes come first.
fn obstacle(structure: &Structure, atoms: usize) -> Option<Obstacle> {
    let of_protein =
        structure.residues.iter().map(|residue| (&residue.id, protein_name(&residue.name, residue.letter)));
    let of_ligands = structure.ligand_atoms.iter().map(|ligand| (&ligand.residue, ligand.residue_name.as_str()));
    let groups = || of_protein.clone().chain(of_ligands.clone());
    if let Some(wall) = groups().find_map(|(id, _)| wall_of(id)) {
        return Some(Obstacle::Wall(wall));
    }
    let chains: BTreeSet<&str> = groups().map(|(id, _)| &*id.chain).collect();
    let renamed = chains.iter().filter(|id| own_column(id).is_none()).count();
    if renamed > 0 && chains.len() > CHAIN_IDS.len() {
        return Some(Obstacle::Wall(format!("{} chains with ids of several characters", chains.len())));
    }
    let of_protein = structure.residues.iter().flat_map(|residue| residue.atoms.iter().map(move |a| (&residue.id, a)));
    let of_ligands = structure.ligand_atoms.iter().map(|ligand| (&ligand.residue, &ligand.atom));
    let loses_digits = |value: &&f32| !coordinate_columns(**value).is_ok_and(|text| text.as_bytes()[4] == b'.');
    for (id, atom) in of_protein.chain(of_ligands) {
        if let Some(value) = atom.position.iter().find(loses_digits) {
            return Some(Obstacle::Name(format!("the coordinate {value} of residue {id}")));
        }
        if atom.name.len() > 4 {
            return Some(Obstacle::Name(format!("the atom name {} of residue {id}", plain(&atom.name))));
        }
    }
    if let Some((id, _)) = groups().find(|(id, _)| own_column(&id.chain).is_none()) {
        return Some(Obstacle::Name(format!("the chain id {}", plain(&id.chain))));
    }
    if let Some((id, name)) = groups().find(|(_, name)| !fits_three(name)) {
        return Some(Obstacle::Name(format!("the residue name {} (residue {id})", plain(name))));
    }
    (atoms > LAST_SERIAL)
        .then(|| Obstacle::Name(format!("{atoms} atoms, since its serial numbers end at {LAST_SERIAL}")))
}

/// Serial numbers go on in hybrid-36, which not every program reads.
const LAST_SERIAL: usize = 99_999;

/// The name that a residue is written under when it is as it was read; aliases have standard ones.
fn protein_name(name: &str, letter: Letter) -> &str {
    if letter == Letter::X { name } else { letter.residue_name() }
}

fn wall_of(id: &ResidueId) -> Option<String> {
    if hybrid_36(i64::from(id.number), 4).is_none() {
        return Some(format!("the number of residue {id}"));
    }
    id.insertion.filter(|code| !code.is_ascii_graphic()).map(|_| format!("the insertion code of residue {id}"))
}
