//! Gaussian radial basis functions of distances: exp(−((d − μ) / σ)²) for evenly spaced μ.

use crate::activation::exp_negative;
use crate::dispatch::dispatch;
use crate::lanes::Lanes;
use crate::{Kernels, RowsMut};

/// The centres μ of the basis, padded to whole vectors, and its width σ; both in Å.
#[derive(Clone, Debug)]
pub struct RadialBasis {
    centers: Vec<f32>,
    count: usize,
    inverse_sigma: f32,
}

impl RadialBasis {
    /// A basis with those centres and that σ.
    ///
    /// # Panics
    /// When the number of centres is not a multiple of 16.
    pub fn new(centers: &[f32], sigma: f32) -> RadialBasis {
        assert!(!centers.is_empty() && centers.len().is_multiple_of(16), "{} centres", centers.len());
        RadialBasis { centers: centers.to_vec(), count: centers.len(), inverse_sigma: 1.0 / sigma }
    }

    /// How many functions there are.
    pub fn count(&self) -> usize {
        self.count
    }
}

struct Arguments<'a> {
    basis: &'a RadialBasis,
    distances: &'a [f32],
    per_row: usize,
    out: RowsMut<'a>,
}

#[inline(always)]
fn body<L: Lanes>(l: L, arguments: Arguments<'_>) {
    let Arguments { basis, distances, per_row, out } = arguments;
    let inverse_sigma = l.splat(basis.inverse_sigma);
    let count = basis.count;
    for (row, distances) in out.data.chunks_exact_mut(out.stride).zip(distances.chunks_exact(per_row)) {
        for (values, &distance) in row.chunks_exact_mut(count).zip(distances) {
            let distance = l.splat(distance);
            for column in (0..count).step_by(L::WIDTH) {
                // SAFETY: `values` and `centers` have `count` floats, a multiple of every vector's width.
                unsafe {
                    let center = l.load(basis.centers.as_ptr().add(column));
                    let z = l.mul(l.sub(distance, center), inverse_sigma);
                    let value = exp_negative(l, l.neg_mul_add(z, z, l.splat(0.0)));
                    l.store(values.as_mut_ptr().add(column), value);
                }
            }
        }
    }
}

impl Kernels {
    /// Fills each row of `out` with the functions of its `per_row` distances, one distance after another.
    ///
    /// # Panics
    /// When the shapes do not fit.
    pub fn radial_basis(&self, basis: &RadialBasis, distances: &[f32], per_row: usize, out: RowsMut<'_>) {
        assert!(per_row > 0 && distances.len() == per_row * out.count, "{per_row} distances a row");
        assert!(out.stride >= per_row * basis.count, "the rows are too short");
        dispatch!(self.isa(), body, Arguments { basis, distances, per_row, out }, Arguments<'_>);
    }
}
