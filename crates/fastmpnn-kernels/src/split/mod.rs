//! The products of [`matmul`](mod@crate::matmul) on numbers split into sums of bf16, for processors that multiply bf16
//! faster than f32.
//!
//! A bf16 has 8 bits of precision, an f32 has 24. So a number is the sum of three bf16, its *planes*, each the rounded
//! rest of those before:
//!
//! ```text
//! hi = bf16(x)      mid = bf16(x − hi)      lo = bf16(x − hi − mid)                  x = hi + mid + lo
//! Σ x·w = Σ hi·hi + Σ (hi·mid + mid·hi) + Σ (mid·mid + hi·lo + lo·hi) + smaller ones        [`SplitTerms`]
//!           one term          three terms                  six terms
//! ```
//!
//! Six terms err as an f32 product does, three by about 2⁻¹⁶ of each product, one by 2⁻⁸. A product of two bf16 is exact
//! in f32, and sums are f32. The scheme is that of Henry, Tang and Heinecke, *Leveraging the bfloat16 Artificial
//! Intelligence Datatype For Higher-Precision Computations* (ARITH 2019).
//!
//! **Instructions** ([`TileInstructions`]). Matrix tiles (AMX: `tdpbf16ps`) multiply 16 rows with 16 columns, 32 inputs
//! long; a dot product of pairs (AVX-512 BF16: `vdpbf16ps`) adds two products to each sum; NEON's `bfmmla` multiplies 2 rows
//! with 2 columns, 4 inputs long. Each has a twin in plain Rust that computes the same numbers to the bit, on every
//! processor: all but the instruction itself is tested without it.
//!
//! **Layout.** Rows and weights are cut into blocks of 32 inputs. Of each block, each plane is one cache line, the row of a
//! tile; its dword i holds inputs i and i + 16, so that two vectors of floats become a line by a shift and a blend:
//!
//! ```text
//! rows     plane 0: row 0 [block 0] [block 1] …   row 1 …   … padded to whole tiles of 16 rows;   plane 1 …
//! weight   panel of 32 outputs: outputs 0–15: block 0: plane 0: 16 lines, line i the dwords i of 16 outputs; plane 1 …
//! ```
//!
//! **Order.** The sum of a row and an output depends on these two alone, whatever other rows there are: blocks in order and,
//! with tiles, in each block the terms in the order of [`SplitTerms`]; with pairs, the terms of each pair; with `bfmmla`, of
//! each two pairs. So here too a row is the same, bit for bit, in any batch.
//!
//! **NaN and infinity.** A row with NaN or infinity has NaN or infinite products; so has one with a number that rounds
//! to an infinite bf16, from 3.39·10³⁸ on. Denormal bf16 count as zero.

mod epilogues;
mod layout;
mod matrix;
mod multiply;
mod pairs;
mod planes;
mod product;
mod rows;
mod squares;
mod stored;

pub use self::layout::SplitTerms;
pub(crate) use self::layout::{LINE, Line};
pub use self::matrix::SplitMatrix;
use self::multiply::multiply;
use self::planes::PlanesOut;
use self::product::Product;
pub use self::rows::SplitRows;
use self::rows::{Split, split_one, split_three, split_two};
use crate::activation::{Exact, Linear};
use crate::dispatch::dispatch;
use crate::epilogue::{Biased, Edge, Summed, WeightedBias, Written};
use crate::pack::WeightShape;
use crate::{EdgeTerms, Kernels, Rows, RowsMut, padded};

/// Products of split numbers. [`SplitRows`] have the same layout for all instructions.
///
/// # Panics
/// Every method panics when the shapes of its operands do not fit, or the rows have fewer planes than the weight needs.
impl Kernels {
    /// Splits and packs a row-major `[outputs, inputs]` weight, for the plan's tile instructions.
    ///
    /// # Panics
    /// If the plan has none.
    pub fn pack_split(&self, weights: &[f32], outputs: usize, inputs: usize, terms: SplitTerms) -> SplitMatrix {
        assert_eq!(weights.len(), outputs * inputs, "a weight of {outputs} × {inputs}");
        SplitMatrix::new(self.plan(), weights, WeightShape { outputs, inputs, stride: inputs }, terms)
    }

    /// Splits and packs columns `first..first + inputs` of a row-major weight whose rows are `stride` numbers long.
    ///
    /// # Panics
    /// If the plan has no tile instructions.
    pub fn pack_split_columns(
        &self,
        weights: &[f32],
        stride: usize,
        first: usize,
        inputs: usize,
        terms: SplitTerms,
    ) -> SplitMatrix {
        assert!(first + inputs <= stride && weights.len().is_multiple_of(stride), "columns outside the weight");
        let shape = WeightShape { outputs: weights.len() / stride, inputs, stride };
        SplitMatrix::new(self.plan(), &weights[first..], shape, terms)
    }

