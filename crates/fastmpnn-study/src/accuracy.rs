//! The deviation of an answer from the reference, and its quality.

use fastmpnn::chemistry::{Letter, Sequence, VOCABULARY};
use serde::{Deserialize, Serialize};

use crate::subject::Subject;

/// ln p of every letter at every residue. `[N, V]`, nats
pub type LogP = Vec<[f32; VOCABULARY]>;

/// A variant's answer for one structure.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// ln p of every letter, given the native letters earlier in the subject's order.
    pub log_p: Option<LogP>,
    /// The sequences drawn, if any.
    pub designs: Vec<Sequence>,
}

/// Deviation from our f32 reference, and quality, on the structures of a row. A number that does not apply is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    /// Largest |Δ ln p| over residues and letters, nats.
    pub max_abs_delta_logp: Option<f64>,
    /// Mean over residues of Σ p·(ln p − ln q), p the reference's, nats.
    pub mean_kl: Option<f64>,
    /// The share of residues whose likeliest letter is the reference's.
    pub argmax_agreement: Option<f64>,
    /// The share of residues with their native letter: in the designs, if there are any, else in the likeliest letters.
    pub recovery: Option<f64>,
    /// exp of the mean −ln p of the native letters.
    pub perplexity: Option<f64>,
    /// The share of the designs' letters that equal those of the reference's designs with the same seed.
    pub same_letters: Option<f64>,
}

/// The residues that count: those with a backbone whose native letter is known.
fn counted(subject: &Subject) -> impl Iterator<Item = usize> + '_ {
    (0..subject.native.len()).filter(|&residue| subject.resolved[residue] && subject.native[residue] != Letter::X)
}

fn argmax(row: &[f32; VOCABULARY]) -> usize {
    // The first of equals, as in argmax. X is a letter like any other here.
    (1..VOCABULARY).fold(0, |best, letter| if row[letter] > row[best] { letter } else { best })
}

impl Accuracy {
    /// The accuracy of an answer relative to the reference's.
    pub fn of(subject: &Subject, answer: &Answer, reference: &Answer) -> Accuracy {
        let mut accuracy = Accuracy::default();
        let total = counted(subject).count() as f64;
        if total == 0.0 {
            return accuracy;
        }
        if let Some(log_p) = &answer.log_p {
            let nll: f64 = counted(subject).map(|i| -f64::from(log_p[i][subject.native[i].index()])).sum();
            accuracy.perplexity = Some((nll / total).exp());
            let right = counted(subject).filter(|&i| argmax(&log_p[i]) == subject.native[i].index()).count();
            accuracy.recovery = Some(right as f64 / total);
            if let Some(expected) = &reference.log_p {
                accuracy.compare(subject, log_p, expected);
            }
        }
        if !answer.designs.is_empty() {
            let same = |a: &[Letter], b: &[Letter]| counted(subject).filter(|&i| a[i] == b[i]).count() as f64;
            let right: f64 = answer.designs.iter().map(|design| same(design, &subject.native)).sum();
            accuracy.recovery = Some(right / (total * answer.designs.len() as f64));
            let pairs: Vec<f64> =
                answer.designs.iter().zip(&reference.designs).map(|(a, b)| same(a, b) / total).collect();
            accuracy.same_letters = mean(pairs.into_iter());
        }
        accuracy
    }

    fn compare(&mut self, subject: &Subject, log_p: &LogP, expected: &LogP) {
        let residues: Vec<usize> = (0..subject.native.len()).filter(|&i| subject.resolved[i]).collect();
        let count = residues.len() as f64;
        let (mut largest, mut divergence, mut agree) = (0.0f64, 0.0, 0.0);
        for &i in &residues {
            for (&own, &theirs) in log_p[i].iter().zip(&expected[i]) {
                largest = largest.max(f64::from((own - theirs).abs()));
                divergence += f64::from(theirs).exp() * (f64::from(theirs) - f64::from(own));
            }
            agree += f64::from(u8::from(argmax(&log_p[i]) == argmax(&expected[i])));
        }
        self.max_abs_delta_logp = Some(largest);
        // Rounding can make a divergence of zero slightly negative.
        self.mean_kl = Some((divergence / count).max(0.0));
        self.argmax_agreement = Some(agree / count);
    }

