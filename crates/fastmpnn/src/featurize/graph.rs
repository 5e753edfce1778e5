//! The residues as points, with the K nearest neighbors of each.

use fastmpnn_kernels::{Kernels, PointCloud, SearchScratch};
use rayon::prelude::*;

use super::ca_only::OrientedAlpha;
use super::context::{ContextAtoms, ContextChoice, Neighborhood};
use super::equal_distances::{Candidate, nearest_first};
use super::residue_frame::distance;
use super::{backbone, ca_only};
use crate::spec::Environment;
use crate::structure::{Point, Structure};
use crate::weights::{Config, Family};

/// N residues with their sites and neighbors. Masked residues are included; their state is zero, and they do not
/// influence the encoder.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The points that represent a residue, Å; zeros for missing atoms. Site 1 is CA. `[N, sites]`
    sites: Vec<Point>,
    sites_a_residue: usize,
    /// The orientation of the trace at each residue, in CA-only networks. `[N]`
    pub(crate) frames: Vec<ca_only::Frame>,
    /// The class of each residue whose embedding its node starts from; empty where nodes start at zero. `[N]`
    pub(crate) classes: Vec<u8>,
    /// Whether a residue has the atoms that the network needs. `[N]`
    pub(crate) resolved: Vec<bool>,
    /// The chain of each residue. `[N]`
    pub(crate) chain: Vec<u32>,
    /// The position of each residue along its chain, counting missing residues. `[N]`
    pub(crate) position: Vec<i32>,
    /// The number of positions of its chain if that is cyclic, otherwise 0; empty if no chain is. `[N]`
    pub(crate) cycle: Vec<i32>,
    /// The K residues nearest by CA, nearest first, equal distances by index; the residue itself is the first. Masked
    /// residues count as far away as the farthest resolved one. They are included only if at most K residues are
    /// resolved, chosen as in the published code. Zeros in the rows of masked residues. `[N, K]`
    pub(crate) neighbors: Vec<u32>,
    /// The distance assigned to masked residues, Å; empty if none is a neighbor, zero in the rows of masked ones. `[N]`
    pub(crate) farthest: Vec<f32>,
    /// K, at most N.
    pub(crate) degree: usize,
    /// The context atoms, for networks that see them.
    pub(crate) context: Option<ContextAtoms>,
}

impl Graph {
    /// The graph of a structure in its environment for a network, computed on the current rayon pool.
    pub fn new(kernels: Kernels, structure: &Structure, environment: &Environment, config: &Config) -> Graph {
        let residues = &structure.residues;
        let (sites, frames, resolved, sites_a_residue) = match config.family {
            Family::CaOnly => {
                let ca_only::Trace { sites, frames, resolved } = ca_only::trace(structure, &environment.cyclic);
                (sites, frames, resolved, ca_only::SITES)
            }
            Family::Protein | Family::Membrane | Family::Ligand | Family::Packer => {
                let (sites, resolved) = backbone::sites(structure);
                (sites, Vec::new(), resolved, backbone::SITES)
            }
        };
        let classes = match config.family {
            Family::Membrane => environment.membrane_classes(residues.len()),
            Family::Packer => residues.iter().map(|residue| residue.letter.index() as u8).collect(),
            Family::Protein | Family::CaOnly | Family::Ligand => Vec::new(),
        };
        let degree = config.neighbors.min(residues.len());
        let alphas: Vec<Point> = sites.chunks_exact(sites_a_residue).map(|sites| sites[1]).collect();
        let Nearest { neighbors, farthest } = nearest(kernels, &alphas, &resolved, degree);
        let mut graph = Graph {
            neighbors,
            farthest,
            chain: residues.iter().map(|residue| residue.chain as u32).collect(),
            position: residues.iter().map(|residue| residue.sequence_position).collect(),
            cycle: cycles(structure, &environment.cyclic),
            sites,
            sites_a_residue,
            frames,
            classes,
            resolved,
            degree,
            context: None,
        };
        if let Some(atoms_a_residue) = config.context_atoms {
            let Environment { ligands, ref side_chains_of, .. } = *environment;
            let choice = ContextChoice { atoms_a_residue, ligands, side_chains_of };
            let residues = Neighborhood {
                sites: &graph.sites,
                resolved: &graph.resolved,
                neighbors: &graph.neighbors,
                degree: graph.degree,
            };
            graph.context = Some(ContextAtoms::new(kernels, structure, residues, choice));
        }
        graph
    }

