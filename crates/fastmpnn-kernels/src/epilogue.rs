//! Epilogues: what is applied to a product while it is still in registers or in the L1 cache (bias, gathered terms,
//! GELU, sums).
//!
//! Most epilogues turn each sum into one number and write it: a [`Step`] computes the number, and [`Written`] is the
//! loop they share. [`Summed`] adds up rows instead.

use std::marker::PhantomData;
use std::mem::MaybeUninit;

use crate::activation::Activation;
use crate::lanes::Lanes;
use crate::{Rows, RowsMut};

/// The operation applied to a block of accumulators.
pub(crate) trait Epilogue<L: Lanes> {
    /// Whether the epilogue is a long chain of dependent instructions.
    const LONG: bool;

    /// Whether the result is added to the numbers that each row already holds.
    const ADDED: bool;

    /// `block[row][vector]` holds the products of rows `row..` with columns `column..`.
    ///
    /// # Safety
    /// - `row + ROWS` and `column + VECTORS · WIDTH` do not exceed the rows and columns that the epilogue was made for.
    unsafe fn finish<const ROWS: usize, const VECTORS: usize>(
        &mut self,
        l: L,
        row: usize,
        column: usize,
        block: [[L::Vector; VECTORS]; ROWS],
    );
}

/// The products of rows with one panel of a weight.
pub(crate) trait PanelSums<L: Lanes>: Copy {
    /// The products of the rows `row .. row + ROWS`.
    ///
    /// # Safety
    /// - Those rows exist, and the panel has `VECTORS · WIDTH` columns.
    unsafe fn sums<const ROWS: usize, const VECTORS: usize>(self, l: L, row: usize) -> [[L::Vector; VECTORS]; ROWS];
}

/// Rows whose sums are kept for a long epilogue: a tile of the published networks.
const KEPT: usize = 48;

/// Kept rows that a long epilogue is applied to at a time: enough for its instructions to be independent, few enough for the
/// registers.
const AT_ONCE: usize = 4;

/// The most rows of a block in products that no published network spends time in. There, only the second map of the
/// feed-forward block, which is added to a node's state, has other than 128 inputs. Each size of a block is code of its own.
pub(crate) const SMALL_BLOCK: usize = 4;

/// Computes the products of `count` rows with the panel whose first column is `column`, and applies the epilogue: to
/// each block as soon as it is computed or, with `LATER` and a long epilogue, to all blocks at the end. A processor
/// looks a few hundred instructions ahead; where a block's product is short, its epilogue alone does not fill that
/// window with independent work.
///
/// # Safety
/// - `sums` has `count` rows, and the panel of `column` has `VECTORS · WIDTH` columns.
/// - The epilogue was made for `count` rows and for all columns of that panel.
#[inline(always)]
pub(crate) unsafe fn finish_panel<
    L: Lanes,
    const ROWS: usize,
    const VECTORS: usize,
    const LATER: bool,
    E: Epilogue<L>,
>(
    l: L,
    sums: impl PanelSums<L>,
    count: usize,
    column: usize,
    epilogue: &mut E,
) {
    if !(LATER && E::LONG) {
        // SAFETY: by this function's condition.
        unsafe {
            return if E::LONG && ROWS > LONG_ROWS {
                finish_blocks::<L, LONG_ROWS, VECTORS, E>(l, sums, count, column, epilogue)
            } else {
                finish_blocks::<L, ROWS, VECTORS, E>(l, sums, count, column, epilogue)
            };
        }
    }
    let mut kept = [[MaybeUninit::<L::Vector>::uninit(); VECTORS]; KEPT];
    for first in (0..count).step_by(KEPT) {
        let count = (count - first).min(KEPT);
        let mut row = 0;
        while row < count {
            let rows = block_rows(count - row, ROWS);
            // SAFETY: the caller vouches for the rows; `row + R` is at most `KEPT`.
            for_rows!(rows, ROWS, |R| unsafe {
                let block = sums.sums::<R, VECTORS>(l, first + row);
                kept.as_mut_ptr().add(row).cast::<[[L::Vector; VECTORS]; R]>().write(block);
            });
            row += rows;
        }
        let mut row = 0;
        while row < count {
            let rows = if row + AT_ONCE <= count { AT_ONCE } else { 1 };
            // SAFETY: as above, and the loop before wrote these rows.
            for_rows!(rows, AT_ONCE, |R| unsafe {
                let block = kept.as_ptr().add(row).cast::<[[L::Vector; VECTORS]; R]>().read();
                epilogue.finish(l, first + row, column, block);
            });
            row += rows;
        }
    }
}

/// The most rows of a block to which a long epilogue is applied as soon as it is computed. The epilogue needs registers of its
/// own: twelve rows of two vectors would leave none of 32, and half of the sums would be kept in memory.
const LONG_ROWS: usize = 6;

