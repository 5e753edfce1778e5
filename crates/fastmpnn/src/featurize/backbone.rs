//! A residue as five atoms, N, CA, C, O and the virtual CB.

use crate::structure::{Point, Residue, Structure, virtual_beta};

/// N = 0, CA = 1, C = 2, O = 3, CB = 4.
pub(super) const SITES: usize = 5;

/// The atoms of each residue, Å, `[N, 5]`; and which residues have their backbone, `[N]`. Missing atoms are at the
/// origin, and CB is made of them all the same: masked residues can be neighbors, and the networks see them so.
pub(super) fn sites(structure: &Structure) -> (Vec<Point>, Vec<bool>) {
    let backbones: Vec<_> = structure.residues.iter().map(Residue::backbone).collect();
    let incomplete = |residue: &Residue| {
        ["N", "CA", "C", "O"].map(|name| residue.atom(name).map_or_else(Point::default, |atom| atom.position))
    };
    let atoms = structure.residues.iter().zip(&backbones);
    let atoms = atoms.map(|(residue, backbone)| backbone.unwrap_or_else(|| incomplete(residue)));
    (atoms.flat_map(with_virtual_beta).collect(), backbones.iter().map(Option::is_some).collect())
}

fn with_virtual_beta([n, ca, c, o]: [Point; 4]) -> [Point; SITES] {
    [n, ca, c, o, virtual_beta(n, ca, c)]
}
