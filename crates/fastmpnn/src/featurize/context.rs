//! The atoms that a network with a context encoder sees around a residue: those of ligands, and on request the side
//! chains of residues that keep their letters (published `parse_PDB`, `get_nearest_neighbors`, and the first half of
//! `ProteinFeaturesLigand.forward`).
//!
//! Each residue sees the A atoms nearest to its virtual CB, at any distance. Equal distances are ordered by atom: side
//! chains before ligands, each in file order.

use fastmpnn_kernels::{Kernels, PointCloud, SearchScratch};
use rayon::prelude::*;

use super::backbone;
use crate::chemistry::{atomic_number, context_element};
use crate::structure::{LigandAtom, Point, Structure};

/// The heavy side-chain atoms of the twenty amino acids that the published code takes for context: its `atom_types` from
/// the sixth on. CB and OXT are not among them, and neither are those that only modified residues have.
const SIDE_CHAIN_ATOMS: [&str; 31] = [
    "CG", "CG1", "CG2", "OG", "OG1", "SG", "CD", "CD1", "CD2", "ND1", "ND2", "OD1", "OD2", "SD", "CE", "CE1", "CE2",
    "CE3", "NE", "NE1", "NE2", "OE1", "OE2", "CH2", "NH1", "NH2", "OH", "CZ", "CZ2", "CZ3", "NZ",
];

/// A residue sees the side chains of this many of its nearest residues, itself among them (`E_idx[:, :, :16]`).
const SIDE_CHAIN_NEIGHBORS: usize = 16;

/// CB among a residue's sites.
const BETA: usize = 4;

/// Which atoms of a structure are context.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ContextChoice<'a> {
    /// A, the most atoms that a residue sees.
    pub(crate) atoms_a_residue: usize,
    /// Whether the atoms of ligands are seen.
    pub(crate) ligands: bool,
    /// The residues whose side chains are seen; empty for none. `[N]`
    pub(crate) side_chains_of: &'a [bool],
}

/// Residues as N, CA, C, O and CB, with their neighbors.
#[derive(Clone, Copy)]
pub(super) struct Neighborhood<'a> {
    /// Å. `[N, 5]`
    pub(super) sites: &'a [Point],
    /// Whether a residue has its backbone. `[N]`
    pub(super) resolved: &'a [bool],
    /// Nearest first. `[N, K]`
    pub(super) neighbors: &'a [u32],
    /// K
    pub(super) degree: usize,
}

/// An atom that residues see.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ContextAtom {
    /// Å
    pub(crate) position: Point,
    /// Its atomic number.
    pub(crate) element: u8,
}

/// The context of all residues.
#[derive(Clone, Debug)]
pub(crate) struct ContextAtoms {
    atoms: Vec<ContextAtom>,
    /// The atoms each residue sees, nearest first, one residue after another.
    seen: Vec<u32>,
    /// The offset of each residue's atoms in `seen`, and the end of the last. `[N + 1]`
    starts: Vec<usize>,
}

impl ContextAtoms {
    /// The context of a structure's residues, computed on the current rayon pool.
    pub(super) fn new(
        kernels: Kernels,
        structure: &Structure,
        residues: Neighborhood<'_>,
        choice: ContextChoice<'_>,
    ) -> ContextAtoms {
        let ligands: Vec<ContextAtom> =
            structure.ligand_atoms.iter().filter(|_| choice.ligands).filter_map(context_atom).collect();
        let points: Vec<Point> = ligands.iter().map(|atom| atom.position).collect();
        let (side_chains, ranges) = side_chains(structure, choice.side_chains_of);
        let search = Search {
            kernels,
            residues,
            cloud: PointCloud::new(&points),
            ligands: &ligands,
            side_chains: &side_chains,
            ranges: &ranges,
            choice,
        };
        let found: Vec<Vec<u32>> = (0..residues.resolved.len())
            .into_par_iter()
            .with_min_len(16)
            .map_init(SearchScratch::default, |scratch, residue| search.of_residue(residue, scratch))
            .collect();
        let mut context = ContextAtoms { seen: Vec::new(), starts: vec![0], atoms: [side_chains, ligands].concat() };
        for seen in &found {
            context.seen.extend(seen);
            context.starts.push(context.seen.len());
        }
        context
    }

    /// Adds the residues of another structure, which see their own atoms.
    pub(crate) fn append(&mut self, other: ContextAtoms) {
        let (atoms, seen) = (self.atoms.len() as u32, self.seen.len());
        self.atoms.extend(other.atoms);
        self.seen.extend(other.seen.iter().map(|atom| atoms + atom));
        self.starts.extend(other.starts[1..].iter().map(|start| seen + start));
    }

    /// No context for any of `residues` residues.
    pub(crate) fn none(residues: usize) -> ContextAtoms {
        ContextAtoms { atoms: Vec::new(), seen: Vec::new(), starts: vec![0; residues + 1] }
    }

