//! Side chains: their atoms, the torsions χ1 … χ4 that place them, and the rigid groups between them.
//!
//! A residue is up to eight rigid groups that hinge on each other, as AlphaFold numbers them: 0 the backbone N, CA, C
//! with CB; 1 and 2 (ω and φ) without heavy atoms; 3 the carbonyl O, turned by ψ; 4 to 7 the atoms that χ1 … χ4 turn. A
//! group's atoms are given in its own frame: the origin is the end of the bond it turns about, the x axis points along
//! that bond, and the first atom that the torsion places lies in the xy plane at positive y.

use std::sync::LazyLock;

use super::ideal_atoms::{IDEAL_ATOMS, IdealAtom};
use super::{Letter, VOCABULARY};

/// The most heavy atoms a residue has, in tryptophan, without the terminal oxygen.
pub const MAX_ATOMS: usize = 14;

/// The most torsions a side chain has, in lysine and arginine. Arginine's χ5 is always near 0 and is not counted.
pub const MAX_TORSIONS: usize = 4;

/// Rigid groups of a residue.
pub(crate) const RIGID_GROUPS: usize = 8;

/// The group that ψ turns: O.
pub(crate) const PSI_GROUP: usize = 3;

/// The group that χ1 turns; χ2 … χ4 turn the ones after it.
pub(crate) const FIRST_SIDE_CHAIN_GROUP: usize = 4;

/// A rotation and a translation: p ↦ rotation · p + translation, Å.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    /// Row major.
    pub(crate) rotation: [[f32; 3]; 3],
    /// Å
    pub(crate) translation: [f32; 3],
}

impl Frame {
    /// p ↦ p
    pub(crate) const IDENTITY: Frame =
        Frame { rotation: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], translation: [0.0; 3] };

    /// Transforms a point, Å.
    pub(crate) fn apply(&self, point: [f32; 3]) -> [f32; 3] {
        let turned = self.turn(point);
        std::array::from_fn(|axis| turned[axis] + self.translation[axis])
    }

    /// `inner` first, then `self`.
    pub(crate) fn compose(&self, inner: &Frame) -> Frame {
        let rotation = std::array::from_fn(|row| {
            std::array::from_fn(|column| (0..3).map(|k| self.rotation[row][k] * inner.rotation[k][column]).sum())
        });
        Frame { rotation, translation: self.apply(inner.translation) }
    }

    fn turn(&self, point: [f32; 3]) -> [f32; 3] {
        std::array::from_fn(|row| {
            let [a, b, c] = self.rotation[row];
            a * point[0] + b * point[1] + c * point[2]
        })
    }
}

/// The side chain of an amino acid.
#[derive(Clone, Copy, Debug)]
pub struct SideChain {
    /// Its heavy atoms with those of the backbone: N, CA, C, O first.
    pub atoms: &'static [IdealAtom],
    /// Consecutive atoms; torsion k is that of atoms k … k + 3.
    torsion_path: &'static [&'static str],
    /// The frame of each group in that of the group before it, at a torsion of zero (groups 0 to 4: in that of the
    /// backbone).
    pub(crate) hinges: [Frame; RIGID_GROUPS],
}

/// N, CA, CB and on to the last atom that a torsion places: `chi_angles_atoms` of AlphaFold's `residue_constants.py`.
const TORSIONS: [&[&str]; 20] = [
    &[],
    &["N", "CA", "CB", "SG"],
    &["N", "CA", "CB", "CG", "OD1"],
    &["N", "CA", "CB", "CG", "CD", "OE1"],
    &["N", "CA", "CB", "CG", "CD1"],
    &[],
    &["N", "CA", "CB", "CG", "ND1"],
    &["N", "CA", "CB", "CG1", "CD1"],
    &["N", "CA", "CB", "CG", "CD", "CE", "NZ"],
    &["N", "CA", "CB", "CG", "CD1"],
    &["N", "CA", "CB", "CG", "SD", "CE"],
    &["N", "CA", "CB", "CG", "OD1"],
    &["N", "CA", "CB", "CG", "CD"],
    &["N", "CA", "CB", "CG", "CD", "OE1"],
    &["N", "CA", "CB", "CG", "CD", "NE", "CZ"],
    &["N", "CA", "CB", "OG"],
    &["N", "CA", "CB", "OG1"],
    &["N", "CA", "CB", "CG1"],
    &["N", "CA", "CB", "CG", "CD1"],
    &["N", "CA", "CB", "CG", "CD1"],
];

