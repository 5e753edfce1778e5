//! Products of integers, with every kind of instruction this processor has, at odd sizes: against plain loops over the
//! same integers, and against the product of the numbers they stand for.

use fastmpnn_kernels::{
    ALIGNMENT, Buffer, Isa, KernelPlan, Kernels, Products, QuantizedMatrix, QuantizedRows, Rows, RowsMut, WeightedBias,
    padded, reference,
};

use crate::numbers::{Messages, Numbers};

impl Numbers {
    /// Whole numbers −4095 … 4095, of which the first is 4095: quantizing them changes nothing, the scale is 1.
    fn whole(&mut self, length: usize) -> Vec<f32> {
        let mut values: Vec<f32> = (0..length).map(|_| (self.next() * 4095.0).round()).collect();
        values[0] = 4095.0;
        values
    }
}

/// Calls the test with kernels for every kind of products.
fn each_kind(mut test: impl FnMut(Kernels)) {
    for products in Products::ALL.into_iter().filter(|products| products.is_available()) {
        println!("{products:?}");
        test(Kernels::by(KernelPlan::new(products.isa(), products).expect("it is available")));
    }
}

const SHAPES: [(usize, usize, usize); 12] = [
    (1, 1, 1),
    (2, 3, 5),
    (5, 16, 21),
    (7, 33, 32),
    (11, 128, 128),
    (12, 64, 64),
    (23, 17, 100),
    (47, 128, 128),
    (3, 129, 40),
    (31, 400, 96),
    (13, 401, 33),
    (9, 512, 128),
];

/// Rows that end where their numbers do, so that reading past one would read another's.
fn quantized(kernels: Kernels, values: &[f32], inputs: usize) -> QuantizedRows {
    let mut out = QuantizedRows::default();
    kernels.quantize_rows(Rows::new(values, inputs), inputs, &mut out);
    out
}

/// What the kernels may differ by from `expected` in f32: each block's sum, the scales and the additions are rounded.
#[track_caller]
fn assert_near(value: f32, expected: f64, size: f64, what: &str) {
    let difference = (f64::from(value) - expected).abs();
    assert!(difference <= 1e-6 * (1.0 + size), "{what}: {value} for {expected}");
}

#[test]
fn the_default_is_the_fastest_available() {
    for isa in Isa::available() {
        let chosen = Kernels::on(isa).expect("it is available").plan().products();
        assert!(chosen.is_available());
        let faster = Products::ALL.into_iter().skip_while(|&kind| kind != chosen).skip(1);
        assert!(faster.filter(|kind| kind.isa() == isa).all(|kind| !kind.is_available()), "{isa}: {chosen:?}");
    }
}

#[test]
fn rows_become_the_nearest_integers() {
    each_kind(|kernels| {
        let mut out = QuantizedRows::default();
        // Wide rows first: the narrow ones must not find their numbers in the padding.
        for inputs in [400, 128, 1, 2, 3, 15, 16, 17, 31, 33, 127] {
            let mut numbers = Numbers(inputs as u64);
            let mut values: Vec<f32> = numbers.vector(6 * inputs);
            values[inputs..2 * inputs].fill(0.0);
            values[2 * inputs..3 * inputs].iter_mut().for_each(|x| *x *= 1e30);
            values[3 * inputs..4 * inputs].iter_mut().for_each(|x| *x *= 1e-25);
            // Ties: halves of the largest, which the last number of the row is.
            for (index, x) in values[4 * inputs..5 * inputs].iter_mut().rev().enumerate() {
                *x = if index == 0 { -4095.0 } else { index as f32 - 20.5 };
            }
            // Too small for a scale.
            values.extend(numbers.vector(inputs).iter().map(|x| x * 1e-31));
            kernels.quantize_rows(Rows::new(&values, inputs), inputs, &mut out);
            assert_eq!((out.all().count(), out.all().inputs()), (7, inputs));
            for (row, values) in values.chunks_exact(inputs).enumerate() {
                let (integers, scale) = reference::quantize(values);
                assert_eq!(out.all().integers(row).collect::<Vec<_>>(), integers, "{inputs} inputs, row {row}");
                assert_eq!(out.all().scales()[row], scale);
                for (&x, integer) in values.iter().zip(integers) {
                    // Half a scale, and the rounding of the quotient.
                    let difference = (f64::from(x) - f64::from(integer) * f64::from(scale)).abs();
                    assert!(difference <= 0.501 * f64::from(scale) + 1e-30);
                }
            }
        }
    });
}

