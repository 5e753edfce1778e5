//! Torsions of a residue's atoms, and atoms from torsions by ideal geometry.
//!
//! As in AlphaFold (Jumper et al. 2021, supplementary algorithms 21 and 24) and, following it, the published packer
//! (`atom37_to_torsion_angles`, `torsion_angles_to_frames`, `frames_and_literature_positions_to_atom14_pos`). An angle is
//! its [sine, cosine].

use crate::chemistry::{
    FIRST_SIDE_CHAIN_GROUP, Frame, Letter, MAX_ATOMS, MAX_TORSIONS, PSI_GROUP, RIGID_GROUPS, SideChain,
};
use crate::structure::{Point, Residue};

/// Sine and cosine of an angle.
pub(crate) type Angle = [f32; 2];

/// The angles of a residue's side chain; entries beyond its last torsion are meaningless.
pub(crate) type SideChainAngles = [Angle; MAX_TORSIONS];

/// Keeps the lengths of frames made of coinciding atoms above zero, Å² (published `eps`).
const FRAME_EPSILON: f32 = 1e-8;

/// The angle as [sine, cosine].
pub(crate) fn angle_of(radians: f32) -> Angle {
    [radians.sin(), radians.cos()]
}

/// The frame of a backbone: CA at the origin, C on the x axis, N in the xy plane at positive y.
pub(crate) fn backbone_frame([n, ca, c]: [Point; 3]) -> Frame {
    let x = unit(minus(c, ca));
    let to_n = minus(n, ca);
    let along = dot(x, to_n);
    let y = unit(std::array::from_fn(|axis| to_n[axis] - along * x[axis]));
    let z = cross(x, y);
    Frame { rotation: std::array::from_fn(|axis| [x[axis], y[axis], z[axis]]), translation: ca }
}

/// The torsion of four atoms, about the bond of the middle two.
pub(crate) fn torsion([a, b, c, d]: [Point; 4]) -> Angle {
    let x = unit(minus(c, b));
    let to_a = minus(a, c);
    let along = dot(x, to_a);
    let y = unit(std::array::from_fn(|axis| to_a[axis] - along * x[axis]));
    let z = cross(x, y);
    let to_d = minus(d, c);
    let (sine, cosine) = (dot(z, to_d), dot(y, to_d));
    let length = (sine * sine + cosine * cosine + FRAME_EPSILON).sqrt();
    [sine / length, cosine / length]
}

/// ψ as it places O: the torsion N–CA–C–O plus π.
pub(crate) fn psi([n, ca, c, o]: [Point; 4]) -> Angle {
    torsion([n, ca, c, o]).map(|value| -value)
}

/// The torsions of a residue's side chain; `None` if an atom that defines one is missing.
pub(crate) fn side_chain_angles(residue: &Residue, letter: Letter) -> Option<SideChainAngles> {
    let side_chain = SideChain::of(letter);
    let mut angles = [angle_of(0.0); MAX_TORSIONS];
    for (index, angle) in angles.iter_mut().enumerate().take(side_chain.torsions()) {
        let position = |name: &str| residue.atom_in_place_of(name).map(|atom| atom.position);
        let [a, b, c, d] = side_chain.torsion_atoms(index).map(position);
        *angle = torsion([a?, b?, c?, d?]);
    }
    Some(angles)
}

/// Every heavy atom of an ideal residue on its backbone frame, in the order of [`SideChain::atoms`], Å; zeros past its
/// last. X has none.
pub(crate) fn place_atoms(
    letter: Letter,
    backbone: &Frame,
    psi: Angle,
    angles: &SideChainAngles,
) -> [Point; MAX_ATOMS] {
    let side_chain = SideChain::of(letter);
    let mut groups = [*backbone; RIGID_GROUPS];
    let hinged = |parent: &Frame, group: usize, [sine, cosine]: Angle| {
        let turn =
            Frame { rotation: [[1.0, 0.0, 0.0], [0.0, cosine, -sine], [0.0, sine, cosine]], translation: [0.0; 3] };
        parent.compose(&side_chain.hinges[group].compose(&turn))
    };
    groups[PSI_GROUP] = hinged(backbone, PSI_GROUP, psi);
    let mut parent = *backbone;
    for (index, &angle) in angles.iter().enumerate().take(side_chain.torsions()) {
        parent = hinged(&parent, FIRST_SIDE_CHAIN_GROUP + index, angle);
        groups[FIRST_SIDE_CHAIN_GROUP + index] = parent;
    }
    let mut atoms = [[0.0; 3]; MAX_ATOMS];
    for (target, atom) in atoms.iter_mut().zip(side_chain.atoms) {
        *target = groups[atom.group as usize].apply(atom.position);
    }
    atoms
}

fn minus(a: Point, b: Point) -> Point {
    std::array::from_fn(|axis| a[axis] - b[axis])
}

fn dot(a: Point, b: Point) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: Point, b: Point) -> Point {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn unit(a: Point) -> Point {
    let length = (dot(a, a) + FRAME_EPSILON).sqrt();
    a.map(|value| value / length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame that is no identity, from a backbone of ideal lengths.
    fn tilted() -> Frame {
        backbone_frame([[1.2, 0.4, -3.0], [2.0, 1.5, -2.5], [3.2, 1.1, -1.7]])
    }

    #[test]
    fn angles_of_placed_atoms_are_those_they_were_placed_by() {
        let chosen = [-2.8, -0.9, 1.1, 2.6];
        for letter in Letter::all().take(20) {
            let side_chain = SideChain::of(letter);
            let atoms = place_atoms(letter, &tilted(), angle_of(0.7), &chosen.map(angle_of));
            let position = |name: &str| {
                let index = side_chain.atoms.iter().position(|atom| atom.name == name).expect("an atom");
                atoms[index]
            };
            for (index, &radians) in chosen.iter().enumerate().take(side_chain.torsions()) {
                let found = torsion(side_chain.torsion_atoms(index).map(position));
                let difference = (f32::atan2(found[0], found[1]) - radians).abs();
                assert!(difference < 1e-4, "{letter} χ{}: {difference}", index + 1);
            }
            let found = psi(["N", "CA", "C", "O"].map(position));
            assert!((f32::atan2(found[0], found[1]) - 0.7).abs() < 1e-4, "{letter} ψ");
        }
    }

    #[test]
    fn frames_turn_points_rigidly() {
        let frame = tilted();
        let (p, q) = (frame.apply([1.0, 2.0, 3.0]), frame.apply([-1.0, 0.5, 2.0]));
        let distance = dot(minus(p, q), minus(p, q)).sqrt();
        assert!((distance - (4.0_f32 + 2.25 + 1.0).sqrt()).abs() < 1e-5);
        let both = frame.compose(&frame).apply([1.0, 2.0, 3.0]);
        let one_by_one = frame.apply(p);
        assert!(both.iter().zip(one_by_one).all(|(a, b)| (a - b).abs() < 1e-5), "{both:?} {one_by_one:?}");
    }
}
