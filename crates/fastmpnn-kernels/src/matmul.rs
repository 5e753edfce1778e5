//! Products of rows with a packed weight, and what is done with them while they are still in registers.
//!
//! ```text
//! for each panel of the weight                (8 to 16 KB: stays in the first-level cache)
//!     for each block of rows                  (as many as fill the registers)
//!         accumulators = 0
//!         for each input k                    ← the microkernel: one row of the panel, times one number a row
//!             accumulators[row] += a[row][k] · panel[k]
//!         epilogue(accumulators)              ← bias, gathered terms, GELU, sums: nothing goes to memory twice
//! ```
//!
//! The order of additions for one row never depends on how many rows there are, which block the row falls into or
//! what the other rows hold: a product of one row is the same, bit for bit, in any batch. Decoding relies on it.
//!
//! Shapes: a `[rows, inputs]`, weight `[outputs, inputs]` packed, result `[rows, padded(outputs)]`.

use crate::activation::gelu;
use crate::dispatch::{dispatch_tiled, panel_columns};
use crate::lanes::Lanes;
use crate::{Kernels, PackedMatrix, Rows, RowsMut, padded};

/// What becomes of a block of accumulators.
pub(crate) trait Epilogue<L: Lanes> {
    /// `block[row][vector]` holds the products of rows `row..` with columns `column..`.
    ///
    /// # Safety
    /// - `row + ROWS` and `column + VECTORS · WIDTH` are within what the epilogue was made for.
    unsafe fn finish<const ROWS: usize, const VECTORS: usize>(
        &mut self,
        l: L,
        row: usize,
        column: usize,
        block: [[L::Vector; VECTORS]; ROWS],
    );
}

/// A product that has been checked: what the generic bodies take.
struct Product<'a, E> {
    a: Rows<'a>,
    weight: &'a PackedMatrix,
    epilogue: E,
}

/// # Safety
/// - `a` is readable for `ROWS` rows of `inputs` floats, `stride` apart; `panel` for `inputs` rows of the panel.
/// - the epilogue's conditions hold.
#[inline(always)]
unsafe fn block<L: Lanes, const ROWS: usize, const VECTORS: usize, const STRIDE: usize, E: Epilogue<L>>(
    l: L,
    (a, stride, inputs): (*const f32, usize, usize),
    panel: *const f32,
    (row, column): (usize, usize),
    epilogue: &mut E,
) {
    let mut sums = [[l.splat(0.0); VECTORS]; ROWS];
    // With a stride known to the compiler a row is a constant away from the one above, and needs no address of its
    // own: integer additions would take the multiply-adds' place in the processor's ports.
    let stride = if STRIDE == ANY_STRIDE { stride } else { STRIDE };
    // SAFETY: the caller vouches for both operands; `row`, `k` and `vector` stay within them.
    unsafe {
        let mut panel = panel;
        for k in 0..inputs {
            let weights: [L::Vector; VECTORS] = std::array::from_fn(|vector| l.load(panel.add(vector * L::WIDTH)));
            for (row, sums) in sums.iter_mut().enumerate() {
                let x = l.splat(*a.add(row * stride + k));
                for (sum, &weight) in sums.iter_mut().zip(&weights) {
                    *sum = l.mul_add(x, weight, *sum);
                }
            }
            panel = panel.add(VECTORS * L::WIDTH);
        }
        epilogue.finish(l, row, column, sums);
    }
}

/// How many rows the next block takes of those that are left: all that fit, but no block is left so small that its
/// multiply-adds wait for each other. They take four cycles, two begin in each, and a row has two: three rows are too
/// few, four enough.
#[inline(always)]
pub(crate) const fn block_rows(left: usize, most: usize) -> usize {
    const ENOUGH: usize = 4;
    if left <= most {
        left
    } else if left >= most + ENOUGH {
        most
    } else {
        left.div_ceil(2)
    }
}

/// Runs `$body` with the constant `$R` equal to `$rows`, which is at most `$most`.
macro_rules! for_rows {
    ($rows:expr, $most:expr, |$R:ident| $body:expr) => {
        $crate::matmul::for_rows!(@arms $rows, $most, $R, $body, 1 2 3 4 5 6 7 8 9 10 11 12)
    };
    (@arms $rows:expr, $most:expr, $R:ident, $body:expr, $($count:literal)*) => {
        match $rows {
            $($count if $count <= $most => {
                const $R: usize = $count;
                $body
            })*
            _ => unreachable!("no block has so many rows"),
        }
    };
}
pub(crate) use for_rows;

