//! Products of numbers split into bf16, with every kind of tile instructions this processor has, at odd sizes: against
//! plain loops to the bit, and against the product of the numbers themselves.

use fastmpnn_kernels::{
    ALIGNMENT, Buffer, Isa, KernelPlan, Kernels, Rows, RowsMut, SplitMatrix, SplitRows, SplitTerms, TileInstructions,
    WeightedBias, padded, reference,
};

use crate::numbers::{Messages, Numbers};

impl Numbers {
    /// Numbers of 2^`first` … 2^(`first` + `range`), and zeros.
    fn wide(&mut self, length: usize, first: i32, range: u32) -> Vec<f32> {
        let number = |bits: u32| {
            let exponent = (127 + first) as u32 + bits / 512 % range;
            if bits % 16 == 3 { 0.0 } else { f32::from_bits(bits & 0x807f_ffff | exponent << 23) }
        };
        (0..length).map(|_| number(self.bits())).collect()
    }
}

/// Kernels for each kind of tile instructions, with the vectors of each instruction set that they go with.
fn each_kind(mut test: impl FnMut(Kernels, TileInstructions)) {
    for tiles in TileInstructions::ALL.into_iter().filter(|tiles| tiles.is_available()) {
        for isa in Isa::available() {
            let plan = KernelPlan::fastest(isa).expect("it is available");
            let Ok(plan) = plan.with_tiles(tiles) else { continue };
            println!("{tiles} with {isa}");
            test(Kernels::by(plan), tiles);
        }
    }
}

fn split(kernels: Kernels, values: &[f32], inputs: usize, terms: SplitTerms) -> SplitRows {
    let mut out = SplitRows::default();
    kernels.split_rows(Rows::new(values, inputs), inputs, terms, &mut out);
    out
}

const SHAPES: [(usize, usize, usize); 10] = [
    (1, 1, 1),
    (2, 3, 5),
    (5, 16, 21),
    (7, 33, 32),
    (16, 64, 64),
    (23, 17, 100),
    (35, 70, 33),
    (48, 128, 128),
    (65, 96, 40),
    (3, 401, 33),
];

#[test]
fn rows_become_planes() {
    for isa in Isa::available() {
        let kernels = Kernels::on(isa).expect("it is available");
        let mut out = SplitRows::default();
        for terms in SplitTerms::ALL {
            // Wide rows first: the narrow ones must not find their numbers in the padding.
            for inputs in [400, 128, 1, 2, 15, 16, 17, 31, 32, 33] {
                let values = Numbers(inputs as u64).wide(5 * inputs, -40, 80);
                kernels.split_rows(Rows::new(&values, inputs), inputs, terms, &mut out);
                assert_eq!((out.count(), out.inputs(), out.planes()), (5, inputs, terms.planes()));
                for (row, values) in values.chunks_exact(inputs).enumerate() {
                    for plane in 0..terms.planes() {
                        let expected = values.iter().map(|&x| (reference::planes(x)[plane].to_bits() >> 16) as u16);
                        assert!(out.bits(plane, row).eq(expected), "{isa}: plane {plane} of row {row}");
                    }
                }
            }
        }
    }
}

/// The products with plain rows and no bias.
fn products(kernels: Kernels, rows: &SplitRows, weight: &SplitMatrix) -> Buffer {
    let width = padded(weight.outputs());
    let mut out = Buffer::zeros(rows.count() * width);
    kernels.split_matmul(rows, weight, &vec![0.0; width], RowsMut::new(&mut out, width));
    out
}