#[test]
fn integers_are_multiplied_exactly() {
    each_kind(|kernels| {
        for (rows, inputs, outputs) in SHAPES {
            let mut numbers = Numbers(inputs as u64);
            let a: Vec<Vec<f32>> = (0..rows).map(|_| numbers.whole(inputs)).collect();
            let weights: Vec<Vec<f32>> = (0..outputs).map(|_| numbers.whole(inputs)).collect();
            let packed = kernels.pack_quantized(&weights.concat(), outputs, inputs);
            assert!(packed.scales()[..outputs].iter().all(|&scale| scale == 1.0));
            let width = padded(outputs);
            let mut out = Buffer::zeros(rows * width);
            let rows = quantized(kernels, &a.concat(), inputs);
            kernels.quantized_matmul(rows.all(), &packed, &vec![0.0; width], RowsMut::new(&mut out, width));
            for (a, out) in a.iter().zip(out.chunks_exact(width)) {
                let a = reference::quantize(a).0;
                for (weights, &value) in weights.iter().zip(out) {
                    let blocks = reference::integer_sums(&a, &reference::quantize(weights).0);
                    // Integers above 2^24 are rounded once, and the sum of blocks once each: the same in any order of
                    // execution, so equality is exact.
                    let expected = blocks.into_iter().fold(0.0, |total, block| total + block as f32);
                    assert_eq!(value, expected, "{inputs} × {outputs}");
                }
                assert!(out[outputs..].iter().all(|&padding| padding == 0.0));
            }
        }
    });
}

#[test]
fn the_largest_integers_do_not_overflow() {
    each_kind(|kernels| {
        for inputs in [127, 128, 256, 400, 512] {
            let outputs = 32;
            for (sign_of_a, sign_of_w) in [(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0)] {
                let a = vec![3.5 * sign_of_a; 13 * inputs];
                let w = vec![2.0 * sign_of_w; outputs * inputs];
                let packed = kernels.pack_quantized(&w, outputs, inputs);
                let rows = quantized(kernels, &a, inputs);
                assert!(rows.all().integers(0).all(|integer| f32::from(integer) == 4095.0 * sign_of_a));
                let mut out = Buffer::zeros(13 * outputs);
                kernels.quantized_matmul(rows.all(), &packed, &[0.0; 32], RowsMut::new(&mut out, outputs));
                let expected = 7.0 * f64::from(sign_of_a * sign_of_w) * inputs as f64;
                out.iter().for_each(|&value| assert_near(value, expected, expected.abs(), "at the largest"));
            }
        }
    });
}

/// A product whose rows and weights vary in size, its exact results, and how far quantizing may take it from them.
struct Case {
    rows: usize,
    inputs: usize,
    outputs: usize,
    a: Vec<f32>,
    weights: Vec<f32>,
    bias: Vec<f32>,
    exact: Vec<Vec<f64>>,
    bound: Vec<Vec<f64>>,
}

fn cases() -> Vec<Case> {
    let case = |&(rows, inputs, outputs): &(usize, usize, usize)| {
        let mut numbers = Numbers(1);
        let mut sized = |rows: usize| -> Vec<f32> {
            (0..rows * inputs).map(|index| numbers.next() * (1.0 + (index / inputs % 5) as f32)).collect()
        };
        let (a, weights) = (sized(rows), sized(outputs));
        let bias = numbers.bias(outputs);
        let exact = (0..rows).map(|row| reference::product_row(&a, inputs, row, &weights, inputs)).collect();
        let bound = a.chunks_exact(inputs).map(|a| weights.chunks_exact(inputs).map(|w| bound(a, w)).collect());
        Case { rows, inputs, outputs, bound: bound.collect(), a, weights, bias, exact }
    };
    SHAPES.iter().map(case).collect()
}

/// Σ (|x|·t + |w|·s) / 2 + inputs · s·t / 4, as quantized.rs states it, and a thousandth more for rounding in f32.
fn bound(a: &[f32], weights: &[f32]) -> f64 {
    let scale = |values: &[f32]| f64::from(reference::quantize(values).1);
    let magnitudes = |values: &[f32]| values.iter().map(|&x| f64::from(x.abs())).sum::<f64>();
    let (s, t) = (scale(a), scale(weights));
    1.001 * ((magnitudes(a) * t + magnitudes(weights) * s) / 2.0 + a.len() as f64 * s * t / 4.0)
}

