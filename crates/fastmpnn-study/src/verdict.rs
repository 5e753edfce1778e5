//! The rules by which the document and the report turn numbers into words.
//!
//! - **Times.** A ratio of medians, old time over new, counts as *faster* above 1 + m and as *slower* below 1 / (1 +
//!   m); in between it is *no difference*. The margin m is √(s₁² + s₂²), where s is the standard deviation of a
//!   variant's runs over their median, and at least [`LEAST_MARGIN`]. Beyond [`LARGE_RATIO`], or below its inverse, the
//!   difference is a large one. With fewer than [`FEWEST_RUNS`] runs on either side there is no verdict.
//! - **Recovery.** It is lost or gained if the 95 % interval of the difference lies on one side of zero.
//! - **Letters.** They are kept if at least [`KEPT_LETTERS`] of the likeliest letters are those of f32.
//! - **Chance.** A recovery of at most [`CHANCE`] is no better than chance.
//! - **Growth.** Time grows linearly if the exponent is within [`LINEAR_WITHIN`] of 1.
//!
//! [`Stage::limit`](crate::roofline::Stage::limit) decides which limit binds a stage of the roofline.

/// A ratio closer to 1 than this is no difference, however quiet the machine was.
pub const LEAST_MARGIN: f64 = 0.05;

/// From this ratio on a difference is a large one; likewise below its inverse.
pub const LARGE_RATIO: f64 = 1.5;

/// With fewer runs the spread is unknown.
pub const FEWEST_RUNS: usize = 3;

/// The share of the likeliest letters that must be those of f32.
pub const KEPT_LETTERS: f64 = 0.995;

/// About the recovery of a sequence of only the commonest residue: leucine, 9.7 % of UniProtKB/Swiss-Prot.
pub const CHANCE: f64 = 0.1;

/// The largest distance of an exponent from 1 for growth to be called linear.
pub const LINEAR_WITHIN: f64 = 0.1;

/// The speedup of one variant over another, and its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// The other's median time divided by this one's, per residue and sequence.
    pub value: f64,
    /// The standard deviations of both, each divided by its median, added in quadrature; `None` with too few runs.
    pub spread: Option<f64>,
}

/// The verdict on a ratio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Faster, by [`LARGE_RATIO`] or more.
    MuchFaster,
    /// Faster.
    Faster,
    /// Within the margin.
    Same,
    /// Slower.
    Slower,
    /// Slower, by [`LARGE_RATIO`] or more.
    MuchSlower,
    /// Too few runs.
    Unknown,
}

/// The position of a ratio relative to a claimed range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BesideClaim {
    /// Below the range by more than the margin.
    Less,
    /// In the range, or outside it by no more than the margin.
    Within,
    /// Above the range by more than the margin.
    More,
}

impl Ratio {
    /// This gain divided by another gain.
    pub fn over(self, other: Ratio) -> Ratio {
        Ratio { value: self.value / other.value, spread: both(self.spread, other.spread) }
    }

    /// How far from 1 the ratio must be to count.
    pub fn margin(self) -> Option<f64> {
        self.spread.filter(|spread| spread.is_finite()).map(|spread| spread.max(LEAST_MARGIN))
    }

    /// The verdict on the ratio.
    pub fn pace(self) -> Pace {
        let Some(margin) = self.margin().filter(|_| self.value.is_finite()) else { return Pace::Unknown };
        let beyond = 1.0 + margin;
        match self.value {
            ratio if ratio > beyond && ratio >= LARGE_RATIO => Pace::MuchFaster,
            ratio if ratio > beyond => Pace::Faster,
            ratio if ratio < 1.0 / beyond && ratio <= 1.0 / LARGE_RATIO => Pace::MuchSlower,
            ratio if ratio < 1.0 / beyond => Pace::Slower,
            _ => Pace::Same,
        }
    }

    /// The position of the ratio relative to a claimed range; `None` with too few runs.
    pub fn beside(self, [low, high]: [f64; 2]) -> Option<BesideClaim> {
        let beyond = 1.0 + self.margin()?;
        Some(if self.value * beyond < low {
            BesideClaim::Less
        } else if self.value > high * beyond {
            BesideClaim::More
        } else {
            BesideClaim::Within
        })
    }
}

/// Two spreads added in quadrature; `None` if one is unknown.
pub fn both(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    a.zip(b).map(|(a, b)| a.hypot(b))
}

impl Pace {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Pace::MuchFaster => "much faster",
            Pace::Faster => "faster",
            Pace::Same => "no difference",
            Pace::Slower => "slower",
            Pace::MuchSlower => "much slower",
            Pace::Unknown => "too few runs to tell",
        }
    }

    /// Whether it is slower, by however much.
    pub fn is_slower(self) -> bool {
        matches!(self, Pace::Slower | Pace::MuchSlower)
    }
}

