//! The nearest points of a point, exactly: all distances, then the smallest, equal distances by index.
//!
//! The distance is √(dx² + dy² + dz² + 10⁻⁶) in f32 with the published order of operations and no fused step, so that
//! near-ties fall as they do in the published code. A key is the distance's bits above the index: non-negative floats
//! sort as their bits do, and one integer comparison settles ties too.

use crate::dispatch::dispatch;
use crate::lanes::Lanes;
use crate::{Buffer, Kernels, padded};

/// Points in space, coordinate by coordinate.
#[derive(Clone, Debug, Default)]
pub struct PointCloud {
    axes: [Buffer; 3],
    count: usize,
}

impl PointCloud {
    /// Takes the points over, in order.
    pub fn new(points: &[[f32; 3]]) -> PointCloud {
        let axis = |axis: usize| {
            let mut values = Buffer::zeros(padded(points.len()));
            for (value, point) in values.iter_mut().zip(points) {
                *value = point[axis];
            }
            values
        };
        PointCloud { axes: [axis(0), axis(1), axis(2)], count: points.len() }
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// Memory that a search reuses.
#[derive(Clone, Debug, Default)]
pub struct SearchScratch {
    distances: Buffer,
    keys: Vec<u64>,
}

struct Arguments<'a> {
    cloud: &'a PointCloud,
    center: [f32; 3],
    distances: &'a mut [f32],
}

#[inline(always)]
fn body<L: Lanes>(l: L, arguments: Arguments<'_>) {
    let Arguments { cloud, center, distances } = arguments;
    let center = center.map(|x| l.splat(x));
    for first in (0..distances.len()).step_by(L::WIDTH) {
        // SAFETY: the axes and `distances` are equally long, a multiple of every vector's width.
        unsafe {
            let square = |axis: usize| {
                let d = l.sub(center[axis], l.load(cloud.axes[axis].as_ptr().add(first)));
                l.mul(d, d)
            };
            let sum = l.add(l.add(square(0), square(1)), square(2));
            l.store(distances.as_mut_ptr().add(first), l.sqrt(l.add(sum, l.splat(1e-6))));
        }
    }
}

impl Kernels {
    /// Writes the indexes of the `out.len()` points nearest to `center` to `out`, nearest first, equal distances by
    /// index. A point of the cloud at `center` itself counts.
    ///
    /// # Panics
    /// When the cloud has fewer points than asked for.
    pub fn nearest(&self, cloud: &PointCloud, center: [f32; 3], scratch: &mut SearchScratch, out: &mut [u32]) {
        let count = out.len();
        assert!(count <= cloud.count, "{count} neighbours among {} points", cloud.count);
        if count == 0 {
            return;
        }
        let SearchScratch { distances, keys } = scratch;
        distances.resize(padded(cloud.count));
        dispatch!(self.isa(), body, Arguments { cloud, center, distances }, Arguments<'_>);
        keys.clear();
        let mut bound = u64::MAX;
        for (index, distance) in distances[..cloud.count].iter().enumerate() {
            let key = u64::from(distance.to_bits()) << 32 | index as u64;
            if key < bound {
                keys.push(key);
                // Twice as many as wanted: throw away the farther half. Each key is handled a constant number of
                // times, and once the bound is tight few get in.
                if keys.len() == 2 * count {
                    keys.select_nth_unstable(count - 1);
                    keys.truncate(count);
                    bound = keys[count - 1];
                }
            }
        }
        keys.sort_unstable();
        for (target, key) in out.iter_mut().zip(keys) {
            *target = *key as u32;
        }
    }
}
