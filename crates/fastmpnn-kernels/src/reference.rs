//! Every operation as plain loops: the definition of what the kernels compute, and the reference that they are tested
//! against. Never optimized.

use crate::{SplitTerms, TileInstructions};

/// gelu(x) = x · Φ(x), in f64.
pub fn gelu(x: f64) -> f64 {
    // Φ by Simpson's rule from 0 to |x|: slow, and as exact as its 4000 steps.
    let steps = 4000;
    let t = x.abs().min(12.0);
    let h = t / f64::from(steps);
    let density = |u: f64| (-0.5 * u * u).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let mut sum = density(0.0) + density(t);
    for step in 1..steps {
        sum += density(f64::from(step) * h) * if step % 2 == 1 { 4.0 } else { 2.0 };
    }
    let half = sum * h / 3.0;
    x * if x >= 0.0 { 0.5 + half } else { 0.5 - half }
}

/// Row `row` of a · wᵀ: `a` is `[rows, inputs]` with rows `stride` apart, `weight` is `[outputs, inputs]`.
pub fn product_row(a: &[f32], stride: usize, row: usize, weight: &[f32], inputs: usize) -> Vec<f64> {
    weight
        .chunks_exact(inputs)
        .map(|weights| {
            let a = &a[row * stride..];
            (0..inputs).map(|k| f64::from(a[k]) * f64::from(weights[k])).sum()
        })
        .collect()
}

/// Integers −4095 … 4095, ties to even, and their scale, so that x ≈ integer · scale. Computed in f32.
pub fn quantize(values: &[f32]) -> (Vec<i16>, f32) {
    let largest = values.iter().fold(0.0, |largest: f32, x| largest.max(x.abs()));
    if values.iter().any(|x| !x.is_finite()) {
        (vec![0; values.len()], f32::NAN)
    } else if largest < 1e-30 {
        (vec![0; values.len()], 0.0)
    } else {
        let inverse = 4095.0 / largest;
        (values.iter().map(|x| (x * inverse).round_ties_even() as i16).collect(), largest / 4095.0)
    }
}

/// Σ a · w of integers, one sum for each block of 128; no sum overflows an i32.
pub fn integer_sums(a: &[i16], weights: &[i16]) -> Vec<i32> {
    a.chunks(128)
        .zip(weights.chunks(128))
        .map(|(a, weights)| {
            let mut sum: i32 = 0;
            for (&a, &weight) in a.iter().zip(weights) {
                sum = sum.checked_add(i32::from(a) * i32::from(weight)).expect("a block's sum fits an i32");
            }
            sum
        })
        .collect()
}

/// (row − mean) / √(variance + 10⁻⁵) · gain + bias.
pub fn layer_norm(row: &[f32], gain: &[f32], bias: &[f32]) -> Vec<f64> {
    let count = row.len() as f64;
    let mean = row.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
    let variance = row.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / count;
    row.iter()
        .zip(gain.iter().zip(bias))
        .map(|(&x, (&g, &b))| (f64::from(x) - mean) / (variance + 1e-5).sqrt() * f64::from(g) + f64::from(b))
        .collect()
}

/// exp(−((d − μ) / σ)²) for each center μ.
pub fn radial_basis(distance: f32, centers: &[f32], sigma: f32) -> Vec<f64> {
    centers
        .iter()
        .map(|&center| (-((f64::from(distance) - f64::from(center)) / f64::from(sigma)).powi(2)).exp())
        .collect()
}

/// The value at `t` of the polynomial of degree five through `values` at −2, −1, 0, 1, 2 and 3 (Lagrange).
pub fn interpolate(values: [f64; 6], t: f64) -> f64 {
    let node = |index: usize| index as f64 - 2.0;
    (0..6)
        .map(|i| {
            let others = (0..6).filter(|&j| j != i);
            values[i] * others.map(|j| (t - node(j)) / (node(i) - node(j))).product::<f64>()
        })
        .sum()
}

/// √(|a − b|² + 10⁻⁶) in f32, added up in the published order.
pub fn distance(a: [f32; 3], b: [f32; 3]) -> f32 {
    let d = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    ((d[0] * d[0] + d[1] * d[1]) + d[2] * d[2] + 1e-6).sqrt()
}

