//! Matrix products by the crate `gemm`, for comparison: the cost of a product without weights packed in advance.

use crate::{Rows, RowsMut};

/// out = a · wᵀ on one thread, `weights` row-major `[outputs, inputs]`.
///
/// # Panics
/// If the shapes do not fit.
pub fn matmul(a: Rows<'_>, weights: &[f32], outputs: usize, inputs: usize, out: RowsMut<'_>) {
    assert!(a.count == out.count && a.stride >= inputs && out.stride >= outputs, "the rows do not fit the product");
    assert_eq!(weights.len(), outputs * inputs, "a weight of {outputs} × {inputs}");
    let (a_stride, out_stride) = (a.stride as isize, out.stride as isize);
    // SAFETY: `out` has `count` rows of `stride` ≥ `outputs` floats and is borrowed exclusively, `a` as many rows of
    // `stride` ≥ `inputs`, `weights` `outputs` rows of `inputs`; the strides say so, column stride before row stride.
    unsafe {
        gemm::gemm(
            a.count,
            outputs,
            inputs,
            out.data.as_mut_ptr(),
            1,
            out_stride,
            false,
            a.data.as_ptr(),
            1,
            a_stride,
            weights.as_ptr(),
            inputs as isize,
            1,
            0.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::product_row;

    #[test]
    fn the_yardstick_multiplies() {
        let numbers = |count: usize| (0..count).map(|i| (i * 37 % 23) as f32 - 11.0).collect::<Vec<f32>>();
        let (rows, inputs, outputs) = (5, 32, 17);
        let (a, weights) = (numbers(rows * inputs), numbers(outputs * inputs));
        let mut out = vec![0.0; rows * outputs];
        matmul(Rows::new(&a, inputs), &weights, outputs, inputs, RowsMut::new(&mut out, outputs));
        for row in 0..rows {
            let expected = product_row(&a, inputs, row, &weights, inputs);
            for (found, expected) in out[row * outputs..].iter().zip(expected) {
                assert_eq!(f64::from(*found), expected);
            }
        }
    }
}
