//! Twins of the instructions that multiply bf16, in plain Rust: they compute the same numbers as the hardware, bit for
//! bit.
//!
//! | twin | instruction | one sum | compared with the hardware |
//! |---|---|---|---|
//! | [`SoftTiles`] | `tdpbf16ps` | products of even and of odd inputs are summed apart, in order, by fused multiply-adds; both sums are added, then the accumulator | 102,400 sums on a Sapphire Rapids, all equal; every test of split products, in an emulator |
//! | [`SoftDots`] | `vdpbf16ps` | accumulator + odd product, then + even product, by fused multiply-adds | every test of split products, where a processor has it |
//! | [`SoftSquares`] | `bfmmla` | even product + odd product, then the accumulator, each sum rounded to odd; so for each of two pairs | every test of split products, where a processor or an emulator has it |
//!
//! All take denormal numbers for zero, before and after each step, whatever the processor's control register says.

use crate::Isa;
use crate::dispatch::dispatch;
use crate::lanes::Lanes;
use crate::split::{LINE, Line};
use crate::tiles::{Dots, Squares, Tiles};

const ROWS: usize = 16;
const DWORDS: usize = LINE / 2;

/// `x`, or zero of its sign where it is denormal.
#[inline(always)]
pub(crate) fn flushed(x: f32) -> f32 {
    if x.abs() < f32::MIN_POSITIVE { 0.0f32.copysign(x) } else { x }
}

/// a · b + c, rounded once, denormal numbers as zero.
#[inline(always)]
pub(crate) fn fused(a: f32, b: f32, c: f32) -> f32 {
    flushed(a.mul_add(b, c))
}

/// The even and the odd bf16 of a dword.
#[inline(always)]
fn even_and_odd(dword: u32) -> (f32, f32) {
    (flushed(f32::from_bits(dword << 16)), flushed(f32::from_bits(dword & 0xffff_0000)))
}

/// One tile register, sixteen rows of dwords.
type Register = [[u32; DWORDS]; ROWS];

/// The tile registers of a thread, in memory.
pub(crate) struct SoftTiles {
    isa: Isa,
    registers: [Register; 8],
}

impl SoftTiles {
    /// Tiles that are multiplied with the fused multiply-adds of `isa`, where it has them.
    pub(crate) fn new(isa: Isa) -> SoftTiles {
        SoftTiles { isa, registers: [[[0; DWORDS]; ROWS]; 8] }
    }
}

// SAFETY: `load` reads sixteen lines and `store` writes sixteen rows of sixteen floats; there are no instructions to have.
unsafe impl Tiles for SoftTiles {
    #[inline(always)]
    fn zero<const TILE: usize>(&mut self) {
        zero(&mut self.registers[TILE]);
    }
    #[inline(always)]
    unsafe fn load<const TILE: usize>(&mut self, source: *const Line, stride: usize) {
        // SAFETY: the caller vouches for the lines.
        unsafe { load(&mut self.registers[TILE], source, stride) }
    }
    #[inline(always)]
    fn multiply<const SUM: usize, const ROWS: usize, const WEIGHTS: usize>(&mut self) {
        multiply(self.isa, &mut self.registers, [SUM, ROWS, WEIGHTS]);
    }
    #[inline(always)]
    unsafe fn store<const TILE: usize>(&self, target: *mut f32, stride: usize) {
        // SAFETY: the caller vouches for the floats.
        unsafe { store(&self.registers[TILE], target, stride) }
    }
}

#[inline(never)]
fn zero(register: &mut Register) {
    *register = [[0; DWORDS]; ROWS];
}

/// # Safety
/// - As [`Tiles::load`].
#[inline(never)]
unsafe fn load(register: &mut Register, source: *const Line, stride: usize) {
    for (row, line) in register.iter_mut().enumerate() {
        // SAFETY: the caller vouches for a line at this distance.
        *line = unsafe { source.byte_add(row * stride).cast::<[u32; DWORDS]>().read() };
    }
}

/// # Safety
/// - As [`Tiles::store`].
#[inline(never)]
unsafe fn store(register: &Register, target: *mut f32, stride: usize) {
    for (row, sums) in register.iter().enumerate() {
        // SAFETY: the caller vouches for sixteen floats at this distance.
        unsafe { target.byte_add(row * stride).cast::<[u32; DWORDS]>().write(*sums) };
    }
}

struct TileProduct<'a> {
    sums: &'a mut Register,
    rows: &'a Register,
    weights: &'a Register,
}

