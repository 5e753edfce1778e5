//! Measures of sequences on a structure.

mod complex;
pub mod properties;
mod residue_sums;
mod score_mask;

use fastmpnn::chemistry::Sequence;
use fastmpnn::structure::Structure;

pub use complex::{ChainScore, ComplexGeometry, ComplexMeasures, DISULFIDE_CUTOFF, INTERFACE_CUTOFF};
pub(crate) use residue_sums::ResidueSums;
pub use score_mask::{Measures, ScoreMask};

/// The native letters. `[N]`
pub fn native_sequence(structure: &Structure) -> Sequence {
    structure.residues.iter().map(|residue| residue.letter).collect()
}

/// Whether each residue has the atoms that the network needs. `[N]`
pub fn resolved(structure: &Structure) -> Vec<bool> {
    (0..structure.residues.len()).map(|index| structure.is_resolved(index)).collect()
}

/// The mean of some values; `None` if there are none.
pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The sample standard deviation (n − 1); `None` for fewer than two values.
pub(crate) fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

/// A measure with four decimals, or `NA`.
pub fn four_decimals(value: Option<f64>) -> String {
    value.map_or_else(|| "NA".to_owned(), |value| format!("{value:.4}"))
}

/// A running mean.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mean {
    total: f64,
    count: usize,
}

impl Mean {
    /// Includes a value, if there is one.
    pub(crate) fn add(&mut self, value: Option<f64>) {
        if let Some(value) = value {
            self.total += value;
            self.count += 1;
        }
    }

    /// The mean; `None` if no value was included.
    pub fn value(&self) -> Option<f64> {
        (self.count > 0).then(|| self.total / self.count as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_deviations() {
        assert_eq!((mean(&[1.0, 3.0]), mean(&[])), (Some(2.0), None));
        assert_eq!((deviation(&[1.0, 3.0]), deviation(&[1.0])), (Some(2.0_f64.sqrt()), None));
        assert_eq!((four_decimals(Some(0.5)).as_str(), four_decimals(None).as_str()), ("0.5000", "NA"));
    }
}
