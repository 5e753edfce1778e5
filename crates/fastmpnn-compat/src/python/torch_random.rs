//! Torch's random stream for the CPU, number for number; the published scripts draw from it.
//!
//! ```text
//! engine        mt19937, seeded with the low 32 bits of the seed
//! uniform f32   24 bits of one draw;   uniform f64   53 bits of two draws, the high word first
//! randn         16 numbers or more: Box–Muller over blocks of 16 uniforms, u1 in the first eight, u2 in the last;
//!               fewer: one f64 pair after another, whose second half waits for the next call
//! multinomial   one draw a row: argmax p / q with q = −ln(1 − u); several with replacement: a search in the sums
//! ```
//!
//! The block's logarithm, sine and cosine are torch's own polynomials (Cephes, as its AVX2 build evaluates them with
//! fused multiply-adds), because a decoding order is a sort of such numbers: one last bit may swap two residues.
//!
//! Sources: M. Matsumoto, T. Nishimura, "Mersenne Twister" (ACM TOMACS 8, 1998); PyTorch, `ATen/core/MT19937RNGEngine.h`,
//! `DistributionsHelper.h`, `native/cpu/DistributionTemplates.h`, `avx_mathfun.h`; S. Moshier, Cephes, `logf`, `sinf`.

use std::f32::consts::{FRAC_1_SQRT_2, LN_2, PI};

/// Words of the generator's state.
const WORDS: usize = 624;

/// The distance between the words that a new one is made of.
const SHIFT: usize = 397;

/// Torch's random stream on the CPU after `torch.manual_seed(seed)`.
#[derive(Clone, Debug)]
pub(crate) struct TorchRandom {
    state: Box<[u32; WORDS]>,
    next: usize,
    /// The second of a pair of normal numbers, for the next call.
    waiting_normal: Option<f64>,
}

impl TorchRandom {
    /// The stream after `torch.manual_seed(seed)`.
    pub(crate) fn new(seed: u64) -> TorchRandom {
        let mut state = Box::new([0; WORDS]);
        state[0] = seed as u32;
        for index in 1..WORDS {
            let before = state[index - 1];
            state[index] = 1_812_433_253_u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(index as u32);
        }
        TorchRandom { state, next: WORDS, waiting_normal: None }
    }

    /// 32 random bits.
    pub(crate) fn bits(&mut self) -> u32 {
        if self.next == WORDS {
            self.refill();
        }
        let mut word = self.state[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    fn refill(&mut self) {
        let state = &mut self.state;
        let twisted = |word: u32, next: u32, far: u32| {
            let joined = (word & 0x8000_0000) | (next & 0x7fff_ffff);
            far ^ (joined >> 1) ^ if joined & 1 == 1 { 0x9908_b0df } else { 0 }
        };
        // Three loops without a remainder operation, since they take a large part of a short run.
        for index in 0..WORDS - SHIFT {
            state[index] = twisted(state[index], state[index + 1], state[index + SHIFT]);
        }
        for index in WORDS - SHIFT..WORDS - 1 {
            state[index] = twisted(state[index], state[index + 1], state[index + SHIFT - WORDS]);
        }
        state[WORDS - 1] = twisted(state[WORDS - 1], state[0], state[SHIFT - 1]);
        self.next = 0;
    }

    /// Skips `draws` draws of 32 bits.
    pub(crate) fn skip(&mut self, mut draws: u64) {
        while draws > 0 {
            if self.next == WORDS {
                self.refill();
            }
            let step = draws.min((WORDS - self.next) as u64);
            self.next += step as usize;
            draws -= step;
        }
    }

    /// 64 random bits: the first draw is the high word.
    pub(crate) fn bits64(&mut self) -> u64 {
        let high = u64::from(self.bits());
        high << 32 | u64::from(self.bits())
    }

    /// `torch.rand`, one f32 in 0 ≤ u < 1 of 24 bits.
    pub(crate) fn uniform_f32(&mut self) -> f32 {
        (self.bits() & 0x00ff_ffff) as f32 / (1_u32 << 24) as f32
    }

    /// `torch.rand(.., dtype=float64)`, one f64 in 0 ≤ u < 1 of 53 bits.
    pub(crate) fn uniform_f64(&mut self) -> f64 {
        uniform_of(self.bits64())
    }

    /// `torch.randn` of `count` f32.
    pub(crate) fn normals(&mut self, count: usize) -> Vec<f32> {
        const BLOCK: usize = 16;
        if count < BLOCK {
            return (0..count).map(|_| self.lone_normal() as f32).collect();
        }
        let mut numbers: Vec<f32> = (0..count).map(|_| self.uniform_f32()).collect();
        numbers.chunks_exact_mut(BLOCK).for_each(normals_of_uniforms);
        if !count.is_multiple_of(BLOCK) {
            // If the length is not a multiple of a block, the last block is drawn again over the end of the one before.
            let last = &mut numbers[count - BLOCK..];
            last.fill_with(|| self.uniform_f32());
            normals_of_uniforms(last);
        }
        numbers
    }

    fn lone_normal(&mut self) -> f64 {
        if let Some(waiting) = self.waiting_normal.take() {
            return waiting;
        }
        let (angle, radius) = (self.uniform_f64(), self.uniform_f64());
        let radius = (-2.0 * (-radius).ln_1p()).sqrt();
        let angle = 2.0 * std::f64::consts::PI * angle;
        self.waiting_normal = Some(radius * angle.sin());
        radius * angle.cos()
    }
}

/// The f64 in 0 ≤ u < 1 of 64 random bits.
pub(crate) fn uniform_of(bits: u64) -> f64 {
    (bits & ((1 << 53) - 1)) as f64 / (1_u64 << 53) as f64
}

/// `torch.multinomial` of one draw from a row of f64 probabilities, which need not add up to one: the largest p / q,
/// the first of equals. `bits` are those drawn for each entry.
pub(crate) fn multinomial_of_one(probabilities: &[f64], bits: &[u64]) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (index, (&probability, &bits)) in probabilities.iter().zip(bits).enumerate() {
        let race = probability / -(-uniform_of(bits)).ln_1p();
        // NaN wins, as in torch's argmax.
        if race > best.1 || (race.is_nan() && !best.1.is_nan()) {
            best = (index, race);
        }
    }
    best.0
}

/// [`multinomial_of_one`] of a row of f32: the race is run in f32, with the same bits.
pub(crate) fn multinomial_of_one_f32(probabilities: &[f32], bits: &[u64]) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for (index, (&probability, &bits)) in probabilities.iter().zip(bits).enumerate() {
        let race = probability / (-(-uniform_of(bits)).ln_1p()) as f32;
        if race > best.1 || (race.is_nan() && !best.1.is_nan()) {
            best = (index, race);
        }
    }
    best.0
}

