//! What is summed up at a residue over decoding orders.

use fastmpnn::chemistry::{Letter, VOCABULARY};

/// Sums over orders.
#[derive(Clone, Copy, Default)]
pub(crate) struct ResidueSums {
    pub(crate) score: f64,
    pub(crate) entropy: f64,
    pub(crate) probabilities: [f64; VOCABULARY],
    pub(crate) log_probabilities: [f64; VOCABULARY],
}

impl ResidueSums {
    /// Adds an order: ln p of all letters, and −ln p of the residue's own.
    pub(crate) fn add(&mut self, log_p: &[f32; VOCABULARY], negative: f32) {
        self.score += f64::from(negative);
        let sums = self.probabilities.iter_mut().zip(&mut self.log_probabilities);
        for ((sum, sum_of_logarithms), &log_p) in sums.zip(log_p) {
            let log_p = f64::from(log_p);
            *sum_of_logarithms += log_p;
            let p = log_p.exp();
            *sum += p;
            // p ln p is 0 where p is.
            self.entropy -= if p > 0.0 { p * log_p } else { 0.0 };
        }
    }

    /// The letter of the greatest mean probability.
    pub(crate) fn likeliest(&self) -> Letter {
        let better = |best: Letter, letter: Letter| {
            if self.probabilities[letter.index()] > self.probabilities[best.index()] { letter } else { best }
        };
        Letter::all().reduce(better).unwrap_or(Letter::X)
    }
}
