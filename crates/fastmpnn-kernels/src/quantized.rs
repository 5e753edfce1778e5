//! The products of [`matmul`](mod@crate::matmul) on integers: twice the products an instruction, for a relative error
//! of about 10⁻⁴.
//!
//! A row of activations is written as integers −4095 … 4095 times one scale, an output channel of weights likewise:
//!
//! ```text
//! x[k] ≈ q[k] · s        s = max |x| / 4095        q[k] = x[k] · 4095 / max |x|, rounded to nearest even
//! Σ x[k] · w[k] ≈ s · t · Σ q[k] · p[k]            the sum in i32, exactly
//! ```
//!
//! **No overflow.** Inputs are cut into blocks of 128: 128 · 4095² = 2,146,435,200 < 2³¹ = 2,147,483,648. A block's sum
//! is exact whatever the numbers; it becomes an f32 and blocks are added in order. So here too a row of a product is
//! the same, bit for bit, in any batch.
//!
//! **Pairs.** The instruction (`vpmaddwd`, `vpdpwssd`) multiplies two i16 in each 32-bit lane and adds both products.
//! A lane is an output, so the weights of inputs 2p and 2p + 1 lie side by side for each output of a panel, and 32 bits
//! of a row are broadcast: two inputs at once. An odd count of inputs is padded with a zero.
//!
//! ```text
//! panel 0: w[0, 0] w[0, 1]  w[1, 0] w[1, 1] … w[P−1, 0] w[P−1, 1]   then inputs 2 and 3, …        w[output, input]
//! ```
//!
//! **Error.** Each rounding is at most half a scale, so a product differs from the exact one by at most
//! Σ (|x|·t + |w|·s) / 2 + inputs · s·t / 4, beside f32 rounding.
//!
//! **Numbers that are none.** A row with NaN or infinity gets NaN for its scale, and its products are NaN. A row whose
//! largest magnitude is below [`SMALLEST`] is all zeros with scale zero.

use std::ops::Range;

use crate::dispatch::{PairInstructions, dispatch_pairs, panel_columns};
use crate::lanes::{Lanes, Pairs};
use crate::matmul::{
    Accumulate, EdgeGelu, Epilogue, Store, StoreGelu, SumGelu, block_rows, edge_epilogue, for_rows, store,
};
use crate::{Buffer, EdgeTerms, Kernels, Rows, RowsMut, padded};

/// The largest integer that a weight or an activation becomes: twelve bits and a sign.
const LARGEST: i32 = 4095;

/// Inputs whose products are added in i32.
const BLOCK: usize = 128;

const _: () = assert!(BLOCK as i64 * (LARGEST as i64).pow(2) <= i32::MAX as i64, "a block's sum fits an i32");

/// Below this, 4095 / max |x| might not be a finite f32.
const SMALLEST: f32 = 1e-30;

const LINE: usize = 32;

/// A cache line of i16. Rows and panels are whole lines: [`padded`] is a multiple of 32.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([i16; LINE]);

/// `(scale, 1 / scale)` of numbers whose largest magnitude has these bits.
#[inline(always)]
fn scale_of(magnitude_bits: u32) -> (f32, f32) {
    let largest = f32::from_bits(magnitude_bits);
    if !largest.is_finite() {
        (f32::NAN, 0.0)
    } else if largest < SMALLEST {
        (0.0, 0.0)
    } else {
        (largest / LARGEST as f32, LARGEST as f32 / largest)
    }
}

/// A packed `[outputs, inputs]` matrix of integers with a scale for each output, for one processor's instructions.
#[derive(Clone)]
pub struct QuantizedMatrix {
    panels: Vec<Line>,
    /// `[padded(outputs)]`
    scales: Buffer,
    inputs: usize,
    outputs: usize,
    instructions: PairInstructions,
}