static SIDE_CHAINS: LazyLock<[SideChain; VOCABULARY]> = LazyLock::new(|| {
    std::array::from_fn(|index| match IDEAL_ATOMS.get(index) {
        Some(atoms) => {
            let torsion_path = TORSIONS[index];
            SideChain { atoms, torsion_path, hinges: hinges(atoms, torsion_path) }
        }
        None => SideChain { atoms: &[], torsion_path: &[], hinges: [Frame::IDENTITY; RIGID_GROUPS] },
    })
});

impl SideChain {
    /// The side chain of a letter; X has no atoms.
    pub fn of(letter: Letter) -> &'static SideChain {
        &SIDE_CHAINS[letter.index()]
    }

    /// The number of torsions that place its atoms, 0 … 4.
    pub fn torsions(&self) -> usize {
        self.torsion_path.len().saturating_sub(3)
    }

    /// The four atoms that define torsion χ(`torsion` + 1).
    ///
    /// # Panics
    /// If `torsion` is not below [`SideChain::torsions`].
    pub(crate) fn torsion_atoms(&self, torsion: usize) -> [&'static str; 4] {
        std::array::from_fn(|place| self.torsion_path[torsion + place])
    }
}

/// `restype_rigid_group_default_frame` of AlphaFold's `residue_constants.py`, without ω and φ, which move no heavy
/// atom.
fn hinges(atoms: &[IdealAtom], path: &[&str]) -> [Frame; RIGID_GROUPS] {
    let position = |name: &str| atoms.iter().find(|atom| atom.name == name).map_or([0.0; 3], |atom| atom.position);
    let mut frames = [Frame::IDENTITY; RIGID_GROUPS];
    let (n, ca, c) = (position("N"), position("CA"), position("C"));
    frames[PSI_GROUP] = frame_along(minus(c, ca), minus(ca, n), c);
    if path.len() > 3 {
        let [n, ca, cb] = [position(path[0]), position(path[1]), position(path[2])];
        frames[FIRST_SIDE_CHAIN_GROUP] = frame_along(minus(cb, ca), minus(n, ca), cb);
    }
    // The bond of each later torsion starts at the origin of the group before.
    for torsion in 1..path.len().saturating_sub(3) {
        let end = position(path[torsion + 2]);
        frames[FIRST_SIDE_CHAIN_GROUP + torsion] = frame_along(end, [-1.0, 0.0, 0.0], end);
    }
    frames
}

fn minus(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    std::array::from_fn(|axis| a[axis] - b[axis])
}

/// The frame with its x axis along `x`, and `y` in its xy plane at positive y.
fn frame_along(x: [f32; 3], y: [f32; 3], translation: [f32; 3]) -> Frame {
    let dot = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    let unit = |a: [f64; 3]| a.map(|value| value / dot(a, a).sqrt());
    let x = unit(x.map(f64::from));
    let y = y.map(f64::from);
    let along = dot(x, y);
    let y = unit(std::array::from_fn(|axis| y[axis] - along * x[axis]));
    let z = [x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]];
    Frame { rotation: std::array::from_fn(|axis| [x[axis] as f32, y[axis] as f32, z[axis] as f32]), translation }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn atoms_start_with_the_backbone_and_torsions_name_them() {
        let mut torsions = 0;
        for letter in Letter::all().take(20) {
            let side_chain = SideChain::of(letter);
            let names: Vec<&str> = side_chain.atoms.iter().map(|atom| atom.name).collect();
            assert_eq!(names[..4], ["N", "CA", "C", "O"], "{letter}");
            assert_eq!(names.get(4).copied(), (letter.to_char() != 'G').then_some("CB"), "{letter}");
            assert!(names.len() <= MAX_ATOMS);
            for torsion in 0..side_chain.torsions() {
                let placed = side_chain.torsion_atoms(torsion)[3];
                let atom = side_chain.atoms.iter().find(|atom| atom.name == placed).expect("an atom");
                assert_eq!(atom.group as usize, FIRST_SIDE_CHAIN_GROUP + torsion, "{letter} {placed}");
                // It lies in the xy plane of its group at positive y: that is what the torsion measures.
                assert!(atom.position[1] > 0.0 && atom.position[2].abs() < 1e-6, "{letter} {placed}");
            }
            torsions += side_chain.torsions();
        }
        assert_eq!(torsions, 39);
        assert!(SideChain::of(Letter::X).atoms.is_empty());
    }
}
