//! The order of designs, and how many of them are kept.

use std::collections::HashMap;

use super::SelectionReport;
use crate::error::{PipelineError, refusal};
use crate::filter::{Columns, Expression, ExpressionError, Row};
use crate::message::Field;
use crate::request::SelectionSettings;

/// A design that may be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// What it is ranked by; those without a key are the last.
    pub key: Option<f64>,
    /// The structure that it is of; designs of different structures are not compared.
    pub structure: usize,
    /// Its letters, a byte each.
    pub sequence: Vec<u8>,
    /// The number of residues that were designed, of which distances are fractions.
    pub designed: usize,
}

impl Candidate {
    /// The fraction of the designed residues at which two designs of a structure differ. Sequences of different lengths are
    /// not of one structure: they are as far apart as can be.
    fn distance(&self, other: &Candidate) -> f64 {
        if self.sequence.len() != other.sequence.len() {
            return 1.0;
        }
        let different = self.sequence.iter().zip(&other.sequence).filter(|(one, other)| one != other).count();
        different as f64 / self.designed.max(1) as f64
    }
}

/// The order of designs, and how many of them are kept.
#[derive(Clone, Debug)]
pub struct Ranking {
    keys: Vec<Expression>,
    descending: bool,
    top: Option<usize>,
    min_distance: Option<f64>,
}

impl Ranking {
    /// The ranking of these settings. Where they do not say by what, it is by `rescored` where a row has that, else by
    /// `score`.
    pub(super) fn new(settings: &SelectionSettings, columns: &dyn Columns) -> Result<Ranking, PipelineError> {
        let keys = match &settings.by {
            Some(by) => {
                let key = Expression::key(by, columns);
                vec![key.map_err(|error| refusal(format!("{} {error}", Field("by"))))?]
            }
            None => ["rescored", "score"].iter().filter_map(|name| Expression::key(name, columns).ok()).collect(),
        };
        let SelectionSettings { descending, top, min_distance, .. } = *settings;
        let ranking = Ranking { keys, descending, top: top.map(|top| top as usize), min_distance };
        if ranking.compares() && ranking.keys.is_empty() {
            return Err(refusal(format!("there is no score to rank by: say by what with {}", Field("by"))));
        }
        Ok(ranking)
    }

    /// Whether designs are compared with others.
    pub fn compares(&self) -> bool {
        self.top.is_some() || self.min_distance.is_some()
    }

    /// The number kept at most.
    pub fn top(&self) -> Option<usize> {
        self.top
    }

    /// The smallest distance between two that are kept.
    pub fn min_distance(&self) -> Option<f64> {
        self.min_distance
    }

    /// The expressions of the key; the first that is known counts.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(Expression::text)
    }

    /// The columns that the key names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().flat_map(Expression::names)
    }

    /// What a row is ranked by.
    pub fn key_of(&self, row: &dyn Row) -> Result<Option<f64>, ExpressionError> {
        for key in &self.keys {
            if let Some(key) = key.key_of(row)? {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// The order of candidates by their keys, the best first. Equal ones stay in their order.
    pub fn order(&self, candidates: &[Candidate]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        order.sort_by(|&one, &other| match (candidates[one].key, candidates[other].key) {
            (Some(one), Some(other)) if self.descending => other.total_cmp(&one),
            (Some(one), Some(other)) => one.total_cmp(&other),
            (one, other) => other.is_some().cmp(&one.is_some()),
        });
        order
    }

    /// Which candidates of a structure are kept, the best first: one after the other in their order, if it is far enough
    /// from all kept before, until there are enough.
    pub(super) fn choose(&self, candidates: &[Candidate], report: &mut SelectionReport) -> Vec<usize> {
        let order = self.order(candidates);
        let mut kept: Vec<usize> = Vec::new();
        let mut of_structure: HashMap<usize, Vec<usize>> = HashMap::new();
        let (mut near, mut examined) = (0, 0);
        for &index in &order {
            if self.top.is_some_and(|top| kept.len() >= top) {
                break;
            }
            examined += 1;
            let better = of_structure.entry(candidates[index].structure).or_default();
            // Rounding of the distance must not remove what is exactly as far as asked.
            let far = |least: f64| better.iter().all(|&k| candidates[k].distance(&candidates[index]) >= least - 1e-9);
            if self.min_distance.is_none_or(far) {
                kept.push(index);
                better.push(index);
            } else {
                near += 1;
            }
        }
        report.add_ranking(candidates.len(), near, order.len() - examined);
        kept
    }
}
