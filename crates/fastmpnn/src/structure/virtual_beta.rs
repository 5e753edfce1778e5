//! The virtual CB: the CB position of an ideal alanine, used for every residue.

use super::Point;

/// CA − 0.58273431·(b × c) + 0.56802827·b − 0.54067466·c with b = CA − N and c = C − CA, Å (constants of the published
/// featurizers).
pub(crate) fn virtual_beta(n: Point, ca: Point, c: Point) -> Point {
    let minus = |p: Point, q: Point| [p[0] - q[0], p[1] - q[1], p[2] - q[2]];
    let (b, c_bond) = (minus(ca, n), minus(c, ca));
    let a =
        [b[1] * c_bond[2] - b[2] * c_bond[1], b[2] * c_bond[0] - b[0] * c_bond[2], b[0] * c_bond[1] - b[1] * c_bond[0]];
    std::array::from_fn(|axis| -0.582_734_3 * a[axis] + 0.568_028_3 * b[axis] - 0.540_674_7 * c_bond[axis] + ca[axis])
}
