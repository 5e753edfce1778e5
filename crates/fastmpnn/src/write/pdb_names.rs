//! Names for chains and residues in a PDB file, where their own names do not fit.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;

use super::pdb_columns::{no_room, plain};
use super::written::WrittenStructure;
use crate::chemistry::Letter;

pub(super) const CHAIN_IDS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The column of an id that fits: itself where it is one character, a blank for `_`.
pub(super) fn own_column(id: &str) -> Option<char> {
    match id.as_bytes() {
        [b'_'] => Some(' '),
        [byte] if byte.is_ascii_graphic() => Some(char::from(*byte)),
        _ => None,
    }
}

pub(super) fn fits_three(name: &str) -> bool {
    name.len() <= 3 && name.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The names of chains and residues in a PDB file.
pub(super) struct PdbNames<'s> {
    chains: HashMap<&'s str, char>,
    /// Of those that do not fit.
    residues: BTreeMap<&'s str, String>,
}

impl<'s> PdbNames<'s> {
    /// Chooses a unique name for each chain and each residue name.
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

    /// One sentence for each name that was replaced.
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
