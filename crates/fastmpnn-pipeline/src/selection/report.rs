//! Which step of a selection removed how many designs.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::filter::Verdict;

/// A step of a selection.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
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

/// The steps of a report by what they ask for, as a file keeps them to be read back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct SelectionCounts {
    clauses: Vec<SelectionStep>,
    distances: Vec<SelectionStep>,
    tops: Vec<SelectionStep>,
}

impl SelectionCounts {
    /// Whether there is no step.
    pub(crate) fn is_empty(&self) -> bool {
        self.clauses.is_empty() && self.distances.is_empty() && self.tops.is_empty()
    }
}

impl From<&SelectionReport> for SelectionCounts {
    fn from(report: &SelectionReport) -> SelectionCounts {
        let SelectionReport { clauses, distances, tops } = report.clone();
        SelectionCounts { clauses, distances, tops }
    }
}

impl From<&SelectionCounts> for SelectionReport {
    fn from(counts: &SelectionCounts) -> SelectionReport {
        let SelectionCounts { clauses, distances, tops } = counts.clone();
        SelectionReport { clauses, distances, tops }
    }
}

/// The steps of a selection, in the order in which designs come to them: what one removes the next does not see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelectionReport {
    clauses: Vec<SelectionStep>,
    distances: Vec<SelectionStep>,
    tops: Vec<SelectionStep>,
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
        SelectionReport {
            clauses,
            distances: distance.map(step).into_iter().collect(),
            tops: top.map(step).into_iter().collect(),
        }
    }

    /// The steps.
    pub fn steps(&self) -> impl Iterator<Item = &SelectionStep> {
        self.clauses.iter().chain(&self.distances).chain(&self.tops)
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
        let count = |steps: &mut Vec<SelectionStep>, of: usize, removed: usize| {
            for step in steps {
                step.of += of as u64;
                step.removed += removed as u64;
            }
        };
        count(&mut self.distances, candidates, near);
        count(&mut self.tops, candidates - near, beyond);
    }

    /// Adds the counts of other designs; steps of another selection, as rows of a manifest may have, follow those before.
    pub fn merge(&mut self, other: &SelectionReport) {
        merge(&mut self.clauses, &other.clauses);
        merge(&mut self.distances, &other.distances);
        merge(&mut self.tops, &other.tops);
    }
}

/// Adds steps to those that ask for the same, of which each is at the same place among its equals.
fn merge(own: &mut Vec<SelectionStep>, others: &[SelectionStep]) {
    for (index, other) in others.iter().enumerate() {
        let before = others[..index].iter().filter(|step| step.step == other.step).count();
        match own.iter_mut().filter(|step| step.step == other.step).nth(before) {
            Some(step) => {
                step.of += other.of;
                step.removed += other.removed;
                step.without_value += other.without_value;
            }
            None => own.push(other.clone()),
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
