//! A residue as its own CA and those before and after it, with the orientation of the trace (published
//! `CA_ProteinFeatures`).
//!
//! The published code works on rows: the residues chain after chain, with an empty row (a CA at the origin) for each
//! number that a chain skips. "Before" and "after" refer to rows. So the neighbor of a residue beside a gap, or at
//! either end of the structure, is the origin, and the first residue of a chain follows the last of the chain before.
//! The networks were trained that way, and equal results need the same.

use crate::structure::{Point, Structure};

/// The CA of the row before = 0, its own = 1, of the row after = 2.
pub(super) const SITES: usize = 3;

/// The number of orientation features of an edge: the direction to the neighbor, in the frame of the center, and the
/// rotation between their frames as a quaternion x, y, z, w.
pub(crate) const ORIENTATIONS: usize = 7;

/// Three orthogonal unit vectors, one per row; all zeros where the trace has no orientation.
pub(crate) type Frame = [Point; 3];

/// CA atoms are bonded in the trace if their distance, Å, is within this range.
const BOND: std::ops::Range<f32> = 3.6..4.0;

/// The input of the features.
pub(super) struct Trace {
    /// `[N, 3]`, Å; zeros where masked.
    pub(super) sites: Vec<Point>,
    /// `[N]`
    pub(super) frames: Vec<Frame>,
    /// Whether a residue has its CA. `[N]`
    pub(super) resolved: Vec<bool>,
}

/// `cyclic` says which residues are in cyclic chains, `[N]` or empty: there the first residue comes after the last, and
/// every residue has an orientation, as the published networks see residues in the middle of a chain.
pub(super) fn trace(structure: &Structure, cyclic: &[bool]) -> Trace {
    let alphas: Vec<_> =
        structure.residues.iter().map(|residue| residue.atom("CA").map(|atom| atom.position)).collect();
    // The published rows: number of residue i's row, and the CA in each.
    let mut rows: Vec<Point> = Vec::new();
    let mut row_of = Vec::with_capacity(alphas.len());
    for (index, alpha) in alphas.iter().enumerate() {
        if index > 0 {
            let (before, residue) = (&structure.residues[index - 1], &structure.residues[index]);
            let skipped = residue.sequence_position.saturating_sub(before.sequence_position).saturating_sub(1);
            // Every residue sees at most two empty rows.
            let empty = if before.chain == residue.chain { skipped.clamp(0, 2) } else { 0 };
            rows.extend((0..empty).map(|_| [0.0; 3]));
        }
        row_of.push(rows.len());
        rows.push(alpha.unwrap_or_default());
    }
    let at = |row: Option<usize>| row.and_then(|row| rows.get(row)).copied().unwrap_or_default();
    let mut sites: Vec<Point> =
        row_of.iter().flat_map(|&row| [at(row.checked_sub(1)), rows[row], at(Some(row + 1))]).collect();
    let mut frames: Vec<Frame> = row_of.iter().map(|&row| frame(&rows, row)).collect();
    for chain in &structure.chains {
        let members = chain.residues.clone();
        if members.is_empty() || cyclic.get(members.start) != Some(&true) {
            continue;
        }
        let (first, last) = (members.start, members.end - 1);
        sites[first * SITES] = rows[row_of[last]];
        sites[last * SITES + 2] = rows[row_of[first]];
        for index in members {
            let [before, own, after] = std::array::from_fn(|site| sites[index * SITES + site]);
            frames[index] = oriented([before, own, after]);
        }
        // A ring has no ends that another chain could follow: for the adjacent rows the structure ends there.
        let in_ring = |index: usize| cyclic.get(index) == Some(&true);
        if let Some(before) = first.checked_sub(1).filter(|&before| !in_ring(before)) {
            (sites[before * SITES + 2], frames[before]) = Default::default();
        }
        let after = last + 1;
        if after < frames.len() && !in_ring(after) {
            (sites[after * SITES], frames[after]) = Default::default();
        }
    }
    Trace { sites, frames, resolved: alphas.iter().map(Option::is_some).collect() }
}

/// The frame at a row: the bisector of its bonds, their normal, and the product of both. The first row and the last two
/// have none.
fn frame(rows: &[Point], row: usize) -> Frame {
    if row == 0 || row + 3 > rows.len() {
        return Frame::default();
    }
    oriented([rows[row - 1], rows[row], rows[row + 1]])
}

/// The frame of a CA between two others.
fn oriented(trace: [Point; 3]) -> Frame {
    let bond = |from: usize| {
        let step = minus(trace[from + 1], trace[from]);
        let length = dot(step, step).sqrt();
        // The published bounds are both open.
        if BOND.contains(&length) && length > BOND.start { normalized(step) } else { [0.0; 3] }
    };
    let (before, after) = (bond(0), bond(1));
    let bisector = normalized(minus(before, after));
    let normal = normalized(cross(before, after));
    [bisector, normal, cross(bisector, normal)]
}

/// A CA atom with the orientation of the trace there.
#[derive(Clone, Copy)]
pub(super) struct OrientedAlpha<'a> {
    pub(super) frame: &'a Frame,
    /// Å
    pub(super) position: Point,
}

/// The orientation features of the edge from `center` to `neighbor`.
pub(super) fn orientation(center: OrientedAlpha<'_>, neighbor: OrientedAlpha<'_>) -> [f32; ORIENTATIONS] {
    let (from, to) = (center.frame, neighbor.frame);
    let step = minus(neighbor.position, center.position);
    let [x, y, z] = normalized(from.map(|direction| dot(direction, step)));
    // R = Oᵢᵀ·Oⱼ
    let rotation: [Point; 3] = std::array::from_fn(|row| {
        std::array::from_fn(|column| (0..3).map(|k| from[k][row] * to[k][column]).sum::<f32>())
    });
    let [i, j, k, w] = quaternion(&rotation);
    [x, y, z, i, j, k, w]
}

/// A rotation as a unit quaternion x, y, z, w, signs as in the published code; 0, 0, 0, 1 where there is no rotation.
fn quaternion(r: &[Point; 3]) -> [f32; 4] {
    let [xx, yy, zz] = [r[0][0], r[1][1], r[2][2]];
    let sign = |value: f32| if value == 0.0 { 0.0 } else { value.signum() };
    let component = |trace: f32, sense: f32| sign(sense) * (0.5 * (1.0 + trace).abs().sqrt());
    let q = [
        component(xx - yy - zz, r[2][1] - r[1][2]),
        component(-xx + yy - zz, r[0][2] - r[2][0]),
        component(-xx - yy + zz, r[1][0] - r[0][1]),
        (1.0 + (xx + yy + zz)).max(0.0).sqrt() / 2.0,
    ];
    let norm = q.iter().map(|value| value * value).sum::<f32>().sqrt().max(SHORTEST);
    q.map(|value| value / norm)
}

/// The smallest length used as a divisor.
const SHORTEST: f32 = 1e-12;

fn normalized(v: Point) -> Point {
    let length = dot(v, v).sqrt().max(SHORTEST);
    v.map(|value| value / length)
}

fn minus(p: Point, q: Point) -> Point {
    [p[0] - q[0], p[1] - q[1], p[2] - q[2]]
}

fn dot(p: Point, q: Point) -> f32 {
    p[0] * q[0] + p[1] * q[1] + p[2] * q[2]
}

fn cross(p: Point, q: Point) -> Point {
    [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]]
}