#[test]
fn every_sum_is_that_of_the_plain_loops_to_the_bit() {
    // Numbers near one; of all sizes; so small that products and rests are denormal.
    let sizes = |numbers: &mut Numbers, length: usize| {
        [numbers.vector(length), numbers.wide(length, -30, 60), numbers.wide(length, -85, 40)]
    };
    for (rows, inputs, outputs) in SHAPES {
        let mut numbers = Numbers(inputs as u64);
        let a = sizes(&mut numbers, rows * inputs);
        let weights = sizes(&mut numbers, outputs * inputs);
        for (a, weights) in a.iter().zip(&weights) {
            for terms in SplitTerms::ALL {
                let expected = |tiles: TileInstructions| -> Vec<f32> {
                    let row = |a: &[f32]| -> Vec<f32> {
                        let sum = |w: &[f32]| reference::split_sum(a, w, terms, tiles) + 0.0;
                        weights.chunks_exact(inputs).map(sum).collect()
                    };
                    a.chunks_exact(inputs).flat_map(row).collect()
                };
                let [of_tiles, of_dots, of_squares] =
                    [TileInstructions::Soft, TileInstructions::SoftDots, TileInstructions::SoftSquares].map(expected);
                each_kind(|kernels, tiles| {
                    let weight = kernels.pack_split(weights, outputs, inputs, terms);
                    let out = products(kernels, &split(kernels, a, inputs, terms), &weight);
                    let expected = match tiles {
                        TileInstructions::SoftSquares | TileInstructions::NeonBf16 => &of_squares,
                        tiles if tiles.are_matrix_tiles() => &of_tiles,
                        _ => &of_dots,
                    };
                    for (out, expected) in out.chunks_exact(padded(outputs)).zip(expected.chunks_exact(outputs)) {
                        let bits = |values: &[f32]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                        assert_eq!(bits(&out[..outputs]), bits(expected), "{rows} × {inputs} × {outputs}, {terms:?}");
                        assert!(out[outputs..].iter().all(|&padding| padding == 0.0));
                    }
                });
            }
        }
    }
}

/// A product, and its exact results.
struct Case {
    rows: usize,
    inputs: usize,
    outputs: usize,
    a: Vec<f32>,
    weights: Vec<f32>,
    bias: Vec<f32>,
    exact: Vec<Vec<f64>>,
}

fn cases() -> Vec<Case> {
    let case = |&(rows, inputs, outputs): &(usize, usize, usize)| {
        let mut numbers = Numbers(1);
        let (a, weights) = (numbers.vector(rows * inputs), numbers.vector(outputs * inputs));
        let bias = numbers.bias(outputs);
        let exact = (0..rows).map(|row| reference::product_row(&a, inputs, row, &weights, inputs)).collect();
        Case { rows, inputs, outputs, a, weights, bias, exact }
    };
    SHAPES.iter().map(case).collect()
}

impl Case {
    fn width(&self) -> usize {
        padded(self.outputs)
    }
    fn packed(&self, kernels: Kernels, terms: SplitTerms) -> SplitMatrix {
        kernels.pack_split(&self.weights, self.outputs, self.inputs, terms)
    }
    fn rows(&self, kernels: Kernels, terms: SplitTerms) -> SplitRows {
        split(kernels, &self.a, self.inputs, terms)
    }
    /// Compares with `expected(row, output, product)`. GELU's slope is at most 1.13.
    fn check(&self, terms: SplitTerms, out: &[f32], expected: impl Fn(usize, usize, f64) -> f64) {
        for (row, values) in out.chunks_exact(self.width()).enumerate() {
            let a = &self.a[row * self.inputs..][..self.inputs];
            for (output, &value) in values.iter().enumerate() {
                let what = format!("{}×{}×{} at {row}, {output}", self.rows, self.inputs, self.outputs);
                if output >= self.outputs {
                    assert_eq!(value, 0.0, "{what}: padding");
                    continue;
                }
                let weights = &self.weights[output * self.inputs..][..self.inputs];
                let size: f64 = a.iter().zip(weights).map(|(a, w)| f64::from((a * w).abs())).sum();
                // Each rest is at most half a unit of the plane before: 2⁻⁹ of the number, then 2⁻¹⁸, then nothing. What
                // is left out is, for one term, both first rests; for three, mid·mid and both second rests; for six,
                // mid·lo, lo·mid and lo·lo.
                let left_out = match terms {
                    SplitTerms::One => 2.0 / 256.0 + 1.0 / 65536.0,
                    SplitTerms::Three => 3.0 / 65536.0,
                    SplitTerms::Six => 1e-7,
                };
                let most = 1.13 * size * left_out + 2e-6 * (1.0 + self.inputs as f64);
                let difference = (f64::from(value) - expected(row, output, self.exact[row][output])).abs();
                assert!(difference <= most, "{terms:?}, {what}: off by {difference:e} of {most:e}");
            }
        }
    }
}

