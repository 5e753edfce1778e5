//! Draws a letter from logits.

use crate::chemistry::{Letter, VOCABULARY};

/// How the letter of a residue or tied group is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Draw<'a> {
    /// Nats, added at T = 1. `[V]`
    pub bias: &'a [f32; VOCABULARY],
    /// Bit l set: letter l is not drawn.
    pub omitted: u32,
    /// T; 0 takes the most likely letter.
    pub temperature: f32,
    /// A random number in 0 ≤ u < 1.
    pub uniform: f64,
}

impl Draw<'_> {
    /// p of each letter at this temperature, 0 where it is omitted; at T = 0, 1 for the likeliest. `[V]`
    pub fn probabilities(&self, logits: &[f32; VOCABULARY]) -> [f64; VOCABULARY] {
        let allowed = |letter: Letter| self.omitted & (1 << letter.index()) == 0;
        let energy = |letter: Letter| f64::from(logits[letter.index()]) + f64::from(self.bias[letter.index()]);
        let best = Draw { temperature: 0.0, ..*self }.letter(logits);
        let mut p = [0.0; VOCABULARY];
        for letter in Letter::all().filter(|&letter| allowed(letter)) {
            p[letter.index()] = match self.temperature > 0.0 {
                true => ((energy(letter) - energy(best)) / f64::from(self.temperature)).exp(),
                false => f64::from(u8::from(letter == best)),
            };
        }
        let total: f64 = p.iter().sum();
        p.map(|p| p / total)
    }

    pub(super) fn allows(&self, letter: Letter) -> bool {
        self.omitted & (1 << letter.index()) == 0
    }

    /// Draws from the given probabilities as [`Draw::letter`] draws from logits, and gives the number in 0 ≤ u < 1 that is
    /// left to draw again, should the letter be refused.
    pub(super) fn chosen(&self, p: &[f64; VOCABULARY]) -> (Letter, f64) {
        let allowed = || Letter::all().filter(|&letter| self.allows(letter));
        let best = allowed().fold(None, |best: Option<Letter>, letter| match best {
            Some(best) if p[best.index()] >= p[letter.index()] => Some(best),
            _ => Some(letter),
        });
        let best = best.unwrap_or(Letter::X);
        if self.temperature <= 0.0 {
            return (best, self.uniform);
        }
        let mut left = self.uniform * allowed().map(|letter| p[letter.index()]).sum::<f64>();
        for letter in allowed() {
            let share = p[letter.index()];
            if left < share {
                return (letter, left / share);
            }
            left -= share;
        }
        (best, self.uniform)
    }

    /// Draws from the given probabilities, which need not sum to 1; those of omitted letters are ignored. At T = 0 the
    /// most likely letter.
    pub(crate) fn letter_of(&self, p: [f64; VOCABULARY]) -> Letter {
        let logits = p.map(|p| p.ln() as f32);
        let temperature = if self.temperature > 0.0 { 1.0 } else { 0.0 };
        Draw { bias: &[0.0; VOCABULARY], temperature, ..*self }.letter(&logits)
    }

    /// Draws from softmax((logits + bias) / T) over the letters that are not omitted.
    ///
    /// Adding a constant to all logits changes only rounding, so ln p can be passed instead.
    pub fn letter(&self, logits: &[f32; VOCABULARY]) -> Letter {
        let allowed = |letter: &Letter| self.omitted & (1 << letter.index()) == 0;
        let energy = |letter: Letter| f64::from(logits[letter.index()]) + f64::from(self.bias[letter.index()]);
        // The first of equals, as argmax does.
        let best = Letter::all().filter(allowed).fold(None, |best: Option<Letter>, letter| match best {
            Some(best) if energy(best) >= energy(letter) => Some(best),
            _ => Some(letter),
        });
        let Some(best) = best else { return Letter::X };
        if self.temperature <= 0.0 {
            return best;
        }
        let weight = |letter: Letter| ((energy(letter) - energy(best)) / f64::from(self.temperature)).exp();
        let total: f64 = Letter::all().filter(allowed).map(weight).sum();
        let mut left = self.uniform * total;
        for letter in Letter::all().filter(allowed) {
            left -= weight(letter);
            if left < 0.0 {
                return letter;
            }
        }
        // Rounding may leave a remainder of the total; it goes to the most likely letter.
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_drawn_as_often_as_their_probability_says() {
        let mut logits = [f32::NEG_INFINITY; VOCABULARY];
        (logits[0], logits[3], logits[7]) = (0.0, 3.0_f32.ln(), 2.0);
        let mut bias = [0.0; VOCABULARY];
        bias[0] = 2.0_f32.ln();
        let draws = 10_000;
        let mut counts = [0; VOCABULARY];
        for step in 0..draws {
            let uniform = f64::from(step) / f64::from(draws);
            let draw = Draw { bias: &bias, omitted: 1 << 7, temperature: 1.0, uniform };
            counts[draw.letter(&logits).index()] += 1;
        }
        // Weights 2 and 3: the third letter is omitted.
        assert!((3999..=4001).contains(&counts[0]), "{counts:?}");
        assert_eq!(counts[0] + counts[3], draws);
    }

    #[test]
    fn cold_draws_take_the_likeliest_allowed_letter() {
        let mut logits = [0.0; VOCABULARY];
        (logits[2], logits[5]) = (3.0, 9.0);
        for temperature in [0.0, 1e-6] {
            let draw = Draw { bias: &[0.0; VOCABULARY], omitted: 1 << 5, temperature, uniform: 0.999 };
            assert_eq!(draw.letter(&logits).index(), 2);
        }
    }
}