impl QuantizedMatrix {
    fn new(instructions: PairInstructions, weights: &[f32], [outputs, inputs, stride]: [usize; 3]) -> QuantizedMatrix {
        let width = panel_columns(instructions.isa());
        let pairs = inputs.div_ceil(2);
        let mut panels = vec![Line([0; LINE]); padded(outputs) * pairs * 2 / LINE];
        let mut scales = Buffer::zeros(padded(outputs));
        for output in 0..outputs {
            let row = &weights[output * stride..][..inputs];
            let largest = row.iter().map(|weight| weight.abs().to_bits()).max().unwrap_or(0);
            let (scale, inverse) = scale_of(largest);
            scales[output] = scale;
            let panel = output / width * width * pairs * 2;
            for (input, &weight) in row.iter().enumerate() {
                let index = panel + (input / 2 * width + output % width) * 2 + input % 2;
                // NaN becomes zero here; the scale remembers it.
                panels[index / LINE].0[index % LINE] = (weight * inverse).round_ties_even() as i16;
            }
        }
        QuantizedMatrix { panels, scales, inputs, outputs, instructions }
    }

    /// Quantises and packs a row-major `[outputs, inputs]` weight for these instructions, the fastest or not.
    ///
    /// # Panics
    /// When this processor does not have them, or `weights` does not have that many numbers.
    pub fn for_instructions(
        instructions: PairInstructions,
        weights: &[f32],
        [outputs, inputs]: [usize; 2],
    ) -> QuantizedMatrix {
        assert!(instructions.is_available(), "this processor does not have {instructions:?}");
        assert_eq!(weights.len(), outputs * inputs, "a weight of {outputs} × {inputs}");
        QuantizedMatrix::new(instructions, weights, [outputs, inputs, inputs])
    }

    /// The width of a row it multiplies.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The width of a product's row, without padding.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The scale of each output, zeros in the padding.
    pub fn scales(&self) -> &[f32] {
        &self.scales
    }

    /// The instructions it was packed for.
    pub fn instructions(&self) -> PairInstructions {
        self.instructions
    }
}

impl std::fmt::Debug for QuantizedMatrix {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "QuantizedMatrix({} × {}, {:?})", self.outputs, self.inputs, self.instructions)
    }
}

/// Rows of integers with a scale each: what [`Kernels::quantize_rows`] makes. Its memory is kept from use to use.
#[derive(Clone, Default)]
pub struct QuantizedRows {
    lines: Vec<Line>,
    scales: Vec<f32>,
    inputs: usize,
}

impl QuantizedRows {
    /// All rows.
    pub fn all(&self) -> QuantizedSlice<'_> {
        QuantizedSlice { lines: &self.lines, scales: &self.scales, inputs: self.inputs }
    }

    /// Some of the rows.
    ///
    /// # Panics
    /// When the range reaches past the last row.
    pub fn rows(&self, range: Range<usize>) -> QuantizedSlice<'_> {
        let lines = lines_of(self.inputs);
        QuantizedSlice {
            lines: &self.lines[range.start * lines..range.end * lines],
            scales: &self.scales[range],
            inputs: self.inputs,
        }
    }
}

impl std::fmt::Debug for QuantizedRows {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "QuantizedRows({} × {})", self.scales.len(), self.inputs)
    }
}

/// Rows of [`QuantizedRows`].
#[derive(Clone, Copy)]
pub struct QuantizedSlice<'a> {
    lines: &'a [Line],
    scales: &'a [f32],
    inputs: usize,
}

impl<'a> QuantizedSlice<'a> {
    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.scales.len()
    }

    /// The width of a row, without padding.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The scale of each row.
    pub fn scales(&self) -> &'a [f32] {
        self.scales
    }

    /// The integers of a row.
    pub fn integers(&self, row: usize) -> impl Iterator<Item = i16> + use<'a> {
        let lines = lines_of(self.inputs);
        self.lines[row * lines..][..lines].iter().flat_map(|line| line.0).take(self.inputs)
    }
}

impl std::fmt::Debug for QuantizedSlice<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "QuantizedSlice({} × {})", self.count(), self.inputs)
    }
}

/// Lines of a row.
fn lines_of(inputs: usize) -> usize {
    padded(inputs) / LINE
}

struct Quantize<'a> {
    rows: Rows<'a>,
    out: &'a mut QuantizedRows,
}

