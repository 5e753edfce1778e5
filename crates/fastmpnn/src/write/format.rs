//! Which format a structure is written in, and how names are made to fit the columns of PDB.
//!
//! The PDB format is narrower than what is read: chain ids have one column, residue names three, atom names four, numbers
//! four, serial numbers five. Numbers past 9999 and 99999 go on in hybrid-36 (Computational Crystallography Toolbox,
//! `iotbx/pdb/hybrid_36`).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

use super::pdb::{coordinate_columns, hybrid_36};
use super::written::WrittenStructure;
use crate::chemistry::Letter;
use crate::structure::{ResidueId, Structure};

/// The format of a structure on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StructureFormat {
    /// PDB, version 3.3.
    Pdb,
    /// mmCIF (PDBx).
    Mmcif,
}

impl StructureFormat {
    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            StructureFormat::Pdb => "pdb",
            StructureFormat::Mmcif => "cif",
        }
    }
}

/// What PDB has no room for.
enum Obstacle {
    /// It can be written under another name, or with less.
    Name(String),
    /// It cannot be written at all.
    Wall(String),
}

/// The format for what is made of a structure: the one asked for, or PDB. Where PDB has no room for the structure's names,
/// or for `atoms` atoms, mmCIF takes its place, and a sentence says why; where PDB was asked for, only if no change of names
/// would do.
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

/// The first thing that PDB has no room for; what cannot be written at all comes first.
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

const CHAIN_IDS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The column of an id that fits: itself where it is one character, a blank for `_`.
fn own_column(id: &str) -> Option<char> {
    match id.as_bytes() {
        [b'_'] => Some(' '),
        [byte] if byte.is_ascii_graphic() => Some(char::from(*byte)),
        _ => None,
    }
}

fn fits_three(name: &str) -> bool {
    name.len() <= 3 && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What chains and residues are called in a PDB file.
pub(super) struct PdbNames<'s> {
    chains: HashMap<&'s str, char>,
    /// Of those that do not fit.
    residues: BTreeMap<&'s str, String>,
}

impl<'s> PdbNames<'s> {
    /// Gives each chain and each residue name one of its own.
    pub(super) fn choose(written: &WrittenStructure<'s>) -> io::Result<PdbNames<'s>> {
        let groups = || written.polymers.iter().flat_map(|polymer| &polymer.groups).chain(&written.others);
        let mut ids: Vec<&'s str> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut names = BTreeSet::new();
        for group in groups() {
            if seen.insert(&*group.id.chain) {
                ids.push(&group.id.chain);
            }
            names.insert(group.name);
        }
        Ok(PdbNames { chains: chain_columns(&ids)?, residues: short_names(&names)? })
    }

    pub(super) fn chain(&self, id: &str) -> char {
        self.chains.get(id).copied().unwrap_or(' ')
    }

    pub(super) fn residue<'n>(&'n self, name: &'n str) -> &'n str {
        self.residues.get(name).map_or(name, String::as_str)
    }

    /// What is called otherwise than in the file, a sentence each.
    pub(super) fn remarks(&self) -> Vec<String> {
        let mut chains: Vec<(&str, char)> =
            self.chains.iter().filter(|(id, _)| id.len() > 1).map(|(id, column)| (*id, *column)).collect();
        chains.sort_unstable_by_key(|&(_, column)| column);
        let of_chain = |(id, column): (&str, char)| format!("CHAIN {} IS WRITTEN AS {column}", plain(id));
        let of_residue =
            |(name, short): (&&str, &String)| format!("RESIDUE NAME {} IS WRITTEN AS {short}", plain(name));
        chains.into_iter().map(of_chain).chain(self.residues.iter().map(of_residue)).collect()
    }
}

/// Its own column for each id that has one, else the first free letter.
fn chain_columns<'s>(ids: &[&'s str]) -> io::Result<HashMap<&'s str, char>> {
    let taken: BTreeSet<char> = ids.iter().filter_map(|id| own_column(id)).collect();
    let mut free = CHAIN_IDS.iter().map(|&byte| char::from(byte)).filter(|letter| !taken.contains(letter));
    let column = |&id: &&'s str| {
        let column = own_column(id)
            .or_else(|| free.next())
            .ok_or_else(|| no_room(format!("{} chains, and the one column for their ids tells 62 apart", ids.len())))?;
        Ok((id, column))
    };
    ids.iter().map(column).collect()
}

/// The first three characters of each name that does not fit, or `Q00`, `Q01`, … where another has these.
fn short_names<'s>(names: &BTreeSet<&'s str>) -> io::Result<BTreeMap<&'s str, String>> {
    let mut taken: BTreeSet<String> =
        names.iter().filter(|name| fits_three(name)).map(|&name| name.to_owned()).collect();
    // A ligand must not turn into an amino acid.
    taken.extend(Letter::all().map(|letter| letter.residue_name().to_owned()));
    let mut short = BTreeMap::new();
    for &name in names.iter().filter(|name| !fits_three(name)) {
        let first = name.get(..3).filter(|first| fits_three(first)).map(str::to_owned);
        let numbered = (0..100).map(|number| format!("Q{number:02}"));
        let chosen = first.into_iter().chain(numbered).find(|candidate| !taken.contains(candidate));
        let chosen = chosen.ok_or_else(|| no_room("more than 100 residue names that do not fit three columns"))?;
        taken.insert(chosen.clone());
        short.insert(name, chosen);
    }
    Ok(short)
}

/// The text in printable ASCII.
pub(super) fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_ascii_graphic() { c.to_string() } else { c.escape_default().to_string() };
    text.chars().map(shown).collect()
}

pub(super) fn no_room(reason: impl std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("cannot be written as PDB: {reason}"))
}
