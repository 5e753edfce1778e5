//! Finds the residues near given atoms: distances between heavy atoms, including side chains if the file has them.

use std::collections::HashMap;

use crate::structure::{Atom, Point, Structure};

/// Pairs of atoms that are looked at to say how far the nearest residue is.
const MOST_PAIRS: usize = 50_000_000;

type Cell = [i64; 3];

/// Atoms in cubes as wide as the distance asked for.
struct Cells {
    /// Å
    distance: f64,
    atoms: HashMap<Cell, Vec<Point>>,
}

impl Cells {
    fn new(points: &[Point], distance: f32) -> Cells {
        let mut cells = Cells { distance: f64::from(distance), atoms: HashMap::new() };
        for &point in points {
            let cell = cells.cell(point);
            cells.atoms.entry(cell).or_default().push(point);
        }
        cells
    }

    fn cell(&self, point: Point) -> Cell {
        point.map(|value| (f64::from(value) / self.distance.max(1.0)).floor() as i64)
    }

    fn has_near(&self, point: Point) -> bool {
        let [x, y, z] = self.cell(point);
        let around = |center: i64| center.saturating_sub(1)..=center.saturating_add(1);
        let limit = self.distance * self.distance;
        around(x).any(|x| {
            around(y).any(|y| {
                around(z).any(|z| {
                    let atoms = self.atoms.get(&[x, y, z]);
                    atoms.is_some_and(|atoms| atoms.iter().any(|&atom| squared(atom, point) <= limit))
                })
            })
        })
    }
}

/// The heavy atoms among some.
pub(super) fn heavy<'a>(atoms: impl IntoIterator<Item = &'a Atom>) -> impl Iterator<Item = Point> {
    atoms.into_iter().filter(|atom| !matches!(atom.element.as_str(), "H" | "D" | "T")).map(|atom| atom.position)
}

/// Those of `residues` with a heavy atom within `distance` Å of one of `points`.
pub(super) fn near(structure: &Structure, residues: &[usize], points: &[Point], distance: f32) -> Vec<usize> {
    let cells = Cells::new(points, distance);
    let is_near = |&&index: &&usize| heavy(&structure.residues[index].atoms).any(|point| cells.has_near(point));
    residues.iter().filter(is_near).copied().collect()
}

/// The residue nearest to some atoms and how far it is, Å; `None` where there are none, or too many to look.
pub(super) fn nearest(structure: &Structure, residues: &[usize], points: &[Point]) -> Option<(usize, f64)> {
    let atoms: usize = residues.iter().map(|&index| structure.residues[index].atoms.len()).sum();
    if atoms.saturating_mul(points.len()) > MOST_PAIRS {
        return None;
    }
    let distance = |index: usize| {
        let pairs = heavy(&structure.residues[index].atoms).flat_map(|atom| points.iter().map(move |&p| (atom, p)));
        pairs.map(|(atom, point)| squared(atom, point)).min_by(f64::total_cmp)
    };
    let distances = residues.iter().filter_map(|&index| Some((index, distance(index)?)));
    distances.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(index, squared)| (index, squared.sqrt()))
}

fn squared(one: Point, other: Point) -> f64 {
    one.iter().zip(other).map(|(a, b)| (f64::from(*a) - f64::from(b)).powi(2)).sum()
}