/// Adds the product of two registers to a third, compiled for an instruction set with a fused multiply-add where there is
/// one.
#[inline(never)]
fn multiply(isa: Isa, registers: &mut [Register; 8], [sums, rows, weights]: [usize; 3]) {
    let (of_rows, of_weights) = (registers[rows], registers[weights]);
    let arguments = TileProduct { sums: &mut registers[sums], rows: &of_rows, weights: &of_weights };
    dispatch!(isa, tile_product, arguments, TileProduct<'_>);
}

#[inline(always)]
fn tile_product<L: Lanes>(_: L, arguments: TileProduct<'_>) {
    let TileProduct { sums, rows, weights } = arguments;
    for (sums, row) in sums.iter_mut().zip(rows) {
        let (mut even, mut odd) = ([0.0f32; DWORDS], [0.0f32; DWORDS]);
        for (&dword, weights) in row.iter().zip(weights) {
            let (a, b) = even_and_odd(dword);
            for ((even, odd), &weight) in even.iter_mut().zip(&mut odd).zip(weights) {
                let (of_even, of_odd) = even_and_odd(weight);
                *even = fused(a, of_even, *even);
                *odd = fused(b, of_odd, *odd);
            }
        }
        for (sum, (even, odd)) in sums.iter_mut().zip(even.into_iter().zip(odd)) {
            *sum = flushed(flushed(f32::from_bits(*sum)) + flushed(even + odd)).to_bits();
        }
    }
}

/// Dot products of pairs.
#[derive(Clone, Copy)]
pub(crate) struct SoftDots;

// SAFETY: `load` reads and `store` writes sixteen dwords; there are no instructions to have.
unsafe impl Dots for SoftDots {
    type Pairs = [u32; DWORDS];
    type Sums = [f32; DWORDS];

    #[inline(always)]
    fn zero(self) -> [f32; DWORDS] {
        [0.0; DWORDS]
    }
    #[inline(always)]
    fn splat(self, x: u32) -> [u32; DWORDS] {
        [x; DWORDS]
    }
    #[inline(always)]
    unsafe fn load(self, source: *const u16) -> [u32; DWORDS] {
        // SAFETY: the caller vouches for sixteen dwords.
        unsafe { source.cast::<[u32; DWORDS]>().read_unaligned() }
    }
    #[inline(always)]
    fn multiply_add(self, a: [u32; DWORDS], b: [u32; DWORDS], mut sums: [f32; DWORDS]) -> [f32; DWORDS] {
        for (sum, (a, b)) in sums.iter_mut().zip(a.into_iter().zip(b)) {
            let ((a, a_odd), (b, b_odd)) = (even_and_odd(a), even_and_odd(b));
            *sum = fused(a, b, fused(a_odd, b_odd, flushed(*sum)));
        }
        sums
    }
    #[inline(always)]
    unsafe fn store(self, target: *mut f32, sums: [f32; DWORDS]) {
        // SAFETY: the caller vouches for sixteen floats.
        unsafe { target.cast::<[f32; DWORDS]>().write_unaligned(sums) }
    }
}

/// a + b rounded to odd: the exact sum, or else of its two neighbors the one whose last bit is set. Denormal numbers are zero,
/// numbers that are too large infinite.
pub(crate) fn sum_to_odd(a: f32, b: f32) -> f32 {
    let (a, b) = (f64::from(flushed(a)), f64::from(flushed(b)));
    let sum = a + b;
    if !sum.is_finite() {
        return sum as f32;
    }
    // What rounding to f64 left out, exactly (Knuth, The Art of Computer Programming, volume 2, 4.2.2, theorem B).
    let of_b = sum - a;
    let rest = (a - (sum - of_b)) + (b - of_b);
    let mut bits = sum.to_bits();
    if rest != 0.0 && bits & 1 == 0 {
        // An even neighbor is not the one: the other lies on the side of the rest.
        bits = if (rest > 0.0) == (sum > 0.0) { bits + 1 } else { bits - 1 };
    }
    // The first 24 of its 53 bits, the last of them set if any other is.
    const BEYOND: u64 = (1 << 29) - 1;
    if bits & BEYOND != 0 {
        bits = bits & !BEYOND | (BEYOND + 1);
    }
    flushed(f64::from_bits(bits) as f32)
}

/// Squares of two rows and two outputs.
#[derive(Clone, Copy)]
pub(crate) struct SoftSquares;

// SAFETY: `rows` and `weights` read two dwords at each place, `store` writes two floats in each row; there are no instructions
// to have.
unsafe impl Squares for SoftSquares {
    /// Two dwords of each row or output.
    type Factors = [[u32; 2]; 2];
    type Sums = [[f32; 2]; 2];

    #[inline(always)]
    fn zero(self) -> [[f32; 2]; 2] {
        [[0.0; 2]; 2]
    }
    #[inline(always)]
    fn no_factors(self) -> [[u32; 2]; 2] {
        [[0; 2]; 2]
    }
    #[inline(always)]
    unsafe fn rows(self, lines: [*const u32; 2]) -> [[u32; 2]; 2] {
        // SAFETY: the caller vouches for two dwords at each place.
        lines.map(|line| unsafe { line.cast::<[u32; 2]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn weights(self, lines: [*const u32; 2]) -> [[u32; 2]; 2] {
        // SAFETY: as above.
        let [first, second] = unsafe { self.rows(lines) };
        [[first[0], second[0]], [first[1], second[1]]]
    }
    #[inline(never)]
    fn multiply_add(self, rows: [[u32; 2]; 2], weights: [[u32; 2]; 2], mut sums: [[f32; 2]; 2]) -> [[f32; 2]; 2] {
        for (sums, row) in sums.iter_mut().zip(rows) {
            for (sum, weights) in sums.iter_mut().zip(weights) {
                for (a, b) in row.into_iter().zip(weights) {
                    let ((a, a_odd), (b, b_odd)) = (even_and_odd(a), even_and_odd(b));
                    // A product of bf16 is exact in f32, or denormal or infinite.
                    *sum = sum_to_odd(*sum, sum_to_odd(a * b, a_odd * b_odd));
                }
            }
        }
        sums
    }
    #[inline(always)]
    unsafe fn store(self, target: *mut f32, stride: usize, sums: [[f32; 2]; 2]) {
        for (row, sums) in sums.into_iter().enumerate() {
            // SAFETY: the caller vouches for two floats in each row.
            unsafe { target.add(row * stride).cast::<[f32; 2]>().write_unaligned(sums) };
        }
    }
}