    /// Σ a and Σ a² over the residues, where a is the number of context atoms that a residue sees.
    pub(crate) fn context_sizes(&self) -> (u64, u64) {
        self.context.as_ref().map_or((0, 0), ContextAtoms::sizes)
    }

    /// The part of a graph that decoding needs: `resolved` `[N]` and `neighbors` `[N, K]`.
    pub(crate) fn of_neighbors(resolved: Vec<bool>, neighbors: Vec<u32>, degree: usize) -> Graph {
        Graph {
            sites: Vec::new(),
            sites_a_residue: 0,
            frames: Vec::new(),
            classes: Vec::new(),
            chain: Vec::new(),
            position: Vec::new(),
            cycle: Vec::new(),
            resolved,
            neighbors,
            farthest: Vec::new(),
            degree,
            context: None,
        }
    }

    /// Joins graphs with equal numbers of residues into one, without edges between them. Chains of different graphs
    /// stay different chains.
    pub(crate) fn union(graphs: Vec<Graph>) -> Option<Graph> {
        let mut graphs = graphs.into_iter();
        let mut union = graphs.next()?;
        for graph in graphs {
            assert_eq!((union.degree, union.sites_a_residue), (graph.degree, graph.sites_a_residue), "unlike graphs");
            let (residues, chains) = (union.len() as u32, union.chain.iter().max().map_or(0, |last| last + 1));
            if !union.farthest.is_empty() || !graph.farthest.is_empty() {
                union.farthest.resize(union.len(), 0.0);
                union.farthest.extend(&graph.farthest);
                union.farthest.resize(union.len() + graph.len(), 0.0);
            }
            if !union.cycle.is_empty() || !graph.cycle.is_empty() {
                union.cycle.resize(union.len(), 0);
                union.cycle.extend(&graph.cycle);
                union.cycle.resize(union.len() + graph.len(), 0);
            }
            union.sites.extend(graph.sites);
            union.frames.extend(graph.frames);
            union.classes.extend(graph.classes);
            union.resolved.extend(graph.resolved);
            union.chain.extend(graph.chain.iter().map(|chain| chains + chain));
            union.position.extend(graph.position);
            union.neighbors.extend(graph.neighbors.iter().map(|neighbor| residues + neighbor));
            if let (Some(context), Some(other)) = (&mut union.context, graph.context) {
                context.append(other);
            }
        }
        Some(union)
    }

    /// The points that represent a residue, Å; in networks of backbone atoms N, CA, C, O and the virtual CB. Empty in
    /// the graph of a saved encoding, and for an index past the last residue. `[sites]`
    pub fn sites(&self, residue: usize) -> &[Point] {
        row(&self.sites, residue, self.sites_a_residue)
    }

    /// The orientation features of the edge from `center` to `neighbor`, in CA-only networks.
    pub(crate) fn orientation(&self, center: usize, neighbor: usize) -> [f32; ca_only::ORIENTATIONS] {
        let alpha = |residue: usize| OrientedAlpha { frame: &self.frames[residue], position: self.sites(residue)[1] };
        ca_only::orientation(alpha(center), alpha(neighbor))
    }

    /// N.
    pub fn len(&self) -> usize {
        self.resolved.len()
    }

    /// Whether there are no residues.
    pub fn is_empty(&self) -> bool {
        self.resolved.is_empty()
    }

    /// Whether a residue has the atoms that the network needs. `[N]`
    pub fn resolved(&self) -> &[bool] {
        &self.resolved
    }

    /// The chain of each residue; empty in the graph of a saved encoding. `[N]`
    pub fn chains(&self) -> &[u32] {
        &self.chain
    }