/// Turns 16 uniforms into 16 normals, in place.
fn normals_of_uniforms(block: &mut [f32]) {
    let (first, second) = block.split_at_mut(8);
    for (one, two) in first.iter_mut().zip(second) {
        let radius = (-2.0 * logarithm(1.0 - *one)).sqrt();
        let (sine, cosine) = sine_and_cosine(2.0 * PI * *two);
        (*one, *two) = (radius * cosine, radius * sine);
    }
}

/// ln x for normal x > 0.
fn logarithm(x: f32) -> f32 {
    const COEFFICIENTS: [f32; 9] = [
        7.037_683_6e-2,
        -1.151_461e-1,
        1.167_699_84e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_7e-1,
        2.000_071_4e-1,
        -2.499_999_4e-1,
        3.333_333e-1,
    ];
    // ln 2 in two parts; the product of the first and an exponent is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let bits = x.max(f32::MIN_POSITIVE).to_bits();
    let mut exponent = (bits >> 23) as i32 as f32 - 126.0;
    let mut fraction = f32::from_bits(bits & 0x007f_ffff | 0x3f00_0000);
    if fraction < FRAC_1_SQRT_2 {
        exponent -= 1.0;
        fraction = fraction - 1.0 + fraction;
    } else {
        fraction -= 1.0;
    }
    let square = fraction * fraction;
    let polynomial = COEFFICIENTS.iter().copied().reduce(|sum, next| sum.mul_add(fraction, next)).unwrap_or(LN_2);
    let tail = (polynomial * fraction).mul_add(square, exponent * LN_2_LOW);
    let tail = square.mul_add(-0.5, tail);
    exponent.mul_add(LN_2_HIGH, fraction + tail)
}