#[test]
fn products_are_near_the_exact_ones() {
    for case in cases() {
        let (width, bias) = (case.width(), |output: usize| f64::from(case.bias[output]));
        let scale = Numbers(8).vector(case.rows);
        let before: Vec<f32> = (0..case.rows).flat_map(|row| Numbers(row as u64).bias(case.outputs)).collect();
        let with_gelu: Vec<Vec<f64>> = case
            .exact
            .iter()
            .map(|row| row.iter().enumerate().map(|(output, x)| reference::gelu(x + bias(output))).collect())
            .collect();
        each_kind(|kernels, _| {
            for terms in SplitTerms::ALL {
                let (weight, rows) = (case.packed(kernels, terms), case.rows(kernels, terms));
                let mut out = Buffer::zeros(case.rows * width);
                kernels.split_matmul(&rows, &weight, &case.bias, RowsMut::new(&mut out, width));
                case.check(terms, &out, |_, output, exact| exact + bias(output));
                out.copy_from_slice(&before);
                let weighted = WeightedBias { bias: &case.bias, row_weights: &scale };
                kernels.split_matmul_accumulate(&rows, &weight, weighted, RowsMut::new(&mut out, width));
                case.check(terms, &out, |row, output, exact| {
                    f64::from(before[row * width + output]) + exact + f64::from(scale[row]) * bias(output)
                });
                kernels.split_matmul_gelu(&rows, &weight, &case.bias, RowsMut::new(&mut out, width));
                case.check(terms, &out, |row, output, _| with_gelu[row][output]);
            }
        });
    }
}

#[test]
fn messages_gather_their_neighbors_sum_and_split_again() {
    for case in cases() {
        let width = case.width();
        let messages = Messages::new(case.rows, case.outputs);
        let edge_terms = messages.terms(&case.bias);
        each_kind(|kernels, _| {
            for terms in SplitTerms::ALL {
                let (weight, rows) = (case.packed(kernels, terms), case.rows(kernels, terms));
                // The product with a gather is that of the plain product, then the gather.
                let (mut out, mut apart) = (Buffer::zeros(case.rows * width), Buffer::zeros(case.rows * width));
                kernels.split_edge_gelu(&rows, &weight, edge_terms, RowsMut::new(&mut out, width));
                let product = products(kernels, &rows, &weight);
                kernels.gather_gelu(Rows::new(&product, width), edge_terms, RowsMut::new(&mut apart, width));
                assert_eq!(apart[..], out[..]);
                for next in SplitTerms::ALL {
                    let mut again = SplitRows::default();
                    kernels.split_edge_gelu_again(&rows, &weight, edge_terms, next, &mut again);
                    check_planes(kernels, &again, &out, case.outputs, next);
                }
                kernels.split_matmul_gelu(&rows, &weight, &case.bias, RowsMut::new(&mut out, width));
                for next in SplitTerms::ALL {
                    let mut again = SplitRows::default();
                    kernels.split_matmul_gelu_again(&rows, &weight, &case.bias, next, &mut again);
                    check_planes(kernels, &again, &out, case.outputs, next);
                }
                // The sum is of the very numbers that the product with GELU gives, so only its additions are rounded.
                let mut total = messages.before.clone();
                let weighted = WeightedBias { bias: &case.bias, row_weights: &messages.row_weights };
                kernels.split_matmul_gelu_sum(&rows, &weight, weighted, &mut total);
                for (output, (&value, (sum, size))) in total.iter().zip(messages.sums(&out)).enumerate() {
                    assert!((f64::from(value) - sum).abs() <= 1e-6 * (1.0 + size), "sum {output}");
                }
            }
        });
    }
}

/// The planes are those of `values`, rows of `padded(inputs)`.
#[track_caller]
fn check_planes(kernels: Kernels, found: &SplitRows, values: &[f32], inputs: usize, terms: SplitTerms) {
    let mut expected = SplitRows::default();
    kernels.split_rows(Rows::new(values, padded(inputs)), inputs, terms, &mut expected);
    assert_eq!((found.count(), found.planes()), (expected.count(), expected.planes()));
    for row in 0..found.count() {
        for plane in 0..terms.planes() {
            assert!(found.bits(plane, row).eq(expected.bits(plane, row)), "plane {plane} of row {row}");
        }
    }
}

