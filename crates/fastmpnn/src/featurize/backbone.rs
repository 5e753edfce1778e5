//! A residue as five atoms, N, CA, C, O and the virtual CB, and the atom pairs an edge is seen by.

use super::edges::EdgeLayout;
use crate::structure::{Point, Residue, Structure, virtual_beta};

/// N = 0, CA = 1, C = 2, O = 3, CB = 4.
pub(super) const SITES: usize = 5;

/// The edges of the published `ProteinFeatures`, which the membrane networks and LigandMPNN share.
pub(super) static EDGES: EdgeLayout = EdgeLayout {
    pairs: &[
        (1, 1),
        (0, 0),
        (2, 2),
        (3, 3),
        (4, 4),
        (1, 0),
        (1, 2),
        (1, 3),
        (1, 4),
        (0, 2),
        (0, 3),
        (0, 4),
        (4, 2),
        (4, 3),
        (3, 2),
        (0, 1),
        (2, 1),
        (3, 1),
        (4, 1),
        (2, 0),
        (3, 0),
        (4, 0),
        (2, 4),
        (3, 4),
        (2, 3),
    ],
    alphas: Some(0),
    // 5 · 16 numbers for 24 edges are 8 KB.
    orientations: 0,
    centers: (2.0, 22.0),
    positions: "features.embeddings.linear",
    embedding: "features.edge_embedding.weight",
    norm: "features.norm_edges",
};

/// The pairs of sites that the edges of protein networks are seen by, in the published order: (site of the center, site
/// of the neighbor), N = 0, CA = 1, C = 2, O = 3, CB = 4.
pub fn backbone_pairs() -> &'static [(usize, usize)] {
    EDGES.pairs
}

/// The edges of the packer's encoder: the same pairs row by row, closer Gaussians, other names.
pub(super) static PACKER_EDGES: EdgeLayout = EdgeLayout {
    pairs: &[
        (0, 0),
        (0, 1),
        (0, 2),
        (0, 3),
        (0, 4),
        (1, 0),
        (1, 1),
        (1, 2),
        (1, 3),
        (1, 4),
        (2, 0),
        (2, 1),
        (2, 2),
        (2, 3),
        (2, 4),
        (3, 0),
        (3, 1),
        (3, 2),
        (3, 3),
        (3, 4),
        (4, 0),
        (4, 1),
        (4, 2),
        (4, 3),
        (4, 4),
    ],
    alphas: None,
    orientations: 0,
    centers: (0.0, 20.0),
    positions: "features.positional_embeddings.linear",
    embedding: "features.enc_edge_embedding.weight",
    norm: "features.enc_norm_edges",
};

/// The atoms of each residue, Å, `[N, 5]`; and which residues have their backbone, `[N]`. Atoms that are missing are at the
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
