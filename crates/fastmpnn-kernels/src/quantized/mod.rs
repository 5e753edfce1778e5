//! The products of [`matmul`](mod@crate::matmul) on integers: twice as many products per instruction, at a relative
//! error of about 10⁻⁴.
//!
//! Each row of activations, and each output channel of weights, is written as integers −4095 … 4095 times one scale:
//!
//! ```text
//! x[k] ≈ q[k] · s        s = max |x| / 4095        q[k] = x[k] · 4095 / max |x|, rounded to nearest even
//! Σ x[k] · w[k] ≈ s · t · Σ q[k] · p[k]            the sum in i32, exactly
//! ```
//!
//! **No overflow.** Inputs are cut into blocks of 128: 128 · 4095² = 2,146,435,200 < 2³¹ = 2,147,483,648. A block's sum
//! is exact for any numbers; it becomes an f32 and blocks are added in order. So here too a row of a product is
//! the same, bit for bit, in any batch.
//!
//! **Pairs.** The instruction (`vpmaddwd`, `vpdpwssd`) multiplies two i16 in each 32-bit lane and adds both products.
//! A lane is an output, so the weights of inputs 2p and 2p + 1 lie side by side for each output of a panel, and 32 bits
//! of a row are broadcast: two inputs at once. An odd number of inputs is padded with a zero.
//!
//! ```text
//! panel 0: w[0, 0] w[0, 1]  w[1, 0] w[1, 1] … w[P−1, 0] w[P−1, 1]   then inputs 2 and 3, …        w[output, input]
//! ```
//!
//! **Error.** Each rounding is at most half a scale, so a product differs from the exact one by at most
//! Σ (|x|·t + |w|·s) / 2 + inputs · s·t / 4, plus f32 rounding.
//!
//! **NaN, infinity and zero.** A row with NaN or infinity gets NaN for its scale, and its products are NaN. A row whose
//! largest magnitude is below [`SMALLEST`](layout::SMALLEST) is all zeros with scale zero.

mod layout;
mod matrix;
mod product;
mod rows;

pub(crate) use self::layout::LARGEST;
pub use self::matrix::QuantizedMatrix;
pub(crate) use self::product::add_pair;
use self::product::{Product, product};
use self::rows::{Quantize, quantize};
pub use self::rows::{QuantizedRows, QuantizedSlice};
use crate::activation::{Linear, Short};
use crate::dispatch::dispatch_pairs;
use crate::epilogue::{Biased, Edge, Summed, WeightedBias, Written};
use crate::lanes::Pairs;
use crate::pack::WeightShape;
use crate::{EdgeTerms, Kernels, Rows, RowsMut, padded};