#[inline(always)]
fn product_of<L: Lanes, const ROWS: usize, const VECTORS: usize, const STRIDE: usize, E: Epilogue<L>>(
    l: L,
    arguments: Product<'_, E>,
) {
    let Product { a, weight, mut epilogue } = arguments;
    let width = VECTORS * L::WIDTH;
    debug_assert_eq!(width, panel_columns(weight.isa));
    let inputs = weight.inputs;
    for panel_index in 0..padded(weight.outputs) / width {
        let column = panel_index * width;
        // SAFETY: `Product`s are made by `Kernels::product`, which checked that every row of `a` has `inputs`
        // floats and that the epilogue holds `a.count` rows of `padded(outputs)` columns; a packed matrix has
        // `inputs · width` floats a panel.
        unsafe {
            let panel = weight.panels.as_ptr().add(panel_index * width * inputs);
            let mut row = 0;
            while row < a.count {
                let operand = (a.as_ptr().add(row * a.stride), a.stride, inputs);
                let rows = block_rows(a.count - row, ROWS);
                for_rows!(rows, ROWS, |R| {
                    block::<L, R, VECTORS, STRIDE, E>(l, operand, panel, (row, column), &mut epilogue)
                });
                row += rows;
            }
        }
    }
}

/// The rows' stride is not known when this is compiled.
const ANY_STRIDE: usize = 0;

/// The stride of the published networks' rows, H = 128: worth a microkernel of its own.
const PUBLISHED_STRIDE: usize = 128;

#[inline(always)]
fn product<L: Lanes, const ROWS: usize, const VECTORS: usize, E: Epilogue<L>>(l: L, arguments: Product<'_, E>) {
    if arguments.a.stride == PUBLISHED_STRIDE {
        product_of::<L, ROWS, VECTORS, PUBLISHED_STRIDE, E>(l, arguments);
    } else {
        product_of::<L, ROWS, VECTORS, ANY_STRIDE, E>(l, arguments);
    }
}

/// out = x + bias
pub(crate) struct Store {
    out: *mut f32,
    stride: usize,
    bias: *const f32,
}

impl<L: Lanes> Epilogue<L> for Store {
    #[inline(always)]
    unsafe fn finish<const ROWS: usize, const VECTORS: usize>(
        &mut self,
        l: L,
        row: usize,
        column: usize,
        block: [[L::Vector; VECTORS]; ROWS],
    ) {
        for (r, sums) in block.iter().enumerate() {
            for (v, &sum) in sums.iter().enumerate() {
                let c = column + v * L::WIDTH;
                // SAFETY: within `out` and `bias`, by the trait's condition.
                unsafe {
                    let value = l.add(sum, l.load(self.bias.add(c)));
                    l.store(self.out.add((row + r) * self.stride + c), value);
                }
            }
        }
    }
}

/// out = gelu(x + bias)
pub(crate) struct StoreGelu(pub(crate) Store);

impl<L: Lanes> Epilogue<L> for StoreGelu {
    #[inline(always)]
    unsafe fn finish<const ROWS: usize, const VECTORS: usize>(
        &mut self,
        l: L,
        row: usize,
        column: usize,
        block: [[L::Vector; VECTORS]; ROWS],
    ) {
        for (r, sums) in block.iter().enumerate() {
            for (v, &sum) in sums.iter().enumerate() {
                let c = column + v * L::WIDTH;
                // SAFETY: within `out` and `bias`, by the trait's condition.
                unsafe {
                    let value = gelu(l, l.add(sum, l.load(self.0.bias.add(c))));
                    l.store(self.0.out.add((row + r) * self.0.stride + c), value);
                }
            }
        }
    }
}

/// out += x + scale[row] · bias
pub(crate) struct Accumulate {
    pub(crate) store: Store,
    pub(crate) scale: *const f32,
}

