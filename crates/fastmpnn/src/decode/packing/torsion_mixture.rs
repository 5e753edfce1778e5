//! The distribution of a side-chain torsion: a mixture of three von Mises distributions.
//!
//! The density of one is exp(κ·cos(x − μ)) / (2π·I₀(κ)). It is sampled by rejection from a wrapped Cauchy distribution
//! (Best and Fisher, *Applied Statistics* 28, 152–157, 1979). Formulas, number types and the approximation of I₀ are those
//! of `torch.distributions`, on which the published packer draws: log densities in f32, samples in f64.

use std::f64::consts::PI;

/// Components of a mixture (`num_mix`).
pub const COMPONENTS: usize = 3;

/// The least concentration of a component (published `0.1 + softplus(x)`).
const LEAST_CONCENTRATION: f32 = 0.1;

/// Past this PyTorch's softplus is the identity.
const SOFTPLUS_THRESHOLD: f32 = 20.0;

/// The distribution of one torsion, radians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TorsionMixture {
    /// μ of each component.
    pub mean: [f32; COMPONENTS],
    /// κ of each component.
    pub concentration: [f32; COMPONENTS],
    /// ln of each component's weight.
    pub log_weight: [f32; COMPONENTS],
}

impl TorsionMixture {
    /// From the nine numbers that the network's head gives for a torsion: (mean, raw concentration, logit) of each
    /// component.
    pub fn from_head(numbers: &[f32; 3 * COMPONENTS]) -> TorsionMixture {
        let of = |place: usize| std::array::from_fn(|component| numbers[3 * component + place]);
        let logits: [f32; COMPONENTS] = of(2);
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f32 = logits.iter().map(|logit| (logit - largest).exp()).sum();
        let raw: [f32; COMPONENTS] = of(1);
        TorsionMixture {
            mean: of(0),
            concentration: raw.map(|x| LEAST_CONCENTRATION + if x > SOFTPLUS_THRESHOLD { x } else { x.exp().ln_1p() }),
            log_weight: logits.map(|logit| logit - largest - sum.ln()),
        }
    }

    /// ln of the density at `angle`, nats per radian.
    pub fn log_density(&self, angle: f32) -> f32 {
        let terms: [f32; COMPONENTS] = std::array::from_fn(|component| {
            let concentration = self.concentration[component];
            concentration * (angle - self.mean[component]).cos()
                - (2.0 * std::f32::consts::PI).ln()
                - log_bessel(concentration)
                + self.log_weight[component]
        });
        let largest = terms.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        largest + terms.iter().map(|term| (term - largest).exp()).sum::<f32>().ln()
    }

    /// The component chosen by a number in 0 ≤ u < 1: the first whose cumulative weight is not below it.
    pub fn component(&self, u: f64) -> usize {
        let mut cumulated = 0.0_f32;
        let below = self.log_weight[..COMPONENTS - 1].iter().take_while(|log_weight| {
            cumulated += log_weight.exp();
            f64::from(cumulated) < u
        });
        below.count()
    }

    /// An angle of a component, −π … π. `proposal(round)` gives the three numbers in 0 ≤ u < 1 of a round. `None` if
    /// there is no such component.
    pub fn sample(
        &self,
        component: usize,
        acceptance: Acceptance,
        mut proposal: impl FnMut(usize) -> [f64; 3],
    ) -> Option<f32> {
        let (&concentration, &mean) = (self.concentration.get(component)?, self.mean.get(component)?);
        let rejection = Rejection::new(concentration);
        let offset = match acceptance {
            Acceptance::First => (0..MOST_ROUNDS).find_map(|round| rejection.offset(proposal(round))),
            Acceptance::LastOf(rounds) => (0..rounds).rev().find_map(|round| rejection.offset(proposal(round))),
        };
        let angle = offset.unwrap_or(0.0) + PI + f64::from(mean);
        Some((angle.rem_euclid(2.0 * PI) - PI) as f32)
    }

    /// The number of rounds until a proposal for a component is accepted. `None` if there is no such component.
    pub fn rounds(&self, component: usize, mut proposal: impl FnMut(usize) -> [f64; 3]) -> Option<usize> {
        let rejection = Rejection::new(*self.concentration.get(component)?);
        let accepted = (0..MOST_ROUNDS).position(|round| rejection.offset(proposal(round)).is_some());
        Some(accepted.map_or(MOST_ROUNDS, |at| at + 1))
    }
}

/// Which of the accepted proposals is the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptance {
    /// The first: no more are asked for.
    First,
    /// The last one accepted within this number of rounds, as in torch, where all elements of a tensor go through as
    /// many rounds as the slowest needs, and each keeps the last accepted proposal.
    LastOf(usize),
}

/// The rejection of proposals from a wrapped Cauchy distribution.
#[derive(Clone, Copy, Debug)]
struct Rejection {
    concentration: f64,
    /// The proposal's parameter.
    ratio: f64,
}

impl Rejection {
    fn new(concentration: f32) -> Rejection {
        let concentration = f64::from(concentration);
        let tau = 1.0 + (1.0 + 4.0 * concentration * concentration).sqrt();
        let rho = (tau - (2.0 * tau).sqrt()) / (2.0 * concentration);
        Rejection { concentration, ratio: (1.0 + rho * rho) / (2.0 * rho) }
    }

