//! Each operation, on each instruction set this processor has, at odd sizes, against the plain loops.

use fastmpnn_kernels::{
    ALIGNMENT, Buffer, EdgeTerms, Isa, Kernels, PackedMatrix, RadialBasis, Rows, RowsMut, WeightedBias, padded,
    reference,
};

use crate::numbers::Numbers;

fn each_isa(mut test: impl FnMut(Kernels)) {
    for isa in Isa::available() {
        println!("{isa}");
        test(Kernels::on(isa).expect("it is available"));
    }
}

/// |value − expected| ≤ 2·10⁻⁶ · (1 + size): f32 rounding of a sum whose terms add up to `size` in magnitude.
#[track_caller]
fn assert_near(value: f32, expected: f64, size: f64, what: &str) {
    let difference = (f64::from(value) - expected).abs();
    assert!(difference <= 2e-6 * (1.0 + size), "{what}: {value} for {expected}");
}

struct Case {
    rows: usize,
    inputs: usize,
    outputs: usize,
    a: Buffer,
    stride: usize,
    weight: Vec<f32>,
    bias: Vec<f32>,
    expected: Vec<Vec<f64>>,
}

const SHAPES: [(usize, usize, usize); 9] = [
    (1, 1, 1),
    (2, 3, 5),
    (5, 16, 21),
    (7, 33, 32),
    (11, 128, 128),
    (12, 64, 64),
    (23, 17, 100),
    (48, 128, 128),
    (31, 400, 96),
];

fn cases() -> Vec<Case> {
    let mut numbers = Numbers(1);
    SHAPES
        .iter()
        .map(|&(rows, inputs, outputs)| {
            let stride = padded(inputs);
            let a = numbers.rows(rows, inputs, stride);
            let weight = numbers.vector(outputs * inputs);
            let mut bias = numbers.vector(outputs);
            bias.resize(padded(outputs), 0.0);
            let expected = (0..rows).map(|row| reference::product_row(&a, stride, row, &weight, inputs)).collect();
            Case { rows, inputs, outputs, a, stride, weight, bias, expected }
        })
        .collect()
}

impl Case {
    fn packed(&self, kernels: Kernels) -> PackedMatrix {
        kernels.pack(&self.weight, self.outputs, self.inputs)
    }
    fn width(&self) -> usize {
        padded(self.outputs)
    }
    fn a(&self) -> Rows<'_> {
        Rows::new(&self.a, self.stride)
    }
    fn size(&self) -> f64 {
        self.inputs as f64
    }
    /// Compares the first `outputs` of each row with `expected(row, output)`, and the padding with `padding`.
    fn check(&self, out: &[f32], padding: f32, expected: impl Fn(usize, usize) -> f64) {
        for (row, values) in out.chunks_exact(self.width()).enumerate() {
            for (output, &value) in values.iter().enumerate() {
                let what = format!("{}×{}×{} at {row}, {output}", self.rows, self.inputs, self.outputs);
                if output < self.outputs {
                    assert_near(value, expected(row, output), self.size(), &what);
                } else {
                    assert_eq!(value, padding, "{what}: padding");
                }
            }
        }
    }
}

#[test]
fn products_with_a_bias_and_with_gelu() {
    let cases = cases();
    each_isa(|kernels| {
        for case in &cases {
            let weight = case.packed(kernels);
            let mut out = Buffer::zeros(case.rows * case.width());
            kernels.matmul(case.a(), &weight, &case.bias, RowsMut::new(&mut out, case.width()));
            case.check(&out, 0.0, |row, output| case.expected[row][output] + f64::from(case.bias[output]));

            kernels.matmul_gelu(case.a(), &weight, &case.bias, RowsMut::new(&mut out, case.width()));
            case.check(&out, 0.0, |row, output| {
                reference::gelu(case.expected[row][output] + f64::from(case.bias[output]))
            });
        }
    });
}