#[inline(always)]
fn quantize<P: Pairs, const ROWS: usize, const VECTORS: usize>(p: P, arguments: Quantize<'_>) {
    let Quantize { rows, out } = arguments;
    let l = p.floats();
    let width = P::Floats::WIDTH;
    let (inputs, lines) = (out.inputs, lines_of(out.inputs));
    let whole = inputs / (2 * width) * (2 * width);
    for (row, (scale, line)) in out.scales.iter_mut().zip(out.lines.chunks_exact_mut(lines)).enumerate() {
        let source = &rows.data[row * rows.stride..][..inputs];
        // What is left of a row after whole pairs of vectors, and zeros: no vector is wider than sixteen floats.
        let mut rest = [0.0f32; 32];
        if whole < inputs {
            rest[..inputs - whole].copy_from_slice(&source[whole..]);
        }
        // SAFETY: `source` has `whole` floats, a multiple of two vectors, and `rest` has two vectors. `line` has
        // `padded(inputs)` i16, a multiple of any two vectors and no fewer than `inputs`.
        unsafe {
            let load = |source: *const f32| [l.load(source), l.load(source.add(width))];
            let mut bits = p.splat(0);
            for column in (0..whole).step_by(2 * width) {
                let [a, b] = load(source.as_ptr().add(column));
                bits = p.max_magnitude(p.max_magnitude(bits, a), b);
            }
            if whole < inputs {
                let [a, b] = load(rest.as_ptr());
                bits = p.max_magnitude(p.max_magnitude(bits, a), b);
            }
            let inverse;
            (*scale, inverse) = scale_of(p.largest(bits) as u32);
            if inverse == 0.0 {
                // Infinity times zero is no number: such a row is not multiplied.
                line.fill(Line([0; LINE]));
                continue;
            }
            let inverse = l.splat(inverse);
            let target = line.as_mut_ptr().cast::<i16>();
            for column in (0..whole).step_by(2 * width) {
                let values = load(source.as_ptr().add(column));
                p.store_rounded(target.add(column), values.map(|value| l.mul(value, inverse)));
            }
            if whole < inputs {
                p.store_rounded(target.add(whole), load(rest.as_ptr()).map(|value| l.mul(value, inverse)));
            }
        }
    }
}

/// A product that has been checked: what the generic bodies take.
struct Product<'a, E> {
    a: QuantizedSlice<'a>,
    weight: &'a QuantizedMatrix,
    epilogue: E,
}

/// Where a block of rows lies.
#[derive(Clone, Copy)]
struct Place {
    row: usize,
    column: usize,
}

/// The sums of at most [`BLOCK`] inputs.
///
/// # Safety
/// - `x` is readable for `ROWS` rows of `pairs` pairs, `stride` apart; `panel` for `pairs` rows of the panel.
#[inline(always)]
unsafe fn sums<P: Pairs, const ROWS: usize, const VECTORS: usize>(
    p: P,
    (x, stride, pairs): (*const i32, usize, usize),
    mut panel: *const i16,
) -> [[P::Integers; VECTORS]; ROWS] {
    let width = P::Floats::WIDTH;
    let mut sums = [[p.splat(0); VECTORS]; ROWS];
    // SAFETY: the caller vouches for both operands; `row`, `pair` and `vector` stay within them.
    unsafe {
        for pair in 0..pairs {
            let weights: [P::Integers; VECTORS] =
                std::array::from_fn(|vector| p.load_pairs(panel.add(vector * width * 2)));
            for (row, sums) in sums.iter_mut().enumerate() {
                let x = p.splat(*x.add(row * stride + pair));
                for (sum, &weights) in sums.iter_mut().zip(&weights) {
                    *sum = p.multiply_add_pairs(x, weights, *sum);
                }
            }
            panel = panel.add(VECTORS * width * 2);
        }
    }
    sums
}

