//! The transformation that places a copy of a chain in an assembly.

use super::Point;

/// A rotation and a shift, x ↦ R·x + t.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Operator {
    pub(super) rotation: [[f64; 3]; 3],
    /// Translation, Å.
    pub(super) shift: [f64; 3],
}

impl Operator {
    pub(super) fn moved(&self, point: Point) -> Point {
        let point = point.map(f64::from);
        std::array::from_fn(|row| {
            let turned: f64 = self.rotation[row].iter().zip(point).map(|(factor, value)| factor * value).sum();
            (turned + self.shift[row]) as f32
        })
    }

    /// The composition: first `other`, then this one.
    pub(super) fn after(&self, other: &Operator) -> Operator {
        let column = |k: usize| std::array::from_fn::<f64, 3, _>(|row| other.rotation[row][k]);
        let product = |row: usize, column: [f64; 3]| -> f64 {
            self.rotation[row].iter().zip(column).map(|(factor, value)| factor * value).sum()
        };
        Operator {
            rotation: std::array::from_fn(|row| std::array::from_fn(|k| product(row, column(k)))),
            shift: std::array::from_fn(|row| product(row, other.shift) + self.shift[row]),
        }
    }

    /// Whether both move every atom of a structure to the same position, within the precision that files print.
    pub(super) fn is_same(&self, other: &Operator) -> bool {
        let near = |a: &[f64; 3], b: &[f64; 3], most: f64| a.iter().zip(b).all(|(p, q)| (p - q).abs() < most);
        let rotations = self.rotation.iter().zip(&other.rotation);
        rotations.into_iter().all(|(a, b)| near(a, b, 1e-4)) && near(&self.shift, &other.shift, 1e-2)
    }
}