#[test]
fn accumulation_with_a_scaled_bias() {
    let cases = cases();
    each_isa(|kernels| {
        for case in &cases {
            let before = Numbers(7).rows(case.rows, case.outputs, case.width());
            let scale = Numbers(8).vector(case.rows);
            let mut out = before.clone();
            let weight = case.packed(kernels);
            kernels.matmul_accumulate(
                case.a(),
                &weight,
                WeightedBias { bias: &case.bias, row_weights: &scale },
                RowsMut::new(&mut out, case.width()),
            );
            case.check(&out, 0.0, |row, output| {
                f64::from(before[row * case.width() + output])
                    + case.expected[row][output]
                    + f64::from(scale[row]) * f64::from(case.bias[output])
            });
        }
    });
}

#[test]
fn messages_gather_their_neighbors_and_sum() {
    let cases = cases();
    each_isa(|kernels| {
        for case in &cases {
            let width = case.width();
            let mut numbers = Numbers(9);
            let table = numbers.rows(9, case.outputs, width);
            let index: Vec<u32> = (0..case.rows as u32).map(|row| row * 5 % 9).collect();
            let terms = EdgeTerms { center: &case.bias, table: Rows::new(&table, width), index: &index };
            let weight = case.packed(kernels);
            let sum = |row: usize, output: usize| {
                case.expected[row][output]
                    + f64::from(case.bias[output])
                    + f64::from(table[index[row] as usize * width + output])
            };
            let mut out = Buffer::zeros(case.rows * width);
            kernels.edge_gelu(case.a(), &weight, terms, RowsMut::new(&mut out, width));
            case.check(&out, 0.0, |row, output| reference::gelu(sum(row, output)));

            // The same in two steps, the way decoding does it.
            let mut edges = Buffer::zeros(case.rows * width);
            kernels.matmul(case.a(), &weight, &vec![0.0; width], RowsMut::new(&mut edges, width));
            let mut apart = Buffer::zeros(case.rows * width);
            kernels.gather_gelu(Rows::new(&edges, width), terms, RowsMut::new(&mut apart, width));
            case.check(&apart, 0.0, |row, output| reference::gelu(sum(row, output)));

            let row_weight: Vec<f32> = (0..case.rows).map(|row| if row % 3 == 1 { 0.0 } else { 1.0 }).collect();
            let before = numbers.rows(1, case.outputs, width);
            let mut total = before.clone();
            kernels.matmul_gelu_sum(
                case.a(),
                &weight,
                WeightedBias { bias: &case.bias, row_weights: &row_weight },
                &mut total,
            );
            for (output, (&value, &before)) in total.iter().zip(before.iter()).enumerate().take(case.outputs) {
                let expected: f64 = (0..case.rows)
                    .filter(|&row| row_weight[row] != 0.0)
                    .map(|row| reference::gelu(case.expected[row][output] + f64::from(case.bias[output])))
                    .sum();
                assert_near(value, expected + f64::from(before), case.size() * case.rows as f64, "sum");
            }
        }
    });
}

#[test]
fn a_row_does_not_depend_on_its_batch() {
    let case = cases().remove(7);
    each_isa(|kernels| {
        let weight = case.packed(kernels);
        let width = case.width();
        let mut together = Buffer::zeros(case.rows * width);
        kernels.matmul_gelu(case.a(), &weight, &case.bias, RowsMut::new(&mut together, width));
        for count in [1, 2, 3, 5, 12, 13, 47] {
            let first = case.rows - count;
            let mut apart = Buffer::zeros(count * width);
            let rows = Rows::new(&case.a[first * case.stride..], case.stride);
            kernels.matmul_gelu(rows, &weight, &case.bias, RowsMut::new(&mut apart, width));
            assert_eq!(apart[..], together[first * width..], "{count} rows at a time");
        }
    });
}

