//! Products of rows with a packed weight, and the epilogue applied to them while they are still in registers.
//!
//! ```text
//! for each panel of the weight                (8 to 16 KB: stays in the first-level cache)
//!     for each block of rows                  (as many as fill the registers)
//!         accumulators = 0
//!         for each input k                    ← the microkernel: one row of the panel times one number of each row
//!             accumulators[row] += a[row][k] · panel[k]
//!         epilogue(accumulators)              ← bias, gathered terms, GELU, sums: each result is written once
//! ```
//!
//! The order of additions for one row never depends on the number of rows, the block that the row falls into or
//! what the other rows hold: a product of one row is the same, bit for bit, in any batch. Decoding relies on it.
//!
//! Shapes: a `[rows, inputs]`, weight `[outputs, inputs]` packed, result `[rows, padded(outputs)]`.

use crate::activation::{Exact, Linear};
use crate::dispatch::dispatch_tiled;
use crate::epilogue::{
    Biased, Edge, EdgeTerms, Epilogue, PanelSums, SMALL_BLOCK, Summed, WeightedBias, Written, finish_panel,
};
use crate::lanes::Lanes;
use crate::{Kernels, PackedMatrix, Rows, RowsMut, padded};
#[cfg(target_arch = "aarch64")]
use crate::{
    arch::{neon::Neon, sme::Sme},
    outer_products,
};

/// The operands of a product, shapes already checked: the input of the generic bodies.
struct Product<'a, E> {
    a: Rows<'a>,
    weight: &'a PackedMatrix,
    epilogue: E,
}

/// The number of inputs per iteration of the loop. Unrolling gains 10 % on a core whose ports are shared with a second
/// thread, and 2 % on one that runs a single thread.
const UNROLLED: usize = 8;

/// A block of rows and a panel.
#[derive(Clone, Copy)]
struct Operands<const STRIDE: usize> {
    a: *const f32,
    stride: usize,
    inputs: usize,
    panel: *const f32,
}

impl<L: Lanes, const STRIDE: usize> PanelSums<L> for Operands<STRIDE> {
    #[inline(always)]
    unsafe fn sums<const ROWS: usize, const VECTORS: usize>(self, l: L, row: usize) -> [[L::Vector; VECTORS]; ROWS] {
        let mut sums = [[l.splat(0.0); VECTORS]; ROWS];
        // With a stride known at compile time each row is a constant offset from the one above. Computing an address
        // for each row would take integer additions, which compete with the multiply-adds for the processor's ports.
        let stride = if STRIDE == ANY_STRIDE { self.stride } else { STRIDE };
        // SAFETY: `a` has the rows, by the trait's condition; `k` and `vector` stay within the row and the panel.
        unsafe {
            let a = self.a.add(row * stride);
            let mut panel = self.panel;
            let mut k = 0;
            while k + UNROLLED <= self.inputs {
                for k in k..k + UNROLLED {
                    sums = add_input(l, InputColumn { first: a.add(k), stride }, panel, sums);
                    panel = panel.add(VECTORS * L::WIDTH);
                }
                k += UNROLLED;
            }
            for k in k..self.inputs {
                sums = add_input(l, InputColumn { first: a.add(k), stride }, panel, sums);
                panel = panel.add(VECTORS * L::WIDTH);
            }
        }
        sums
    }
}

/// One input of each row of a block.
#[derive(Clone, Copy)]
pub(crate) struct InputColumn<T> {
    /// The first row's input.
    pub(crate) first: *const T,
    /// The distance between the inputs of consecutive rows, in numbers.
    pub(crate) stride: usize,
}

/// Adds, for one input, the product of each row's number with the panel's row.
///
/// # Safety
/// - `column` is readable for `ROWS` rows, `panel` for `VECTORS` vectors of floats.
#[inline(always)]
pub(crate) unsafe fn add_input<L: Lanes, const ROWS: usize, const VECTORS: usize>(
    l: L,
    column: InputColumn<f32>,
    panel: *const f32,
    mut sums: [[L::Vector; VECTORS]; ROWS],
) -> [[L::Vector; VECTORS]; ROWS] {
    // SAFETY: the caller vouches for both operands.
    unsafe {
        let weights: [L::Vector; VECTORS] = std::array::from_fn(|vector| l.load(panel.add(vector * L::WIDTH)));
        for (row, sums) in sums.iter_mut().enumerate() {
            let x = l.splat(*column.first.add(row * column.stride));
            for (sum, &weight) in sums.iter_mut().zip(&weights) {
                *sum = l.mul_add(x, weight, *sum);
            }
        }
    }
    sums
}

#[inline(always)]
fn product_of<L: Lanes, const ROWS: usize, const VECTORS: usize, const STRIDE: usize, E: Epilogue<L>>(
    l: L,
    arguments: Product<'_, E>,
) {
    let Product { a, weight, mut epilogue } = arguments;
    let width = VECTORS * L::WIDTH;
    debug_assert_eq!(width, weight.plan.float_columns());
    let inputs = weight.inputs;
    for (index, panel) in weight.panels.chunks_exact(width * inputs).enumerate() {
        let sums = Operands::<STRIDE> { a: a.as_ptr(), stride: a.stride, inputs, panel: panel.as_ptr() };
        // SAFETY: `Product`s are made in methods of `Kernels`, which checked that every row of `a` has `inputs` floats
        // and that the epilogue holds `a.count` rows of `padded(outputs)` columns; a packed matrix has
        // `inputs · width` floats a panel.
        unsafe { finish_panel::<L, ROWS, VECTORS, false, E>(l, sums, a.count, index * width, &mut epilogue) };
    }
}

