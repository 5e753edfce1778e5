//! How the published code draws a letter.
//!
//! ```text
//! p = softmax(logits/T − 1e8·omit + bias/T + bias_by_res/T)       logits/T of a tied group: Σ β·(logits/T)/n
//! p = (1 − m·coef)·p + m·coef·pssm_bias                           with pssm_bias_flag
//! p = p·(log odds above the threshold) + 0.001·p, normalized      with pssm_log_odds_flag
//! p = p·(not omitted here), normalized
//! letter = multinomial(p)
//! ```
//!
//! A tied group takes everything but the logits from its last member, and also that member's letter if it is fixed. The
//! first member without a backbone gives the whole group its letter. Precisions are those of the published tensors: f32
//! for logits and values by residue, f64 for everything that the bias by letter is added to.
//!
//! Source: `ProteinMPNN.sample` and `tied_sample` of the published `protein_mpnn_utils.py`.

use std::sync::{Mutex, PoisonError};

use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::decode::{LetterSource, ReadyGroup};

use super::draws::LetterBits;
use super::target::Target;
use crate::python::torch_random::multinomial_of_one;

/// The settings that hold at every residue.
#[derive(Clone, Debug)]
pub(super) struct LetterRule {
    /// `omit_AAs`
    pub(super) omitted: [bool; VOCABULARY],
    /// `bias_AA_jsonl`
    pub(super) bias: [f64; VOCABULARY],
    pub(super) pssm_multi: f32,
    pub(super) pssm_threshold: f32,
    pub(super) log_odds: bool,
    pub(super) pssm_bias: bool,
}

/// Draws letters with bits that were drawn before.
pub(super) struct ProteinLetters<'a> {
    target: &'a Target,
    rule: &'a LetterRule,
    temperature: f64,
    /// The bits of each sample.
    bits: &'a [LetterBits],
    /// The first residue whose probabilities torch would refuse.
    failed: Mutex<Option<usize>>,
}

impl<'a> ProteinLetters<'a> {
    pub(super) fn new(
        target: &'a Target,
        rule: &'a LetterRule,
        temperature: f64,
        bits: &'a [LetterBits],
    ) -> ProteinLetters<'a> {
        ProteinLetters { target, rule, temperature, bits, failed: Mutex::new(None) }
    }

    /// The residue at which no letter could be drawn.
    pub(super) fn failed(self) -> Option<usize> {
        self.failed.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// logits/T of a group.
    fn energies(&self, group: &ReadyGroup<'_>) -> [f32; VOCABULARY] {
        let temperature = self.temperature as f32;
        match (&self.target.ties, group.tie) {
            (Some(ties), Some(tie)) => {
                let mut sum = [0.0_f32; VOCABULARY];
                let count = group.members.len() as f32;
                for (logits, &weight) in group.logits.iter().zip(&ties[tie].weights) {
                    for (total, logit) in sum.iter_mut().zip(logits) {
                        *total += weight * (logit / temperature) / count;
                    }
                }
                sum
            }
            // Without a tie the published tied code multiplies by 1 and divides by 1.
            _ => group.logits[0].map(|logit| logit / temperature),
        }
    }

    /// The probabilities that the letter of a group is drawn from.
    pub(super) fn probabilities(&self, group: &ReadyGroup<'_>) -> [f64; VOCABULARY] {
        let LetterRule { omitted, bias, pssm_multi, pssm_threshold, log_odds, pssm_bias } = self.rule;
        let residue = last(group);
        let energies = self.energies(group);
        let by_residue = &self.target.bias_by_res[residue];
        let temperature = self.temperature;
        let mut p: [f64; VOCABULARY] = std::array::from_fn(|letter| {
            let omitted = if omitted[letter] { 1e8_f32 } else { 0.0 };
            let energy = f64::from(energies[letter] - omitted) + bias[letter] / temperature;
            energy + f64::from(by_residue[letter] / temperature as f32)
        });
        softmax(&mut p);
        if *pssm_bias {
            let share = pssm_multi * self.target.pssm_coef[residue];
            for (p, &known) in p.iter_mut().zip(&self.target.pssm_bias[residue]) {
                *p = f64::from(1.0 - share) * *p + f64::from(share * known);
            }
        }
        if *log_odds {
            for (p, odds) in p.iter_mut().zip(&self.target.pssm_log_odds[residue]) {
                let kept = if odds > pssm_threshold { *p } else { 0.0 };
                *p = kept + *p * 0.001;
            }
            normalize(&mut p);
        }
        let omitted = self.target.omitted[residue];
        for (letter, p) in p.iter_mut().enumerate().filter(|(letter, _)| omitted & (1 << letter) != 0) {
            *p *= f64::from(u8::from(omitted & (1 << letter) == 0));
        }
        normalize(&mut p);
        p
    }
}

/// The member whose biases, scores and omitted letters apply to its group.
fn last(group: &ReadyGroup<'_>) -> usize {
    group.members[group.members.len() - 1]
}

impl LetterSource for ProteinLetters<'_> {
    fn letter(&self, group: &ReadyGroup<'_>) -> Letter {
        let target = self.target;
        if let Some(&masked) = group.members.iter().find(|&&member| !target.resolved[member]) {
            return target.native[masked];
        }
        let residue = last(group);
        if !target.designed[residue] {
            return target.native[residue];
        }
        let p = self.probabilities(group);
        let bits = &self.bits[group.sample as usize][group.members[0]];
        // torch.multinomial refuses to draw from these.
        if p.iter().any(|p| !p.is_finite() || *p < 0.0) || p.iter().sum::<f64>() <= 0.0 {
            let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
            failed.get_or_insert(residue);
            return target.native[residue];
        }
        Letter::from_index(multinomial_of_one(&p, bits)).unwrap_or(Letter::X)
    }
}

fn softmax(values: &mut [f64; VOCABULARY]) {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for value in values.iter_mut() {
        *value = (*value - largest).exp();
    }
    normalize(values);
}

fn normalize(values: &mut [f64; VOCABULARY]) {
    let total: f64 = values.iter().sum();
    for value in values.iter_mut() {
        *value /= total;
    }
}