impl<L: Lanes> Epilogue<L> for Accumulate {
    #[inline(always)]
    unsafe fn finish<const ROWS: usize, const VECTORS: usize>(
        &mut self,
        l: L,
        row: usize,
        column: usize,
        block: [[L::Vector; VECTORS]; ROWS],
    ) {
        for (r, sums) in block.iter().enumerate() {
            // SAFETY: within `scale`, `out` and `bias`, by the trait's condition.
            unsafe {
                let scale = l.splat(*self.scale.add(row + r));
                for (v, &sum) in sums.iter().enumerate() {
                    let c = column + v * L::WIDTH;
                    let target = self.store.out.add((row + r) * self.store.stride + c);
                    let value = l.mul_add(scale, l.load(self.store.bias.add(c)), sum);
                    l.store(target, l.add(l.load(target), value));
                }
            }
        }
    }
}

/// out = gelu(x + center + table[index[row]])
pub(crate) struct EdgeGelu {
    out: *mut f32,
    stride: usize,
    center: *const f32,
    table: *const f32,
    table_stride: usize,
    index: *const u32,
}

impl<L: Lanes> Epilogue<L> for EdgeGelu {
    #[inline(always)]
    unsafe fn finish<const ROWS: usize, const VECTORS: usize>(
        &mut self,
        l: L,
        row: usize,
        column: usize,
        block: [[L::Vector; VECTORS]; ROWS],
    ) {
        for (r, sums) in block.iter().enumerate() {
            // SAFETY: within `index`, `table`, `center` and `out`: the indexes were checked against the table.
            unsafe {
                let neighbour = self.table.add(*self.index.add(row + r) as usize * self.table_stride);
                for (v, &sum) in sums.iter().enumerate() {
                    let c = column + v * L::WIDTH;
                    let terms = l.add(l.load(self.center.add(c)), l.load(neighbour.add(c)));
                    l.store(self.out.add((row + r) * self.stride + c), gelu(l, l.add(sum, terms)));
                }
            }
        }
    }
}

/// out += Σ over rows of weight[row] · gelu(x + bias)
pub(crate) struct SumGelu {
    pub(crate) out: *mut f32,
    pub(crate) bias: *const f32,
    pub(crate) weight: *const f32,
}

impl<L: Lanes> Epilogue<L> for SumGelu {
    #[inline(always)]
    unsafe fn finish<const ROWS: usize, const VECTORS: usize>(
        &mut self,
        l: L,
        row: usize,
        column: usize,
        block: [[L::Vector; VECTORS]; ROWS],
    ) {
        for v in 0..VECTORS {
            let c = column + v * L::WIDTH;
            // SAFETY: within `out`, `bias` and `weight`, by the trait's condition.
            unsafe {
                let bias = l.load(self.bias.add(c));
                let mut total = l.load(self.out.add(c));
                for (r, sums) in block.iter().enumerate() {
                    let weight = l.splat(*self.weight.add(row + r));
                    total = l.mul_add(weight, gelu(l, l.add(sums[v], bias)), total);
                }
                l.store(self.out.add(c), total);
            }
        }
    }
}

/// The terms of a message that do not come from the edge: one row for the centre, one for each neighbour.
#[derive(Clone, Copy, Debug)]
pub struct EdgeTerms<'a> {
    /// The centre's term, bias included, `[padded(outputs)]`.
    pub center: &'a [f32],
    /// The neighbours' terms, `[any, padded(outputs)]`.
    pub table: Rows<'a>,
    /// The table's row for each edge.
    pub index: &'a [u32],
}

impl EdgeTerms<'_> {
    pub(crate) fn check(&self, rows: usize, width: usize) {
        assert!(self.center.len() >= width && self.table.stride >= width, "edge terms are narrower than {width}");
        assert_eq!(self.index.len(), rows, "one neighbour an edge");
        assert!(self.index.iter().all(|&row| (row as usize) < self.table.count), "a neighbour lies outside the table");
    }
}