impl Case {
    fn packed(&self, kernels: Kernels) -> QuantizedMatrix {
        kernels.pack_quantized(&self.weights, self.outputs, self.inputs)
    }
    fn width(&self) -> usize {
        padded(self.outputs)
    }
    /// `expected(row, output, product)` of each exact product. Made once for all instructions: the plain GELU is slow.
    fn expect(&self, expected: impl Fn(usize, usize, f64) -> f64) -> Vec<Vec<f64>> {
        let row = |(row, products): (usize, &Vec<f64>)| {
            products.iter().enumerate().map(|(output, &product)| expected(row, output, product)).collect()
        };
        self.exact.iter().enumerate().map(row).collect()
    }
    /// GELU's slope is at most 1.13.
    fn check(&self, out: &[f32], expected: &[Vec<f64>]) {
        for (row, values) in out.chunks_exact(self.width()).enumerate() {
            for (output, &value) in values.iter().enumerate() {
                let what = format!("{}×{}×{} at {row}, {output}", self.rows, self.inputs, self.outputs);
                if output < self.outputs {
                    let difference = (f64::from(value) - expected[row][output]).abs();
                    let rounding = 2e-6 * (1.0 + self.exact[row][output].abs());
                    assert!(difference <= 1.13 * self.bound[row][output] + rounding, "{what}");
                } else {
                    assert_eq!(value, 0.0, "{what}: padding");
                }
            }
        }
    }
}

#[test]
fn products_are_within_the_bound_of_the_exact_ones() {
    for case in cases() {
        let (width, bias) = (case.width(), |output: usize| f64::from(case.bias[output]));
        let scale = Numbers(8).vector(case.rows);
        let before: Vec<f32> = (0..case.rows).flat_map(|row| Numbers(row as u64).bias(case.outputs)).collect();
        let plain = case.expect(|_, output, exact| exact + bias(output));
        let through_gelu = case.expect(|_, output, exact| reference::gelu(exact + bias(output)));
        let accumulated = case.expect(|row, output, exact| {
            f64::from(before[row * width + output]) + exact + f64::from(scale[row]) * bias(output)
        });
        each_kind(|kernels| {
            let weight = case.packed(kernels);
            let rows = quantized(kernels, &case.a, case.inputs);
            let mut out = Buffer::zeros(case.rows * width);
            kernels.quantized_matmul(rows.all(), &weight, &case.bias, RowsMut::new(&mut out, width));
            case.check(&out, &plain);
            kernels.quantized_matmul_gelu(rows.all(), &weight, &case.bias, RowsMut::new(&mut out, width));
            case.check(&out, &through_gelu);
            out.copy_from_slice(&before);
            let bias = WeightedBias { bias: &case.bias, row_weights: &scale };
            kernels.quantized_matmul_accumulate(rows.all(), &weight, bias, RowsMut::new(&mut out, width));
            case.check(&out, &accumulated);
        });
    }
}

#[test]
fn messages_gather_their_neighbors_and_sum() {
    for case in cases() {
        let width = case.width();
        let messages = Messages::new(case.rows, case.outputs);
        let terms = messages.terms(&case.bias);
        let message = case.expect(|row, output, exact| {
            let neighbor = messages.table[messages.index[row] as usize * width + output];
            reference::gelu(exact + f64::from(case.bias[output]) + f64::from(neighbor))
        });
        each_kind(|kernels| {
            let weight = case.packed(kernels);
            let rows = quantized(kernels, &case.a, case.inputs);
            let mut out = Buffer::zeros(case.rows * width);
            kernels.quantized_edge_gelu(rows.all(), &weight, terms, RowsMut::new(&mut out, width));
            case.check(&out, &message);
            // In two steps it is the same.
            let (mut product, mut apart) = (Buffer::zeros(case.rows * width), Buffer::zeros(case.rows * width));
            let zeros = vec![0.0; width];
            kernels.quantized_matmul(rows.all(), &weight, &zeros, RowsMut::new(&mut product, width));
            kernels.quantized_gather_gelu(Rows::new(&product, width), terms, RowsMut::new(&mut apart, width));
            assert_eq!(apart[..], out[..]);

            // The sum is of the very numbers that the product with GELU gives, so only its additions are rounded.
            let mut total = messages.before.clone();
            kernels.quantized_matmul_gelu_sum(
                rows.all(),
                &weight,
                WeightedBias { bias: &case.bias, row_weights: &messages.row_weights },
                &mut total,
            );
            kernels.quantized_matmul_gelu(rows.all(), &weight, &case.bias, RowsMut::new(&mut out, width));
            for (&value, (sum, size)) in total.iter().zip(messages.sums(&out)) {
                assert_near(value, sum, size, "sum");
            }
        });
    }
}

