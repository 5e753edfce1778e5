//! Sums of rows that are not contiguous in memory.

use crate::Kernels;
use crate::dispatch::dispatch;
use crate::lanes::Lanes;

/// The number of vectors summed at a time. The narrowest row has two of the widest vectors.
const SIDE_BY_SIDE: usize = 2;

struct RowSum<'a> {
    rows: &'a [&'a [f32]],
    /// What the rows are added to.
    out: &'a mut [f32],
}

#[inline(always)]
fn body<L: Lanes>(l: L, arguments: RowSum<'_>) {
    let RowSum { rows, out } = arguments;
    for column in (0..out.len()).step_by(SIDE_BY_SIDE * L::WIDTH) {
        // SAFETY: `out` and every row have the same length, a multiple of two vectors of any width (checked by the
        // caller).
        unsafe {
            let target = out.as_mut_ptr().add(column);
            let mut sums: [L::Vector; SIDE_BY_SIDE] = std::array::from_fn(|v| l.load(target.add(v * L::WIDTH)));
            for row in rows {
                let row = row.as_ptr().add(column);
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum = l.add(*sum, l.load(row.add(v * L::WIDTH)));
                }
            }
            for (v, sum) in sums.into_iter().enumerate() {
                l.store(target.add(v * L::WIDTH), sum);
            }
        }
    }
}

impl Kernels {
    /// out += Σ rows, added one after another: the order in which a product that sums its rows adds them.
    ///
    /// # Panics
    /// If the length of a row differs from that of `out`, or is not a multiple of [`ALIGNMENT`](crate::ALIGNMENT).
    pub fn add_rows(&self, rows: &[&[f32]], out: &mut [f32]) {
        assert!(out.len().is_multiple_of(crate::ALIGNMENT), "{} floats are not a whole number of panels", out.len());
        assert!(rows.iter().all(|row| row.len() == out.len()), "a row is not as long as the sum");
        dispatch!(self.isa(), body, RowSum { rows, out }, RowSum<'_>);
    }
}
