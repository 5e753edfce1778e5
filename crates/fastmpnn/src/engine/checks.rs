//! Checks of the arguments of engine calls against the structure, before anything is computed.

use crate::chemistry::Letter;
use crate::error::EngineError;
use crate::model::{EncodedGraph, GivenSequence};
use crate::structure::{Atom, Chain, Structure};

/// Checks that the structure is consistent and its coordinates are finite: the readers guarantee it, other callers may
/// not.
pub(crate) fn check_structure(structure: &Structure) -> Result<(), EngineError> {
    let count = structure.residues.len();
    let wild = |chain: &&Chain| chain.residues.start > chain.residues.end || chain.residues.end > count;
    if let Some(chain) = structure.chains.iter().find(wild) {
        return Err(EngineError::Chain { structure: structure.name.clone(), chain: chain.id.to_string() });
    }
    let lost = |atom: &Atom| !atom.position.iter().all(|coordinate| coordinate.is_finite());
    let of_residues = structure.residues.iter().filter(|residue| residue.atoms.iter().any(lost));
    let of_ligands = structure.ligand_atoms.iter().filter(|ligand| lost(&ligand.atom));
    match of_residues.map(|residue| &residue.id).chain(of_ligands.map(|ligand| &ligand.residue)).next() {
        Some(id) => Err(EngineError::Position { structure: structure.name.clone(), residue: id.to_string() }),
        None => Ok(()),
    }
}

pub(super) fn check_sequence(structure: &Structure, sequence: &[Letter]) -> Result<(), EngineError> {
    check_length(&structure.name, structure.residues.len(), sequence)
}

/// Checks that there is a letter for each residue of the structure of that name.
pub(super) fn check_length(structure: &str, residues: usize, sequence: &[Letter]) -> Result<(), EngineError> {
    let (found, expected) = (sequence.len(), residues);
    if found == expected {
        return Ok(());
    }
    Err(EngineError::SequenceLength { structure: structure.to_owned(), found, expected })
}

/// Checks that there is a letter for each residue and that the ranks are an order of all residues.
pub(super) fn check_given(structure: &Structure, given: GivenSequence<'_>) -> Result<(), EngineError> {
    check_sequence(structure, given.sequence)?;
    check_permutation(structure, given.rank)
}

/// Checks that `values` is a permutation of 0 … N − 1, as decoding orders and ranks must be.
pub(super) fn check_permutation(structure: &Structure, values: &[u32]) -> Result<(), EngineError> {
    check_order(&structure.name, structure.residues.len(), values)
}

/// As [`check_permutation`], for the structure of that name.
pub(super) fn check_order(structure: &str, residues: usize, values: &[u32]) -> Result<(), EngineError> {
    let expected = residues;
    let mut seen = vec![false; expected];
    let fresh = |&value: &u32| seen.get_mut(value as usize).is_some_and(|seen| !std::mem::replace(seen, true));
    if values.len() == expected && values.iter().all(fresh) {
        return Ok(());
    }
    Err(EngineError::Order { structure: structure.to_owned(), expected })
}

/// Checks that there is an entry for each neighbor of each residue.
pub(super) fn check_neighbors(graph: &EncodedGraph, visible: &[bool]) -> Result<(), EngineError> {
    let (residues, degree) = (graph.graph.len(), graph.graph.degree());
    if visible.len() == residues * degree {
        return Ok(());
    }
    Err(EngineError::Setting {
        setting: "visible",
        value: format!("{} entries", visible.len()),
        allowed: format!("{} entries, for {degree} neighbors of each of {residues} residues", residues * degree),
    })
}

/// Checks that there is an entry for each pair of residues, `[N, N]`.
pub(super) fn check_table(graph: &EncodedGraph, known: &[bool]) -> Result<(), EngineError> {
    let residues = graph.graph.len();
    if known.len() == residues * residues {
        return Ok(());
    }
    Err(EngineError::Setting {
        setting: "known",
        value: format!("{} entries", known.len()),
        allowed: format!("{} entries, one for each pair of {residues} residues", residues * residues),
    })
}

/// Checks that there is a position from 0 to N for each residue.
pub(super) fn check_places(structure: &Structure, before: &[u32]) -> Result<(), EngineError> {
    let (found, expected) = (before.len(), structure.residues.len());
    if found != expected {
        return Err(EngineError::TableLength { structure: structure.name.clone(), table: "before", found, expected });
    }
    match before.iter().find(|&&place| place as usize > expected) {
        None => Ok(()),
        Some(place) => Err(EngineError::Setting {
            setting: "before",
            value: place.to_string(),
            allowed: format!("0 to {expected}"),
        }),
    }
}
