//! Linear maps of radial basis functions and the distances they are of, on each instruction set, against the plain loops.

use fastmpnn_kernels::{
    Buffer, Isa, Kernels, PairDistances, RadialBasis, RadialScratch, RowPoints, RowsMut, padded, reference,
};

const SIGMA: f32 = 1.25;

fn centers() -> Vec<f32> {
    (0..16).map(|index| 2.0 + 20.0 * index as f32 / 15.0).collect()
}

/// Numbers in −1 … 1, the same on every machine.
fn number(index: usize) -> f32 {
    let mixed = (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 40) as f32 / (1u32 << 23) as f32 - 1.0
}

/// Distances from far too near to far too far, apart from row to row by more than a block's rows should be.
fn distances(pairs: usize, rows: usize) -> PairDistances {
    let mut distances = PairDistances::default();
    distances.resize(pairs, rows);
    for pair in 0..pairs {
        for (row, distance) in distances.of(pair).iter_mut().enumerate() {
            *distance = match (pair * 7 + row) % 11 {
                0 => 0.001,
                1 => 40.0,
                2 => 1e18,
                _ => (3.0 + row as f32 * 0.9 + 4.0 * number(pair * 100 + row)).abs(),
            };
        }
    }
    distances
}

/// In which numbers the weight is.
#[derive(Clone, Copy, Debug)]
enum Numbers {
    Floats,
    Integers,
}

const BOTH: [Numbers; 2] = [Numbers::Floats, Numbers::Integers];

/// The size of a product.
#[derive(Clone, Copy, Debug)]
struct Size {
    /// Pairs of atoms, each with its radial basis functions.
    pairs: usize,
    rows: usize,
    outputs: usize,
}

/// The product, added to ones, checked against the plain loop's.
fn product(kernels: Kernels, numbers: Numbers, size: Size, shown: std::ops::Range<usize>) -> Buffer {
    let Size { pairs, rows, outputs } = size;
    let centers = centers();
    let inputs = pairs * centers.len();
    let weight: Vec<f32> = (0..inputs * outputs).map(number).collect();
    let mut all = distances(pairs, rows);
    let mut some = PairDistances::default();
    some.resize(pairs, shown.len());
    for pair in 0..pairs {
        some.of(pair).copy_from_slice(&all.of(pair)[shown.clone()]);
    }
    let stride = padded(outputs);
    let mut out = Buffer::zeros(shown.len() * stride);
    out.fill(1.0);
    let basis = RadialBasis::new(&centers, SIGMA);
    let (rows_out, scratch) = (RowsMut::new(&mut out, stride), &mut RadialScratch::default());
    match numbers {
        Numbers::Floats => {
            kernels.radial_product(&basis, &some, &kernels.pack(&weight, outputs, inputs), scratch, rows_out);
        }
        Numbers::Integers => {
            let packed = kernels.pack_quantized(&weight, outputs, inputs);
            kernels.quantized_radial_product(&basis, &some, &packed, scratch, rows_out);
        }
    }
    for (position, row) in shown.enumerate() {
        let functions: Vec<f64> =
            (0..pairs).flat_map(|pair| reference::radial_basis(all.of(pair)[row], &centers, SIGMA)).collect();
        for output in 0..outputs {
            let weights = &weight[output * inputs..][..inputs];
            let terms = || functions.iter().zip(weights).map(|(g, &w)| g * f64::from(w));
            let (expected, size) = (1.0 + terms().sum::<f64>(), 1.0 + terms().map(f64::abs).sum::<f64>());
            let found = f64::from(out[position * stride + output]);
            let bound = match numbers {
                // Rounding, and 10⁻⁸ that each function is taken to be less than it is.
                Numbers::Floats => 1e-6 * size + 1e-8 * inputs as f64,
                // Half a unit of each function and of each weight.
                Numbers::Integers => {
                    let scale = f64::from(reference::quantize(weights).1);
                    let magnitudes: f64 = weights.iter().map(|&w| f64::from(w.abs())).sum();
                    let half = 0.5 / 4095.0;
                    let (of_functions, of_weights) = (magnitudes * half, functions.iter().sum::<f64>() * scale / 2.0);
                    1.001 * (of_functions + of_weights + inputs as f64 * half * scale / 2.0) + 1e-6 * size
                }
            };
            assert!((found - expected).abs() <= bound, "row {row}, output {output}: {found} for {expected}");
        }
        assert!(out[position * stride + outputs..][..stride - outputs].iter().all(|&padding| padding == 1.0));
    }
    out
}