impl BesideClaim {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            BesideClaim::Less => "less than claimed",
            BesideClaim::Within => "as claimed",
            BesideClaim::More => "more than claimed",
        }
    }
}

/// The change of recovery over the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryChange {
    /// The interval of the difference lies below zero.
    Lost,
    /// The interval contains zero.
    NotShown,
    /// The interval of the difference lies above zero.
    Gained,
}

impl RecoveryChange {
    /// The change, from the 95 % interval of the difference.
    pub fn of([low, high]: [f64; 2]) -> RecoveryChange {
        if high < 0.0 {
            RecoveryChange::Lost
        } else if low > 0.0 {
            RecoveryChange::Gained
        } else {
            RecoveryChange::NotShown
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            RecoveryChange::Lost => "recovery lost",
            RecoveryChange::NotShown => "no difference in recovery shown",
            RecoveryChange::Gained => "recovery gained",
        }
    }
}

/// Whether enough of the likeliest letters are those of f32.
pub fn keeps_letters(agreement: f64) -> bool {
    agreement >= KEPT_LETTERS
}

/// Whether a recovery is no better than chance.
pub fn is_chance(recovery: f64) -> bool {
    recovery <= CHANCE
}

/// The growth of time with length in words, from its exponent.
pub fn growth(exponent: f64) -> &'static str {
    if exponent > 1.0 + LINEAR_WITHIN {
        "more than linear"
    } else if exponent < 1.0 - LINEAR_WITHIN {
        "less than linear"
    } else {
        "linear"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(value: f64, spread: f64) -> Pace {
        Ratio { value, spread: Some(spread) }.pace()
    }

    #[test]
    fn a_ratio_and_its_inverse_are_judged_alike() {
        let opposite = |pace| match pace {
            Pace::MuchFaster => Pace::MuchSlower,
            Pace::Faster => Pace::Slower,
            Pace::Slower => Pace::Faster,
            Pace::MuchSlower => Pace::MuchFaster,
            other => other,
        };
        for spread in [0.0, 0.02, 0.08, 0.3, 0.9] {
            for value in [1.01, 1.04, 1.06, 1.1, 1.29, 1.31, 1.49, 1.51, 2.0, 9.0] {
                assert_eq!(pace(1.0 / value, spread), opposite(pace(value, spread)), "{value} at {spread}");
            }
        }
    }

    #[test]
    fn a_ratio_counts_beyond_the_spread_and_beyond_five_per_cent() {
        assert_eq!([1.04, 1.06].map(|value| pace(value, 0.0)), [Pace::Same, Pace::Faster]);
        assert_eq!([1.0 / 1.04, 1.0 / 1.06].map(|value| pace(value, 0.0)), [Pace::Same, Pace::Slower]);
        assert_eq!([1.19, 1.21].map(|value| pace(value, 0.2)), [Pace::Same, Pace::Faster]);
        assert_eq!([1.49, 1.5].map(|value| pace(value, 0.2)), [Pace::Faster, Pace::MuchFaster]);
        // A large ratio within a larger spread is no difference.
        assert_eq!([1.7, 1.9].map(|value| pace(value, 0.8)), [Pace::Same, Pace::MuchFaster]);
        let few = Ratio { value: 3.0, spread: None };
        assert_eq!((few.pace(), few.beside([1.0, 2.0])), (Pace::Unknown, None));
        assert_eq!(pace(f64::NAN, 0.1), Pace::Unknown);
    }

    #[test]
    fn a_gain_over_a_gain_has_the_spread_of_both() {
        let gain = Ratio { value: 3.0, spread: Some(0.3) }.over(Ratio { value: 2.0, spread: Some(0.4) });
        assert_eq!((gain.value, gain.spread), (1.5, Some(0.5)));
    }

    #[test]
    fn a_claim_is_missed_on_either_side_by_more_than_the_margin() {
        let beside = |value| Ratio { value, spread: Some(0.1) }.beside([2.0, 4.0]).unwrap();
        assert_eq!([1.8, 1.85].map(beside), [BesideClaim::Less, BesideClaim::Within]);
        assert_eq!([4.39, 4.41].map(beside), [BesideClaim::Within, BesideClaim::More]);
    }

    #[test]
    fn thresholds_are_where_they_are_said_to_be() {
        assert!(keeps_letters(0.995) && !keeps_letters(0.9949));
        assert!(is_chance(0.1) && !is_chance(0.1001));
        assert_eq!([0.89, 0.91, 1.09, 1.11].map(growth), ["less than linear", "linear", "linear", "more than linear"]);
    }
}
