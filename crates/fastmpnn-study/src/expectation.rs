//! The checks that an answer must pass before it is timed.

use crate::accuracy::{Accuracy, Answer};
use crate::subject::Subject;

/// The check that an answer must pass before it is timed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Expect {
    /// The same numbers as the reference within 10⁻⁴ in ln p, and the same designs.
    Equal,
    /// Within this many nats of the reference's ln p.
    Within(f64),
    /// Valid probabilities.
    Finite,
}

pub(crate) fn check_numbers(subject: &Subject, answer: &Answer) -> Result<(), String> {
    for (index, row) in answer.log_p.iter().flatten().enumerate() {
        let total: f64 = row.iter().map(|&value| f64::from(value).exp()).sum();
        if !row.iter().all(|value| value.is_finite()) || (total - 1.0).abs() > 1e-4 {
            let residue = &subject.structure.residues[index].id;
            return Err(format!("the probabilities of residue {residue} of {} add up to {total}", subject.name));
        }
    }
    let length = subject.native.len();
    match answer.designs.iter().find(|design| design.len() != length) {
        Some(design) => Err(format!("a design of {} has {} residues, not {length}", subject.name, design.len())),
        None => Ok(()),
    }
}

pub(crate) fn check_deviation(subject: &Subject, expect: Expect, accuracy: &Accuracy) -> Result<(), String> {
    /// f32 in another order of operations.
    const EQUAL: f64 = 1e-4;
    let limit = match expect {
        Expect::Equal => EQUAL,
        Expect::Within(limit) => limit,
        Expect::Finite => return Ok(()),
    };
    let deviation = accuracy.max_abs_delta_logp.unwrap_or(0.0);
    if deviation > limit {
        return Err(format!("ln p of {} differs from the reference's by {deviation}, more than {limit}", subject.name));
    }
    match accuracy.same_letters {
        Some(same) if expect == Expect::Equal && same < 1.0 => {
            Err(format!("of the letters drawn for {}, only {same} are the reference's", subject.name))
        }
        _ => Ok(()),
    }
}
