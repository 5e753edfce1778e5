//! The graph of neighbors, with distances computed in a chosen format.

use fastmpnn::featurize::Graph;
use fastmpnn::kernels::Kernels;
use fastmpnn::spec::Environment;
use fastmpnn::structure::{Point, Structure};
use fastmpnn::weights::Config;
use rayon::prelude::*;

use super::numbers::Format;

/// A graph whose coordinates and distances are rounded to a format before neighbors are chosen.
#[derive(Clone, Debug)]
pub(crate) struct Wiring {
    graph: Graph,
    atoms: Vec<[Point; 5]>,
    /// `[N, K]`
    neighbors: Vec<u32>,
}

impl Wiring {
    /// The graph of a structure for a network of backbone atoms.
    pub(crate) fn new(kernels: Kernels, structure: &Structure, config: &Config, format: Format) -> Wiring {
        let graph = Graph::new(kernels, structure, &Environment::default(), config);
        let atom = |residue: usize| std::array::from_fn(|atom| graph.sites(residue)[atom]);
        let mut atoms: Vec<[Point; 5]> = (0..graph.len()).map(atom).collect();
        if format == Format::F32 {
            let neighbors = (0..graph.len()).flat_map(|residue| graph.neighbors(residue)).copied().collect();
            return Wiring { neighbors, atoms, graph };
        }
        for value in atoms.iter_mut().flatten().flatten() {
            *value = format.rounded(*value);
        }
        let nearest = |residue: usize| {
            let mut keys: Vec<(f32, u32)> = (0..graph.len() as u32)
                .filter(|&other| graph.resolved()[other as usize])
                .map(|other| (distance(format, atoms[residue][1], atoms[other as usize][1]), other))
                .collect();
            keys.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let missing = (0..graph.len() as u32).filter(|&other| !graph.resolved()[other as usize]);
            let all = keys.into_iter().map(|key| key.1).chain(missing);
            let own: Vec<u32> =
                if graph.resolved()[residue] { all.take(graph.degree()).collect() } else { vec![0; graph.degree()] };
            own
        };
        let neighbors = (0..graph.len()).into_par_iter().flat_map_iter(nearest).collect();
        Wiring { neighbors, atoms, graph }
    }

    /// N, the number of residues.
    pub(crate) fn len(&self) -> usize {
        self.graph.len()
    }

    /// K, neighbors per residue.
    pub(crate) fn degree(&self) -> usize {
        self.graph.degree()
    }

    /// The neighbors of a residue, nearest first. `[K]`
    pub(crate) fn neighbors(&self, residue: usize) -> &[u32] {
        &self.neighbors[residue * self.degree()..][..self.degree()]
    }

    /// Whether each residue has its backbone. `[N]`
    pub(crate) fn resolved(&self) -> &[bool] {
        self.graph.resolved()
    }

    /// The share of the f32 graph's neighbors that are not neighbors here, over the residues with a backbone.
    pub(crate) fn neighbors_lost(&self) -> f64 {
        let mut lost = 0;
        let mut all = 0;
        for residue in (0..self.len()).filter(|&residue| self.resolved()[residue]) {
            let own = self.neighbors(residue);
            all += own.len();
            lost += self.graph.neighbors(residue).iter().filter(|neighbor| !own.contains(neighbor)).count();
        }
        if all == 0 { 0.0 } else { lost as f64 / all as f64 }
    }

    pub(super) fn graph(&self) -> &Graph {
        &self.graph
    }

    pub(super) fn atoms(&self) -> &[[Point; 5]] {
        &self.atoms
    }
}

/// √(dx² + dy² + dz² + 10⁻⁶), each step rounded to the format.
pub(super) fn distance(format: Format, a: Point, b: Point) -> f32 {
    let round = |value: f32| format.rounded(value);
    let square = |axis: usize| {
        let difference = round(a[axis] - b[axis]);
        round(difference * difference)
    };
    let sum = round(round(square(0) + square(1)) + square(2));
    round(round(sum + round(1e-6)).sqrt())
}
