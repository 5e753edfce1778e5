//! The processor's peak rates: multiply-adds on registers, and reads of contiguous memory.

use std::hint::black_box;

use crate::Kernels;
use crate::dispatch::{dispatch, dispatch_tiled};
use crate::lanes::Lanes;

struct MultiplyAdds<'a> {
    rounds: u64,
    /// The number of operations done so far.
    operations: &'a mut f64,
}

struct Reading<'a> {
    values: &'a [f32],
    total: &'a mut f32,
}

#[inline(always)]
fn multiply_adds<L: Lanes, const ROWS: usize, const VECTORS: usize>(l: L, arguments: MultiplyAdds<'_>) {
    let MultiplyAdds { rounds, operations } = arguments;
    // As many independent sums as in the microkernel, so that latency is hidden.
    let mut sums = [[l.splat(black_box(0.0)); VECTORS]; ROWS];
    let (x, y) = (l.splat(black_box(0.5)), l.splat(black_box(0.25)));
    for _ in 0..rounds {
        for row in &mut sums {
            for sum in row {
                *sum = l.mul_add(*sum, x, y);
            }
        }
    }
    for row in sums {
        for sum in row {
            black_box(l.sum(sum));
        }
    }
    *operations = (rounds as f64) * (2 * ROWS * VECTORS * L::WIDTH) as f64;
}

#[inline(always)]
fn read<L: Lanes>(l: L, arguments: Reading<'_>) {
    let Reading { values, total } = arguments;
    let mut sums = [l.splat(0.0); 8];
    for chunk in values.chunks_exact(8 * L::WIDTH) {
        for (lane, sum) in sums.iter_mut().enumerate() {
            // SAFETY: a chunk has eight vectors.
            *sum = l.add(*sum, unsafe { l.load(chunk.as_ptr().add(lane * L::WIDTH)) });
        }
    }
    *total = sums.into_iter().map(|sum| l.sum(sum)).sum();
}

impl Kernels {
    /// Runs `rounds` of multiply-adds that touch no memory and returns the number of operations (two for each
    /// multiply-add). Divided by the time, it is the peak rate of one core.
    pub fn multiply_adds(&self, rounds: u64) -> f64 {
        let mut operations = 0.0;
        let arguments = MultiplyAdds { rounds, operations: &mut operations };
        dispatch_tiled!(self.isa(), multiply_adds, arguments, MultiplyAdds<'_>);
        operations
    }

    /// Reads every number once and returns their sum: the time gives the bandwidth of the memory that holds them.
    pub fn read(&self, values: &[f32]) -> f32 {
        let mut total = 0.0;
        dispatch!(self.isa(), read, Reading { values, total: &mut total }, Reading<'_>);
        total
    }
}