    /// The position of each residue along its chain, counting missing residues; empty in the graph of a saved encoding.
    /// `[N]`
    pub fn positions(&self) -> &[i32] {
        &self.position
    }

    /// K, neighbors per residue.
    pub fn degree(&self) -> usize {
        self.degree
    }

    /// The neighbors of a residue, nearest first; empty for an index past the last residue. `[K]`
    pub fn neighbors(&self, residue: usize) -> &[u32] {
        row(&self.neighbors, residue, self.degree)
    }
}

/// A row of a table whose rows are `width` long; empty past the last one.
fn row<T>(table: &[T], index: usize, width: usize) -> &[T] {
    let start = index.saturating_mul(width);
    table.get(start..start.saturating_add(width)).unwrap_or_default()
}

/// [`Graph::cycle`] of residues that are in a cyclic chain or are not, `[N]`; empty for none.
fn cycles(structure: &Structure, cyclic: &[bool]) -> Vec<i32> {
    if !cyclic.contains(&true) {
        return Vec::new();
    }
    let mut cycles = vec![0; structure.residues.len()];
    for chain in &structure.chains {
        let members = &structure.residues[chain.residues.clone()];
        let positions = || members.iter().map(|residue| residue.sequence_position);
        let (Some(first), Some(last)) = (positions().min(), positions().max()) else { continue };
        let places = last.saturating_sub(first).saturating_add(1);
        for index in chain.residues.clone().filter(|&index| cyclic.get(index) == Some(&true)) {
            cycles[index] = places;
        }
    }
    cycles
}

/// The K nearest neighbors of each residue, `[N, K]`, and [`Graph::farthest`].
#[derive(Default)]
struct Nearest {
    neighbors: Vec<u32>,
    farthest: Vec<f32>,
}

/// Rows are independent: threads of the pool that this is called in share them.
fn nearest(kernels: Kernels, alphas: &[Point], resolved: &[bool], degree: usize) -> Nearest {
    /// Rows per task: single rows are too little work.
    const ROWS_A_TASK: usize = 32;
    let present: Vec<u32> = (0..resolved.len() as u32).filter(|&index| resolved[index as usize]).collect();
    if degree == 0 {
        return Nearest::default();
    }
    if present.len() <= degree && present.len() < resolved.len() {
        return nearest_with_masked(alphas, resolved, degree);
    }
    let points: Vec<Point> = present.iter().map(|&index| alphas[index as usize]).collect();
    let cloud = PointCloud::new(&points);
    let mut neighbors = vec![0; resolved.len() * degree];
    let rows = neighbors.par_chunks_exact_mut(degree).zip(alphas).zip(resolved).with_min_len(ROWS_A_TASK);
    rows.filter(|&(_, &resolved)| resolved).for_each_init(SearchScratch::default, |scratch, ((row, &alpha), _)| {
        kernels.nearest(&cloud, alpha, scratch, row);
        for slot in row {
            *slot = present[*slot as usize];
        }
    });
    Nearest { neighbors, farthest: Vec::new() }
}

/// The neighbors if at most K residues are resolved and others are masked.
fn nearest_with_masked(alphas: &[Point], resolved: &[bool], degree: usize) -> Nearest {
    let mut found = Nearest { neighbors: vec![0; resolved.len() * degree], farthest: vec![0.0; resolved.len()] };
    let rows = found.neighbors.par_chunks_exact_mut(degree).zip(&mut found.farthest).zip(alphas).zip(resolved);
    rows.filter(|&(_, &resolved)| resolved).for_each(|(((row, farthest), &alpha), _)| {
        let distances = alphas.iter().zip(resolved).map(|(&other, &resolved)| resolved.then(|| distance(alpha, other)));
        *farthest = distances.clone().flatten().fold(0.0, f32::max);
        let mut candidates: Vec<Candidate> =
            distances.zip(0..).map(|(distance, index)| (distance.unwrap_or(*farthest), index)).collect();
        nearest_first(&mut candidates, degree);
        for (slot, (_, index)) in row.iter_mut().zip(candidates) {
            *slot = index;
        }
    });
    found
}
