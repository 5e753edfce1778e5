//! The goals of a plan, ready for drawing.

use crate::chemistry::{Letter, VOCABULARY};
use crate::error::PlanError;
use crate::spec::{Completion, DesignPlan, Problem, ProblemParts};

/// The most nodes of the search for a first sequence.
const MOST_NODES: u64 = 1_000_000;

/// The set of all letters.
const ALL: u32 = (1 << VOCABULARY) - 1;

/// Goals that not every sequence meets.
#[derive(Debug)]
pub(crate) struct Goals {
    pub(crate) problem: Problem,
    /// A sequence that meets them, by variable.
    pub(super) witness: Vec<Letter>,
    /// Whether they bear on the letter of each variable.
    pub(super) concerned: Vec<bool>,
}

impl Goals {
    /// The goals of a plan for residues with these native letters; none where every sequence meets them.
    pub(crate) fn new(plan: &DesignPlan, native: &[Letter]) -> Result<Option<Goals>, PlanError> {
        if plan.constraints.is_empty() {
            return Ok(None);
        }
        let goals = || plan.constraints.clauses().join(", ");
        let problem = Problem::new(&ProblemParts {
            constraints: &plan.constraints,
            native,
            designed: &plan.designed,
            omitted: &plan.omitted,
            ties: plan.ties.iter().map(|tie| &tie.members[..]).collect(),
        });
        let Ok(problem) = problem else { return Err(PlanError::Goals { goals: goals() }) };
        let narrows = |(&variable, &omitted): (&Option<u32>, &u32)| {
            variable.is_some_and(|variable| problem.variables[variable as usize].allowed != !omitted & ALL)
        };
        let narrowed = problem.variable_of.iter().zip(&plan.omitted).any(narrows);
        if problem.is_trivial() && !narrowed {
            return Ok(None);
        }
        match problem.complete(&problem.allowed(), &problem.hint(native), MOST_NODES) {
            Completion::Found(witness) => {
                let concerned = (0..problem.variables.len()).map(|variable| problem.concerns(variable)).collect();
                Ok(Some(Goals { problem, witness, concerned }))
            }
            Completion::Impossible | Completion::Unknown => Err(PlanError::Goals { goals: goals() }),
        }
    }
}