/// # Safety
/// - `a` has rows `place.row .. place.row + ROWS` of the weight's inputs.
/// - `place.column` is the first of a panel.
/// - the epilogue's conditions hold.
#[inline(always)]
unsafe fn block<P: Pairs, const ROWS: usize, const VECTORS: usize, E: Epilogue<P::Floats>>(
    p: P,
    a: QuantizedSlice<'_>,
    weight: &QuantizedMatrix,
    place: Place,
    epilogue: &mut E,
) {
    let l = p.floats();
    let width = P::Floats::WIDTH;
    let pairs = weight.inputs.div_ceil(2);
    let stride = padded(weight.inputs) / 2;
    let mut totals = [[l.splat(0.0); VECTORS]; ROWS];
    // SAFETY: a row has `padded(inputs)` i16, thus `pairs` pairs; rows and the panel start on a cache line, so a pair
    // is aligned like an i32. A panel has `pairs · VECTORS · width` pairs, and those before it as many each.
    unsafe {
        let panel = weight.panels.as_ptr().cast::<i16>().add(place.column * pairs * 2);
        let x: *const i32 = a.lines.as_ptr().cast::<i32>().add(place.row * stride);
        let mut first = pairs.min(BLOCK / 2);
        for (totals, sums) in totals.iter_mut().zip(&sums::<P, ROWS, VECTORS>(p, (x, stride, first), panel)) {
            for (total, &sum) in totals.iter_mut().zip(sums) {
                *total = p.to_float(sum);
            }
        }
        while first < pairs {
            let count = (pairs - first).min(BLOCK / 2);
            let panel = panel.add(first * VECTORS * width * 2);
            let sums = sums::<P, ROWS, VECTORS>(p, (x.add(first), stride, count), panel);
            for (totals, sums) in totals.iter_mut().zip(&sums) {
                for (total, &sum) in totals.iter_mut().zip(sums) {
                    *total = l.add(*total, p.to_float(sum));
                }
            }
            first += count;
        }
        for (row, totals) in totals.iter_mut().enumerate() {
            let row_scale = l.splat(*a.scales.as_ptr().add(place.row + row));
            for (vector, total) in totals.iter_mut().enumerate() {
                let scale = l.load(weight.scales.as_ptr().add(place.column + vector * width));
                *total = l.mul(*total, l.mul(row_scale, scale));
            }
        }
        epilogue.finish(l, place.row, place.column, totals);
    }
}

#[inline(always)]
fn product<P: Pairs, const ROWS: usize, const VECTORS: usize, E: Epilogue<P::Floats>>(p: P, arguments: Product<'_, E>) {
    let Product { a, weight, mut epilogue } = arguments;
    let width = VECTORS * P::Floats::WIDTH;
    debug_assert_eq!(width, panel_columns(weight.instructions.isa()));
    for column in (0..padded(weight.outputs)).step_by(width) {
        let mut row = 0;
        while row < a.count() {
            let rows = block_rows(a.count() - row, ROWS);
            // SAFETY: `Product`s are made in methods of `Kernels`, which checked that rows of `a` have the weight's
            // inputs and that the epilogue holds `a.count()` rows of `padded(outputs)` columns.
            for_rows!(rows, ROWS, |R| unsafe {
                block::<P, R, VECTORS, E>(p, a, weight, Place { row, column }, &mut epilogue)
            });
            row += rows;
        }
    }
}

