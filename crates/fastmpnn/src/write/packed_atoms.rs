//! The atoms of a packed residue, as files hold them.

use std::io;

use crate::chemistry::SideChain;
use crate::decode::Packing;
use crate::structure::{Atom, Structure};

/// A residue's heavy atoms: those of the packing, or where it has none, N, CA, C and O as they were read.
pub(super) fn packed_atoms(structure: &Structure, packing: &Packing, residue: usize) -> Vec<Atom> {
    if !packing.resolved[residue] {
        let read = |name: &&str| structure.residues[residue].atom(name).cloned();
        return ["N", "CA", "C", "O"].iter().filter_map(read).collect();
    }
    let ideal = SideChain::of(packing.sequence[residue]).atoms;
    let atom = |(index, ideal): (usize, &crate::chemistry::IdealAtom)| Atom {
        name: ideal.name.to_owned(),
        element: ideal.element().to_owned(),
        position: packing.atoms[residue][index],
        occupancy: 1.0,
        b_factor: Some(packing.b_factor(residue, index)).filter(|value| value.is_finite()).unwrap_or(0.0),
        charge: 0,
    };
    ideal.iter().enumerate().map(atom).collect()
}

/// A packing of other residues than the structure's cannot be written.
pub(super) fn check_packing(structure: &Structure, packing: &Packing) -> io::Result<()> {
    let (expected, found) = (structure.residues.len(), packing.atoms.len());
    if expected == found {
        return Ok(());
    }
    let message = format!("side chains of {found} residues cannot be written: the structure has {expected}");
    Err(io::Error::new(io::ErrorKind::InvalidInput, message))
}
