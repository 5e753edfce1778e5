//! The two number formats of Gaussians: floats and integers.

use crate::activation::exp_above;
use crate::lanes::{Lanes, Pairs};
use crate::matmul::{InputColumn, add_input};
use crate::quantized::{LARGEST, add_pair};
use crate::{PackedMatrix, QuantizedMatrix};

/// Subtracted from every Gaussian; smaller ones become zero. It is a sixth of f32's rounding error at 1.
const NOTHING: f32 = 1e-8;

/// The number format of Gaussians. A *slot* is 32 bits of a row and holds one Gaussian or several.
pub(super) trait Numbers: Copy {
    /// The vectors of floats that hold distances.
    type Floats: Lanes;

    /// The number of Gaussians in a slot.
    const GAUSSIANS: usize;

    /// The z beyond which e^−z² counts as zero, slightly enlarged because z is rounded.
    const REACH: f32;

    /// The token of the floats.
    fn floats(self) -> Self::Floats;

    /// Writes the Gaussians around `centers`, [`Numbers::GAUSSIANS`] of them, of each lane's distance in units of σ.
    ///
    /// # Safety
    /// - `target` is valid for writing a vector, `centers` for reading [`Numbers::GAUSSIANS`] floats.
    unsafe fn write(
        self,
        distance: <Self::Floats as Lanes>::Vector,
        centers: *const f32,
        inverse_sigma: f32,
        target: *mut f32,
    );

    /// The sums of `ROWS` rows over `slots`.
    ///
    /// # Safety
    /// - `values` holds `ROWS` slots for each of `slots`, and the panel of `column` the slot's weights from each on.
    unsafe fn sums<const ROWS: usize, const VECTORS: usize>(
        self,
        values: *const f32,
        slots: &[u32],
        column: usize,
    ) -> [[<Self::Floats as Lanes>::Vector; VECTORS]; ROWS];
}

/// One float per slot.
#[derive(Clone, Copy)]
pub(super) struct Floats<'a, L> {
    pub(super) l: L,
    pub(super) weight: &'a PackedMatrix,
}

/// Two integers per slot: Gaussians in units of 1 / 4095.
#[derive(Clone, Copy)]
pub(super) struct Integers<'a, P> {
    pub(super) p: P,
    pub(super) weight: &'a QuantizedMatrix,
}

/// The Gaussian of each lane's distance around a center, less `nothing`.
#[inline(always)]
fn gaussian<L: Lanes>(l: L, distance: L::Vector, center: f32, inverse_sigma: f32, nothing: f32) -> L::Vector {
    let z = l.mul(l.sub(distance, l.splat(center)), l.splat(inverse_sigma));
    exp_above(l, l.neg_mul_add(z, z, l.splat(0.0)), nothing)
}

impl<L: Lanes> Numbers for Floats<'_, L> {
    type Floats = L;
    const GAUSSIANS: usize = 1;
    /// e^−z² is [`NOTHING`] here.
    const REACH: f32 = 4.2919 * 1.0001;

    #[inline(always)]
    fn floats(self) -> L {
        self.l
    }

    #[inline(always)]
    unsafe fn write(self, distance: L::Vector, centers: *const f32, inverse_sigma: f32, target: *mut f32) {
        // SAFETY: the caller vouches for one center and a vector.
        unsafe {
            let value = gaussian(self.l, distance, *centers, inverse_sigma, NOTHING);
            self.l.store(target, value);
        }
    }

    #[inline(always)]
    unsafe fn sums<const ROWS: usize, const VECTORS: usize>(
        self,
        mut values: *const f32,
        slots: &[u32],
        column: usize,
    ) -> [[L::Vector; VECTORS]; ROWS] {
        let l = self.l;
        let mut sums = [[l.splat(0.0); VECTORS]; ROWS];
        // SAFETY: the caller vouches for both operands; panels before this one have `inputs` floats a column.
        unsafe {
            let panel = self.weight.panels.as_ptr().add(column * self.weight.inputs);
            for &slot in slots {
                sums = add_input(l, InputColumn { first: values, stride: 1 }, panel.add(slot as usize), sums);
                values = values.add(ROWS);
            }
        }
        sums
    }
}

impl<P: Pairs> Numbers for Integers<'_, P> {
    type Floats = P::Floats;
    const GAUSSIANS: usize = 2;
    /// 4095·e^−z² is a half here.
    const REACH: f32 = 3.0018 * 1.0001;

    #[inline(always)]
    fn floats(self) -> P::Floats {
        self.p.floats()
    }

    #[inline(always)]
    unsafe fn write(
        self,
        distance: <P::Floats as Lanes>::Vector,
        centers: *const f32,
        inverse_sigma: f32,
        target: *mut f32,
    ) {
        let l = self.p.floats();
        let largest = l.splat(LARGEST as f32);
        // SAFETY: the caller vouches for two centers and a vector; a slot is as large as a float.
        unsafe {
            let first = gaussian(l, distance, *centers, inverse_sigma, 1e-30);
            let second = gaussian(l, distance, *centers.add(1), inverse_sigma, 1e-30);
            self.p.store_pairs(target.cast(), [l.mul(first, largest), l.mul(second, largest)]);
        }
    }

    #[inline(always)]
    unsafe fn sums<const ROWS: usize, const VECTORS: usize>(
        self,
        values: *const f32,
        slots: &[u32],
        column: usize,
    ) -> [[<P::Floats as Lanes>::Vector; VECTORS]; ROWS] {
        let (p, l) = (self.p, self.p.floats());
        let width = P::Floats::WIDTH;
        let mut sums = [[p.splat(0); VECTORS]; ROWS];
        let mut products = [[l.splat(0.0); VECTORS]; ROWS];
        let mut value: *const i32 = values.cast();
        // SAFETY: the caller vouches for both operands; panels before this one have `inputs` i16 a column.
        unsafe {
            let panel = self.weight.panel(column);
            for &slot in slots {
                sums = add_pair(p, InputColumn { first: value, stride: 1 }, panel.add(slot as usize * 2), sums);
                value = value.add(ROWS);
            }
            for vector in 0..VECTORS {
                let scale = l.load(self.weight.scales().as_ptr().add(column + vector * width));
                let scale = l.mul(scale, l.splat(1.0 / LARGEST as f32));
                for (products, sums) in products.iter_mut().zip(&sums) {
                    products[vector] = l.mul(p.to_float(sums[vector]), scale);
                }
            }
        }
        products
    }
}