#[test]
fn products_equal_plain_loops_at_odd_sizes() {
    for isa in Isa::available() {
        println!("{isa}");
        let kernels = Kernels::on(isa).expect("it is available");
        for numbers in BOTH {
            for (pairs, rows, outputs) in
                [(1, 1, 1), (3, 2, 5), (9, 5, 32), (25, 7, 128), (25, 24, 100), (2, 48, 128), (5, 0, 32)]
            {
                product(kernels, numbers, Size { pairs, rows, outputs }, 0..rows);
            }
        }
    }
}

#[test]
fn a_row_does_not_depend_on_the_others() {
    for isa in Isa::available() {
        let kernels = Kernels::on(isa).expect("it is available");
        for numbers in BOTH {
            let (pairs, rows, outputs) = (25, 29, 128);
            let together = product(kernels, numbers, Size { pairs, rows, outputs }, 0..rows);
            for row in 0..rows {
                let alone = product(kernels, numbers, Size { pairs, rows, outputs }, row..row + 1);
                assert_eq!(alone[..], together[row * outputs..][..outputs], "{isa}, {numbers:?}, row {row}");
            }
        }
    }
}

#[test]
fn distances_equal_the_plain_formula_bit_for_bit() {
    let point = |index: usize| std::array::from_fn(|axis| 20.0 * number(3 * index + axis));
    let center: Vec<[f32; 3]> = (0..5).map(|kind| point(1000 + kind)).collect();
    let pairs: Vec<(usize, usize)> = (0..5).flat_map(|a| (0..5).map(move |b| (a, b))).collect();
    for isa in Isa::available() {
        let kernels = Kernels::on(isa).expect("it is available");
        let (mut points, mut out) = (RowPoints::default(), PairDistances::default());
        // From many to few: what an earlier use left behind must not show.
        for rows in [48, 33, 7, 1, 0] {
            let others: Vec<Vec<[f32; 3]>> =
                (0..rows).map(|row| (0..5).map(|kind| point(row * 5 + kind)).collect()).collect();
            points.fill(5, others.iter().map(Vec::as_slice));
            kernels.pair_distances(&center, &points, &pairs, &mut out);
            for (pair, &(a, b)) in pairs.iter().enumerate() {
                let expected: Vec<f32> = others.iter().map(|row| reference::distance(center[a], row[b])).collect();
                assert_eq!(out.of(pair), expected, "{isa}, pair {a} {b}");
            }
        }
    }
}

/// Gaussians that all stand at one place, times weights of one sign: no sum is larger.
#[test]
fn the_largest_integers_do_not_overflow() {
    let centers = centers();
    for isa in Isa::available() {
        let kernels = Kernels::on(isa).expect("it is available");
        let (pairs, rows, outputs) = (46, 7, 32);
        let mut distances = PairDistances::default();
        distances.resize(pairs, rows);
        (0..pairs).for_each(|pair| distances.of(pair).fill(12.0));
        let weight = vec![-0.5; outputs * pairs * centers.len()];
        let packed = kernels.pack_quantized(&weight, outputs, pairs * centers.len());
        let (basis, mut out) = (RadialBasis::new(&centers, SIGMA), Buffer::zeros(rows * outputs));
        let rows_out = RowsMut::new(&mut out, outputs);
        kernels.quantized_radial_product(&basis, &distances, &packed, &mut RadialScratch::default(), rows_out);
        let expected = -0.5 * pairs as f64 * reference::radial_basis(12.0, &centers, SIGMA).iter().sum::<f64>();
        assert!(out.iter().all(|&sum| (f64::from(sum) - expected).abs() < 1e-3 * expected.abs()), "{}", out[0]);
    }
}

#[test]
#[should_panic(expected = "do not fit an i32")]
fn so_many_distances_that_integers_could_overflow_are_refused() {
    let (kernels, centers) = (Kernels::on(Isa::Scalar).expect("it is everywhere"), centers());
    let mut distances = PairDistances::default();
    distances.resize(48, 1);
    let packed = kernels.pack_quantized(&vec![1.0; 32 * 48 * centers.len()], 32, 48 * centers.len());
    let (basis, mut out) = (RadialBasis::new(&centers, SIGMA), Buffer::zeros(32));
    let rows_out = RowsMut::new(&mut out, 32);
    kernels.quantized_radial_product(&basis, &distances, &packed, &mut RadialScratch::default(), rows_out);
}
