//! The position of an atom relative to a residue: its distances, and its direction in the residue's frame.

use crate::structure::Point;

/// Cosines and sines of a direction: of its azimuth, and of its elevation.
pub(crate) const DIRECTION: usize = 4;

/// √(|a − b|² + 10⁻⁶), Å.
pub(crate) fn distance(a: Point, b: Point) -> f32 {
    let d = minus(a, b);
    (dot(d, d) + 1e-6).sqrt()
}

/// The residue's axes at CA: along CA → N, toward C, and across both (published `_make_angle_features`).
pub(crate) struct ResidueFrame {
    origin: Point,
    axes: [Point; 3],
}

impl ResidueFrame {
    pub(crate) fn of(sites: &[Point]) -> ResidueFrame {
        let [n, ca, c] = [sites[0], sites[1], sites[2]];
        let e1 = unit(minus(n, ca));
        let to_c = minus(c, ca);
        let along = dot(e1, to_c);
        let e2 = unit(std::array::from_fn(|axis| to_c[axis] - e1[axis] * along));
        let e3 = [e1[1] * e2[2] - e1[2] * e2[1], e1[2] * e2[0] - e1[0] * e2[2], e1[0] * e2[1] - e1[1] * e2[0]];
        ResidueFrame { origin: ca, axes: [e1, e2, e3] }
    }

    /// Cosine and sine of the azimuth, then of the elevation.
    pub(crate) fn direction(&self, point: Point) -> [f32; DIRECTION] {
        let from = minus(point, self.origin);
        let [x, y, z] = self.axes.map(|axis| dot(axis, from));
        let across = (x * x + y * y + 1e-8).sqrt();
        let length = (x * x + y * y + z * z).sqrt() + 1e-8;
        [x / across, y / across, across / length, z / length]
    }
}

fn minus(a: Point, b: Point) -> Point {
    std::array::from_fn(|axis| a[axis] - b[axis])
}

fn dot(a: Point, b: Point) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// A vector scaled to length one; the zero vector stays zero (PyTorch's `normalize`).
fn unit(a: Point) -> Point {
    let length = dot(a, a).sqrt().max(1e-12);
    a.map(|x| x / length)
}