#[test]
fn gelu_is_within_its_stated_bound() {
    // A product with the number 1 and no bias leaves gelu(x).
    each_isa(|kernels| {
        let weight = kernels.pack(&[1.0], 1, 1);
        let bias = [0.0; ALIGNMENT];
        let mut worst: f64 = 0.0;
        for step in -1600..=1600 {
            let x = step as f32 / 200.0;
            let mut out = [0.0; ALIGNMENT];
            kernels.matmul_gelu(Rows::new(&[x], 1), &weight, &bias, RowsMut::new(&mut out, ALIGNMENT));
            worst = worst.max((f64::from(out[0]) - reference::gelu(f64::from(x))).abs());
        }
        println!("  worst |gelu error| {worst:.2e}");
        assert!(worst <= 5e-7);
        for (x, expected) in [(0.0, 0.0), (100.0, 100.0), (-100.0, 0.0), (1e30, 1e30)] {
            let mut out = [0.0; ALIGNMENT];
            kernels.matmul_gelu(Rows::new(&[x], 1), &weight, &bias, RowsMut::new(&mut out, ALIGNMENT));
            assert!((out[0] - expected).abs() <= 2e-7 * (1.0 + x.abs()), "gelu({x}) = {}", out[0]);
        }
    });
}

#[test]
fn layer_norm_at_full_and_padded_widths() {
    each_isa(|kernels| {
        for width in [1, 2, 31, 32, 33, 64, 100, 128] {
            let stride = padded(width);
            let mut numbers = Numbers(width as u64);
            let mut rows = numbers.rows(5, width, stride);
            rows.iter_mut().for_each(|x| *x *= 3.0);
            let gain = numbers.rows(1, width, stride);
            let bias = numbers.rows(1, width, stride);
            let expected: Vec<_> = rows
                .chunks_exact(stride)
                .map(|row| reference::layer_norm(&row[..width], &gain[..width], &bias[..width]))
                .collect();
            kernels.layer_norm(RowsMut::new(&mut rows, stride), width, &gain, &bias);
            for (row, expected) in rows.chunks_exact(stride).zip(&expected) {
                for (column, &value) in row.iter().enumerate() {
                    let expected = expected.get(column).copied().unwrap_or(0.0);
                    // A row of two nearly equal numbers is divided by a small deviation: allow its size.
                    assert_near(value, expected, 4.0 + expected.abs(), &format!("width {width}, column {column}"));
                }
            }
        }
    });
}

#[test]
fn radial_basis_at_near_far_and_absurd_distances() {
    let centers: Vec<f32> = (0..16).map(|i| 2.0 + 20.0 * i as f32 / 15.0).collect();
    let basis = RadialBasis::new(&centers, 1.25);
    let distances = [0.001, 1.0, 2.0, 3.8, 7.77, 22.0, 25.0, 40.0, 1e4, 1e18];
    each_isa(|kernels| {
        let mut out = Buffer::zeros(2 * padded(5 * 16));
        let stride = padded(5 * 16);
        kernels.radial_basis(&basis, &distances, 5, RowsMut::new(&mut out, stride));
        for (index, &distance) in distances.iter().enumerate() {
            let values = &out[index / 5 * stride + index % 5 * 16..][..16];
            let expected = reference::radial_basis(distance, &centers, 1.25);
            for ((value, expected), center) in values.iter().zip(expected).zip(&centers) {
                // The exponent z² carries two roundings of its own size into the result.
                let square = (f64::from((distance - center) / 1.25)).powi(2);
                let bound = 2.5e-7 * (1.0 + square) * expected + 2e-30;
                assert!((f64::from(*value) - expected).abs() <= bound, "{value} for {expected}");
            }
        }
    });
}

#[test]
fn rows_are_added_one_after_another() {
    each_isa(|kernels| {
        for (count, width) in [(0, 32), (1, 32), (3, 96), (48, 128)] {
            let mut numbers = Numbers(5);
            let rows: Vec<Vec<f32>> = (0..count).map(|_| numbers.vector(width)).collect();
            let mut out = numbers.vector(width);
            let expected: Vec<f32> =
                (0..width).map(|column| rows.iter().fold(out[column], |total, row| total + row[column])).collect();
            let rows: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
            kernels.add_rows(&rows, &mut out);
            assert_eq!(out, expected, "{count} rows of {width}");
        }
    });
}