#[test]
fn a_row_does_not_depend_on_its_batch() {
    for case in cases() {
        let width = case.width();
        each_kind(|kernels, _| {
            for terms in SplitTerms::ALL {
                let weight = case.packed(kernels, terms);
                let mut together = Buffer::zeros(case.rows * width);
                let rows = case.rows(kernels, terms);
                kernels.split_matmul_gelu(&rows, &weight, &case.bias, RowsMut::new(&mut together, width));
                for count in [1, 2, 15, 16, 17, 33].into_iter().filter(|&count| count <= case.rows) {
                    let first = case.rows - count;
                    let rows = split(kernels, &case.a[first * case.inputs..], case.inputs, terms);
                    let mut apart = Buffer::zeros(count * width);
                    kernels.split_matmul_gelu(&rows, &weight, &case.bias, RowsMut::new(&mut apart, width));
                    assert_eq!(apart[..], together[first * width..], "{count} rows at a time");
                }
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
    let a = numbers.vector(5 * inputs);
    each_kind(|kernels, _| {
        for terms in SplitTerms::ALL {
            let rows = split(kernels, &a, inputs, terms);
            let columns = kernels.pack_split_columns(&wide, stride, first, inputs, terms);
            assert_eq!((columns.inputs(), columns.outputs(), columns.terms()), (inputs, outputs, terms));
            assert_eq!(columns.plan(), kernels.plan());
            let columns = products(kernels, &rows, &columns);
            assert_eq!(columns[..], products(kernels, &rows, &kernels.pack_split(&narrow, outputs, inputs, terms))[..]);
            assert!(columns.iter().any(|&x| x != 0.0));
        }
    });
}

#[test]
fn what_is_no_number_spoils_its_row_only() {
    let inputs = 33;
    let mut numbers = Numbers(5);
    let (weights, usual) = (numbers.vector(20 * inputs), numbers.vector(inputs));
    each_kind(|kernels, _| {
        for terms in SplitTerms::ALL {
            let weight = kernels.pack_split(&weights, 20, inputs, terms);
            for place in [0, 15, 16, 31, 32] {
                for odd in [f32::NAN, f32::from_bits(0x7fff_ffff), f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
                    let mut values = [usual.clone(), usual.clone(), usual.clone()].concat();
                    values[inputs + place] = odd;
                    let out = products(kernels, &split(kernels, &values, inputs, terms), &weight);
                    let [before, row, after] = [0, 1, 2].map(|row| &out[row * ALIGNMENT..][..20]);
                    assert!(before.iter().chain(after).all(|x| x.is_finite()));
                    assert!(row.iter().all(|x| !x.is_finite()), "{terms:?}: {odd} at {place}: {row:?}");
                }
            }
        }
    });
}

#[test]
fn held_tiles_change_no_product() {
    let mut numbers = Numbers(6);
    let (weights, a) = (numbers.vector(40 * 33), numbers.vector(20 * 33));
    each_kind(|kernels, _| {
        let weight = kernels.pack_split(&weights, 40, 33, SplitTerms::Three);
        let rows = split(kernels, &a, 33, SplitTerms::Three);
        let alone = products(kernels, &rows, &weight);
        let held = kernels.hold_tiles();
        let again = kernels.hold_tiles();
        assert_eq!(products(kernels, &rows, &weight)[..], alone[..]);
        drop(held);
        assert_eq!(products(kernels, &rows, &weight)[..], alone[..]);
        drop(again);
        assert_eq!(products(kernels, &rows, &weight)[..], alone[..]);
    });
}

#[test]
fn instructions_go_with_their_instruction_set_only() {
    for isa in Isa::available() {
        let plan = KernelPlan::fastest(isa).expect("it is available");
        for tiles in TileInstructions::ALL {
            let allowed = tiles.is_available() && tiles.isa().is_none_or(|needed| needed == isa);
            match plan.with_tiles(tiles) {
                Ok(plan) => assert!(allowed && plan.tiles() == Some(tiles)),
                Err(error) => {
                    assert!(!allowed);
                    assert!(error.to_string().contains(tiles.name()), "{error}");
                }
            }
        }
        assert_eq!(plan.without_tiles().tiles(), None);
        assert!(plan.tiles().is_none_or(|tiles| !tiles.are_matrix_tiles()), "tiles are chosen, never a part of {isa}");
    }
}

#[test]
#[should_panic(expected = "planes for")]
fn rows_of_fewer_planes_are_refused() {
    let plan = KernelPlan::fastest(Isa::Scalar).expect("it is everywhere");
    let kernels = Kernels::by(plan.with_tiles(TileInstructions::Soft).expect("it is everywhere"));
    let weight = kernels.pack_split(&[1.0; 32 * 5], 32, 5, SplitTerms::Six);
    let rows = split(kernels, &[1.0; 10], 5, SplitTerms::Three);
    products(kernels, &rows, &weight);
}

#[test]
#[should_panic(expected = "the plan has tile instructions")]
fn a_plan_without_tiles_packs_no_planes() {
    let plan = KernelPlan::fastest(Isa::Scalar).expect("it is everywhere");
    Kernels::by(plan.without_tiles()).pack_split(&[1.0; 32 * 5], 32, 5, SplitTerms::One);
}
