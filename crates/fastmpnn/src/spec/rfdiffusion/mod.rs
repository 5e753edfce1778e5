//! Fixed residues from RFdiffusion: the `.trb` file that it writes beside each design, or the `.json` file of RFdiffusion3.
//!
//! The first is a Python pickle of a dictionary. Nothing in it is run: see [`pickle`](crate::pickle). Read are
//!
//! - `inpaint_seq`: for each residue of the design, in the order of its file, whether the sequence was given and is kept;
//! - `complex_con_hal_pdb_idx`, and `con_hal_pdb_idx` without it: chain and number, in the design, of the residues that were
//!   taken from the input.
//!
//! Source: `scripts/run_inference.py` and `rfdiffusion/contigs.py` of RosettaCommons/RFdiffusion.

mod index_map;
mod trb_file;

use self::index_map::INDEX_MAP;
use self::trb_file::{TrbFile, Value};
use crate::structure::{ResidueId, Structure};

const SEQUENCE: &str = "inpaint_seq";
const PLACES: [&str; 2] = ["complex_con_hal_pdb_idx", "con_hal_pdb_idx"];

/// The residues of `structure` that a `.trb` file says keep their sequence, in the structure's order: by `inpaint_seq` where
/// it has as many entries as the structure has residues, else by chain and number. Of a file of RFdiffusion3, which is JSON,
/// those that `diffused_index_map` says were taken from the input, except those whose sequence its `specification` left free;
/// ligands among them are left out. The error is a sentence without the file's name.
pub fn kept_by_rfdiffusion(bytes: &[u8], structure: &Structure) -> Result<Vec<ResidueId>, String> {
    if bytes.trim_ascii_start().starts_with(b"{") {
        return by_index_map(bytes, structure);
    }
    let file =
        TrbFile::read(bytes).map_err(|reason| format!("cannot be read as a .trb file of RFdiffusion: {reason}"))?;
    let entries = file.entries().ok_or("is no .trb file of RFdiffusion: it does not hold a dictionary")?;
    // Of equal keys the last counts.
    let entry = |key: &str| entries.iter().rev().find(|(name, _)| *name == Value::Text(key)).map(|(_, value)| *value);
    let count = structure.residues.len();
    let sequence = entry(SEQUENCE).and_then(|value| file.flags(value));
    if let Some(kept) = sequence.as_ref().filter(|kept| kept.len() == count) {
        let residues = structure.residues.iter().zip(kept).filter(|(_, kept)| **kept);
        return Ok(residues.map(|(residue, _)| residue.id.clone()).collect());
    }
    let places = PLACES.iter().find_map(|key| Some((*key, file.places(entry(key)?)?)));
    match (places, sequence) {
        (Some((key, places)), _) => by_place(key, &places, structure),
        (None, Some(kept)) => Err(format!(
            "{SEQUENCE} has {} entries, {} {count} residues, and there is no {}",
            kept.len(),
            structure.name,
            PLACES.join(" or ")
        )),
        (None, None) => {
            Err(format!("names no residues that are kept: it has neither {SEQUENCE} nor {}", PLACES.join(" nor ")))
        }
    }
}

fn by_index_map(bytes: &[u8], structure: &Structure) -> Result<Vec<ResidueId>, String> {
    let is_residue =
        |(chain, number): &(String, i64)| structure.residues.iter().any(|residue| is_at(&residue.id, chain, *number));
    let is_ligand = |(chain, number): &(String, i64)| {
        structure.ligand_atoms.iter().any(|atom| is_at(&atom.residue, chain, *number))
    };
    let mut kept = Vec::new();
    for name in index_map::names(bytes)? {
        let mut places = index_map::places(&name)?;
        match places.iter().position(is_residue) {
            Some(found) => kept.push(places.swap_remove(found)),
            None if places.iter().any(is_ligand) => {}
            // It is named by its likeliest meaning.
            None => kept.push(places.swap_remove(0)),
        }
    }
    by_place(INDEX_MAP, &kept, structure)
}

fn by_place(key: &str, places: &[(String, i64)], structure: &Structure) -> Result<Vec<ResidueId>, String> {
    let has = |id: &ResidueId| places.iter().any(|(chain, number)| is_at(id, chain, *number));
    let is_there =
        |(chain, number): &(String, i64)| structure.residues.iter().any(|residue| is_at(&residue.id, chain, *number));
    if let Some((chain, number)) = places.iter().find(|place| !is_there(place)) {
        let chain: String = chain.chars().take(20).flat_map(char::escape_debug).collect();
        return Err(format!("{key} names residue {number} of chain {chain}, which {} does not have", structure.name));
    }
    let kept = structure.residues.iter().filter(|residue| has(&residue.id));
    Ok(kept.map(|residue| residue.id.clone()).collect())
}

fn is_at(id: &ResidueId, chain: &str, number: i64) -> bool {
    *id.chain == *chain && i64::from(id.number) == number && id.insertion.is_none()
}

#[cfg(test)]
mod tests;
