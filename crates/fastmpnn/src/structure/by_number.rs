//! Atom records to a [`Structure`] as the published ProteinMPNN scripts put it together: by chain letter and by number.
//!
//! - ATOM records count, and HETATM of MSE, which is read as MET. Nothing is a ligand.
//! - Every model counts, as do atoms after the end of them. The first atom of a name in a residue is the one that is read,
//!   whatever its alternate location, and the first name of a residue.
//! - Chains are A–Z, a–z and 0–299, in this order; others are left out.
//! - Residues stand by number, those of one number by insertion code. A number that the file skips is a residue X
//!   without atoms, and counts along the chain.
//! - An unknown name is X, with the atoms it has. An atom without coordinates is absent, its residue is not.
//!
//! Source: `parse_PDB_biounits` and `parse_PDB` of the published `protein_mpnn_utils.py`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::atom_record::{AtomRecord, ParsedModel};
use super::{Atom, Chain, Residue, ResidueId, Structure};
use crate::chemistry::Letter;

/// A residue while its records come in.
struct Site<'r, 'a> {
    name: &'a str,
    records: Vec<&'r AtomRecord<'a>>,
}

/// Number and insertion code, in the order that residues stand in; none comes before any code.
type Key = (i32, Option<char>);

/// Puts a structure together.
pub(super) fn assemble(name: String, parsed: &ParsedModel<'_>) -> Structure {
    let mut structure =
        Structure { name, model_number: parsed.model_number, model_count: parsed.model_count, ..Structure::default() };
    let mut chains: BTreeMap<(usize, &str), BTreeMap<Key, Site<'_, '_>>> = BTreeMap::new();
    for record in &parsed.records {
        let selenomethionine = record.hetatm && record.residue_name == "MSE";
        if record.hetatm && !selenomethionine {
            continue;
        }
        let Some(place) = place_of_chain(record.chain) else { continue };
        let residues = chains.entry((place, record.chain)).or_default();
        let name = if selenomethionine { "MET" } else { record.residue_name };
        let key = (record.number, record.insertion);
        let site = residues.entry(key).or_insert_with(|| Site { name, records: Vec::new() });
        if site.records.iter().all(|held| held.name != record.name) {
            site.records.push(record);
        }
    }
    for ((_, chain), residues) in chains {
        add_chain(&mut structure, chain, residues);
    }
    structure
}

/// Where a chain of that name stands among the others.
fn place_of_chain(name: &str) -> Option<usize> {
    const LETTERS: usize = 26;
    const NUMBERS: usize = 300;
    match name.as_bytes() {
        [letter @ b'A'..=b'Z'] => Some(usize::from(letter - b'A')),
        [letter @ b'a'..=b'z'] => Some(LETTERS + usize::from(letter - b'a')),
        [b'0'] => Some(2 * LETTERS),
        [b'1'..=b'9', ..] => name.parse().ok().filter(|&number: &usize| number < NUMBERS).map(|n| 2 * LETTERS + n),
        _ => None,
    }
}

fn add_chain(structure: &mut Structure, name: &str, residues: BTreeMap<Key, Site<'_, '_>>) {
    let id: Arc<str> = Arc::from(name);
    let begin = structure.residues.len();
    let index = structure.chains.len();
    let mut add = |number: i32, insertion: Option<char>, name: &str, atoms: Vec<Atom>| {
        let sequence_position = (structure.residues.len() - begin) as i32;
        structure.residues.push(Residue {
            id: ResidueId { chain: id.clone(), number, insertion },
            chain: index,
            name: name.to_owned(),
            hetatm: false,
            letter: Letter::from_standard_name(name).unwrap_or(Letter::X),
            sequence_position,
            label_number: None,
            atoms,
        });
    };
    let mut expected: Option<i32> = None;
    for ((number, insertion), site) in residues {
        for skipped in expected.map_or(number, |expected| expected.min(number))..number {
            add(skipped, None, Letter::X.residue_name(), Vec::new());
        }
        expected = number.checked_add(1);
        add(
            number,
            insertion,
            site.name,
            site.records.into_iter().filter(|record| record.has_position()).map(atom_of).collect(),
        );
    }
    structure.chains.push(Chain { id: id.clone(), label_id: None, residues: begin..structure.residues.len() });
}

fn atom_of(record: &AtomRecord<'_>) -> Atom {
    Atom {
        name: record.name.to_owned(),
        element: record.element.trim().to_ascii_uppercase(),
        position: record.position,
        occupancy: record.occupancy,
        b_factor: record.b_factor,
        charge: record.charge,
    }
}
