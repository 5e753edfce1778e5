//! The products of [`matmul`](mod@crate::matmul) by outer products of a column of rows and a row of weights (SME's `fmopa`).
//!
//! A sum runs from the first input to the last, and each step is a fused multiply-add: what NEON computes, bit for bit, from
//! the same packed weight. Only a NaN may have other bits. NEON's vectors cannot be used while outer products are, so a block's
//! sums are stored, and the epilogue finishes them.

use std::cell::RefCell;

use crate::arch::neon::Neon;
use crate::arch::sme::{Block, PANEL, Sme};
use crate::epilogue::{Epilogue, for_rows};
use crate::lanes::Lanes;
use crate::{Buffer, KernelPlan, PackedMatrix, Rows, padded};

/// The most rows of a block: two pairs of vectors of the usual length, 512 bits.
const MOST_ROWS: usize = 64;

/// Fewer rows are left to NEON: they would fill little of a square of sums.
const FEWEST_ROWS: usize = 8;

/// Rows that the epilogue is applied to at a time.
const AT_ONCE: usize = 4;

/// Vectors of a panel.
const VECTORS: usize = PANEL / Neon::WIDTH;

/// Memory for a block, kept by each thread.
#[derive(Default)]
struct Scratch {
    transposed: Buffer,
    sums: Buffer,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// The instructions for a product of `rows` rows, if the plan has them, this thread may use them, and the product is large
/// enough.
pub(crate) fn for_product(plan: KernelPlan, rows: usize, weight: &PackedMatrix) -> Option<Sme> {
    if !plan.outer_products() || rows < FEWEST_ROWS || weight.inputs == 0 || weight.outputs == 0 {
        return None;
    }
    // SAFETY: a `KernelPlan` has outer products only where they were detected.
    unsafe { Sme::unless_in_use() }
}

/// Multiplies, and applies the epilogue.
///
/// # Safety
/// - Each row of `a` has the weight's inputs, and the epilogue was made for its rows and `padded(outputs)` columns.
/// - There is an input and an output.
/// - The weight was packed for NEON.
pub(crate) unsafe fn multiply<E: Epilogue<Neon>>(sme: Sme, a: Rows<'_>, weight: &PackedMatrix, epilogue: &mut E) {
    debug_assert_eq!(weight.plan.float_columns(), PANEL);
    let columns = padded(weight.outputs);
    SCRATCH.with_borrow_mut(|scratch| {
        for first in (0..a.count).step_by(MOST_ROWS) {
            let rows = (a.count - first).min(MOST_ROWS);
            // SAFETY: the caller vouches for the rows, the weight and the epilogue.
            unsafe {
                let rows = Rows { data: &a.data[first * a.stride..][..rows * a.stride], stride: a.stride, count: rows };
                let sums = block_sums(sme, rows, weight, scratch);
                finish(sums, columns, first, epilogue);
            }
        }
    });
}

/// The sums of a block of rows, `[rows, padded(outputs)]`.
///
/// # Safety
/// - As [`multiply`], without the epilogue, and there is a row.
unsafe fn block_sums<'s>(sme: Sme, a: Rows<'_>, weight: &PackedMatrix, scratch: &'s mut Scratch) -> &'s [f32] {
    let (inputs, columns, room) = (weight.inputs, padded(weight.outputs), sme.room(a.count));
    let Scratch { transposed, sums } = scratch;
    transposed.resize(inputs * room);
    sums.resize(room * columns);
    let block = Block {
        a: a.as_ptr(),
        stride: a.stride,
        rows: a.count,
        inputs,
        panels: weight.panels.as_ptr(),
        columns,
        transposed: transposed.as_mut_ptr(),
        sums: sums.as_mut_ptr(),
    };
    // SAFETY: the caller vouches for the rows and their inputs; a packed matrix has `inputs` floats for each of its columns,
    // in panels of `PANEL`; both buffers were just given their room.
    unsafe { sme.multiply(block) };
    &sums[..a.count * columns]
}

/// Applies the epilogue to the sums of the rows from `first` on.
///
/// # Safety
/// - The epilogue was made for these rows and columns.
#[target_feature(enable = "neon")]
unsafe fn finish<E: Epilogue<Neon>>(sums: &[f32], columns: usize, first: usize, epilogue: &mut E) {
    // SAFETY: this function runs only where the processor has NEON.
    let l = unsafe { Neon::new() };
    let count = sums.len() / columns;
    for column in (0..columns).step_by(PANEL) {
        let mut row = 0;
        while row < count {
            let rows = if row + AT_ONCE <= count { AT_ONCE } else { 1 };
            // SAFETY: the rows and the panel's columns are within `sums`; the caller vouches for the epilogue.
            for_rows!(rows, AT_ONCE, |R| unsafe {
                let at = |row: usize, vector: usize| sums.as_ptr().add(row * columns + column + vector * Neon::WIDTH);
                let block: [[_; VECTORS]; R] =
                    std::array::from_fn(|r| std::array::from_fn(|vector| l.load(at(row + r, vector))));
                epilogue.finish(l, first + row, column, block);
            });
            row += rows;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Isa, Kernels};

    /// The plan, where this processor has SME.
    fn plan() -> Option<KernelPlan> {
        let plan = KernelPlan::fastest(Isa::Neon).expect("NEON is everywhere on AArch64").with_outer_products().ok();
        if plan.is_none() {
            println!("left out: this processor or its system does not have SME");
        }
        plan
    }

    #[test]
    fn sums_in_the_array_of_a_calling_function_are_left_alone() {
        let Some(plan) = plan() else { return };
        let weight = Kernels::by(plan).pack(&[1.0], 1, 1);
        let save_at = |address: usize| {
            // SAFETY: the register is the thread's, and nothing is called before it is zero again.
            unsafe { core::arch::asm!("msr S3_3_C13_C0_5, {address}", address = in(reg) address, options(nostack)) }
        };
        let saved = [0_u64; 2];
        save_at(saved.as_ptr().addr());
        let in_use = for_product(plan, FEWEST_ROWS, &weight).is_none();
        save_at(0);
        assert!(in_use && for_product(plan, FEWEST_ROWS, &weight).is_some());
    }

    /// The lower halves of v8 to v15 belong to the caller of a function; streaming mode clears them.
    #[test]
    fn the_calling_function_keeps_its_registers() {
        extern "C" fn sums(context: &mut (Sme, PackedMatrix, Scratch)) {
            let (sme, weight, scratch) = context;
            // SAFETY: a row has one input.
            unsafe { block_sums(*sme, Rows::new(&[1.0; FEWEST_ROWS], 1), weight, scratch) };
        }
        let Some(plan) = plan() else { return };
        let weight = Kernels::by(plan).pack(&[2.0], 1, 1);
        let sme = for_product(plan, FEWEST_ROWS, &weight).expect("nothing else uses the array");
        let mut context = (sme, weight, Scratch::default());
        let before: [f64; 8] = std::array::from_fn(|index| index as f64 + 0.25);
        let [mut v8, mut v9, mut v10, mut v11, mut v12, mut v13, mut v14, mut v15] = before;
        // SAFETY: the block calls a function by the procedure call standard.
        unsafe {
            core::arch::asm!(
                "blr {sums}",
                sums = in(reg) sums as extern "C" fn(&mut (Sme, PackedMatrix, Scratch)),
                in("x0") &raw mut context,
                inout("v8") v8, inout("v9") v9, inout("v10") v10, inout("v11") v11,
                inout("v12") v12, inout("v13") v13, inout("v14") v14, inout("v15") v15,
                clobber_abi("C")
            );
        }
        assert_eq!([v8, v9, v10, v11, v12, v13, v14, v15], before);
        assert_eq!(context.2.sums[0], 2.0);
    }

    #[test]
    fn sums_are_fused_from_the_first_input_to_the_last() {
        let Some(plan) = plan() else { return };
        let (one, none) = (Kernels::by(plan).pack(&[1.0], 1, 1), Kernels::by(plan).pack(&[], 1, 0));
        assert!(for_product(plan, FEWEST_ROWS - 1, &one).is_none() && for_product(plan, FEWEST_ROWS, &none).is_none());
        let sme = for_product(plan, FEWEST_ROWS, &one).expect("nothing else uses the array");
        let mut scratch = Scratch::default();
        let mut state = 1_u32;
        let mut number = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        for (rows, inputs, outputs) in [(1, 1, 1), (8, 3, 33), (33, 67, 40), (64, 130, 96)] {
            let a: Vec<f32> = (0..rows * (inputs + 2)).map(|_| number()).collect();
            let weights: Vec<f32> = (0..outputs * inputs).map(|_| number()).collect();
            let weight = Kernels::by(plan).pack(&weights, outputs, inputs);
            // SAFETY: the rows have the inputs and two more numbers.
            let sums = unsafe { block_sums(sme, Rows::new(&a, inputs + 2), &weight, &mut scratch) };
            assert_eq!(sums.len(), rows * padded(outputs));
            for (row, sums) in sums.chunks_exact(padded(outputs)).enumerate() {
                let a = &a[row * (inputs + 2)..][..inputs];
                for (output, weights) in weights.chunks_exact(inputs).enumerate() {
                    let expected = a.iter().zip(weights).fold(0.0_f32, |sum, (a, w)| a.mul_add(*w, sum));
                    assert_eq!(sums[output].to_bits(), expected.to_bits(), "{rows} rows: {row}, {output}");
                }
                assert!(sums[outputs..].iter().all(|&sum| sum == 0.0), "padding");
            }
        }
    }
}