macro_rules! run {
    ($product:expr, $epilogue:ident) => {{
        #[inline(always)]
        fn body<P: Pairs, const ROWS: usize, const VECTORS: usize>(p: P, arguments: Product<'_, $epilogue>) {
            product::<P, ROWS, VECTORS, $epilogue>(p, arguments);
        }
        let product = $product;
        let instructions = product.weight.instructions;
        dispatch_pairs!(instructions, body, product, Product<'_, $epilogue>)
    }};
}

/// The products of integers. `QuantizedRows` of any instruction set fit any other.
///
/// # Panics
/// Every method panics when the shapes of its operands do not fit.
impl Kernels {
    /// The instructions that multiply integers here.
    pub fn pair_instructions(&self) -> PairInstructions {
        PairInstructions::fastest(self.isa())
    }

    /// Quantises and packs a row-major `[outputs, inputs]` weight.
    pub fn pack_quantized(&self, weights: &[f32], outputs: usize, inputs: usize) -> QuantizedMatrix {
        QuantizedMatrix::for_instructions(self.pair_instructions(), weights, [outputs, inputs])
    }

    /// Quantises and packs columns `first..first + inputs` of a row-major weight whose rows are `stride` numbers long.
    pub fn pack_quantized_columns(
        &self,
        weights: &[f32],
        stride: usize,
        first: usize,
        inputs: usize,
    ) -> QuantizedMatrix {
        assert!(first + inputs <= stride && weights.len().is_multiple_of(stride), "columns outside the weight");
        let outputs = weights.len() / stride;
        QuantizedMatrix::new(self.pair_instructions(), &weights[first..], [outputs, inputs, stride])
    }

    /// Writes the first `inputs` numbers of each row as integers and a scale.
    pub fn quantize_rows(&self, rows: Rows<'_>, inputs: usize, out: &mut QuantizedRows) {
        assert!((1..=rows.stride).contains(&inputs), "rows of {} floats for {inputs} inputs", rows.stride);
        if out.inputs != inputs {
            // The padding of rows of another width may hold numbers.
            out.lines.clear();
            out.inputs = inputs;
        }
        out.lines.resize(rows.count * lines_of(inputs), Line([0; LINE]));
        out.scales.resize(rows.count, 0.0);
        dispatch_pairs!(self.pair_instructions(), quantize, Quantize { rows, out }, Quantize<'_>);
    }

    /// `out = a · wᵀ + bias`, in integers
    pub fn quantized_matmul(
        &self,
        a: QuantizedSlice<'_>,
        weight: &QuantizedMatrix,
        bias: &[f32],
        mut out: RowsMut<'_>,
    ) {
        check(a, weight, bias, &out);
        let epilogue = store(&mut out, bias);
        run!(Product { a, weight, epilogue }, Store);
    }

    /// `out = gelu(a · wᵀ + bias)`, the product in integers
    pub fn quantized_matmul_gelu(
        &self,
        a: QuantizedSlice<'_>,
        weight: &QuantizedMatrix,
        bias: &[f32],
        mut out: RowsMut<'_>,
    ) {
        check(a, weight, bias, &out);
        let epilogue = StoreGelu(store(&mut out, bias));
        run!(Product { a, weight, epilogue }, StoreGelu);
    }

    /// `out += a · wᵀ + scale[row] · bias`, the product in integers
    pub fn quantized_matmul_accumulate(
        &self,
        a: QuantizedSlice<'_>,
        weight: &QuantizedMatrix,
        (bias, scale): (&[f32], &[f32]),
        mut out: RowsMut<'_>,
    ) {
        check(a, weight, bias, &out);
        assert_eq!(scale.len(), a.count(), "one scale a row");
        let epilogue = Accumulate { store: store(&mut out, bias), scale: scale.as_ptr() };
        run!(Product { a, weight, epilogue }, Accumulate);
    }

    /// `out = gelu(a · wᵀ + terms.center + terms.table[terms.index[row]])`, the product in integers
    pub fn quantized_edge_gelu(
        &self,
        a: QuantizedSlice<'_>,
        weight: &QuantizedMatrix,
        terms: EdgeTerms<'_>,
        mut out: RowsMut<'_>,
    ) {
        check(a, weight, terms.center, &out);
        terms.check(a.count(), padded(weight.outputs));
        let epilogue = edge_epilogue(&terms, &mut out);
        run!(Product { a, weight, epilogue }, EdgeGelu);
    }

    /// `out += Σ over rows of row_weight[row] · gelu(a · wᵀ + bias)`, the product in integers
    pub fn quantized_matmul_gelu_sum(
        &self,
        a: QuantizedSlice<'_>,
        weight: &QuantizedMatrix,
        (bias, row_weight): (&[f32], &[f32]),
        out: &mut [f32],
    ) {
        check_operands(a, weight, bias);
        assert!(out.len() >= padded(weight.outputs), "the sum is narrower than the product");
        assert_eq!(row_weight.len(), a.count(), "one weight a row");
        let epilogue = SumGelu { out: out.as_mut_ptr(), bias: bias.as_ptr(), weight: row_weight.as_ptr() };
        run!(Product { a, weight, epilogue }, SumGelu);
    }
}

fn check_operands(a: QuantizedSlice<'_>, weight: &QuantizedMatrix, bias: &[f32]) {
    assert_eq!(a.inputs, weight.inputs, "rows of {} integers for {} inputs", a.inputs, weight.inputs);
    assert!(bias.len() >= padded(weight.outputs), "the bias is narrower than the product");
}

fn check(a: QuantizedSlice<'_>, weight: &QuantizedMatrix, bias: &[f32], out: &RowsMut<'_>) {
    check_operands(a, weight, bias);
    assert_eq!(out.count, a.count(), "as many rows out as in");
    assert!(out.stride >= padded(weight.outputs), "the result is narrower than the product");
}
