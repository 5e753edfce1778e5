//! The order in which points are stored, and the boxes around runs of them.

/// A distance and an index as one number that sorts by both.
pub(super) fn key(distance: f32, index: u32) -> u64 {
    u64::from(distance.to_bits()) << 32 | u64::from(index)
}

/// A box around a run of points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    low: [f32; 3],
    high: [f32; 3],
    /// The smallest index among the points in the box.
    smallest: u32,
    /// Index of the second child; the first child is the next node. `None` for a leaf.
    second: Option<u32>,
    /// The first point, in tree order.
    pub(super) first: usize,
    /// One past the last point.
    pub(super) end: usize,
}

impl Node {
    /// Index of the second child; the first child follows its parent. `None` for a leaf.
    pub(super) fn second_child(&self) -> Option<usize> {
        self.second.map(|second| second as usize)
    }

    /// A lower bound: no point in the box has a smaller key.
    ///
    /// The distance to the nearest point of the box is computed in the same steps as the points' distances. Each step
    /// is rounded correctly, so a larger operand never gives a smaller result: a difference at least as large has a
    /// square, a sum and a root at least as large. The bound holds for the rounded distances, without a margin.
    pub(super) fn smallest_key(&self, center: [f32; 3]) -> u64 {
        let square = |axis: usize| {
            let d = center[axis] - center[axis].max(self.low[axis]).min(self.high[axis]);
            d * d
        };
        let distance = (square(0) + square(1) + square(2) + 1e-6).sqrt();
        key(distance, self.smallest)
    }
}

/// Orders the points so that those of each node are contiguous, and returns that order and the nodes, each node before
/// its children. Every leaf holds `leaf` points except the last, which holds the rest.
///
/// A node is split across its longest side so that half of its leaves lie on either side; equal coordinates are ordered
/// by index. So the tree has ⌈log₂ leaves⌉ levels wherever the points lie, even if they all coincide.
pub(super) fn build(points: &[[f32; 3]], leaf: usize) -> (Vec<u32>, Vec<Node>) {
    let mut order: Vec<u32> = (0..points.len() as u32).collect();
    let mut nodes = Vec::with_capacity((2 * points.len().div_ceil(leaf)).saturating_sub(1));
    if !points.is_empty() {
        split(points, leaf, &mut order, 0, &mut nodes);
    }
    (order, nodes)
}

fn split(points: &[[f32; 3]], leaf: usize, order: &mut [u32], first: usize, nodes: &mut Vec<Node>) {
    let (mut low, mut high) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
    for &index in order.iter() {
        for (axis, &x) in points[index as usize].iter().enumerate() {
            low[axis] = low[axis].min(x);
            high[axis] = high[axis].max(x);
        }
    }
    let smallest = order.iter().copied().min().unwrap_or(0);
    let place = nodes.len();
    nodes.push(Node { low, high, smallest, second: None, first, end: first + order.len() });
    let leaves = order.len().div_ceil(leaf);
    if leaves < 2 {
        return;
    }
    let side = |axis: usize| high[axis] - low[axis];
    let axis = (1..3).fold(0, |longest, axis| if side(axis) > side(longest) { axis } else { longest });
    let middle = leaves / 2 * leaf;
    order.select_nth_unstable_by(middle, |&a, &b| {
        points[a as usize][axis].total_cmp(&points[b as usize][axis]).then(a.cmp(&b))
    });
    let (below, above) = order.split_at_mut(middle);
    split(points, leaf, below, first, nodes);
    nodes[place].second = Some(nodes.len() as u32);
    split(points, leaf, above, first + middle, nodes);
}