/// The `count` points nearest to `center`, nearest first, equal distances by index; the center itself is one of them.
pub fn nearest(points: &[[f32; 3]], center: [f32; 3], count: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..points.len() as u32).collect();
    order.sort_by(|&a, &b| {
        let key = |index: u32| distance(center, points[index as usize]);
        key(a).total_cmp(&key(b)).then(a.cmp(&b))
    });
    order.truncate(count);
    order
}

/// The planes of a number: bf16 that add up to it, each the rounded rest of those before, ties away from zero.
pub fn planes(value: f32) -> [f32; 3] {
    let mut rest = value;
    [(); 3].map(|()| {
        let plane = f32::from_bits(rest.to_bits().wrapping_add(0x8000) & 0xffff_0000);
        rest -= plane;
        plane
    })
}

/// The sum of split numbers as instructions compute it: `tiles` says which. Denormal numbers are zero on the way in and
/// out of each step; every multiply-add is fused.
pub fn split_sum(a: &[f32], weights: &[f32], terms: SplitTerms, tiles: TileInstructions) -> f32 {
    const ORDER: [&[(usize, usize)]; 3] =
        [&[(0, 0)], &[(0, 1), (0, 0), (1, 0)], &[(0, 2), (0, 1), (0, 0), (1, 1), (1, 0), (2, 0)]];
    let order = ORDER[terms.planes() - 1];
    let flush = |x: f32| if x.abs() < f32::MIN_POSITIVE { x * 0.0 } else { x };
    // Missing inputs of the last block are zeros.
    let factor =
        |values: &[f32], input: usize, plane: usize| flush(planes(values.get(input).copied().unwrap_or(0.0))[plane]);
    let mut sum = 0.0f32;
    for block in (0..a.len()).step_by(32) {
        // Inputs i and i + 16 of a block are a pair.
        let fused = |input: usize, (x, w): (usize, usize), sum: f32| {
            flush(factor(a, input, x).mul_add(factor(weights, input, w), sum))
        };
        if matches!(tiles, TileInstructions::SoftSquares | TileInstructions::NeonBf16) {
            for input in (block..block + 16).step_by(2) {
                for &(x, w) in order {
                    for input in [input, input + 1] {
                        let product = |input: usize| factor(a, input, x) * factor(weights, input, w);
                        sum = sum_to_odd(sum, sum_to_odd(product(input), product(input + 16)));
                    }
                }
            }
        } else if tiles.are_matrix_tiles() {
            for &term in order {
                let even = (block..block + 16).fold(0.0, |sum, input| fused(input, term, sum));
                let odd = (block + 16..block + 32).fold(0.0, |sum, input| fused(input, term, sum));
                sum = flush(sum + flush(even + odd));
            }
        } else {
            for input in block..block + 16 {
                for &term in order {
                    sum = fused(input, term, fused(input + 16, term, sum));
                }
            }
        }
    }
    sum
}

/// a + b for finite numbers, rounded to odd: cut off after 24 bits, and the last of them set if anything was cut off. Denormal
/// numbers are zero, going in and coming out.
fn sum_to_odd(a: f32, b: f32) -> f32 {
    let (a, b) = if a.abs() < b.abs() { (b, a) } else { (a, b) };
    let flush = |x: f32| if x.abs() < f32::MIN_POSITIVE { x * 0.0 } else { x };
    if a == -b || b.abs() < f32::MIN_POSITIVE {
        return flush(a) + flush(b);
    }
    // Both in units of 2⁻⁶⁴ of the last bit of `a`; what of `b` lies below sets its last bit.
    let exponent = |x: f32| x.to_bits() >> 23 & 0xff;
    let units = |x: f32| i128::from(x.to_bits() & 0x7f_ffff | 0x80_0000) << 64;
    let shift = exponent(a) - exponent(b);
    let of_b = if shift < 88 { units(b) >> shift | i128::from(units(b) & ((1 << shift) - 1) != 0) } else { 1 };
    let sum = if a.is_sign_negative() == b.is_sign_negative() { units(a) + of_b } else { units(a) - of_b };
    let beyond = (i128::BITS - sum.leading_zeros()) - 24;
    let significand = sum >> beyond | i128::from(sum & ((1 << beyond) - 1) != 0);
    let exponent = exponent(a) as i32 - 150 + beyond as i32 - 64;
    // A f64 holds 24 bits and the exponents of all sums.
    let sum = (significand as f64 * 2f64.powi(exponent)).copysign(f64::from(a));
    if sum.abs() < f64::from(f32::MIN_POSITIVE) { (sum * 0.0) as f32 } else { sum as f32 }
}
