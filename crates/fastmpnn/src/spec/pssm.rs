//! Position-specific scoring matrices: profiles that are mixed with the network's probabilities.

use crate::chemistry::VOCABULARY;

/// The factor that the probability of letters with low log odds is multiplied by (published 0.001).
const LEAK: f64 = 0.001;

/// Profiles by residue, mixed with the network's probabilities as `protein_mpnn_run.py` mixes them. With p the
/// probabilities at the residue's temperature, biases counted:
///
/// ```text
/// p' = (1 − m·c)·p + m·c·q            m: weight, c: coefficient, q: probabilities
/// p" ∝ p'·([s > t] + 0.001)           s: log odds, t: threshold; where log odds are given
/// ```
///
/// and a letter is drawn from p", or p' without log odds; omitted letters never are (in the published script a profile
/// can bring back those of `--omit_AAs`). At T = 0, p is 1 for the most likely letter, and the most likely letter of p"
/// is taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pssm {
    /// m, 0 … 1 (`--pssm_multi`).
    pub weight: f32,
    /// c of each residue, 0 … 1 (`pssm_coef`). `[N]`
    pub coefficient: Vec<f32>,
    /// q of each residue, 0 … 1 (`pssm_bias`). `[N, V]`
    pub probabilities: Vec<[f32; VOCABULARY]>,
    /// s of each residue (`pssm_log_odds`), or empty. `[N, V]`
    pub log_odds: Vec<[f32; VOCABULARY]>,
    /// t (`--pssm_threshold`).
    pub threshold: f32,
}

impl Pssm {
    /// p" of a residue. `[V]`
    pub(crate) fn mixed(&self, residue: usize, p: [f64; VOCABULARY]) -> [f64; VOCABULARY] {
        let share = f64::from(self.weight) * f64::from(self.coefficient[residue]);
        let profile = &self.probabilities[residue];
        std::array::from_fn(|letter| {
            let p = (1.0 - share) * p[letter] + share * f64::from(profile[letter]);
            match self.log_odds.get(residue) {
                Some(log_odds) => p * (f64::from(u8::from(log_odds[letter] > self.threshold)) + LEAK),
                None => p,
            }
        })
    }

    /// Whether two residues have the same profile.
    pub(super) fn alike(&self, one: usize, other: usize) -> bool {
        self.coefficient[one] == self.coefficient[other]
            && self.probabilities[one] == self.probabilities[other]
            && self.log_odds.get(one) == self.log_odds.get(other)
    }

    /// The same for several states, one after another.
    pub(super) fn repeated(&self, states: usize) -> Pssm {
        Pssm {
            coefficient: self.coefficient.repeat(states),
            probabilities: self.probabilities.repeat(states),
            log_odds: self.log_odds.repeat(states),
            ..*self
        }
    }
}
