//! The instructions that multiply split numbers, as traits that the products are written over.
//!
//! | trait | one instruction | implemented by |
//! |---|---|---|
//! | [`Tiles`] | 16 × 16 sums += 16 × 32 · 32 × 16, between registers of 1 KB | AMX, and its twin |
//! | [`Dots`] | each of sixteen sums += the dot product of two pairs | AVX-512 BF16, and its twin |
//! | [`Squares`] | 2 × 2 sums += 2 × 4 · 4 × 2 | NEON's BF16, and its twin |
//!
//! Each product over one of them stores the sums of a panel, and any epilogue finishes them: see `split/stored.rs`. So
//! instructions of another shape need a product that stores sums, and nothing else. Nor must its numbers be split: SME's
//! `fmopa` (sums += column · row, in f32) reads rows of floats: see `outer_products.rs`.

use crate::split::Line;

/// Eight registers of sixteen lines, and the product of two of them added to a third.
///
/// # Safety
/// - [`Tiles::load`] reads sixteen lines, and [`Tiles::store`] writes sixteen times sixteen floats, `stride` bytes apart.
/// - A value of the type exists only where the processor has the instructions that the methods use, on a thread that may
///   use them.
pub(crate) unsafe trait Tiles {
    /// Register `TILE` = 0
    fn zero<const TILE: usize>(&mut self);

    /// Loads sixteen lines, `stride` bytes apart, into register `TILE`.
    ///
    /// # Safety
    /// - `source` is valid for reading a line at each of sixteen multiples of `stride` bytes.
    unsafe fn load<const TILE: usize>(&mut self, source: *const Line, stride: usize);

    /// `SUM[m][n] += Σ over inputs k of ROWS[m][k] · WEIGHTS[k][n]`, where dword k of a line of `ROWS` and line k of
    /// `WEIGHTS` hold the same two inputs.
    fn multiply<const SUM: usize, const ROWS: usize, const WEIGHTS: usize>(&mut self);

    /// Stores register `TILE` as rows of sixteen floats, `stride` bytes apart.
    ///
    /// # Safety
    /// - `target` is valid for writing sixteen floats at each of sixteen multiples of `stride` bytes.
    unsafe fn store<const TILE: usize>(&self, target: *mut f32, stride: usize);
}

/// Sixteen pairs of bf16, their dot products with sixteen others, and as many sums.
///
/// # Safety
/// - [`Dots::load`] reads exactly sixteen pairs, and [`Dots::store`] writes exactly sixteen floats, at any alignment.
/// - A value of the type exists only where the processor has the instructions that the methods use.
pub(crate) unsafe trait Dots: Copy {
    /// Sixteen pairs.
    type Pairs: Copy;

    /// Sixteen sums.
    type Sums: Copy;

    /// Zeros
    fn zero(self) -> Self::Sums;

    /// The pair `x` sixteen times.
    fn splat(self, x: u32) -> Self::Pairs;

    /// Loads sixteen pairs from `source`.
    ///
    /// # Safety
    /// - `source` is valid for reading thirty-two bf16.
    unsafe fn load(self, source: *const u16) -> Self::Pairs;

    /// sum + a'·b' + a·b for each pair (a, a') and (b, b'): the second product first, each step rounded once.
    fn multiply_add(self, a: Self::Pairs, b: Self::Pairs, sum: Self::Sums) -> Self::Sums;

    /// Stores the sums to `target`.
    ///
    /// # Safety
    /// - `target` is valid for writing sixteen floats.
    unsafe fn store(self, target: *mut f32, sums: Self::Sums);
}

/// Two rows of four bf16, and their products with two others.
///
/// # Safety
/// - [`Squares::rows`] reads two dwords at each of two places, [`Squares::weights`] likewise, and [`Squares::store`] writes
///   two floats in each of two rows, all at any alignment.
/// - A value of the type exists only where the processor has the instructions that the methods use.
pub(crate) unsafe trait Squares: Copy {
    /// Two rows, or two outputs, of two dwords.
    type Factors: Copy;

    /// Two rows of two sums.
    type Sums: Copy;

    /// Sums of zero
    fn zero(self) -> Self::Sums;

    /// Factors of zero
    fn no_factors(self) -> Self::Factors;

    /// The two dwords at each place: `lines[row][dword]`.
    ///
    /// # Safety
    /// - Both are valid for reading two dwords.
    unsafe fn rows(self, lines: [*const u32; 2]) -> Self::Factors;

    /// The two dwords at each place: `lines[dword][output]`.
    ///
    /// # Safety
    /// - Both are valid for reading two dwords.
    unsafe fn weights(self, lines: [*const u32; 2]) -> Self::Factors;

    /// For each row and each output: sum + (a·b + a'·b') for the first dword's pair (a, a') and (b, b'), then so for the second.
    /// Each step rounds to odd.
    fn multiply_add(self, rows: Self::Factors, weights: Self::Factors, sums: Self::Sums) -> Self::Sums;

    /// Stores two rows of sums, `stride` floats apart.
    ///
    /// # Safety
    /// - `target` and `target + stride` are valid for writing two floats.
    unsafe fn store(self, target: *mut f32, stride: usize, sums: Self::Sums);
}