/// Computes the products of blocks of at most `ROWS` rows, and applies the epilogue to each.
///
/// # Safety
/// - As [`finish_panel`].
#[inline(always)]
unsafe fn finish_blocks<L: Lanes, const ROWS: usize, const VECTORS: usize, E: Epilogue<L>>(
    l: L,
    sums: impl PanelSums<L>,
    count: usize,
    column: usize,
    epilogue: &mut E,
) {
    let mut row = 0;
    while row < count {
        let rows = block_rows(count - row, ROWS);
        // SAFETY: the caller vouches for `count` rows.
        for_rows!(rows, ROWS, |R| unsafe { epilogue.finish(l, row, column, sums.sums::<R, VECTORS>(l, row)) });
        row += rows;
    }
}

/// The number of rows in the next block: as many as fit, but never so that too few are left for the last block. A
/// multiply-add takes four cycles, two start in each cycle, and a row has two: with three rows they wait for each
/// other, with four they do not.
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
        $crate::epilogue::for_rows!(@arms $rows, $most, $R, $body, 1 2 3 4 5 6 7 8 9 10 11 12)
    };
    (@arms $rows:expr, $most:expr, $R:ident, $body:expr, $($count:literal)*) => {
        match $rows {
            $($count if $count <= $most => {
                const $R: usize = $count;
                $body
            })*
            _ => unreachable!("a block has at most twelve rows"),
        }
    };
}
pub(crate) use for_rows;

/// Computes the number that is written for each sum of a product.
pub(crate) trait Step<L: Lanes> {
    /// As [`Epilogue::LONG`].
    const LONG: bool;

    /// As [`Epilogue::ADDED`].
    const ADDED: bool;

    /// Data shared by all columns of a row.
    type Row: Copy;

    /// # Safety
    /// - `row` is less than the number of rows that the step was made for.
    unsafe fn row(&self, l: L, row: usize) -> Self::Row;

    /// # Safety
    /// - `column + WIDTH` does not exceed the columns that the step was made for, and `row` was returned by its
    ///   [`Step::row`].
    unsafe fn value(&self, l: L, row: Self::Row, column: usize, sum: L::Vector) -> L::Vector;
}

/// Writes the number that a step computes from each sum to `out[row][column]`.
pub(crate) struct Written<'a, S> {
    out: RowsMut<'a>,
    step: S,
}

impl<'a, S> Written<'a, S> {
    /// `out` must have the rows and columns that `step` was made for.
    pub(crate) fn new(out: RowsMut<'a>, step: S) -> Written<'a, S> {
        Written { out, step }
    }
}

impl<L: Lanes, S: Step<L>> Epilogue<L> for Written<'_, S> {
    const LONG: bool = S::LONG;
    const ADDED: bool = S::ADDED;

    #[inline(always)]
    unsafe fn finish<const ROWS: usize, const VECTORS: usize>(
        &mut self,
        l: L,
        row: usize,
        column: usize,
        block: [[L::Vector; VECTORS]; ROWS],
    ) {
        let (out, stride) = (self.out.data.as_mut_ptr(), self.out.stride);
        for (r, sums) in block.iter().enumerate() {
            // SAFETY: the rows and columns of the block are within `out` and the step, by the trait's condition.
            unsafe {
                let of_row = self.step.row(l, row + r);
                for (v, &sum) in sums.iter().enumerate() {
                    let c = column + v * L::WIDTH;
                    let target = out.add((row + r) * stride + c);
                    let value = self.step.value(l, of_row, c, sum);
                    l.store(target, if S::ADDED { l.add(l.load(target), value) } else { value });
                }
            }
        }
    }
}

/// out = activation(x + bias)
pub(crate) struct Biased<'a, A> {
    bias: &'a [f32],
    activation: PhantomData<A>,
}

impl<'a, A> Biased<'a, A> {
    pub(crate) fn new(bias: &'a [f32]) -> Biased<'a, A> {
        Biased { bias, activation: PhantomData }
    }
}

impl<L: Lanes, A: Activation> Step<L> for Biased<'_, A> {
    const LONG: bool = A::LONG;
    const ADDED: bool = false;
    type Row = ();

    #[inline(always)]
    unsafe fn row(&self, _: L, _: usize) {}

    #[inline(always)]
    unsafe fn value(&self, l: L, (): (), column: usize, sum: L::Vector) -> L::Vector {
        // SAFETY: within `bias`, by the trait's condition.
        let bias = unsafe { l.load(self.bias.as_ptr().add(column)) };
        A::of(l, l.add(sum, bias))
    }
}

/// out += x + row_weights[row] · bias
impl<L: Lanes> Step<L> for WeightedBias<'_> {
    const LONG: bool = false;
    const ADDED: bool = true;
    /// The row's weight.
    type Row = L::Vector;

    #[inline(always)]
    unsafe fn row(&self, l: L, row: usize) -> L::Vector {
        // SAFETY: within `row_weights`, by the trait's condition.
        l.splat(unsafe { *self.row_weights.as_ptr().add(row) })
    }

    #[inline(always)]
    unsafe fn value(&self, l: L, weight: L::Vector, column: usize, sum: L::Vector) -> L::Vector {
        // SAFETY: within `bias`, by the trait's condition.
        l.mul_add(weight, unsafe { l.load(self.bias.as_ptr().add(column)) }, sum)
    }
}

