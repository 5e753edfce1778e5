//! The vector operations that the kernels are written in.
//!
//! A value of a type that implements [`Lanes`] is a *token*: it can only be made where the processor is known to have
//! the instruction set (see `dispatch.rs`), so its arithmetic is safe to call. Only memory access is `unsafe`.
//! An implementation is a list of single instructions; every algorithm is written once, over this trait. The algorithms
//! rely on its constants when they access memory, so the trait itself is `unsafe` to implement.

/// One instruction set's vectors of f32.
///
/// # Safety
/// - [`Lanes::WIDTH`] is the number of floats in a [`Lanes::Vector`], and divides half of
///   [`ALIGNMENT`](crate::ALIGNMENT): padded rows are whole pairs of vectors.
/// - [`Lanes::load`] reads, and [`Lanes::store`] writes, exactly `WIDTH` floats, at any alignment.
/// - A value of the type exists only where the processor has the instructions that the methods use.
pub(crate) unsafe trait Lanes: Copy {
    /// A register of [`Lanes::WIDTH`] floats.
    type Vector: Copy;

    /// Floats in a register.
    const WIDTH: usize;

    /// A register with `x` in every lane.
    fn splat(self, x: f32) -> Self::Vector;

    /// Loads `WIDTH` floats from `source`.
    ///
    /// # Safety
    /// - `source` is valid for reading `WIDTH` floats.
    unsafe fn load(self, source: *const f32) -> Self::Vector;

    /// Stores `WIDTH` floats to `target`.
    ///
    /// # Safety
    /// - `target` is valid for writing `WIDTH` floats.
    unsafe fn store(self, target: *mut f32, value: Self::Vector);

    /// a + b
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a − b
    fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a · b
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a · b + c, rounded once where the instruction set has a fused multiply-add
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// c − a · b, rounded once where the instruction set has a fused multiply-add
    fn neg_mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// The smaller of a and b, lane by lane
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The larger of a and b, lane by lane
    fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// |a|
    fn abs(self, a: Self::Vector) -> Self::Vector;
    /// √a, correctly rounded
    fn sqrt(self, a: Self::Vector) -> Self::Vector;
    /// The nearest integer, ties to even
    fn round(self, a: Self::Vector) -> Self::Vector;
    /// 2^a for whole a in −126 … 127
    fn power_of_two(self, a: Self::Vector) -> Self::Vector;
    /// The nearest bf16, ties away from zero; NaN stays NaN
    fn away_from_zero_to_bf16(self, a: Self::Vector) -> Self::Vector;
    /// The upper half of each lane of `low` beside that of `high`, whose lower half is zero
    fn halves(self, low: Self::Vector, high: Self::Vector) -> Self::Vector;
    /// The sum of the lanes; the order of the additions is fixed for an instruction set
    fn sum(self, a: Self::Vector) -> f32;
}

/// One instruction set's vectors of 32-bit integers, with the same number of lanes as its [`Lanes`], and its product of
/// 16-bit pairs. A value of an implementing type is a token too.
///
/// A *pair* is two neighboring i16 in the place of one i32.
///
/// # Safety
/// - A [`Pairs::Integers`] has `Floats::WIDTH` lanes.
/// - [`Pairs::load_pairs`] reads exactly `2 · WIDTH` i16, and [`Pairs::store_rounded`] and [`Pairs::store_pairs`] write
///   exactly `2 · WIDTH` i16 and `WIDTH` i32, at any alignment.
/// - A value of the type exists only where the processor has the instructions that the methods use.
pub(crate) unsafe trait Pairs: Copy {
    /// The floats of the same width.
    type Floats: Lanes;

    /// A register of `WIDTH` i32 or `WIDTH` pairs.
    type Integers: Copy;

    /// The token of the floats.
    fn floats(self) -> Self::Floats;

    /// A register with `x` in every lane.
    fn splat(self, x: i32) -> Self::Integers;

    /// Loads `WIDTH` pairs from `source`.
    ///
    /// # Safety
    /// - `source` is valid for reading `2 · WIDTH` i16.
    unsafe fn load_pairs(self, source: *const i16) -> Self::Integers;

    /// a · b + a' · b' + sum for each pair (a, a') and (b, b'), wrapping.
    fn multiply_add_pairs(self, a: Self::Integers, b: Self::Integers, sum: Self::Integers) -> Self::Integers;

    /// The nearest f32 of each i32.
    fn to_float(self, a: Self::Integers) -> <Self::Floats as Lanes>::Vector;

    /// The larger of `a` and the bits of |x|. As integers, the bits of magnitudes are ordered as the magnitudes are,
    /// with infinity above every number and NaN above infinity: no comparison loses a NaN.
    fn max_magnitude(self, a: Self::Integers, x: <Self::Floats as Lanes>::Vector) -> Self::Integers;

    /// The largest lane
    fn largest(self, a: Self::Integers) -> i32;

    /// Rounds `2 · WIDTH` floats in −32768 … 32767 to the nearest integers, ties to even, and stores them to `target`.
    ///
    /// # Safety
    /// - `target` is valid for writing `2 · WIDTH` i16.
    unsafe fn store_rounded(self, target: *mut i16, values: [<Self::Floats as Lanes>::Vector; 2]);

    /// Rounds both vectors, whose lanes are in 0 … 32767, to the nearest integers, ties to even, and stores each lane's
    /// two integers to `target` as a pair.
    ///
    /// # Safety
    /// - `target` is valid for writing `WIDTH` i32.
    unsafe fn store_pairs(self, target: *mut i32, values: [<Self::Floats as Lanes>::Vector; 2]);
}
