//! What letters to expect at the residues that are drawn later, and how strongly to tilt towards the goals.
//!
//! Both are learned from a few pilot designs, whose sequences are not kept. The first are plain. Where their sums are on
//! average outside a goal's bounds, others follow with a constant tilt, exp(λ · what a letter adds), λ corrected from one
//! round to the next by what the sums lack over their variance (Newton's method: the variance is the derivative of the
//! mean by λ). A constant tilt asks of every residue the same price for a step towards the goal, so it changes those that
//! change for little.

use super::goals::Goals;
use crate::chemistry::{Letter, VOCABULARY};

/// The number of pilot designs of a round. More make the tilt better founded, and the first constrained design of a
/// structure dearer.
pub(crate) const PILOTS: u64 = 8;

/// The most rounds.
const ROUNDS: usize = 4;

/// The lowest temperature at which pilots are drawn, and with which the tilt is weighted. At 0 it is the price, in nats at
/// T = 1, at which the most likely letter gives way to one that brings the goal nearer.
pub(crate) const COLDEST: f32 = 0.1;

/// The share of the expectation that is the same for all letters that may be drawn: no letter is taken to be impossible
/// because a few designs do not have it.
const UNIFORM: f64 = 0.001;

/// The most by which a round changes ln of the factor of any letter: what pilots have hardly any of says little of how
/// much more of it a price brings.
const LARGEST_STEP: f64 = 2.0;

/// The most that [`Guide::stiffness`] can be.
const STIFFEST: f64 = 5.0;

/// A pilot: its letters, and the probabilities that they were drawn from, by variable.
pub(crate) struct Pilot {
    pub(crate) letters: Vec<Letter>,
    pub(crate) probabilities: Vec<[f64; VOCABULARY]>,
}

/// What pilots teach.
#[derive(Clone, Debug)]
pub(crate) struct Guide {
    /// The expected probabilities of the letters of each variable. `[variables, V]`
    pub(super) expected: Vec<[f64; VOCABULARY]>,
    /// λ of each sum, nats a unit.
    pub(super) prices: Vec<f64>,
    /// The variance of each sum if letters were independent, over its variance in pilots: by so much more a deviation
    /// weighs than independent letters would have it.
    pub(super) stiffness: Vec<f64>,
}

impl Guide {
    /// Draws pilots, each round with the tilts that the last one asks for: ln of a factor for each letter of each
    /// variable, `[variables, V]`.
    pub(crate) fn learn<E>(
        goals: &Goals,
        mut pilots: impl FnMut(&[[f64; VOCABULARY]]) -> Result<Vec<Pilot>, E>,
    ) -> Result<Guide, E> {
        let allowed = goals.problem.allowed();
        let mut prices = vec![0.0; goals.problem.sums.len()];
        let mut round = 0;
        loop {
            round += 1;
            let drawn = pilots(&tilts(goals, &prices))?;
            let expected = expected(&drawn, &allowed);
            let mut guide = Guide { expected, prices: prices.clone(), stiffness: Vec::new() };
            let mut short = false;
            for (number, sum) in goals.problem.sums.iter().enumerate() {
                let totals: Vec<f64> =
                    drawn.iter().map(|pilot| f64::from(goals.problem.sums_of(&pilot.letters)[number])).collect();
                let count = totals.len() as f64;
                let mean = totals.iter().sum::<f64>() / count;
                let squares: f64 = totals.iter().map(|total| (total - mean).powi(2)).sum();
                let independent = guide.variance(goals, number).max(1e-6);
                // As if two more designs had been seen that vary as independent letters do.
                let variance = (squares + 2.0 * independent) / (count + 1.0);
                // Where next to nothing varies, nothing is known of how.
                guide.stiffness.push((independent / variance).clamp(1.0, independent.clamp(1.0, STIFFEST)));
                let bounds = [f64::from(sum.minimum), f64::from(sum.maximum)];
                let lacks = mean.clamp(bounds[0], bounds[1]) - mean;
                if lacks != 0.0 {
                    short = true;
                    let weight = sum.weights.iter().copied().max().unwrap_or(1).max(1);
                    let most = LARGEST_STEP / f64::from(weight);
                    prices[number] += (lacks / variance).clamp(-most, most);
                }
            }
            if !short || round == ROUNDS {
                return Ok(guide);
            }
        }
    }

    /// The variance of a sum of independent letters.
    fn variance(&self, goals: &Goals, number: usize) -> f64 {
        let sum = &goals.problem.sums[number];
        let of = |(variable, expected): (usize, &[f64; VOCABULARY])| {
            let moment = |power: i32| -> f64 {
                let of = |letter: Letter| f64::from(sum.of(variable, letter)).powi(power) * expected[letter.index()];
                Letter::all().map(of).sum()
            };
            (moment(2) - moment(1).powi(2)).max(0.0)
        };
        self.expected.iter().enumerate().map(of).sum()
    }
}

/// ln of the factor of each letter: what it adds to each sum, times the sum's price.
fn tilts(goals: &Goals, prices: &[f64]) -> Vec<[f64; VOCABULARY]> {
    let of = |variable: usize| {
        let mut tilt = [0.0; VOCABULARY];
        for (sum, price) in goals.problem.sums.iter().zip(prices) {
            for letter in Letter::all() {
                tilt[letter.index()] += price * f64::from(sum.of(variable, letter));
            }
        }
        tilt
    };
    (0..goals.problem.variables.len()).map(of).collect()
}

/// The mean of the pilots' probabilities over the letters that are allowed.
fn expected(pilots: &[Pilot], allowed: &[u32]) -> Vec<[f64; VOCABULARY]> {
    let of = |(variable, &allowed): (usize, &u32)| {
        let may = |letter: usize| allowed & 1 << letter != 0;
        let mut mean = [0.0; VOCABULARY];
        for pilot in pilots {
            for letter in (0..VOCABULARY).filter(|&letter| may(letter)) {
                mean[letter] += pilot.probabilities[variable][letter];
            }
        }
        let total: f64 = mean.iter().sum();
        let choices = f64::from(allowed.count_ones().max(1));
        for letter in (0..VOCABULARY).filter(|&letter| may(letter)) {
            let expected = if total > 0.0 { mean[letter] / total } else { 1.0 / choices };
            mean[letter] = (1.0 - UNIFORM) * expected + UNIFORM / choices;
        }
        mean
    };
    allowed.iter().enumerate().map(of).collect()
}