    /// The accuracy over several structures: the largest deviation, and means weighted by residues.
    pub fn together(parts: &[StructureAccuracy]) -> Accuracy {
        let largest = parts.iter().filter_map(|part| part.accuracy.max_abs_delta_logp).reduce(f64::max);
        let weighted = |value: &dyn Fn(&Accuracy) -> Option<f64>| {
            let pairs = parts.iter().filter_map(|part| Some((part.residues as f64, value(&part.accuracy)?)));
            let (weight, sum) = pairs.fold((0.0, 0.0), |(weight, sum), (w, v)| (weight + w, sum + w * v));
            (weight > 0.0).then(|| sum / weight)
        };
        Accuracy {
            max_abs_delta_logp: largest,
            mean_kl: weighted(&|part| part.mean_kl),
            argmax_agreement: weighted(&|part| part.argmax_agreement),
            recovery: weighted(&|part| part.recovery),
            perplexity: weighted(&|part| part.perplexity.map(f64::ln)).map(f64::exp),
            same_letters: weighted(&|part| part.same_letters),
        }
    }
}

/// A structure's accuracy, weighted by its residues.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StructureAccuracy {
    /// Residues with a backbone.
    pub residues: usize,
    /// The accuracy.
    pub accuracy: Accuracy,
}

/// The mean; `None` if there are no values.
pub fn mean(values: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let count = values.len();
    (count > 0).then(|| values.sum::<f64>() / count as f64)
}

/// Quality over a panel of structures, relative to the experiment's first variant; each structure has the same weight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// The number of structures.
    pub structures: usize,
    /// The residues of all structures.
    pub residues: usize,
    /// Sequences that were drawn for each structure.
    pub sequences: u64,
    /// Mean recovery of the designs.
    pub recovery: f64,
    /// Mean over structures of the recovery less the first variant's.
    pub recovery_difference: f64,
    /// The 95 % interval of the bootstrap's means, resampled by structure.
    pub recovery_difference_95: [f64; 2],
    /// exp of the mean −ln p of the native letters.
    pub perplexity: f64,
    /// The share of residues whose likeliest letter is the reference's.
    pub argmax_agreement: f64,
    /// Largest |Δ ln p| from the reference, nats.
    pub max_abs_delta_logp: f64,
    /// Mean divergence from the reference, nats.
    pub mean_kl: f64,
    /// The largest share of a structure's neighbors that is lost with distances in another format.
    #[serde(rename = "neighbours_lost", default, skip_serializing_if = "Option::is_none")]
    pub neighbors_lost: Option<f64>,
    /// The recovery of each structure, in the order of the settings' panel.
    pub recoveries: Vec<f64>,
}

const RESAMPLES: usize = 10_000;

/// The middle 95 % of the means of resampled values, drawn with replacement; the draws are the same every time.
pub fn bootstrap_95(values: &[f64]) -> [f64; 2] {
    if values.is_empty() {
        return [f64::NAN; 2];
    }
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut draw = || {
        // SplitMix64
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % values.len() as u64) as usize
    };
    let mut means: Vec<f64> =
        (0..RESAMPLES).map(|_| (0..values.len()).map(|_| values[draw()]).sum::<f64>() / values.len() as f64).collect();
    means.sort_by(f64::total_cmp);
    [means[RESAMPLES / 40], means[RESAMPLES - 1 - RESAMPLES / 40]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bootstrap_covers_the_mean_and_narrows_with_agreement() {
        let [low, high] = bootstrap_95(&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
        // The standard error is 0.18.
        assert!((low - 0.125).abs() < 0.08 && (high - 0.875).abs() < 0.08, "{low} {high}");
        assert_eq!(bootstrap_95(&[0.25; 5]), [0.25, 0.25]);
        assert!(bootstrap_95(&[])[0].is_nan());
    }

    #[test]
    fn the_first_of_equal_letters_is_the_likeliest() {
        let mut row = [0.0; VOCABULARY];
        assert_eq!(argmax(&row), 0);
        (row[4], row[9]) = (1.0, 1.0);
        assert_eq!(argmax(&row), 4);
    }
}
