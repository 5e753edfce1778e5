//! How the published code draws a letter.
//!
//! ```text
//! p = softmax((logits + bias)/T), normalized over the 20 letters that are not X
//! letter = multinomial(p)
//! ```
//!
//! For a group that shares a letter, the logits are Σ weight·logits, and the bias is that of its last member. Fixed
//! members keep their letters, and the members after a fixed one get its letter. A member without a backbone
//! contributes the logits of a zero state. Everything is f32.
//!
//! Source: `ProteinMPNN.sample` of the published `model_utils.py`.

use std::sync::{Mutex, PoisonError};

use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::decode::{LetterSource, MaskedMember, ReadyGroup};

use super::draws::{DRAWN, LetterBits};
use super::target::Target;
use crate::python::torch_random::multinomial_of_one_f32;

/// Draws letters with bits that were drawn before.
pub(super) struct LigandLetters<'a> {
    target: &'a Target<'a>,
    temperature: f32,
    /// The bits of each sample.
    bits: &'a [LetterBits],
    /// The first residue whose probabilities torch would refuse.
    failed: Mutex<Option<usize>>,
}

impl<'a> LigandLetters<'a> {
    pub(super) fn new(target: &'a Target<'a>, temperature: f32, bits: &'a [LetterBits]) -> LigandLetters<'a> {
        LigandLetters { target, temperature, bits, failed: Mutex::new(None) }
    }

    /// The residue at which no letter could be drawn.
    pub(super) fn failed(self) -> Option<usize> {
        self.failed.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// The probabilities that the letter of a group is drawn from.
    pub(super) fn probabilities(&self, group: &ReadyGroup<'_>) -> [f32; DRAWN] {
        let mut energies = [0.0_f32; VOCABULARY];
        for (place, logits) in group.logits.iter().enumerate() {
            let weight = group.tie.map_or(1.0, |tie| self.target.ties()[tie].weights[place]);
            for (energy, logit) in energies.iter_mut().zip(logits) {
                *energy += weight * logit;
            }
        }
        let last = group.members[group.members.len() - 1];
        for (energy, bias) in energies.iter_mut().zip(&self.target.plan.bias[last]) {
            *energy = (*energy + bias) / self.temperature;
        }
        let largest = energies.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let p = energies.map(|energy| (energy - largest).exp());
        let total: f32 = p.iter().sum();
        let p: [f32; DRAWN] = std::array::from_fn(|letter| p[letter] / total);
        let total: f32 = p.iter().sum();
        p.map(|p| p / total)
    }
}

impl LetterSource for LigandLetters<'_> {
    fn letter(&self, group: &ReadyGroup<'_>) -> Letter {
        let p = self.probabilities(group);
        let first = group.members[0];
        // torch.multinomial refuses to draw from these.
        if p.iter().any(|p| !p.is_finite() || *p < 0.0) {
            let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
            failed.get_or_insert(first);
            return self.target.native[first];
        }
        let bits = &self.bits[group.sample as usize][first];
        Letter::from_index(multinomial_of_one_f32(&p, bits)).unwrap_or(Letter::X)
    }

    fn member_letter(&self, member: usize, before: Letter) -> Letter {
        if self.target.designed[member] { before } else { self.target.native[member] }
    }

    fn masked_member(&self) -> MaskedMember {
        MaskedMember::Decoded
    }
}
