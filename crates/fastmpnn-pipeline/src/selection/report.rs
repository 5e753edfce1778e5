//! Which step of a selection removed how many designs.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::filter::Verdict;

/// A step of a selection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SelectionStep {
    /// What it asks for: a condition of a filter, `distance >= 0.1` or `the best 2 by score`.
    pub step: String,
    /// The designs that came to it.
    pub of: u64,
    /// Those of them that it removed.
    pub removed: u64,
    /// Those of the removed that lack a value which the condition needs.
    pub without_value: u64,
}

/// The steps of a selection, in the order in which designs come to them: what one removes the next does not see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelectionReport {
    clauses: Vec<SelectionStep>,
    distance: Option<SelectionStep>,
    top: Option<SelectionStep>,
}

impl SelectionReport {
    /// A report of these steps: the conditions of the filter, and where designs are compared, their distance and their number.
    pub(super) fn new<'a>(
        clauses: impl Iterator<Item = &'a str>,
        distance: Option<String>,
        top: Option<String>,
    ) -> SelectionReport {
        let step = |step: String| SelectionStep { step, of: 0, removed: 0, without_value: 0 };
        let clauses = clauses.map(|clause| step(clause.to_owned())).collect();
        SelectionReport { clauses, distance: distance.map(step), top: top.map(step) }
    }

    /// The steps.
    pub fn steps(&self) -> impl Iterator<Item = &SelectionStep> {
        self.clauses.iter().chain(&self.distance).chain(&self.top)
    }

    /// Counts a row that the filter judged.
    pub(super) fn add(&mut self, verdict: Verdict) {
        for (index, step) in self.clauses.iter_mut().enumerate() {
            step.of += 1;
            if let Verdict::Removed { clause, unknown } = verdict
                && clause == index
            {
                step.removed += 1;
                step.without_value += u64::from(unknown);
                return;
            }
        }
    }

    /// Counts the candidates of a structure: those too near to a better one, and those beyond the best.
    pub(super) fn add_ranking(&mut self, candidates: usize, near: usize, beyond: usize) {
        let count = |step: &mut Option<SelectionStep>, of: usize, removed: usize| {
            if let Some(step) = step {
                step.of += of as u64;
                step.removed += removed as u64;
            }
        };
        count(&mut self.distance, candidates, near);
        count(&mut self.top, candidates - near, beyond);
    }

    /// Adds the counts of other designs of the same selection.
    pub fn merge(&mut self, other: &SelectionReport) {
        if self.steps().next().is_none() {
            *self = other.clone();
            return;
        }
        let own = self.clauses.iter_mut().chain(&mut self.distance).chain(&mut self.top);
        for (step, other) in own.zip(other.steps()) {
            step.of += other.of;
            step.removed += other.removed;
            step.without_value += other.without_value;
        }
    }
}

/// As a list of its steps.
impl Serialize for SelectionReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.steps())
    }
}

/// `score < 1.0 removed 12 of 100; charge > -10 removed 3 of 88, 1 for want of a value`
impl fmt::Display for SelectionReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps().enumerate() {
            let SelectionStep { step, of, removed, without_value } = step;
            let separator = if index > 0 { "; " } else { "" };
            write!(out, "{separator}{step} removed {removed} of {of}")?;
            if *without_value > 0 {
                write!(out, ", {without_value} for want of a value")?;
            }
        }
        Ok(())
    }
}
