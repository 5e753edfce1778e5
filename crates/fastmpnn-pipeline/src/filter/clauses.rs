//! A filter: conditions that a row has to meet.

use super::words;
use super::{Columns, Expression, ExpressionError, Row};

/// Conditions that a row has to meet, one after another.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    clauses: Vec<Expression>,
}

/// How a clause of a filter judged a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The row meets every clause.
    Kept,
    /// The first clause that it does not meet.
    Removed {
        /// The clause's place in [`Filter::clauses`].
        clause: usize,
        /// Whether that is because the row lacks a value.
        unknown: bool,
    },
}

impl Filter {
    /// The filter of some conditions. What `and` joins at the top of a condition are clauses of their own, so that the
    /// rows that each removes can be told apart.
    pub fn parse(conditions: &[String], columns: &dyn Columns) -> Result<Filter, ExpressionError> {
        let mut clauses = Vec::new();
        for condition in conditions {
            // Read as a whole first: an error is then that of what was written.
            Expression::condition(condition, columns)?;
            for clause in words::clauses(condition) {
                clauses.push(Expression::condition(&clause, columns)?);
            }
        }
        Ok(Filter { clauses })
    }

    /// Its clauses, as they were written.
    pub fn clauses(&self) -> impl Iterator<Item = &str> {
        self.clauses.iter().map(Expression::text)
    }

    /// The columns that it names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.clauses.iter().flat_map(Expression::names)
    }

    /// Judges a row.
    pub fn judge(&self, row: &dyn Row) -> Result<Verdict, ExpressionError> {
        for (clause, expression) in self.clauses.iter().enumerate() {
            match expression.is_met(row)? {
                Some(true) => {}
                judged => return Ok(Verdict::Removed { clause, unknown: judged.is_none() }),
            }
        }
        Ok(Verdict::Kept)
    }
}