macro_rules! run {
    ($product:expr, $epilogue:ty) => {{
        #[inline(always)]
        fn body<P: Pairs, const ROWS: usize, const VECTORS: usize>(p: P, arguments: Product<'_, $epilogue>) {
            product::<P, ROWS, VECTORS, $epilogue>(p, arguments);
        }
        let product = $product;
        let plan = product.weight.plan;
        dispatch_pairs!(plan, body, product, Product<'_, $epilogue>)
    }};
}

/// Integer products. [`QuantizedRows`] have the same layout on every instruction set.
///
/// # Panics
/// Every method panics when the shapes of its operands do not fit.
impl Kernels {
    /// Quantizes and packs a row-major `[outputs, inputs]` weight.
    pub fn pack_quantized(&self, weights: &[f32], outputs: usize, inputs: usize) -> QuantizedMatrix {
        assert_eq!(weights.len(), outputs * inputs, "a weight of {outputs} × {inputs}");
        QuantizedMatrix::new(self.plan(), weights, WeightShape { outputs, inputs, stride: inputs })
    }

    /// Quantizes and packs columns `first..first + inputs` of a row-major weight whose rows are `stride` numbers long.
    pub fn pack_quantized_columns(
        &self,
        weights: &[f32],
        stride: usize,
        first: usize,
        inputs: usize,
    ) -> QuantizedMatrix {
        assert!(first + inputs <= stride && weights.len().is_multiple_of(stride), "columns outside the weight");
        let outputs = weights.len() / stride;
        QuantizedMatrix::new(self.plan(), &weights[first..], WeightShape { outputs, inputs, stride })
    }

    /// Writes the first `inputs` numbers of each row as integers and a scale.
    pub fn quantize_rows(&self, rows: Rows<'_>, inputs: usize, out: &mut QuantizedRows) {
        assert!((1..=rows.stride).contains(&inputs), "rows of {} floats for {inputs} inputs", rows.stride);
        out.resize(rows.count, inputs);
        dispatch_pairs!(self.plan(), quantize, Quantize { rows, out }, Quantize<'_>);
    }

    /// `out = a · wᵀ + bias`, in integers
    pub fn quantized_matmul(&self, a: QuantizedSlice<'_>, weight: &QuantizedMatrix, bias: &[f32], out: RowsMut<'_>) {
        check(a, weight, bias, &out);
        let epilogue = Written::new(out, Biased::new(bias));
        run!(Product { a, weight, epilogue }, Written<'_, Biased<'_, Linear>>);
    }

    /// `out = gelu(a · wᵀ + bias)`, the product in integers
    pub fn quantized_matmul_gelu(
        &self,
        a: QuantizedSlice<'_>,
        weight: &QuantizedMatrix,
        bias: &[f32],
        out: RowsMut<'_>,
    ) {
        check(a, weight, bias, &out);
        let epilogue = Written::new(out, Biased::new(bias));
        run!(Product { a, weight, epilogue }, Written<'_, Biased<'_, Short>>);
    }

    /// `out += a · wᵀ + row_weights[row] · bias`, the product in integers
    pub fn quantized_matmul_accumulate(
        &self,
        a: QuantizedSlice<'_>,
        weight: &QuantizedMatrix,
        bias: WeightedBias<'_>,
        out: RowsMut<'_>,
    ) {
        check(a, weight, bias.bias, &out);
        bias.check(a.count());
        let epilogue = Written::new(out, bias);
        run!(Product { a, weight, epilogue }, Written<'_, WeightedBias<'_>>);
    }

    /// `out = gelu(a · wᵀ + terms.center + terms.table[terms.index[row]])`, the product in integers
    pub fn quantized_edge_gelu(
        &self,
        a: QuantizedSlice<'_>,
        weight: &QuantizedMatrix,
        terms: EdgeTerms<'_>,
        out: RowsMut<'_>,
    ) {
        check(a, weight, terms.center, &out);
        terms.check(a.count(), padded(weight.outputs));
        let epilogue = Written::new(out, Edge::new(terms));
        run!(Product { a, weight, epilogue }, Written<'_, Edge<'_, Short>>);
    }

    /// `out += Σ over rows of row_weights[row] · gelu(a · wᵀ + bias)`, the product in integers
    pub fn quantized_matmul_gelu_sum(
        &self,
        a: QuantizedSlice<'_>,
        weight: &QuantizedMatrix,
        bias: WeightedBias<'_>,
        out: &mut [f32],
    ) {
        check_operands(a, weight, bias.bias);
        assert!(out.len() >= padded(weight.outputs), "the sum is narrower than the product");
        bias.check(a.count());
        let epilogue = Summed::new(out, bias);
        run!(Product { a, weight, epilogue }, Summed<'_, Short>);
    }
}

fn check_operands(a: QuantizedSlice<'_>, weight: &QuantizedMatrix, bias: &[f32]) {
    assert_eq!(a.inputs, weight.inputs, "rows of {} integers for {} inputs", a.inputs, weight.inputs);
    assert!(bias.len() >= padded(weight.outputs), "the bias is narrower than the product");
}

fn check(a: QuantizedSlice<'_>, weight: &QuantizedMatrix, bias: &[f32], out: &RowsMut<'_>) {
    check_operands(a, weight, bias);
    assert_eq!(out.count, a.count(), "the result and the input have different numbers of rows");
    assert!(out.stride >= padded(weight.outputs), "the result is narrower than the product");
}
