//! The microkernel of integers.

use super::layout::{ANY_INPUTS, BLOCK, PUBLISHED_INPUTS};
use super::matrix::QuantizedMatrix;
use super::rows::QuantizedSlice;
use crate::epilogue::{Epilogue, PanelSums, SMALL_BLOCK, finish_panel};
use crate::lanes::{Lanes, Pairs};
use crate::matmul::InputColumn;
use crate::padded;

/// The operands of a product, shapes already checked: the input of the generic bodies.
pub(super) struct Product<'a, E> {
    pub(super) a: QuantizedSlice<'a>,
    pub(super) weight: &'a QuantizedMatrix,
    pub(super) epilogue: E,
}

/// The number of pairs of inputs per iteration of the loop. More were no faster on Zen 3.
const UNROLLED: usize = 2;

/// The sums of at most [`BLOCK`] inputs.
///
/// # Safety
/// - `column` is readable for `ROWS` rows of `pairs` pairs each; `panel` for `pairs` rows of the panel.
#[inline(always)]
unsafe fn sums<P: Pairs, const ROWS: usize, const VECTORS: usize>(
    p: P,
    column: InputColumn<i32>,
    pairs: usize,
    mut panel: *const i16,
) -> [[P::Integers; VECTORS]; ROWS] {
    let width = VECTORS * P::Floats::WIDTH * 2;
    let of_pair = |pair: usize| InputColumn { first: column.first.wrapping_add(pair), ..column };
    let mut sums = [[p.splat(0); VECTORS]; ROWS];
    // SAFETY: the caller vouches for both operands; `pair` stays within them.
    unsafe {
        let mut pair = 0;
        while pair + UNROLLED <= pairs {
            for pair in pair..pair + UNROLLED {
                sums = add_pair(p, of_pair(pair), panel, sums);
                panel = panel.add(width);
            }
            pair += UNROLLED;
        }
        for pair in pair..pairs {
            sums = add_pair(p, of_pair(pair), panel, sums);
            panel = panel.add(width);
        }
    }
    sums
}

/// Adds, for one pair of inputs, the products of each row's pair with the panel's row.
///
/// # Safety
/// - `column` is readable for `ROWS` rows, `panel` for `VECTORS` vectors of pairs.
#[inline(always)]
pub(crate) unsafe fn add_pair<P: Pairs, const ROWS: usize, const VECTORS: usize>(
    p: P,
    column: InputColumn<i32>,
    panel: *const i16,
    mut sums: [[P::Integers; VECTORS]; ROWS],
) -> [[P::Integers; VECTORS]; ROWS] {
    // SAFETY: the caller vouches for both operands.
    unsafe {
        let weights: [P::Integers; VECTORS] =
            std::array::from_fn(|vector| p.load_pairs(panel.add(vector * P::Floats::WIDTH * 2)));
        for (row, sums) in sums.iter_mut().enumerate() {
            let x = p.splat(*column.first.add(row * column.stride));
            for (sum, &weights) in sums.iter_mut().zip(&weights) {
                *sum = p.multiply_add_pairs(x, weights, *sum);
            }
        }
    }
    sums
}

/// A block of rows and a panel.
#[derive(Clone, Copy)]
struct Operands<'a, P, const INPUTS: usize> {
    p: P,
    a: QuantizedSlice<'a>,
    weight: &'a QuantizedMatrix,
    /// The panel's first column.
    column: usize,
}

impl<P: Pairs, const INPUTS: usize> PanelSums<P::Floats> for Operands<'_, P, INPUTS> {
    #[inline(always)]
    unsafe fn sums<const ROWS: usize, const VECTORS: usize>(
        self,
        l: P::Floats,
        row: usize,
    ) -> [[<P::Floats as Lanes>::Vector; VECTORS]; ROWS] {
        let Operands { p, a, weight, column } = self;
        let width = P::Floats::WIDTH;
        // With a number of inputs known at compile time each row is a constant offset from the one above.
        let inputs = if INPUTS == ANY_INPUTS { weight.inputs } else { INPUTS };
        let (pairs, stride) = (inputs.div_ceil(2), padded(inputs) / 2);
        let mut totals = [[l.splat(0.0); VECTORS]; ROWS];
        // SAFETY: a row has `padded(inputs)` i16, thus `pairs` pairs; rows and the panel start on a cache line, so a
        // pair is aligned like an i32. Each panel has `pairs · VECTORS · width` pairs.
        unsafe {
            let panel = weight.panel(column);
            let x: *const i32 = a.lines.as_ptr().cast::<i32>().add(row * stride);
            let mut first = 0;
            while first < pairs {
                let count = (pairs - first).min(BLOCK / 2);
                let panel = panel.add(first * VECTORS * width * 2);
                let column = InputColumn { first: x.add(first), stride };
                let sums = sums::<P, ROWS, VECTORS>(p, column, count, panel);
                for (totals, sums) in totals.iter_mut().zip(&sums) {
                    for (total, &sum) in totals.iter_mut().zip(sums) {
                        *total = l.add(*total, p.to_float(sum));
                    }
                }
                first += count;
            }
            for (r, totals) in totals.iter_mut().enumerate() {
                let row_scale = l.splat(*a.scales.as_ptr().add(row + r));
                for (vector, total) in totals.iter_mut().enumerate() {
                    let scale = l.load(weight.scales.as_ptr().add(column + vector * width));
                    *total = l.mul(*total, l.mul(row_scale, scale));
                }
            }
        }
        totals
    }
}

#[inline(always)]
pub(super) fn product<P: Pairs, const ROWS: usize, const VECTORS: usize, E: Epilogue<P::Floats>>(
    p: P,
    arguments: Product<'_, E>,
) {
    if arguments.weight.inputs == PUBLISHED_INPUTS {
        product_of::<P, ROWS, VECTORS, PUBLISHED_INPUTS, E>(p, arguments);
    } else if E::ADDED {
        product_of::<P, ROWS, VECTORS, ANY_INPUTS, E>(p, arguments);
    } else {
        product_of::<P, SMALL_BLOCK, VECTORS, ANY_INPUTS, E>(p, arguments);
    }
}

#[inline(always)]
fn product_of<P: Pairs, const ROWS: usize, const VECTORS: usize, const INPUTS: usize, E: Epilogue<P::Floats>>(
    p: P,
    arguments: Product<'_, E>,
) {
    let Product { a, weight, mut epilogue } = arguments;
    let width = VECTORS * P::Floats::WIDTH;
    debug_assert_eq!(width, weight.plan.integer_columns());
    for column in (0..padded(weight.outputs)).step_by(width) {
        let sums = Operands::<P, INPUTS> { p, a, weight, column };
        // SAFETY: `Product`s are made in methods of `Kernels`, which checked that rows of `a` have the weight's inputs
        // and that the epilogue holds `a.count()` rows of `padded(outputs)` columns.
        unsafe {
            finish_panel::<P::Floats, ROWS, VECTORS, true, E>(p.floats(), sums, a.count(), column, &mut epilogue);
        }
    }
}
