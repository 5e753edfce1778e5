//! Summaries of likelihoods, and steric clashes: pure functions of arrays.

mod clashes;

pub use crate::model::log_likelihood;
pub use clashes::{AtomPlace, Clash, clashes};

use crate::chemistry::Letter;

/// The mean of the values whose index is `counted`; `None` if there are none.
pub fn mean_where(values: &[f32], counted: impl Fn(usize) -> bool) -> Option<f64> {
    let mut count = 0usize;
    let mut total = 0.0;
    for (index, &value) in values.iter().enumerate() {
        if counted(index) {
            count += 1;
            total += f64::from(value);
        }
    }
    (count > 0).then(|| total / count as f64)
}

/// The fraction of `counted` residues at which two sequences agree; `None` if no residue is counted.
pub fn recovery(sequence: &[Letter], native: &[Letter], counted: impl Fn(usize) -> bool) -> Option<f64> {
    let agree: Vec<f32> = sequence.iter().zip(native).map(|(a, b)| if a == b { 1.0 } else { 0.0 }).collect();
    mean_where(&agree, counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_count_what_they_are_told_to() {
        assert_eq!(mean_where(&[1.0, 2.0, 6.0], |index| index != 1), Some(3.5));
        assert_eq!(mean_where(&[1.0], |_| false), None);
    }
}
