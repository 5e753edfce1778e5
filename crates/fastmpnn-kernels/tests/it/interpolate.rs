//! Tabulated functions, on each instruction set, against plain loops and against the functions themselves.

use fastmpnn_kernels::{Buffer, FunctionTable, Isa, Kernels, RowsMut, padded, reference};

const INTERVALS: usize = 448;
const STEP: f32 = 1.0 / 16.0;

/// Radial functions of a distance, 0 in the rest of a row, and their table.
struct Gaussians {
    centers: Vec<f32>,
    rows: Buffer,
    table: FunctionTable,
    width: usize,
}

impl Gaussians {
    fn new(count: usize) -> Gaussians {
        let centers: Vec<f32> = (0..count).map(|index| 2.0 + 20.0 * index as f32 / count as f32).collect();
        let width = padded(count);
        let arguments = FunctionTable::arguments(INTERVALS, STEP);
        let mut rows = Buffer::zeros(arguments.len() * width);
        for (row, &x) in rows.chunks_exact_mut(width).zip(&arguments) {
            for (value, exact) in row.iter_mut().zip(reference::radial_basis(x, &centers, 1.25)) {
                *value = exact as f32;
            }
        }
        Gaussians { centers, table: FunctionTable::new(rows.clone(), width, STEP), rows, width }
    }

    fn gelu_at(&self, kernels: Kernels, x: f32) -> Vec<f32> {
        let mut out = vec![0.0; self.width];
        kernels.interpolate_gelu(&self.table, &[x], &vec![0.0; self.width], RowsMut::new(&mut out, self.width));
        out
    }
}

fn numbers() -> Vec<f32> {
    let inside = (0..39).map(|index| 0.001 + 0.719_3 * index as f32);
    inside.chain([0.0, 28.0, 27.999]).collect()
}

#[test]
fn smooth_functions_come_back_within_rounding() {
    for isa in Isa::available() {
        let kernels = Kernels::on(isa).expect("it is available");
        for count in [16, 48] {
            let gaussians = Gaussians::new(count);
            let mut worst = 0.0_f64;
            for x in numbers() {
                let exact = reference::radial_basis(x, &gaussians.centers, 1.25);
                let out = gaussians.gelu_at(kernels, x);
                for (found, exact) in out.iter().zip(exact.into_iter().chain(vec![0.0; gaussians.width])) {
                    worst = worst.max((f64::from(*found) - reference::gelu(exact)).abs());
                }
            }
            println!("{isa}: worst {worst:.2e}");
            // GELU's own error is 4·10⁻⁷ at most.
            assert!(worst <= 6e-7, "{isa}: {worst:e}");
        }
    }
}

#[test]
fn values_equal_plain_loops() {
    let numbers = numbers();
    for isa in Isa::available() {
        let kernels = Kernels::on(isa).expect("it is available");
        let gaussians = Gaussians::new(48);
        let width = gaussians.width;
        let center: Vec<f32> = (0..width).map(|column| column as f32 / 16.0 - 2.0).collect();
        let mut found = Buffer::zeros(numbers.len() * width);
        let out = RowsMut::new(&mut found, width);
        kernels.interpolate_gelu(&gaussians.table, &numbers, &center, out);
        for (&x, found) in numbers.iter().zip(found.chunks_exact(width)) {
            let interval = ((x / STEP) as usize).min(INTERVALS - 1);
            for column in 0..width {
                let row = |point: usize| f64::from(gaussians.rows[(interval + point) * width + column]);
                let value = reference::interpolate(std::array::from_fn(row), f64::from(x / STEP) - interval as f64);
                let expected = reference::gelu(value + f64::from(center[column]));
                let difference = (f64::from(found[column]) - expected).abs();
                assert!(difference <= 1e-6, "{isa}: {x}, column {column}: off by {difference:e}");
            }
        }
    }
}

#[test]
fn beyond_its_range_a_function_is_constant() {
    let kernels = Kernels::detect().expect("an instruction set");
    let gaussians = Gaussians::new(16);
    assert_eq!(gaussians.gelu_at(kernels, -3.0), gaussians.gelu_at(kernels, 0.0));
    assert_eq!(gaussians.gelu_at(kernels, 1e9), gaussians.gelu_at(kernels, 28.0));
    assert_eq!(gaussians.gelu_at(kernels, f32::INFINITY), gaussians.gelu_at(kernels, 28.0));
}

#[test]
#[should_panic(expected = "not a power of two")]
fn a_step_that_rounds_is_refused() {
    let _ = FunctionTable::new(Buffer::zeros(8 * 32), 32, 0.1);
}