/// sin x and cos x for 0 ≤ x < 2π.
fn sine_and_cosine(x: f32) -> (f32, f32) {
    // π/4 in three parts.
    const PARTS: [f32; 3] = [-0.785_156_25, -2.418_756_5e-4, -3.774_895e-8];
    let octant = ((x * (4.0 / PI)) as i32 + 1) & !1;
    let rest = PARTS.iter().fold(x, |rest, &part| (octant as f32).mul_add(part, rest));
    let square = rest * rest;
    let near_one = 2.443_315_7e-5_f32.mul_add(square, -1.388_731_6e-3).mul_add(square, 4.166_664_6e-2) * square;
    let near_one = near_one.mul_add(square, -0.5 * square) + 1.0;
    let near_zero = (-1.951_529_6e-4_f32).mul_add(square, 8.332_161e-3).mul_add(square, -1.666_665_5e-1) * square;
    let near_zero = near_zero.mul_add(rest, rest);
    let (sine, cosine) = if octant & 2 == 0 { (near_zero, near_one) } else { (near_one, near_zero) };
    let sine = if octant & 4 == 0 { sine } else { -sine };
    let cosine = if (octant - 2) & 4 == 0 { -cosine } else { cosine };
    (sine, cosine)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use sha2::{Digest, Sha256};

    use super::*;

    /// Numbers that torch drew, from `reference/make_torch_random.py`.
    const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/torch_random.json");

    #[derive(Deserialize)]
    struct Drawn {
        seed: u64,
        draws: Vec<Draw>,
    }

    #[derive(Deserialize)]
    #[serde(tag = "kind")]
    enum Draw {
        /// Bits of the first numbers, and SHA-256 of all of them as little-endian bytes.
        #[serde(rename = "randn")]
        Normals { count: usize, first: Vec<u32>, sha256: String },
        #[serde(rename = "rand")]
        Uniforms { first: Vec<u32> },
        #[serde(rename = "rand64")]
        Uniforms64 { first: Vec<u64> },
        /// One draw from each of `letters.len()` rows of softmax(sharpness · cos(row + column)).
        #[serde(rename = "multinomial")]
        Multinomial { columns: usize, sharpness: f64, letters: Vec<usize> },
        /// The same with f32.
        #[serde(rename = "multinomial32")]
        Multinomial32 { columns: usize, sharpness: f64, letters: Vec<usize> },
    }

    #[test]
    fn the_stream_is_torchs_bit_for_bit() {
        let golden: Vec<Drawn> = serde_json::from_str(&std::fs::read_to_string(GOLDEN).unwrap()).unwrap();
        assert!(golden.len() >= 3);
        for Drawn { seed, draws } in golden {
            let mut random = TorchRandom::new(seed);
            for (index, draw) in draws.into_iter().enumerate() {
                let place = format!("seed {seed}, draw {index}");
                match draw {
                    Draw::Normals { count, first, sha256 } => {
                        let numbers = random.normals(count);
                        let bits: Vec<u32> = numbers.iter().take(first.len()).map(|number| number.to_bits()).collect();
                        assert_eq!(bits, first, "{place}");
                        let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
                        let found: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                        assert_eq!(found, sha256, "{place}: {count} numbers");
                    }
                    Draw::Uniforms { first } => {
                        let bits: Vec<u32> = first.iter().map(|_| random.uniform_f32().to_bits()).collect();
                        assert_eq!(bits, first, "{place}");
                    }
                    Draw::Uniforms64 { first } => {
                        let bits: Vec<u64> = first.iter().map(|_| random.uniform_f64().to_bits()).collect();
                        assert_eq!(bits, first, "{place}");
                    }
                    Draw::Multinomial { columns, sharpness, letters } => {
                        let draw = |row: usize| {
                            let weight = |column: usize| (sharpness * ((row + column) as f64).cos()).exp();
                            let weights: Vec<f64> = (0..columns).map(weight).collect();
                            let bits: Vec<u64> = (0..columns).map(|_| random.bits64()).collect();
                            multinomial_of_one(&weights, &bits)
                        };
                        let found: Vec<usize> = (0..letters.len()).map(draw).collect();
                        assert_eq!(found, letters, "{place}");
                    }
                    Draw::Multinomial32 { columns, sharpness, letters } => {
                        let draw = |row: usize| {
                            let weight = |column: usize| (sharpness * ((row + column) as f64).cos()).exp() as f32;
                            let weights: Vec<f32> = (0..columns).map(weight).collect();
                            let bits: Vec<u64> = (0..columns).map(|_| random.bits64()).collect();
                            multinomial_of_one_f32(&weights, &bits)
                        };
                        let found: Vec<usize> = (0..letters.len()).map(draw).collect();
                        assert_eq!(found, letters, "{place}");
                    }
                }
            }
        }
    }

    #[test]
    fn skipping_is_drawing() {
        let mut drawn = TorchRandom::new(7);
        let mut skipped = drawn.clone();
        for count in [0, 1, 623, 624, 2000] {
            for _ in 0..count {
                drawn.bits();
            }
            skipped.skip(count);
            assert_eq!(drawn.bits(), skipped.bits(), "{count}");
        }
    }

    #[test]
    fn torch_lets_what_is_not_a_number_win() {
        let bits = [1, 2, 3];
        assert_eq!(multinomial_of_one(&[0.5, f64::NAN, 0.5], &bits), 1);
        assert_eq!(multinomial_of_one(&[0.0, 1.0, 0.0], &bits), 1);
        assert_eq!(multinomial_of_one_f32(&[0.5, f32::NAN, 0.5], &bits), 1);
    }
}
