//! Exact nearest neighbors of a point, nearest first; equal distances are ordered by index.
//!
//! The distance is √(dx² + dy² + dz² + 10⁻⁶) in f32 with the published order of operations and no fused step, so that
//! near-ties fall as they do in the published code. A key holds the distance's bits above the index: non-negative
//! floats sort as their bits do, so one integer comparison settles ties too.
//!
//! ```text
//! bound = ∞
//! for each leaf, the nearest to the center first
//!     skip it if its box can hold no key below the bound      ← tested on the boxes around it too
//!     for each 32 points of it
//!         keep the keys below the bound
//!         if many are kept: drop all but the K smallest, bound = the largest of those
//! ```
//!
//! A small cloud is a single leaf, so this becomes the plain search through all points. The result does not depend on
//! the tree: a box is skipped only when no point in it can be among the K (see [`tree::Node::smallest_key`]).
//!
//! Measured on one thread of a Xeon with AVX-512, K = 48, points as dense as CA atoms (a structure of 362 residues
//! repeated side by side), all N searches including the construction of the tree; processor time, the shortest of
//! several runs:
//!
//! | N | through all points | by the tree |
//! |---|---|---|
//! | 100 | 0.052 ms | 0.066 ms |
//! | 200 | 0.22 ms | 0.22 ms |
//! | 300 | 0.41 ms | 0.33 ms |
//! | 1 000 | 2.9 ms | 1.5 ms |
//! | 3 000 | 20 ms | 5.8 ms |
//! | 20 000 | 520 ms | 48 ms |
//! | 100 000 | 10.4 s | 0.30 s |
//!
//! With AVX2 the two cross over at the same N.

mod tree;

use crate::dispatch::dispatch;
use crate::lanes::Lanes;
use crate::{ALIGNMENT, Buffer, Kernels, padded};
use tree::{Node, key};

/// The number of points compared at a time: a whole number of vectors of any width.
const CHUNK: usize = ALIGNMENT;

/// The number of points in a leaf. Leaves half as large take 5 % more time, because more boxes are tested.
const LEAF: usize = 2 * CHUNK;

/// Clouds with fewer points are searched without a tree; the measurements above cross over between 200 and 300.
const CROSSOVER: usize = 256;

/// Points in space, stored as one array per axis in the order of a tree of boxes.
#[derive(Clone, Debug, Default)]
pub struct PointCloud {
    axes: [Buffer; 3],
    /// The caller's index of each stored point.
    order: Vec<u32>,
    nodes: Vec<Node>,
}

impl PointCloud {
    /// A cloud of `points`, `[N, 3]` in Å. A point's index is its position in `points`.
    ///
    /// # Panics
    /// If there are more points than a u32 can count.
    pub fn new(points: &[[f32; 3]]) -> PointCloud {
        if points.len() < CROSSOVER { PointCloud::flat(points) } else { PointCloud::in_tree(points) }
    }

    /// As [`PointCloud::new`], but every search compares all points, whatever their number.
    ///
    /// # Panics
    /// As [`PointCloud::new`].
    pub fn flat(points: &[[f32; 3]]) -> PointCloud {
        PointCloud::with_leaf(points, points.len().max(1))
    }

    /// As [`PointCloud::new`], but every search uses the tree of boxes, whatever the number of points.
    ///
    /// # Panics
    /// As [`PointCloud::new`].
    pub fn in_tree(points: &[[f32; 3]]) -> PointCloud {
        PointCloud::with_leaf(points, LEAF)
    }

    fn with_leaf(points: &[[f32; 3]], leaf: usize) -> PointCloud {
        assert!(u32::try_from(points.len()).is_ok(), "{} points are more than a u32 can count", points.len());
        let (order, nodes) = tree::build(points, leaf);
        let axis = |axis: usize| {
            let mut values = Buffer::zeros(padded(points.len()));
            for (value, &index) in values.iter_mut().zip(&order) {
                *value = points[index as usize][axis];
            }
            values
        };
        PointCloud { axes: [axis(0), axis(1), axis(2)], order, nodes }
    }

