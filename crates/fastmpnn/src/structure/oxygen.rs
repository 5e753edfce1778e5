//! The carbonyl O that a file left out, rebuilt from its neighbors.
//!
//! Bond length and angle are those of R. A. Engh & R. Huber, Acta Cryst. A47 (1991) 392: C=O 1.231 Å, CA–C–O 120.5°
//! (rounded over their residue classes). O lies in the plane of CA, C and the atom on the other side of C: with unit
//! vectors u from C to CA and v from C to that atom, and w the part of v perpendicular to u, normalized,
//!
//! ```text
//! O = C + 1.231 Å · (cos 120.5° · u − sin 120.5° · w)
//! ```
//!
//! The other atom is the N of the next residue when it is bonded, else the residue's own OXT. Where both are missing, O
//! takes the torsion N–CA–C–O of [`OPEN_END_TORSION`].

use super::Point;
use super::polymer::{PEPTIDE_BOND, distance};

/// Å.
const CARBONYL_BOND: f64 = 1.231;
/// CA–C–O, degrees.
const CARBONYL_ANGLE: f64 = 120.5;
/// N–CA–C–O of a residue whose successor is unknown, degrees: anti to a following N at psi = 140°, that of an extended
/// chain, the usual conformation at the ends of chains and of resolved stretches.
const OPEN_END_TORSION: f64 = -40.0;

/// The position of O, Å. `other` is the atom bonded to C besides CA and O, if it is known. `None` when the three atoms
/// do not span a plane.
pub(super) fn rebuild(nitrogen: Point, alpha: Point, carbon: Point, other: Option<Point>) -> Option<Point> {
    let (n, ca, c) = (nitrogen.map(f64::from), alpha.map(f64::from), carbon.map(f64::from));
    let u = normalize(subtract(ca, c))?;
    let (sin, cos) = CARBONYL_ANGLE.to_radians().sin_cos();
    let in_plane = other
        .filter(|&other| distance(other, carbon) < PEPTIDE_BOND)
        .and_then(|other| perpendicular(subtract(other.map(f64::from), c), u))
        .map(|w| w.map(|component| -component));
    let side = match in_plane {
        Some(side) => side,
        None => {
            // Looking along CA→C, the torsion turns the direction of N about the bond.
            let towards_n = perpendicular(subtract(n, ca), u)?;
            let axis = u.map(|component| -component);
            let (sin, cos) = OPEN_END_TORSION.to_radians().sin_cos();
            add(scale(towards_n, cos), scale(cross(axis, towards_n), sin))
        }
    };
    let direction = add(scale(u, cos), scale(side, sin));
    Some(add(c, scale(direction, CARBONYL_BOND)).map(|component| component as f32))
}

fn subtract(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|axis| a[axis] - b[axis])
}

fn add(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|axis| a[axis] + b[axis])
}

fn scale(a: [f64; 3], factor: f64) -> [f64; 3] {
    a.map(|component| component * factor)
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// `None` for vectors too short to have a direction.
fn normalize(a: [f64; 3]) -> Option<[f64; 3]> {
    let length = dot(a, a).sqrt();
    (length > 1e-3).then(|| scale(a, 1.0 / length))
}

/// The part of `a` perpendicular to the unit vector `u`, normalized.
fn perpendicular(a: [f64; 3], u: [f64; 3]) -> Option<[f64; 3]> {
    normalize(subtract(a, scale(u, dot(a, u))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lysine 1 and valine 2 of hen egg-white lysozyme, PDB entry 1AKI, and the N of valine 2.
    const N: Point = [35.365, 22.342, -11.980];
    const CA: Point = [35.892, 21.073, -11.427];
    const C: Point = [34.741, 20.264, -10.844];
    const O: Point = [33.945, 20.813, -10.081];
    const NEXT_N: Point = [34.739, 18.961, -11.042];

    #[test]
    fn a_rebuilt_oxygen_lies_where_the_experiment_saw_it() {
        let rebuilt = rebuild(N, CA, C, Some(NEXT_N)).unwrap();
        // The experiment's own C=O is 1.23 Å at a resolution of 1.5 Å: its angles are good to several degrees.
        assert!(distance(rebuilt, O) < 0.2, "{rebuilt:?}");
        assert!((distance(rebuilt, C) - 1.231).abs() < 1e-3);
    }

    #[test]
    fn without_a_successor_the_torsion_is_the_stated_one() {
        let rebuilt = rebuild(N, CA, C, None).unwrap().map(f64::from);
        let (n, ca, c) = (N.map(f64::from), CA.map(f64::from), C.map(f64::from));
        let axis = normalize(subtract(c, ca)).unwrap();
        let from = perpendicular(subtract(n, ca), axis).unwrap();
        let to = perpendicular(subtract(rebuilt, c), axis).unwrap();
        let torsion = dot(cross(from, to), axis).atan2(dot(from, to)).to_degrees();
        assert!((torsion - OPEN_END_TORSION).abs() < 1e-2, "{torsion}");
        // A successor that is not bonded counts for nothing.
        let far = rebuild(N, CA, C, Some([0.0, 0.0, 0.0])).unwrap();
        assert_eq!(far, rebuild(N, CA, C, None).unwrap());
    }

    #[test]
    fn atoms_on_a_line_or_a_point_give_none() {
        assert_eq!(rebuild([0.0; 3], [0.0; 3], [0.0; 3], None), None);
        assert_eq!(rebuild([2.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0; 3], None), None);
    }
}
