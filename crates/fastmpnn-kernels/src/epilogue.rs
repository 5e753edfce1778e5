//! What becomes of a product while it is still in registers or in the first-level cache: bias, gathered terms, GELU, sums.

use std::marker::PhantomData;
use std::mem::MaybeUninit;

use crate::activation::Gelu;
use crate::lanes::Lanes;
use crate::{Rows, RowsMut};

/// What becomes of a block of accumulators.
pub(crate) trait Epilogue<L: Lanes> {
    /// Whether it takes many instructions, each waiting for the one before.
    const LONG: bool;

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

/// The products of rows with one panel of a weight.
pub(crate) trait PanelSums<L: Lanes>: Copy {
    /// Those of the rows `row .. row + ROWS`.
    ///
    /// # Safety
    /// - There are so many rows, and the panel has `VECTORS · WIDTH` columns.
    unsafe fn sums<const ROWS: usize, const VECTORS: usize>(self, l: L, row: usize) -> [[L::Vector; VECTORS]; ROWS];
}

/// Rows whose sums are kept for a long epilogue: a tile of the published networks.
const KEPT: usize = 48;

/// Makes the products of `count` rows with the panel whose first column is `column`, and finishes them: each block by
/// itself, or, with `LATER`, all blocks when all are made if the epilogue is long. A processor looks a few hundred
/// instructions ahead; where a block's product is short, its epilogue alone is not enough to do.
///
/// # Safety
/// - `sums` has so many rows, and so many columns as a panel.
/// - The epilogue's conditions hold.
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
    (count, column): (usize, usize),
    epilogue: &mut E,
) {
    if !(LATER && E::LONG) {
        let mut row = 0;
        while row < count {
            let rows = block_rows(count - row, ROWS);
            // SAFETY: the caller vouches for `count` rows.
            for_rows!(rows, ROWS, |R| unsafe { epilogue.finish(l, row, column, sums.sums::<R, VECTORS>(l, row)) });
            row += rows;
        }
        return;
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
            let rows = block_rows(count - row, ROWS);
            // SAFETY: as above, and the loop before wrote these rows.
            for_rows!(rows, ROWS, |R| unsafe {
                let block = kept.as_ptr().add(row).cast::<[[L::Vector; VECTORS]; R]>().read();
                epilogue.finish(l, first + row, column, block);
            });
            row += rows;
        }
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
        $crate::epilogue::for_rows!(@arms $rows, $most, $R, $body, 1 2 3 4 5 6 7 8 9 10 11 12)
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

/// out = x + bias
pub(crate) struct Store {
    out: *mut f32,
    stride: usize,
    bias: *const f32,
}

impl<L: Lanes> Epilogue<L> for Store {
    const LONG: bool = false;

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
pub(crate) struct StoreGelu<G> {
    store: Store,
    gelu: PhantomData<G>,
}

impl<G> StoreGelu<G> {
    pub(crate) fn new(store: Store) -> StoreGelu<G> {
        StoreGelu { store, gelu: PhantomData }
    }
}

impl<L: Lanes, G: Gelu> Epilogue<L> for StoreGelu<G> {
    const LONG: bool = true;

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
                    let value = G::gelu(l, l.add(sum, l.load(self.store.bias.add(c))));
                    l.store(self.store.out.add((row + r) * self.store.stride + c), value);
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
    const LONG: bool = false;

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
pub(crate) struct EdgeGelu<G> {
    out: *mut f32,
    stride: usize,
    center: *const f32,
    table: *const f32,
    table_stride: usize,
    index: *const u32,
    gelu: PhantomData<G>,
}

impl<L: Lanes, G: Gelu> Epilogue<L> for EdgeGelu<G> {
    const LONG: bool = true;

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
                let neighbor = self.table.add(*self.index.add(row + r) as usize * self.table_stride);
                for (v, &sum) in sums.iter().enumerate() {
                    let c = column + v * L::WIDTH;
                    let terms = l.add(l.load(self.center.add(c)), l.load(neighbor.add(c)));
                    l.store(self.out.add((row + r) * self.stride + c), G::gelu(l, l.add(sum, terms)));
                }
            }
        }
    }
}

/// out += Σ over rows of weight[row] · gelu(x + bias)
pub(crate) struct SumGelu<G> {
    out: *mut f32,
    bias: *const f32,
    weight: *const f32,
    gelu: PhantomData<G>,
}

impl<G> SumGelu<G> {
    pub(crate) fn new(out: &mut [f32], (bias, weight): (&[f32], &[f32])) -> SumGelu<G> {
        SumGelu { out: out.as_mut_ptr(), bias: bias.as_ptr(), weight: weight.as_ptr(), gelu: PhantomData }
    }
}

impl<L: Lanes, G: Gelu> Epilogue<L> for SumGelu<G> {
    const LONG: bool = true;

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
                    total = l.mul_add(weight, G::gelu(l, l.add(sums[v], bias)), total);
                }
                l.store(self.out.add(c), total);
            }
        }
    }
}

/// The terms of a message that do not come from the edge: one row for the center, one for each neighbor.
#[derive(Clone, Copy, Debug)]
pub struct EdgeTerms<'a> {
    /// The center's term, bias included, `[padded(outputs)]`.
    pub center: &'a [f32],
    /// The neighbors' terms, `[any, padded(outputs)]`.
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

pub(crate) fn store(out: &mut RowsMut<'_>, bias: &[f32]) -> Store {
    Store { stride: out.stride, out: out.as_mut_ptr(), bias: bias.as_ptr() }
}

pub(crate) fn edge_epilogue<G>(terms: &EdgeTerms<'_>, out: &mut RowsMut<'_>) -> EdgeGelu<G> {
    EdgeGelu {
        stride: out.stride,
        out: out.as_mut_ptr(),
        center: terms.center.as_ptr(),
        table: terms.table.as_ptr(),
        table_stride: terms.table.stride,
        index: terms.index.as_ptr(),
        gelu: PhantomData,
    }
}
