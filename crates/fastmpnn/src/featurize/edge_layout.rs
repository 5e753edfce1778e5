//! The edge features of each family: distances of atom pairs, and in CA-only networks a relative orientation.

use super::ca_only::ORIENTATIONS;
use crate::weights::Family;

/// The edge features of a family.
#[derive(Debug)]
pub(crate) struct EdgeLayout {
    /// The atom pairs in the published order, as (site of the center, site of the neighbor).
    pub(crate) pairs: &'static [(usize, usize)],
    /// Which of them is CA–CA where a masked neighbor counts as far away as the farthest resolved residue; its other
    /// distances are those of the atoms it has, with the others at the origin.
    pub(crate) alphas: Option<usize>,
    /// The number of orientation features, which follow the Gaussians: 0 or [`ORIENTATIONS`].
    pub(crate) orientations: usize,
    /// First and last center of the Gaussians, Å; their σ is the span over their number.
    pub(crate) centers: (f32, f32),
}

impl EdgeLayout {
    /// The layout of a family.
    pub(crate) fn of(family: Family) -> &'static EdgeLayout {
        match family {
            Family::Protein | Family::Membrane | Family::Ligand => &BACKBONE,
            Family::CaOnly => &CA_ONLY,
            Family::Packer => &PACKER,
        }
    }
}

/// The edges of the published `ProteinFeatures`, which the membrane networks and LigandMPNN share.
static BACKBONE: EdgeLayout = EdgeLayout {
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
};

/// The pairs of sites whose distances are the edge features of protein networks, in the published order: (site of the
/// center, site of the neighbor), N = 0, CA = 1, C = 2, O = 3, CB = 4.
pub fn backbone_pairs() -> &'static [(usize, usize)] {
    BACKBONE.pairs
}

/// The edges of the packer's encoder: the same pairs row by row, closer Gaussians.
static PACKER: EdgeLayout = EdgeLayout {
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
};

/// The edges of CA-only networks.
static CA_ONLY: EdgeLayout = EdgeLayout {
    pairs: &[(1, 1), (0, 0), (2, 2), (0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)],
    alphas: Some(0),
    orientations: ORIENTATIONS,
    centers: (2.0, 22.0),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inputs_of_an_edge_are_as_many_as_its_checkpoint_has() {
        for family in Family::ALL {
            let (layout, tensors) = (EdgeLayout::of(family), family.edge_tensors());
            assert_eq!((layout.pairs.len(), layout.orientations), (tensors.pairs, tensors.orientations), "{family}");
        }
    }
}
