//! What a sample carries: how far it is from its goals.

use super::goals::Goals;
use super::guide::Guide;
use super::tilt::Tilt;
use crate::chemistry::{Letter, VOCABULARY};
use crate::spec::Completion;

/// The most nodes of the search for a completion with another letter, beside fifty for each variable. It takes about one
/// for each; where goals are so entangled that it takes more than there may be, the letter is masked without proof.
const MOST_NODES: u64 = 20_000;

/// The state of one sample.
#[derive(Clone, Debug)]
pub(crate) struct GoalState {
    /// The letters of each variable; where it is drawn, that one.
    allowed: Vec<u32>,
    /// A sequence that meets all goals, with the letters drawn so far. By variable.
    witness: Vec<Letter>,
    sums: Vec<i32>,
    /// By sum; none where letters are only masked.
    tilts: Vec<Tilt>,
    /// What the goals have cost so far, nats.
    pub(crate) cost: f64,
}

impl GoalState {
    /// `order` lists the variables as they are drawn.
    pub(crate) fn new(goals: &Goals, guide: Option<&Guide>, order: &[u32]) -> GoalState {
        let Goals { problem, witness, .. } = goals;
        let allowed = problem.allowed();
        let of = |guide| (0..problem.sums.len()).map(|number| Tilt::new(problem, number, guide, order)).collect();
        let tilts = guide.map_or_else(Vec::new, of);
        GoalState { sums: problem.sums_of(witness), witness: witness.clone(), tilts, allowed, cost: 0.0 }
    }

    /// Whether the goals bear on the letter of a variable, which is asked for then.
    pub(crate) fn concerns(goals: &Goals, variable: usize) -> bool {
        goals.concerned[variable]
    }

    /// The letters of a variable that no goal rules out from the start.
    pub(crate) fn allowed(&self, variable: usize) -> u32 {
        self.allowed[variable]
    }

    /// Whether a letter of a variable is not masked yet.
    pub(crate) fn allows(&self, variable: usize, letter: Letter) -> bool {
        self.allowed[variable] & 1 << letter.index() != 0
    }

    /// ln of the factors by which the letters' probabilities are multiplied, the largest 1. `[V]`
    pub(crate) fn tilt(&self, goals: &Goals, variable: usize) -> [f64; VOCABULARY] {
        let mut tilts = [0.0; VOCABULARY];
        for (tilt, sum) in self.tilts.iter().zip(&goals.problem.sums) {
            tilt.add_to(&mut tilts, sum, variable, self.allowed[variable]);
        }
        tilts
    }

    /// Gives a variable its letter, if the goals can still be met with it; else the letter is masked.
    pub(crate) fn accept(&mut self, goals: &Goals, variable: usize, letter: Letter) -> bool {
        let problem = &goals.problem;
        let before = self.allowed[variable];
        let only = 1 << letter.index();
        if before & only == 0 {
            return false;
        }
        self.allowed[variable] = only;
        let nodes = MOST_NODES + 50 * self.allowed.len() as u64;
        if problem.meets_with(&self.witness, &self.sums, variable, letter) {
            for (total, sum) in self.sums.iter_mut().zip(&problem.sums) {
                *total += sum.of(variable, letter) - sum.of(variable, self.witness[variable]);
            }
            self.witness[variable] = letter;
        } else if let Completion::Found(witness) = problem.complete(&self.allowed, &self.witness, nodes) {
            self.sums = problem.sums_of(&witness);
            self.witness = witness;
        } else {
            self.allowed[variable] = before & !only;
            return false;
        }
        for (tilt, sum) in self.tilts.iter_mut().zip(&problem.sums) {
            tilt.record(sum, variable, letter);
        }
        true
    }
}
