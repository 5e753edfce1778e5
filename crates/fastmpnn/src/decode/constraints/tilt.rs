//! The tilt towards a sum's bounds: how likely they are met after each letter.

use super::guide::Guide;
use super::normal::log_between;
use crate::chemistry::{Letter, VOCABULARY};
use crate::spec::{Problem, ProblemSum};

/// The most numbers of a table of probabilities. Above, the sum of what is still drawn is taken to be normal.
const MOST_CELLS: usize = 40_000;

/// The logarithm of a probability that is not more than 0.
const NEVER: f64 = -700.0;

/// The largest exponent of a weight.
const NEVER_LESS: f64 = 600.0;

/// The way of a sample to the bounds of one sum.
#[derive(Clone, Debug)]
pub(super) struct Tilt {
    /// The sum of what has its letters.
    so_far: i32,
    /// How many variables that count have been drawn.
    drawn: usize,
    rest: Rest,
    /// Nats a unit; see [`Guide`].
    price: f64,
    stiffness: f64,
}

/// What is expected of the variables that are not drawn yet.
#[derive(Clone, Debug)]
enum Rest {
    /// By number of variables drawn: the probability that the bounds are met, by the sum so far.
    Table(Vec<Row>),
    /// By number of variables drawn: mean and variance of what the others add.
    Normal(Vec<[f64; 2]>),
}

/// Probabilities of consecutive sums, the largest made 1; 0 outside.
#[derive(Clone, Debug)]
struct Row {
    first: i32,
    probabilities: Vec<f64>,
    /// Larger sums count as this one.
    saturates: i32,
}

impl Row {
    fn of(&self, sum: i32) -> f64 {
        let place = i64::from(sum.min(self.saturates)) - i64::from(self.first);
        usize::try_from(place).ok().and_then(|place| self.probabilities.get(place)).copied().unwrap_or(0.0)
    }
}

/// What a variable may add, and how likely.
struct Steps {
    values: Vec<(i32, f64)>,
    least: i32,
    most: i32,
}

impl Tilt {
    /// For the sum of that number; `order` lists the variables as they are drawn.
    pub(super) fn new(problem: &Problem, number: usize, guide: &Guide, order: &[u32]) -> Tilt {
        let (sum, price) = (&problem.sums[number], guide.prices[number]);
        let counted = order.iter().map(|&variable| variable as usize).filter(|&variable| sum.weights[variable] > 0);
        let steps: Vec<Steps> =
            counted.map(|variable| steps(sum, variable, problem.variables[variable].allowed, guide)).collect();
        let rest = match table(sum, &steps, price) {
            Some(rows) => Rest::Table(rows),
            None => Rest::Normal(moments(&steps)),
        };
        Tilt { so_far: sum.base, drawn: 0, rest, price, stiffness: guide.stiffness[number] }
    }

    /// Adds to each letter's number ln of the factor of its probability.
    pub(super) fn add_to(&self, tilts: &mut [f64; VOCABULARY], sum: &ProblemSum, variable: usize, allowed: u32) {
        if sum.weights[variable] == 0 {
            return;
        }
        // Few letters differ in what they add.
        let mut known: [Option<f64>; 3] = [None; 3];
        let place = |letter: Letter| (sum.values[letter.index()] + 1) as usize;
        let letters = || Letter::all().filter(|letter| allowed & 1 << letter.index() != 0);
        for letter in letters() {
            known[place(letter)].get_or_insert_with(|| self.logarithm(sum, self.so_far + sum.of(variable, letter)));
        }
        let largest = known.iter().flatten().fold(f64::NEG_INFINITY, |largest, &one| largest.max(one));
        for letter in letters() {
            // Where nothing is likely any more, only the price tells letters apart.
            let lost = known[place(letter)].filter(|_| largest > f64::NEG_INFINITY).map_or(0.0, |one| one - largest);
            let step = f64::from(sum.of(variable, letter));
            tilts[letter.index()] += (self.stiffness * lost + self.price * step).max(NEVER);
        }
    }

    fn logarithm(&self, sum: &ProblemSum, after: i32) -> f64 {
        match &self.rest {
            Rest::Table(rows) => rows[self.drawn + 1].of(after).ln(),
            Rest::Normal(moments) => {
                let [mean, variance] = moments[self.drawn + 1];
                let bound = |bound: i32, unbounded: i32, margin: f64| match bound {
                    bound if bound == unbounded => f64::INFINITY * margin,
                    bound => f64::from(bound) + margin - f64::from(after) - mean,
                };
                let (low, high) = (bound(sum.minimum, i32::MIN, -0.5), bound(sum.maximum, i32::MAX, 0.5));
                if variance > 0.0 {
                    return log_between(low / variance.sqrt(), high / variance.sqrt());
                }
                if low < 0.0 && high > 0.0 { 0.0 } else { f64::NEG_INFINITY }
            }
        }
    }

