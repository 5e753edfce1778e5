//! A backbone and its letters, prepared for any number of packings.

use crate::chemistry::{Frame, Letter, MAX_ATOMS};
use crate::featurize::{Angle, SideChainAngles, place_atoms};
use crate::model::{PackerEncoding, PackerNetwork};
use crate::structure::Point;

/// The data that all packings share.
#[derive(Debug)]
pub(crate) struct PreparedPacking {
    pub(super) network: PackerNetwork,
    pub(crate) encoding: PackerEncoding,
    pub(super) sites: Vec<Site>,
    /// Residues that should keep their side chains but are packed, because atoms are missing or their letter changed.
    pub(super) incomplete: Vec<usize>,
}

/// A residue prepared for packing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    pub(super) letter: Letter,
    /// Whether it has a backbone and a known letter: the others have no atoms.
    pub(super) resolved: bool,
    /// Whether its torsions are drawn.
    pub(super) free: bool,
    pub(super) frame: Frame,
    pub(super) psi: Angle,
    /// The torsions it has where they are not drawn.
    pub(super) angles: SideChainAngles,
}

impl Site {
    pub(super) fn atoms(&self) -> [Point; MAX_ATOMS] {
        self.atoms_at(&self.angles)
    }

    pub(super) fn atoms_at(&self, angles: &SideChainAngles) -> [Point; MAX_ATOMS] {
        if self.resolved { place_atoms(self.letter, &self.frame, self.psi, angles) } else { [[0.0; 3]; MAX_ATOMS] }
    }
}