    /// The offset from the mean, in radians, of the proposal from three numbers; `None` if it is rejected.
    fn offset(&self, [u1, u2, u3]: [f64; 3]) -> Option<f64> {
        let z = (PI * u1).cos();
        let f = (1.0 + self.ratio * z) / (self.ratio + z);
        let c = self.concentration * (self.ratio - f);
        let accepted = c * (2.0 - c) - u2 > 0.0 || (c / u2).ln() + 1.0 - c >= 0.0;
        let side = if u3 > 0.5 {
            1.0
        } else if u3 < 0.5 {
            -1.0
        } else {
            0.0
        };
        accepted.then(|| side * f.acos())
    }
}

/// Two in three proposals or more are accepted. Never reached by chance; numbers that are not random, or a network of
/// NaN, end here.
const MOST_ROUNDS: usize = 1000;

/// ln I₀(x) for x > 0 (Abramowitz and Stegun 9.8.1 and 9.8.2, as in `torch.distributions.von_mises`).
#[expect(clippy::excessive_precision, reason = "the coefficients as they are published")]
fn log_bessel(x: f32) -> f32 {
    const SMALL: [f32; 7] = [1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.360768e-1, 0.45813e-2];
    const LARGE: [f32; 9] = [
        0.39894228,
        0.1328592e-1,
        0.225319e-2,
        -0.157565e-2,
        0.916281e-2,
        -0.2057706e-1,
        0.2635537e-1,
        -0.1647633e-1,
        0.392377e-2,
    ];
    let polynomial = |y: f32, coefficients: &[f32]| coefficients.iter().rev().fold(0.0, |sum, c| c + y * sum);
    if x < 3.75 {
        polynomial((x / 3.75) * (x / 3.75), &SMALL).ln()
    } else {
        x - 0.5 * x.ln() + polynomial(3.75 / x, &LARGE).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixture() -> TorsionMixture {
        TorsionMixture::from_head(&[1.0, 5.0, 0.3, -2.0, 0.5, 1.0, 3.0, 40.0, -0.5])
    }

    #[test]
    fn densities_integrate_to_one() {
        let mixture = mixture();
        let steps = 20_000;
        let width = 2.0 * PI / f64::from(steps);
        let sum: f64 = (0..steps)
            .map(|step| f64::from(mixture.log_density((f64::from(step) * width - PI) as f32)).exp() * width)
            .sum();
        assert!((sum - 1.0).abs() < 1e-4, "{sum}");
    }

    #[test]
    fn samples_follow_the_density() {
        // A weak generator is enough: what is tested is the shape, on 36 bins of the circle.
        let mut state = 1_u64;
        let mut uniform = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mixture = mixture();
        let (draws, bins) = (100_000, 36);
        let mut counts = vec![0.0; bins];
        for _ in 0..draws {
            let component = mixture.component(uniform());
            let angle = mixture.sample(component, Acceptance::First, |_| [uniform(), uniform(), uniform()]);
            let angle = angle.expect("a component");
            assert!((-PI - 1e-6..=PI + 1e-6).contains(&f64::from(angle)));
            let bin = (f64::from(angle) + PI) / (2.0 * PI) * bins as f64;
            counts[(bin as usize).min(bins - 1)] += 1.0;
        }
        for (bin, &count) in counts.iter().enumerate() {
            let width = 2.0 * PI / bins as f64;
            let expected: f64 = (0..100)
                .map(|part| {
                    let angle = -PI + (bin as f64 + (f64::from(part) + 0.5) / 100.0) * width;
                    f64::from(mixture.log_density(angle as f32)).exp() * width / 100.0
                })
                .sum();
            let share = count / f64::from(draws);
            let deviation = (expected * (1.0 - expected) / f64::from(draws)).sqrt();
            assert!((share - expected).abs() < 5.0 * deviation + 1e-5, "bin {bin}: {share} and not {expected}");
        }
    }

    #[test]
    fn the_last_accepted_proposal_may_be_another_than_the_first() {
        let mixture = mixture();
        // Near the mean, and to its right: always accepted.
        let proposals = |round: usize| [0.1 + 0.05 * round as f64, 0.001, 0.9];
        assert_eq!(mixture.rounds(0, proposals), Some(1));
        let first = mixture.sample(0, Acceptance::First, proposals);
        assert_eq!(first, mixture.sample(0, Acceptance::LastOf(1), proposals));
        assert!(mixture.sample(0, Acceptance::LastOf(3), proposals) > first);
    }

    #[test]
    fn components_are_chosen_by_cumulated_weight() {
        let mixture =
            TorsionMixture { mean: [0.0; 3], concentration: [1.0; 3], log_weight: [0.5_f32, 0.25, 0.25].map(f32::ln) };
        let chosen = [0.0, 0.5, 0.500_001, 0.75, 0.76, 0.999].map(|u| mixture.component(u));
        assert_eq!(chosen, [0, 0, 1, 1, 2, 2]);
    }
}