    /// The number of points.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether the cloud has no points.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

/// Memory that searches reuse.
#[derive(Clone, Debug, Default)]
pub struct SearchScratch {
    keys: Vec<u64>,
    /// Nodes still to be visited, with their smallest keys.
    waiting: Vec<(u64, usize)>,
}

/// The smallest keys so far.
struct Smallest<'a> {
    /// Room for `limit` keys and one more chunk.
    keys: &'a mut [u64],
    /// The number of keys kept so far.
    kept: usize,
    /// The number of keys wanted.
    wanted: usize,
    /// The number of kept keys at which the larger ones are dropped.
    limit: usize,
    /// The largest of the `wanted` smallest keys, once there are that many: no larger key matters.
    bound: u64,
}

impl Smallest<'_> {
    fn add(&mut self, distances: &[f32], indexes: &[u32]) {
        for (&distance, &index) in distances.iter().zip(indexes) {
            // Branchless: a branch would be mispredicted half the time.
            let key = key(distance, index);
            self.keys[self.kept] = key;
            self.kept += usize::from(key < self.bound);
        }
        if self.kept >= self.limit {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        let (_, &mut largest, _) = self.keys[..self.kept].select_nth_unstable(self.wanted - 1);
        self.bound = largest;
        self.kept = self.wanted;
    }
}

struct Search<'a, 'b> {
    cloud: &'a PointCloud,
    center: [f32; 3],
    waiting: &'a mut Vec<(u64, usize)>,
    found: &'a mut Smallest<'b>,
}

#[inline(always)]
fn body<L: Lanes>(l: L, arguments: Search<'_, '_>) {
    let Search { cloud, center, waiting, found } = arguments;
    waiting.clear();
    waiting.push((0, 0));
    while let Some((smallest, place)) = waiting.pop() {
        if smallest >= found.bound {
            continue;
        }
        if let Some(second) = cloud.nodes[place].second_child() {
            let child = |place: usize| (cloud.nodes[place].smallest_key(center), place);
            let children = [child(place + 1), child(second)];
            // The nearer child is popped first.
            waiting.extend([children.iter().max(), children.iter().min()].into_iter().flatten());
            continue;
        }
        let Node { first, end, .. } = cloud.nodes[place];
        for first in (first..end).step_by(CHUNK) {
            let distances = chunk_distances(l, cloud, center, first);
            found.add(&distances, &cloud.order[first..end.min(first + CHUNK)]);
        }
    }
}

/// The distances from the center to the points `first..first + CHUNK`.
#[inline(always)]
fn chunk_distances<L: Lanes>(l: L, cloud: &PointCloud, center: [f32; 3], first: usize) -> [f32; CHUNK] {
    let mut distances = [0.0; CHUNK];
    let axes = [0, 1, 2].map(|axis: usize| &cloud.axes[axis][first..first + CHUNK]);
    let center = center.map(|x| l.splat(x));
    for place in (0..CHUNK).step_by(L::WIDTH) {
        // SAFETY: the axes and `distances` have `CHUNK` floats, a multiple of every vector's width.
        unsafe {
            let square = |axis: usize| {
                let d = l.sub(center[axis], l.load(axes[axis].as_ptr().add(place)));
                l.mul(d, d)
            };
            let sum = l.add(l.add(square(0), square(1)), square(2));
            l.store(distances.as_mut_ptr().add(place), l.sqrt(l.add(sum, l.splat(1e-6))));
        }
    }
    distances
}

impl Kernels {
    /// Writes the indexes of the `out.len()` points nearest to `center` (in Å) to `out`, nearest first, equal distances
    /// by index. A point of the cloud at `center` itself counts.
    ///
    /// # Panics
    /// If the cloud has fewer than `out.len()` points.
    pub fn nearest(&self, cloud: &PointCloud, center: [f32; 3], scratch: &mut SearchScratch, out: &mut [u32]) {
        let wanted = out.len();
        assert!(wanted <= cloud.len(), "{wanted} neighbors among {} points", cloud.len());
        if wanted == 0 {
            return;
        }
        let SearchScratch { keys, waiting } = scratch;
        // Each key is handled a constant number of times, and once the bound is tight few keys pass it.
        let limit = 2 * wanted;
        keys.resize(limit + CHUNK, 0);
        let mut found = Smallest { keys, kept: 0, wanted, limit, bound: u64::MAX };
        dispatch!(self.isa(), body, Search { cloud, center, waiting, found: &mut found }, Search<'_, '_>);
        found.shrink();
        let keys = &mut found.keys[..wanted];
        keys.sort_unstable();
        for (target, key) in out.iter_mut().zip(keys) {
            *target = *key as u32;
        }
    }
}
