//! Gaussian radial basis functions of distances: exp(−((d − μ) / σ)²) for evenly spaced μ.

use std::ops::Range;

use crate::activation::exp_above;
use crate::dispatch::dispatch;
use crate::lanes::Lanes;
use crate::quantized::LARGEST;
use crate::{Kernels, RowsMut};

/// The centers μ of the basis, padded to whole vectors, and its width σ; both in Å.
#[derive(Clone, Debug)]
pub struct RadialBasis {
    centers: Vec<f32>,
    count: usize,
    inverse_sigma: f32,
    inverse_step: f32,
}

impl RadialBasis {
    /// A basis with the given centers and σ, in Å.
    ///
    /// # Panics
    /// If the number of centers is not a multiple of 16, or they are not evenly spaced, from low to high.
    pub fn new(centers: &[f32], sigma: f32) -> RadialBasis {
        assert!(!centers.is_empty() && centers.len().is_multiple_of(16), "{} centers", centers.len());
        let step = (centers[centers.len() - 1] - centers[0]) / (centers.len() - 1) as f32;
        let even = |(index, center): (usize, &f32)| (center - (centers[0] + step * index as f32)).abs() <= 1e-3 * step;
        assert!(step > 0.0 && centers.iter().enumerate().all(even), "the centers are not evenly spaced");
        let (inverse_sigma, inverse_step) = (1.0 / sigma, 1.0 / step);
        RadialBasis { centers: centers.to_vec(), count: centers.len(), inverse_sigma, inverse_step }
    }

    /// The centers μ, Å.
    pub(crate) fn centers(&self) -> &[f32] {
        &self.centers
    }

    /// 1 / σ
    pub(crate) fn inverse_sigma(&self) -> f32 {
        self.inverse_sigma
    }

    /// The range of functions whose center lies within `reach` σ of the interval `nearest … farthest`.
    #[inline(always)]
    pub(crate) fn within(&self, nearest: f32, farthest: f32, reach: f32) -> Range<usize> {
        let (first, reach) = (self.centers[0], reach / self.inverse_sigma);
        // Negative numbers become zero.
        let below = ((nearest - reach - first) * self.inverse_step).ceil() as usize;
        let above = ((farthest + reach - first) * self.inverse_step).floor();
        let end = if above < 0.0 { 0 } else { (above as usize).saturating_add(1).min(self.count) };
        below.min(end)..end
    }

    /// Whether integers can hold the sums that [`Kernels::quantized_radial_product`] makes of this number of distances.
    pub fn fits_integers(&self, distances: usize) -> bool {
        // A function with one maximum, sampled at even steps, sums to at most its maximum plus its integral divided by
        // the step.
        let sum = 1.0 + std::f64::consts::PI.sqrt() * f64::from(self.inverse_step) / f64::from(self.inverse_sigma);
        // Rounding to integers adds less than one more maximum.
        (distances as f64 * sum + 1.0) * f64::from(LARGEST).powi(2) < f64::from(i32::MAX)
    }

    /// The number of functions.
    pub fn count(&self) -> usize {
        self.count
    }
}

struct Gaussians<'a> {
    basis: &'a RadialBasis,
    distances: &'a [f32],
    per_row: usize,
    out: RowsMut<'a>,
}

#[inline(always)]
fn body<L: Lanes>(l: L, arguments: Gaussians<'_>) {
    let Gaussians { basis, distances, per_row, out } = arguments;
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
                    let value = exp_above(l, l.neg_mul_add(z, z, l.splat(0.0)), 1e-30);
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
    /// If the shapes do not fit.
    pub fn radial_basis(&self, basis: &RadialBasis, distances: &[f32], per_row: usize, out: RowsMut<'_>) {
        assert!(
            per_row > 0 && distances.len() == per_row * out.count,
            "{per_row} distances per row do not fit the rows"
        );
        assert!(out.stride >= per_row * basis.count, "the rows are too short");
        dispatch!(self.isa(), body, Gaussians { basis, distances, per_row, out }, Gaussians<'_>);
    }
}
