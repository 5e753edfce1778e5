//! Axes: the mapping from numbers to positions, and the ticks.

/// How numbers are spread along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Evenly.
    Linear,
    /// By their logarithms, base 10.
    Log,
}

/// An axis from position `from` to position `to`, in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    spread: Spread,
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// An axis that holds all the numbers, with a little room; with `zero`, a linear axis includes zero.
    pub fn over(spread: Spread, values: impl Iterator<Item = f64>, [from, to]: [f64; 2], zero: bool) -> Axis {
        let finite = values.filter(|value| value.is_finite() && (spread == Spread::Linear || *value > 0.0));
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        let (low, high) = if low > high { (1.0, 10.0) } else { (low, high) };
        let (low, high) = match spread {
            Spread::Log => (low / 1.25, high * 1.25),
            Spread::Linear if zero => (low.min(0.0), high.max(0.0) * 1.04 + f64::MIN_POSITIVE),
            Spread::Linear => {
                let room = ((high - low) * 0.08).max(high.abs() * 1e-3).max(1e-9);
                (low - room, high + room)
            }
        };
        Axis { spread, low, high, from, to }
    }

    /// The position of a number; numbers beyond the ends are drawn at the ends.
    pub fn place(&self, value: f64) -> f64 {
        let share = match self.spread {
            Spread::Linear => (value - self.low) / (self.high - self.low),
            Spread::Log => (value.max(self.low).ln() - self.low.ln()) / (self.high.ln() - self.low.ln()),
        };
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// Both ends, as numbers.
    pub fn ends(&self) -> [f64; 2] {
        [self.low, self.high]
    }

    /// Round numbers along the axis, at most about `most`.
    pub fn ticks(&self, most: usize) -> Vec<f64> {
        match self.spread {
            Spread::Linear => {
                let step = round_step((self.high - self.low) / most as f64);
                let first = (self.low / step).ceil() as i64;
                let last = (self.high / step).floor() as i64;
                (first..=last).map(|index| index as f64 * step).collect()
            }
            Spread::Log => {
                let (first, last) = (self.low.log10().floor() as i32, self.high.log10().ceil() as i32);
                let ticks = |marks: &[f64]| -> Vec<f64> {
                    let all = (first..=last).flat_map(|power| marks.iter().map(move |mark| mark * 10f64.powi(power)));
                    all.filter(|tick| (self.low..=self.high).contains(tick)).collect()
                };
                // The finest of these that does not give too many ticks.
                let finer: [&[f64]; 4] = [&[1.0, 1.5, 2.0, 3.0, 5.0, 7.0], &[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];
                let fitting = finer.into_iter().map(ticks).find(|ticks| ticks.len() <= most);
                fitting.unwrap_or_else(|| ticks(&[1.0]))
            }
        }
    }
}

/// The number 1, 2 or 5 times a power of ten that is near `step`.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.max(f64::MIN_POSITIVE).log10().floor());
    let digit = step / power;
    power
        * if digit < 1.5 {
            1.0
        } else if digit < 3.5 {
            2.0
        } else if digit < 7.5 {
            5.0
        } else {
            10.0
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let linear = Axis::over(Spread::Linear, [0.0, 47.0].into_iter(), [0.0, 100.0], true);
        assert_eq!(linear.ticks(5), [0.0, 10.0, 20.0, 30.0, 40.0]);
        let log = Axis::over(Spread::Log, [50.0, 20_000.0].into_iter(), [0.0, 100.0], false);
        assert_eq!(log.ticks(6), [100.0, 300.0, 1000.0, 3000.0, 10_000.0]);
        assert_eq!(log.ticks(4), [100.0, 1000.0, 10_000.0]);
        assert!((log.place(1000.0) - 50.0).abs() < 2.0);
        assert_eq!((linear.place(-5.0), log.place(1e9)), (0.0, 100.0));
    }
}