/// out = activation(x + center + table[index[row]])
pub(crate) struct Edge<'a, A> {
    terms: EdgeTerms<'a>,
    activation: PhantomData<A>,
}

impl<'a, A> Edge<'a, A> {
    /// The terms must have passed [`EdgeTerms::check`].
    pub(crate) fn new(terms: EdgeTerms<'a>) -> Edge<'a, A> {
        Edge { terms, activation: PhantomData }
    }
}

impl<'a, L: Lanes, A: Activation> Step<L> for Edge<'a, A> {
    const LONG: bool = A::LONG;
    const ADDED: bool = false;
    /// The neighbor's row in the table.
    type Row = &'a [f32];

    #[inline(always)]
    unsafe fn row(&self, _: L, row: usize) -> &'a [f32] {
        let Rows { data, stride, .. } = self.terms.table;
        // SAFETY: `row` is within `index`, by the trait's condition, and every index is less than the number of rows in
        // the table, as
        // `EdgeTerms::check` made sure.
        unsafe {
            let neighbor = *self.terms.index.get_unchecked(row) as usize;
            data.get_unchecked(neighbor * stride..(neighbor + 1) * stride)
        }
    }

    #[inline(always)]
    unsafe fn value(&self, l: L, neighbor: &'a [f32], column: usize, sum: L::Vector) -> L::Vector {
        // SAFETY: within `center` and the neighbor's row, by the trait's condition.
        let terms = unsafe {
            let center = l.load(self.terms.center.as_ptr().add(column));
            l.add(center, l.load(neighbor.as_ptr().add(column)))
        };
        A::of(l, l.add(sum, terms))
    }
}

/// out += x
pub(crate) struct Plain;

impl<L: Lanes> Step<L> for Plain {
    const LONG: bool = false;
    const ADDED: bool = true;
    type Row = ();

    #[inline(always)]
    unsafe fn row(&self, _: L, _: usize) {}

    #[inline(always)]
    unsafe fn value(&self, _: L, (): (), _: usize, sum: L::Vector) -> L::Vector {
        sum
    }
}

/// out += Σ over rows of row_weights[row] · activation(x + bias)
pub(crate) struct Summed<'a, A> {
    out: &'a mut [f32],
    bias: WeightedBias<'a>,
    activation: PhantomData<A>,
}

impl<'a, A> Summed<'a, A> {
    /// `out` and the bias must have the product's columns, and the weights its rows.
    pub(crate) fn new(out: &'a mut [f32], bias: WeightedBias<'a>) -> Summed<'a, A> {
        Summed { out, bias, activation: PhantomData }
    }
}

impl<L: Lanes, A: Activation> Epilogue<L> for Summed<'_, A> {
    const LONG: bool = A::LONG;
    const ADDED: bool = false;

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
            // SAFETY: the columns are within `out` and `bias`, the rows within `row_weights`, by the trait's condition.
            unsafe {
                let bias = l.load(self.bias.bias.as_ptr().add(c));
                let out = self.out.as_mut_ptr().add(c);
                let mut total = l.load(out);
                for (r, sums) in block.iter().enumerate() {
                    let weight = l.splat(*self.bias.row_weights.as_ptr().add(row + r));
                    total = l.mul_add(weight, A::of(l, l.add(sums[v], bias)), total);
                }
                l.store(out, total);
            }
        }
    }
}

/// The terms of a message that do not come from the edge: one row for the center, one for each neighbor.
#[derive(Clone, Copy, Debug)]
pub struct EdgeTerms<'a> {
    /// The center's term, including the bias, `[padded(outputs)]`.
    pub center: &'a [f32],
    /// The neighbors' terms, `[any, padded(outputs)]`.
    pub table: Rows<'a>,
    /// Index of each edge's row in `table`, `[rows]`.
    pub index: &'a [u32],
}

impl EdgeTerms<'_> {
    pub(crate) fn check(&self, rows: usize, width: usize) {
        assert!(self.center.len() >= width && self.table.stride >= width, "edge terms are narrower than {width}");
        assert_eq!(self.index.len(), rows, "one neighbor index per edge");
        assert!(self.index.iter().all(|&row| (row as usize) < self.table.count), "a neighbor is not in the table");
    }
}

/// A bias, and the weight of each row of a product.
#[derive(Clone, Copy, Debug)]
pub struct WeightedBias<'a> {
    /// `[padded(outputs)]`
    pub bias: &'a [f32],
    /// `[rows]`
    pub row_weights: &'a [f32],
}

impl WeightedBias<'_> {
    pub(crate) fn check(&self, rows: usize) {
        assert_eq!(self.row_weights.len(), rows, "one weight per row");
    }
}