/// Stands for a row stride that is not known at compile time.
const ANY_STRIDE: usize = 0;

/// The row stride of the published networks (H = 128), for which a microkernel is compiled separately.
const PUBLISHED_STRIDE: usize = 128;

#[inline(always)]
fn product<L: Lanes, const ROWS: usize, const VECTORS: usize, E: Epilogue<L>>(l: L, arguments: Product<'_, E>) {
    if arguments.a.stride == PUBLISHED_STRIDE {
        product_of::<L, ROWS, VECTORS, PUBLISHED_STRIDE, E>(l, arguments);
    } else if E::ADDED {
        product_of::<L, ROWS, VECTORS, ANY_STRIDE, E>(l, arguments);
    } else {
        product_of::<L, SMALL_BLOCK, VECTORS, ANY_STRIDE, E>(l, arguments);
    }
}

#[cfg(target_arch = "aarch64")]
fn by_outer_products<E: Epilogue<Neon>>(sme: Sme, product: Product<'_, E>) {
    let Product { a, weight, mut epilogue } = product;
    // SAFETY: `Product`s are made in methods of `Kernels`, which checked that every row of `a` has `inputs` floats, that the
    // epilogue holds `a.count` rows of `padded(outputs)` columns, and that the weight was packed for the instruction set of
    // the kernels, NEON; `for_product` gives `Sme` only where there is an input and an output.
    unsafe { outer_products::multiply(sme, a, weight, &mut epilogue) };
}

macro_rules! run {
    ($kernels:expr, $product:expr, $epilogue:ty) => {{
        #[inline(always)]
        fn body<L: Lanes, const ROWS: usize, const VECTORS: usize>(l: L, arguments: Product<'_, $epilogue>) {
            product::<L, ROWS, VECTORS, $epilogue>(l, arguments);
        }
        let product: Product<'_, $epilogue> = $product;
        #[cfg(target_arch = "aarch64")]
        if let Some(sme) = outer_products::for_product($kernels.plan(), product.a.count, product.weight) {
            return by_outer_products(sme, product);
        }
        dispatch_tiled!($kernels.isa(), body, product, Product<'_, $epilogue>)
    }};
}

/// # Panics
/// Every method panics when the shapes of its operands do not fit.
impl Kernels {
    /// out = a · wᵀ + bias
    pub fn matmul(&self, a: Rows<'_>, weight: &PackedMatrix, bias: &[f32], out: RowsMut<'_>) {
        self.check(a, weight, bias, &out);
        let epilogue = Written::new(out, Biased::new(bias));
        run!(self, Product { a, weight, epilogue }, Written<'_, Biased<'_, Linear>>);
    }

    /// out = gelu(a · wᵀ + bias)
    pub fn matmul_gelu(&self, a: Rows<'_>, weight: &PackedMatrix, bias: &[f32], out: RowsMut<'_>) {
        self.check(a, weight, bias, &out);
        let epilogue = Written::new(out, Biased::new(bias));
        run!(self, Product { a, weight, epilogue }, Written<'_, Biased<'_, Exact>>);
    }

    /// `out += a · wᵀ + row_weights[row] · bias`
    pub fn matmul_accumulate(&self, a: Rows<'_>, weight: &PackedMatrix, bias: WeightedBias<'_>, out: RowsMut<'_>) {
        self.check(a, weight, bias.bias, &out);
        bias.check(a.count);
        let epilogue = Written::new(out, bias);
        run!(self, Product { a, weight, epilogue }, Written<'_, WeightedBias<'_>>);
    }

    /// `out = gelu(a · wᵀ + terms.center + terms.table[terms.index[row]])`: the first layer of a message, whose
    /// node parts were multiplied before.
    pub fn edge_gelu(&self, a: Rows<'_>, weight: &PackedMatrix, terms: EdgeTerms<'_>, out: RowsMut<'_>) {
        self.check(a, weight, terms.center, &out);
        terms.check(a.count, padded(weight.outputs));
        let epilogue = Written::new(out, Edge::new(terms));
        run!(self, Product { a, weight, epilogue }, Written<'_, Edge<'_, Exact>>);
    }

    /// `out += Σ over rows of row_weights[row] · gelu(a · wᵀ + bias)`: the second layer of a message, summed over the
    /// neighbors.
    pub fn matmul_gelu_sum(&self, a: Rows<'_>, weight: &PackedMatrix, bias: WeightedBias<'_>, out: &mut [f32]) {
        self.check_operands(a, weight, bias.bias);
        assert!(out.len() >= padded(weight.outputs), "the sum is narrower than the product");
        bias.check(a.count);
        let epilogue = Summed::new(out, bias);
        run!(self, Product { a, weight, epilogue }, Summed<'_, Exact>);
    }

    fn check_operands(&self, a: Rows<'_>, weight: &PackedMatrix, bias: &[f32]) {
        assert_eq!(weight.plan.isa(), self.isa(), "the weight was packed for another instruction set");
        assert!(a.stride >= weight.inputs, "rows of {} floats for {} inputs", a.stride, weight.inputs);
        assert!(bias.len() >= padded(weight.outputs), "the bias is narrower than the product");
    }

    fn check(&self, a: Rows<'_>, weight: &PackedMatrix, bias: &[f32], out: &RowsMut<'_>) {
        self.check_operands(a, weight, bias);
        assert_eq!(out.count, a.count, "the result and the input have different numbers of rows");
        assert!(out.stride >= padded(weight.outputs), "the result is narrower than the product");
    }
}
