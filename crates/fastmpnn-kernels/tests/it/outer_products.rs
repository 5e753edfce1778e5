//! Products by outer products (SME) against NEON's, to the bit: each with each epilogue, at odd sizes.

use fastmpnn_kernels::{
    Buffer, EdgeTerms, Isa, IsaError, KernelPlan, Kernels, PackedMatrix, Rows, RowsMut, WeightedBias, padded,
};

use crate::numbers::Numbers;

impl Numbers {
    /// Numbers of many sizes, zeros of both signs and denormals among them.
    fn varied(&mut self, length: usize) -> Vec<f32> {
        let number = |bits: u32| {
            let (sign_and_fraction, exponent) = (bits & 0x807f_ffff, 117 + (bits >> 9) % 16);
            match bits % 32 {
                3 => f32::from_bits(bits & 0x8000_0000),
                4 => f32::from_bits(sign_and_fraction),
                _ => f32::from_bits(sign_and_fraction | exponent << 23),
            }
        };
        (0..length).map(|_| number(self.bits())).collect()
    }
}

/// Calls `test` with the kernels of outer products, once with each length of vectors that this processor has.
fn each_length(test: impl Fn(Kernels)) {
    let Ok(plan) = KernelPlan::fastest(Isa::Neon).and_then(KernelPlan::with_outer_products) else {
        println!("left out: this processor or its system does not have SME");
        return;
    };
    for bits in [128, 256, 512, 1024, 2048] {
        if system::has_set_length(bits) {
            println!("vectors of {bits} bits");
            test(Kernels::by(plan));
        }
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::ffi::{c_int, c_ulong};

    // From the C library, which the standard library links.
    unsafe extern "C" {
        fn prctl(option: c_int, ...) -> c_int;
    }
    const SET_LENGTH: c_int = 63;
    const LENGTH: c_int = 0xffff;

    /// Whether vectors of this thread's streaming mode have `bits` bits from now on.
    pub(super) fn has_set_length(bits: usize) -> bool {
        // SAFETY: the thread is not in streaming mode, so that no vector is in use.
        let set = unsafe { prctl(SET_LENGTH, (bits / 8) as c_ulong) };
        set >= 0 && (set & LENGTH) as usize == bits / 8
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    /// Apple's processors have one length.
    pub(super) fn has_set_length(bits: usize) -> bool {
        bits == 512
    }
}

/// Rows, inputs and outputs: less than a block, whole blocks and parts of blocks; inputs of less than a vector and of several.
const SHAPES: [(usize, usize, usize); 11] = [
    (1, 5, 3),
    (7, 16, 21),
    (8, 1, 1),
    (9, 3, 33),
    (12, 64, 64),
    (23, 17, 100),
    (48, 128, 128),
    (63, 67, 40),
    (64, 32, 512),
    (65, 65, 31),
    (200, 416, 130),
];

struct Case {
    rows: usize,
    a: Vec<f32>,
    stride: usize,
    width: usize,
    weights: Vec<f32>,
    shape: (usize, usize),
    bias: Vec<f32>,
    row_weights: Vec<f32>,
    index: Vec<u32>,
    table: Vec<f32>,
    before: Vec<f32>,
}

impl Case {
    fn new((rows, inputs, outputs): (usize, usize, usize)) -> Case {
        let mut numbers = Numbers((rows * inputs * outputs) as u64);
        let (stride, width) = (inputs + rows % 3, padded(outputs));
        Case {
            rows,
            a: numbers.varied(rows * stride),
            stride,
            width,
            weights: numbers.varied(outputs * inputs),
            shape: (outputs, inputs),
            bias: numbers.varied(width),
            row_weights: numbers.varied(rows),
            index: (0..rows as u32).map(|row| row * 5 % 9).collect(),
            table: numbers.varied(9 * width),
            before: numbers.varied(rows * width),
        }
    }

    /// The results of every product with every epilogue.
    fn products(&self, kernels: Kernels, weight: &PackedMatrix) -> Vec<(&'static str, Buffer)> {
        let a = Rows::new(&self.a, self.stride);
        let scaled = WeightedBias { bias: &self.bias, row_weights: &self.row_weights };
        let terms = EdgeTerms { center: &self.bias, table: Rows::new(&self.table, self.width), index: &self.index };
        let written = |product: &dyn Fn(RowsMut<'_>)| {
            let mut out = Buffer::zeros(self.rows * self.width);
            out.copy_from_slice(&self.before);
            product(RowsMut::new(&mut out, self.width));
            out
        };
        let mut sum = Buffer::zeros(self.width);
        sum.copy_from_slice(&self.before[..self.width]);
        kernels.matmul_gelu_sum(a, weight, scaled, &mut sum);
        vec![
            ("matmul", written(&|out| kernels.matmul(a, weight, &self.bias, out))),
            ("matmul_gelu", written(&|out| kernels.matmul_gelu(a, weight, &self.bias, out))),
            ("matmul_accumulate", written(&|out| kernels.matmul_accumulate(a, weight, scaled, out))),
            ("edge_gelu", written(&|out| kernels.edge_gelu(a, weight, terms, out))),
            ("matmul_gelu_sum", sum),
        ]
    }

    /// Compares the kernels with NEON's, which multiply by the same packed weight.
    fn check(&self, kernels: Kernels) {
        let neon = Kernels::on(Isa::Neon).expect("it is available");
        assert!(kernels.plan().outer_products() && !neon.plan().outer_products());
        let weight = neon.pack(&self.weights, self.shape.0, self.shape.1);
        let expected = self.products(neon, &weight);
        for ((product, values), (_, expected)) in self.products(kernels, &weight).into_iter().zip(expected) {
            for (place, (value, expected)) in values.iter().zip(expected.iter()).enumerate() {
                let same = value.to_bits() == expected.to_bits() || value.is_nan() && expected.is_nan();
                assert!(
                    same,
                    "{product} of {} rows and {:?}: {value} for {expected} at {place}",
                    self.rows, self.shape
                );
            }
        }
    }
}

#[test]
fn outer_products_are_neons_to_the_bit() {
    each_length(|kernels| SHAPES.into_iter().for_each(|shape| Case::new(shape).check(kernels)));
}

#[test]
fn infinity_and_nan_are_where_neon_has_them() {
    each_length(|kernels| {
        let mut case = Case::new((37, 21, 50));
        let stride = case.stride;
        case.a[3 * stride + 2] = f32::INFINITY;
        case.a[17 * stride] = f32::NAN;
        case.a[36 * stride + 20] = f32::MAX;
        case.weights[5 * 21 + 20] = 4.0;
        case.weights[49 * 21 + 7] = f32::NEG_INFINITY;
        case.check(kernels);
    });
}

#[test]
fn no_plan_has_outer_products_unasked() {
    for isa in Isa::available() {
        let plan = KernelPlan::fastest(isa).expect("it is available");
        assert!(!plan.outer_products());
        match plan.with_outer_products() {
            Ok(plan) => assert!(isa == Isa::Neon && plan.outer_products()),
            Err(error) => {
                assert_eq!(error, IsaError::UnavailableOuterProducts);
                assert!(error.to_string().contains("does not have sme (available here: scalar"), "{error}");
            }
        }
    }
}