macro_rules! run {
    ($kernels:expr, $product:expr, $epilogue:ty) => {{
        #[inline(always)]
        fn body<L: Lanes, const ROWS: usize, const VECTORS: usize>(l: L, arguments: Product<'_, $epilogue>) {
            product::<L, ROWS, VECTORS, $epilogue>(l, arguments);
        }
        dispatch_tiled!($kernels.isa(), body, $product, Product<'_, $epilogue>)
    }};
}

/// # Panics
/// Every method panics when the shapes of its operands do not fit.
impl Kernels {
    /// out = a · wᵀ + bias
    pub fn matmul(&self, a: Rows<'_>, weight: &PackedMatrix, bias: &[f32], mut out: RowsMut<'_>) {
        self.check(a, weight, bias, &out);
        let epilogue = store(&mut out, bias);
        run!(self, Product { a, weight, epilogue }, Store);
    }

    /// out = gelu(a · wᵀ + bias)
    pub fn matmul_gelu(&self, a: Rows<'_>, weight: &PackedMatrix, bias: &[f32], mut out: RowsMut<'_>) {
        self.check(a, weight, bias, &out);
        let epilogue = StoreGelu(store(&mut out, bias));
        run!(self, Product { a, weight, epilogue }, StoreGelu);
    }

    /// `out += a · wᵀ + scale[row] · bias`
    pub fn matmul_accumulate(
        &self,
        a: Rows<'_>,
        weight: &PackedMatrix,
        (bias, scale): (&[f32], &[f32]),
        mut out: RowsMut<'_>,
    ) {
        self.check(a, weight, bias, &out);
        assert_eq!(scale.len(), a.count, "one scale a row");
        let epilogue = Accumulate { store: store(&mut out, bias), scale: scale.as_ptr() };
        run!(self, Product { a, weight, epilogue }, Accumulate);
    }

    /// `out = gelu(a · wᵀ + terms.center + terms.table[terms.index[row]])`: the first layer of a message, with its
    /// node parts already multiplied.
    pub fn edge_gelu(&self, a: Rows<'_>, weight: &PackedMatrix, terms: EdgeTerms<'_>, mut out: RowsMut<'_>) {
        self.check(a, weight, terms.center, &out);
        terms.check(a.count, padded(weight.outputs));
        let epilogue = edge_epilogue(&terms, &mut out);
        run!(self, Product { a, weight, epilogue }, EdgeGelu);
    }

    /// `out += Σ over rows of row_weight[row] · gelu(a · wᵀ + bias)`: the second layer of a message, summed over the
    /// neighbours.
    pub fn matmul_gelu_sum(
        &self,
        a: Rows<'_>,
        weight: &PackedMatrix,
        (bias, row_weight): (&[f32], &[f32]),
        out: &mut [f32],
    ) {
        self.check_operands(a, weight, bias);
        assert!(out.len() >= padded(weight.outputs), "the sum is narrower than the product");
        assert_eq!(row_weight.len(), a.count, "one weight a row");
        let epilogue = SumGelu { out: out.as_mut_ptr(), bias: bias.as_ptr(), weight: row_weight.as_ptr() };
        run!(self, Product { a, weight, epilogue }, SumGelu);
    }

    fn check_operands(&self, a: Rows<'_>, weight: &PackedMatrix, bias: &[f32]) {
        assert_eq!(weight.isa, self.isa(), "the weight was packed for another instruction set");
        assert!(a.stride >= weight.inputs, "rows of {} floats for {} inputs", a.stride, weight.inputs);
        assert!(bias.len() >= padded(weight.outputs), "the bias is narrower than the product");
    }

    fn check(&self, a: Rows<'_>, weight: &PackedMatrix, bias: &[f32], out: &RowsMut<'_>) {
        self.check_operands(a, weight, bias);
        assert_eq!(out.count, a.count, "as many rows out as in");
        assert!(out.stride >= padded(weight.outputs), "the result is narrower than the product");
    }
}

pub(crate) fn store(out: &mut RowsMut<'_>, bias: &[f32]) -> Store {
    Store { stride: out.stride, out: out.as_mut_ptr(), bias: bias.as_ptr() }
}

pub(crate) fn edge_epilogue(terms: &EdgeTerms<'_>, out: &mut RowsMut<'_>) -> EdgeGelu {
    EdgeGelu {
        stride: out.stride,
        out: out.as_mut_ptr(),
        center: terms.center.as_ptr(),
        table: terms.table.as_ptr(),
        table_stride: terms.table.stride,
        index: terms.index.as_ptr(),
    }
}