#[test]
fn columns_of_a_wider_weight() {
    let mut numbers = Numbers(4);
    let (outputs, stride, first, inputs) = (40, 77, 13, 33);
    let wide = numbers.vector(outputs * stride);
    let narrow: Vec<f32> = wide.chunks_exact(stride).flat_map(|row| row[first..][..inputs].to_vec()).collect();
    let (a, bias) = (numbers.vector(5 * inputs), numbers.bias(outputs));
    each_kind(|kernels| {
        let rows = quantized(kernels, &a, inputs);
        let product = |weight: QuantizedMatrix| {
            assert_eq!((weight.inputs(), weight.outputs()), (inputs, outputs));
            assert_eq!(weight.plan(), kernels.plan());
            let mut out = Buffer::zeros(5 * padded(outputs));
            kernels.quantized_matmul(rows.all(), &weight, &bias, RowsMut::new(&mut out, padded(outputs)));
            out.to_vec()
        };
        let columns = product(kernels.pack_quantized_columns(&wide, stride, first, inputs));
        assert_eq!(columns, product(kernels.pack_quantized(&narrow, outputs, inputs)));
        assert!(columns.iter().any(|&x| x != 0.0));
    });
}

#[test]
fn a_row_does_not_depend_on_its_batch_nor_on_the_instructions() {
    for case in cases() {
        let width = case.width();
        let mut first: Option<Buffer> = None;
        each_kind(|kernels| {
            let weight = case.packed(kernels);
            let rows = quantized(kernels, &case.a, case.inputs);
            let mut together = Buffer::zeros(case.rows * width);
            kernels.quantized_matmul(rows.all(), &weight, &case.bias, RowsMut::new(&mut together, width));
            let first = first.get_or_insert_with(|| together.clone());
            assert_eq!(together[..], first[..], "{:?}", kernels.plan());

            kernels.quantized_matmul_gelu(rows.all(), &weight, &case.bias, RowsMut::new(&mut together, width));
            for count in [1, 2, 3, 5, 12, 13, 47].into_iter().filter(|&count| count <= case.rows) {
                let first = case.rows - count;
                let mut apart = Buffer::zeros(count * width);
                let some = rows.rows(first..case.rows);
                kernels.quantized_matmul_gelu(some, &weight, &case.bias, RowsMut::new(&mut apart, width));
                assert_eq!(apart[..], together[first * width..], "{count} rows at a time");
            }
        });
    }
}

#[test]
fn zeros_and_what_is_no_number() {
    let inputs = 33;
    let mut numbers = Numbers(5);
    let (weights, bias) = (numbers.vector(20 * inputs), numbers.bias(20));
    let usual = numbers.vector(inputs);
    each_kind(|kernels| {
        let weight = kernels.pack_quantized(&weights, 20, inputs);
        for place in [0, 15, 31, 32] {
            for odd in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, 0.0] {
                let mut rows = [usual.clone(), usual.clone(), vec![0.0; inputs]].concat();
                rows[inputs + place] = odd;
                let rows = quantized(kernels, &rows, inputs);
                let mut out = Buffer::zeros(3 * ALIGNMENT);
                kernels.quantized_matmul(rows.all(), &weight, &bias, RowsMut::new(&mut out, ALIGNMENT));
                let [before, row, zeros] = [0, 1, 2].map(|row| &out[row * ALIGNMENT..][..20]);
                assert!(before.iter().all(|x| x.is_finite()));
                assert!(row.iter().all(|x| x.is_finite() == odd.is_finite()), "{odd} at {place}: {row:?}");
                assert_eq!(zeros, &bias[..20]);
            }
        }
        // A weight without a number spoils its own output only.
        let mut broken = weights.clone();
        broken[3 * inputs + 7] = f32::INFINITY;
        broken[4 * inputs..5 * inputs].fill(0.0);
        let weight = kernels.pack_quantized(&broken, 20, inputs);
        let rows = quantized(kernels, &usual, inputs);
        let mut out = Buffer::zeros(ALIGNMENT);
        kernels.quantized_matmul(rows.all(), &weight, &bias, RowsMut::new(&mut out, ALIGNMENT));
        assert!(out.iter().enumerate().all(|(output, x)| x.is_nan() == (output == 3)));
        assert_eq!(out[4], bias[4]);
    });
}

#[test]
#[should_panic(expected = "integers for")]
fn rows_of_another_width_are_refused() {
    let kernels = Kernels::on(Isa::Scalar).expect("it is everywhere");
    let weight = kernels.pack_quantized(&[1.0; 32 * 5], 32, 5);
    let rows = quantized(kernels, &[1.0; 8], 4);
    kernels.quantized_matmul(rows.all(), &weight, &[0.0; 32], RowsMut::new(&mut [0.0; 64], 32));
}
