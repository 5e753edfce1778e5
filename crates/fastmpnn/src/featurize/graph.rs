//! The residues as points and the K nearest of each.

use fastmpnn_kernels::{Kernels, PointCloud, SearchScratch};
use rayon::prelude::*;

use crate::structure::{Point, Structure};

/// N residues with their backbones and neighbours. Masked residues are there, with a state of zero and no influence
/// on the encoder.
#[derive(Clone, Debug)]
pub struct Graph {
    /// N, CA, C, O and the virtual CB of each residue, Å; zeros where masked. `[N, 5]`
    pub(crate) atoms: Vec<[Point; 5]>,
    /// Whether a residue has its backbone. `[N]`
    pub(crate) resolved: Vec<bool>,
    /// The chain of each residue. `[N]`
    pub(crate) chain: Vec<u32>,
    /// Its place along the chain, missing residues counted. `[N]`
    pub(crate) position: Vec<i32>,
    /// The K residues nearest by CA, nearest first, equal distances by index; the residue itself is the first. Where
    /// fewer than K are resolved, masked ones fill the rest, in order. Zeros where masked. `[N, K]`
    pub(crate) neighbours: Vec<u32>,
    /// K, at most N.
    pub(crate) degree: usize,
}

impl Graph {
    /// The graph of a structure with at most `neighbours` neighbours a residue, made by the rayon pool that this is
    /// called in.
    pub fn new(kernels: Kernels, structure: &Structure, neighbours: usize) -> Graph {
        let residues = &structure.residues;
        let backbones: Vec<_> = residues.iter().map(|residue| residue.backbone()).collect();
        let resolved: Vec<bool> = backbones.iter().map(Option::is_some).collect();
        let atoms: Vec<[Point; 5]> =
            backbones.iter().map(|backbone| backbone.map_or([[0.0; 3]; 5], with_virtual_beta)).collect();
        let degree = neighbours.min(residues.len());
        Graph {
            neighbours: nearest(kernels, &atoms, &resolved, degree),
            chain: residues.iter().map(|residue| residue.chain as u32).collect(),
            position: residues.iter().map(|residue| residue.sequence_position).collect(),
            atoms,
            resolved,
            degree,
        }
    }

    /// N.
    pub fn len(&self) -> usize {
        self.resolved.len()
    }

    /// Whether there are no residues.
    pub fn is_empty(&self) -> bool {
        self.resolved.is_empty()
    }

    /// K, neighbours a residue.
    pub fn degree(&self) -> usize {
        self.degree
    }

    /// The neighbours of a residue, nearest first. `[K]`
    pub fn neighbours(&self, residue: usize) -> &[u32] {
        &self.neighbours[residue * self.degree..][..self.degree]
    }
}

/// N, CA, C, O and CB, the last where an ideal alanine has it: CA − 0.58273431·(b × c) + 0.56802827·b − 0.54067466·c
/// with b = CA − N and c = C − CA (constants of the published featurizer).
fn with_virtual_beta([n, ca, c, o]: [Point; 4]) -> [Point; 5] {
    let minus = |p: Point, q: Point| [p[0] - q[0], p[1] - q[1], p[2] - q[2]];
    let (b, c_bond) = (minus(ca, n), minus(c, ca));
    let a =
        [b[1] * c_bond[2] - b[2] * c_bond[1], b[2] * c_bond[0] - b[0] * c_bond[2], b[0] * c_bond[1] - b[1] * c_bond[0]];
    let beta = std::array::from_fn(|axis| {
        -0.582_734_3 * a[axis] + 0.568_028_3 * b[axis] - 0.540_674_7 * c_bond[axis] + ca[axis]
    });
    [n, ca, c, o, beta]
}

/// Rows are independent: threads of the pool that this is called in share them.
fn nearest(kernels: Kernels, atoms: &[[Point; 5]], resolved: &[bool], degree: usize) -> Vec<u32> {
    /// Rows that are not worth a task each.
    const ROWS_A_TASK: usize = 32;
    if degree == 0 {
        return Vec::new();
    }
    let indexes = |wanted: bool| -> Vec<u32> {
        (0..resolved.len() as u32).filter(|&index| resolved[index as usize] == wanted).collect()
    };
    let (present, missing) = (indexes(true), indexes(false));
    let points: Vec<Point> = present.iter().map(|&index| atoms[index as usize][1]).collect();
    let cloud = PointCloud::new(&points);
    let near = degree.min(present.len());
    let mut neighbours = vec![0; resolved.len() * degree];
    let rows = neighbours.par_chunks_exact_mut(degree).zip(atoms).zip(resolved).with_min_len(ROWS_A_TASK);
    rows.filter(|&(_, &resolved)| resolved).for_each_init(SearchScratch::default, |scratch, ((row, atoms), _)| {
        kernels.nearest(&cloud, atoms[1], scratch, &mut row[..near]);
        for slot in &mut row[..near] {
            *slot = present[*slot as usize];
        }
        row[near..].copy_from_slice(&missing[..degree - near]);
    });
    neighbours
}