    /// Splits the first `inputs` numbers of each row.
    pub fn split_rows(&self, rows: Rows<'_>, inputs: usize, terms: SplitTerms, out: &mut SplitRows) {
        assert!((1..=rows.stride).contains(&inputs), "rows of {} floats for {inputs} inputs", rows.stride);
        out.resize(rows.count, inputs, terms);
        match terms {
            SplitTerms::One => dispatch!(self.isa(), split_one, Split { rows, out }, Split<'_>),
            SplitTerms::Three => dispatch!(self.isa(), split_two, Split { rows, out }, Split<'_>),
            SplitTerms::Six => dispatch!(self.isa(), split_three, Split { rows, out }, Split<'_>),
        }
    }

    /// `out = a · wᵀ + bias`
    pub fn split_matmul(&self, a: &SplitRows, weight: &SplitMatrix, bias: &[f32], out: RowsMut<'_>) {
        check(a, weight, bias, &out);
        let mut epilogue = Written::new(out, Biased::<Linear>::new(bias));
        multiply(Product { a, weight }, &mut epilogue);
    }

    /// `out = gelu(a · wᵀ + bias)`
    pub fn split_matmul_gelu(&self, a: &SplitRows, weight: &SplitMatrix, bias: &[f32], out: RowsMut<'_>) {
        check(a, weight, bias, &out);
        let mut epilogue = Written::new(out, Biased::<Exact>::new(bias));
        multiply(Product { a, weight }, &mut epilogue);
    }

    /// `out = gelu(a · wᵀ + bias)`, split for the product with `next`.
    pub fn split_matmul_gelu_again(
        &self,
        a: &SplitRows,
        weight: &SplitMatrix,
        bias: &[f32],
        next: SplitTerms,
        out: &mut SplitRows,
    ) {
        check_operands(a, weight, bias);
        let mut epilogue = PlanesOut::new(out, a.count(), weight.outputs, next, Biased::<Exact>::new(bias));
        multiply(Product { a, weight }, &mut epilogue);
    }

    /// `out += a · wᵀ + row_weights[row] · bias`
    pub fn split_matmul_accumulate(
        &self,
        a: &SplitRows,
        weight: &SplitMatrix,
        bias: WeightedBias<'_>,
        out: RowsMut<'_>,
    ) {
        check(a, weight, bias.bias, &out);
        bias.check(a.count());
        let mut epilogue = Written::new(out, bias);
        multiply(Product { a, weight }, &mut epilogue);
    }

    /// `out = gelu(a · wᵀ + terms.center + terms.table[terms.index[row]])`
    pub fn split_edge_gelu(&self, a: &SplitRows, weight: &SplitMatrix, terms: EdgeTerms<'_>, out: RowsMut<'_>) {
        check(a, weight, terms.center, &out);
        terms.check(a.count(), padded(weight.outputs));
        let mut epilogue = Written::new(out, Edge::<Exact>::new(terms));
        multiply(Product { a, weight }, &mut epilogue);
    }

    /// `out = gelu(a · wᵀ + terms.center + terms.table[terms.index[row]])`, split for the product with `next`.
    pub fn split_edge_gelu_again(
        &self,
        a: &SplitRows,
        weight: &SplitMatrix,
        terms: EdgeTerms<'_>,
        next: SplitTerms,
        out: &mut SplitRows,
    ) {
        check_operands(a, weight, terms.center);
        terms.check(a.count(), padded(weight.outputs));
        let mut epilogue = PlanesOut::new(out, a.count(), weight.outputs, next, Edge::<Exact>::new(terms));
        multiply(Product { a, weight }, &mut epilogue);
    }

    /// `out += Σ over rows of row_weights[row] · gelu(a · wᵀ + bias)`
    pub fn split_matmul_gelu_sum(&self, a: &SplitRows, weight: &SplitMatrix, bias: WeightedBias<'_>, out: &mut [f32]) {
        check_operands(a, weight, bias.bias);
        assert!(out.len() >= padded(weight.outputs), "the sum is narrower than the product");
        bias.check(a.count());
        let mut epilogue = Summed::<Exact>::new(out, bias);
        multiply(Product { a, weight }, &mut epilogue);
    }
}

fn check_operands(a: &SplitRows, weight: &SplitMatrix, bias: &[f32]) {
    assert_eq!(a.inputs(), weight.inputs, "rows of {} numbers for {} inputs", a.inputs(), weight.inputs);
    assert_eq!(a.planes(), weight.terms.planes(), "rows of {} planes for {:?}", a.planes(), weight.terms);
    assert!(bias.len() >= padded(weight.outputs), "the bias is narrower than the product");
}

fn check(a: &SplitRows, weight: &SplitMatrix, bias: &[f32], out: &RowsMut<'_>) {
    check_operands(a, weight, bias);
    assert_eq!(out.count, a.count(), "the result and the input have different numbers of rows");
    assert!(out.stride >= padded(weight.outputs), "the result is narrower than the product");
}
