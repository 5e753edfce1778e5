//! Probabilities of the normal distribution, in logarithms.

use std::f64::consts::{LN_2, SQRT_2};

/// ln of the probability that a normal variable of mean 0 and variance 1 lies between `low` and `high`.
pub(super) fn log_between(low: f64, high: f64) -> f64 {
    // In the upper tail, where small numbers are not differences of large ones.
    let (low, high) = if low + high < 0.0 { (-high, -low) } else { (low, high) };
    if low > 0.0 {
        let (above_low, above_high) = (log_above(low), log_above(high));
        return above_low + (-(above_high - above_low).exp()).ln_1p();
    }
    (-log_above(-low).exp() - log_above(high).exp()).ln_1p()
}

/// ln of the probability of more than `x`, for x of 0 and more.
fn log_above(x: f64) -> f64 {
    if x == f64::INFINITY {
        return f64::NEG_INFINITY;
    }
    log_erfc(x / SQRT_2) - LN_2
}

/// ln erfc(x) for x of 0 and more, with a relative error of erfc below 1.2e-7: the Chebyshev fit of Press et al.,
/// Numerical Recipes in C, 2nd edition, section 6.2.
fn log_erfc(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let t = 1.0 / (1.0 + 0.5 * x);
    t.ln() - x * x + COEFFICIENTS.iter().rev().fold(0.0, |sum, coefficient| sum * t + coefficient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_probabilities() {
        // 0.6827 within one standard deviation; P(X > 1.96) = 0.0250; P(X > 10) = 7.62e-24.
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-5 * b.abs().max(1.0), "{a} {b}");
        close(log_between(-1.0, 1.0).exp(), 0.682_689_5);
        close(log_between(1.959_964, f64::INFINITY).exp(), 0.025);
        close(log_between(10.0, f64::INFINITY), -53.231_285_2);
        close(log_between(f64::NEG_INFINITY, -10.0), -53.231_285_2);
        close(log_between(-1.0, f64::INFINITY).exp(), 0.841_344_7);
        close(log_between(3.0, 4.0).exp(), 0.001_318_227);
        close(log_between(f64::NEG_INFINITY, f64::INFINITY), 0.0);
    }
}