    /// All atoms that residues may see.
    pub(crate) fn atoms(&self) -> &[ContextAtom] {
        &self.atoms
    }

    /// The atoms that a residue sees, nearest first, as indexes into [`ContextAtoms::atoms`]: at most A, and none for a
    /// residue without a backbone.
    pub(crate) fn seen(&self, residue: usize) -> &[u32] {
        &self.seen[self.starts[residue]..self.starts[residue + 1]]
    }

    /// Σ a and Σ a² over the residues, for a residue that sees a atoms.
    pub(crate) fn sizes(&self) -> (u64, u64) {
        let counts = self.starts.windows(2).map(|pair| (pair[1] - pair[0]) as u64);
        counts.fold((0, 0), |(atoms, pairs), count| (atoms + count, pairs + count * count))
    }
}

/// The distance from the virtual CB of each residue to the nearest ligand atom in the context, Å; infinite where there
/// is no such atom or no backbone. `[N]`
pub(crate) fn ligand_distances(kernels: Kernels, structure: &Structure) -> Vec<f32> {
    let (sites, resolved) = backbone::sites(structure);
    let points: Vec<Point> = structure.ligand_atoms.iter().filter_map(context_atom).map(|atom| atom.position).collect();
    let cloud = PointCloud::new(&points);
    let mut scratch = SearchScratch::default();
    let distance = |(sites, resolved): (&[Point], bool)| {
        let mut nearest = [0];
        if !resolved || points.is_empty() {
            return f32::INFINITY;
        }
        kernels.nearest(&cloud, sites[BETA], &mut scratch, &mut nearest);
        squared(sites[BETA], points[nearest[0] as usize]).sqrt()
    };
    sites.chunks_exact(backbone::SITES).zip(resolved).map(distance).collect()
}

fn context_atom(ligand: &LigandAtom) -> Option<ContextAtom> {
    let element = context_element(&ligand.atom.element)?;
    Some(ContextAtom { position: ligand.atom.position, element })
}

/// The side-chain atoms of the chosen residues, and where those of each residue stand. `[N]`
fn side_chains(structure: &Structure, chosen: &[bool]) -> (Vec<ContextAtom>, Vec<std::ops::Range<usize>>) {
    let mut atoms = Vec::new();
    let mut ranges = Vec::new();
    for (residue, _) in structure.residues.iter().zip(chosen) {
        let begin = atoms.len();
        if chosen[ranges.len()] {
            for name in SIDE_CHAIN_ATOMS {
                let Some(atom) = residue.atom(name) else { continue };
                // The published code takes the element from the name.
                let Some(element) = atomic_number(&name[..1]) else { continue };
                atoms.push(ContextAtom { position: atom.position, element });
            }
        }
        ranges.push(begin..atoms.len());
    }
    (atoms, ranges)
}

/// The search for one residue's context after another.
struct Search<'a> {
    kernels: Kernels,
    residues: Neighborhood<'a>,
    cloud: PointCloud,
    ligands: &'a [ContextAtom],
    side_chains: &'a [ContextAtom],
    ranges: &'a [std::ops::Range<usize>],
    choice: ContextChoice<'a>,
}

impl Search<'_> {
    /// The atoms that a residue sees; side chains have the lower indexes.
    fn of_residue(&self, residue: usize, scratch: &mut SearchScratch) -> Vec<u32> {
        let Neighborhood { sites, resolved, neighbors, degree } = self.residues;
        if !resolved[residue] {
            return Vec::new();
        }
        let beta = sites[residue * backbone::SITES + BETA];
        let most = self.choice.atoms_a_residue;
        let mut near = vec![0; most.min(self.cloud.len())];
        self.kernels.nearest(&self.cloud, beta, scratch, &mut near);
        let first_ligand = self.side_chains.len() as u32;
        near.iter_mut().for_each(|index| *index += first_ligand);
        if self.ranges.is_empty() {
            return near;
        }
        let near_residues = neighbors[residue * degree..][..degree].iter().take(SIDE_CHAIN_NEIGHBORS);
        let of_neighbors = near_residues.flat_map(|&neighbor| self.ranges[neighbor as usize].clone());
        let mut candidates: Vec<(f32, u32)> = of_neighbors
            .map(|index| (squared(beta, self.side_chains[index].position), index as u32))
            .chain(
                near.iter()
                    .map(|&index| (squared(beta, self.ligands[(index - first_ligand) as usize].position), index)),
            )
            .collect();
        candidates.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        candidates.truncate(most);
        candidates.into_iter().map(|(_, index)| index).collect()
    }
}

/// |a − b|², Å².
fn squared(a: Point, b: Point) -> f32 {
    let d: Point = std::array::from_fn(|axis| a[axis] - b[axis]);
    d[0] * d[0] + d[1] * d[1] + d[2] * d[2]
}