    /// Takes note of a letter that was drawn.
    pub(super) fn record(&mut self, sum: &ProblemSum, variable: usize, letter: Letter) {
        if sum.weights[variable] > 0 {
            self.so_far += sum.of(variable, letter);
            self.drawn += 1;
        }
    }
}

fn steps(sum: &ProblemSum, variable: usize, allowed: u32, guide: &Guide) -> Steps {
    let mut values: Vec<(i32, f64)> = Vec::new();
    for letter in Letter::all().filter(|letter| allowed & 1 << letter.index() != 0) {
        let (value, p) = (sum.of(variable, letter), guide.expected[variable][letter.index()]);
        match values.iter_mut().find(|(known, _)| *known == value) {
            Some((_, total)) => *total += p,
            None => values.push((value, p)),
        }
    }
    let least = values.iter().map(|&(value, _)| value).min().unwrap_or(0);
    let most = values.iter().map(|&(value, _)| value).max().unwrap_or(0);
    Steps { values, least, most }
}

/// The probability of meeting the bounds, by variables drawn and sum; `None` where that is too large a table.
///
/// The expectation is that of letters under the constant tilt exp(price · what they add), which their probabilities are
/// multiplied with besides. So ends are weighted with exp(−price · sum): together that is the probability without it.
fn table(sum: &ProblemSum, steps: &[Steps], price: f64) -> Option<Vec<Row>> {
    let all = steps.iter().fold([sum.base; 2], |[least, most], step| [least + step.least, most + step.most]);
    let (minimum, maximum) = (sum.minimum.max(all[0]), sum.maximum.min(all[1]));
    let grows = steps.iter().all(|step| step.least >= 0);
    let saturates = if grows && maximum == all[1] { minimum } else { i32::MAX };
    // Sums that can be there before each variable, and from which the bounds can be met after it.
    let mut ranges = vec![[sum.base, sum.base]];
    for step in steps {
        let [least, most] = ranges[ranges.len() - 1];
        ranges.push([least + step.least, most + step.most]);
    }
    let mut needed = [minimum, maximum];
    let mut cells = 0;
    for (place, range) in ranges.iter_mut().enumerate().rev() {
        let least = range[0].max(needed[0]);
        *range = [least, range[1].min(needed[1]).min(saturates.max(least))];
        cells += usize::try_from(range[1] - range[0] + 1).unwrap_or(0);
        if cells > MOST_CELLS {
            return None;
        }
        if place > 0 {
            let step = &steps[place - 1];
            needed = [needed[0] - step.most, needed[1] - step.least];
        }
    }
    let mut rows: Vec<Row> = Vec::with_capacity(ranges.len());
    for (place, [first, last]) in ranges.into_iter().enumerate().rev() {
        let mut probabilities = match rows.last() {
            // All sums within the bounds.
            None => (first..=last).map(|end| (-price * f64::from(end)).clamp(-NEVER_LESS, NEVER_LESS).exp()).collect(),
            Some(next) => {
                let of = |sum: i32| steps[place].values.iter().map(|&(value, p)| p * next.of(sum + value)).sum();
                (first..=last).map(of).collect::<Vec<f64>>()
            }
        };
        let largest = probabilities.iter().fold(0.0, |largest: f64, &one| largest.max(one));
        if largest > 0.0 {
            probabilities.iter_mut().for_each(|one| *one /= largest);
        }
        rows.push(Row { first, probabilities, saturates: saturates.max(first) });
    }
    rows.reverse();
    Some(rows)
}

/// Mean and variance of what the variables from each one on add, last of all of none.
fn moments(steps: &[Steps]) -> Vec<[f64; 2]> {
    let mut moments = vec![[0.0, 0.0]];
    for Steps { values, .. } in steps.iter().rev() {
        let total: f64 = values.iter().map(|(_, p)| p).sum();
        let mean = values.iter().map(|&(value, p)| f64::from(value) * p).sum::<f64>() / total;
        let square = values.iter().map(|&(value, p)| f64::from(value).powi(2) * p).sum::<f64>() / total;
        let [rest_mean, rest_variance] = moments[moments.len() - 1];
        moments.push([rest_mean + mean, rest_variance + (square - mean * mean).max(0.0)]);
    }
    moments.reverse();
    moments
}
