//! An expression over columns.

use exmex::{Express, FlatEx};
use thiserror::Error;

use super::cell::{Cell, Literals, Operators};
use super::words::braced;
use super::{Columns, Row};
use crate::table::Kind;

/// An expression that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExpressionError {
    /// It is no expression.
    #[error("{text:?} is not an expression such as score < 1.0 and charge > -10: {reason}")]
    Syntax {
        /// The expression.
        text: String,
        /// What the parser says.
        reason: String,
    },
    /// It names a column that there is not.
    #[error("{text:?}: there is no column {name}{nearest}")]
    UnknownColumn {
        /// The expression.
        text: String,
        /// The name.
        name: String,
        /// `; the nearest is score`, or nothing.
        nearest: String,
    },
    /// Its operators do not take what they are given, or its value is not of the kind that is asked for.
    #[error("{text:?}: {reason}")]
    Kind {
        /// The expression.
        text: String,
        /// What does not fit.
        reason: String,
    },
}

/// The bytes of the longest expression: the parser recurses into parentheses.
const LONGEST: usize = 10_000;

/// What the parser says, in words for those who wrote the expression.
fn reason(said: &str) -> String {
    match said {
        said if said.starts_with("we have ") => "an operator or a value is missing".to_owned(),
        said if said.starts_with("don't know how to parse =") => "equality is written ==".to_owned(),
        said => said.to_owned(),
    }
}

/// What an expression is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Condition,
    Key,
}

/// An expression over columns, checked: it names columns that there are, and its operators fit their kinds.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    parsed: FlatEx<Cell, Operators, Literals>,
}

impl Expression {
    /// A condition, which is true or false for a row.
    pub fn condition(text: &str, columns: &dyn Columns) -> Result<Expression, ExpressionError> {
        Expression::parse(text, columns, Purpose::Condition)
    }

    /// A key to sort rows by, which is a number.
    pub fn key(text: &str, columns: &dyn Columns) -> Result<Expression, ExpressionError> {
        Expression::parse(text, columns, Purpose::Key)
    }

    fn parse(text: &str, columns: &dyn Columns, purpose: Purpose) -> Result<Expression, ExpressionError> {
        let text = text.trim().to_owned();
        if text.len() > LONGEST {
            let reason = format!("it is longer than {LONGEST} characters");
            return Err(ExpressionError::Syntax { text: text.chars().take(60).collect(), reason });
        }
        let expression = match FlatEx::parse(&braced(&text)) {
            Ok(parsed) => Expression { text, parsed },
            Err(error) => return Err(ExpressionError::Syntax { text, reason: reason(error.msg()) }),
        };
        let mut sample = Vec::new();
        for name in expression.names() {
            match columns.kind_of(name) {
                Some(kind) => sample.push(Cell::of_kind(kind)),
                None => return Err(expression.unknown_column(name, columns)),
            }
        }
        let wanted = match purpose {
            Purpose::Condition => Kind::Boolean,
            Purpose::Key => Kind::Number,
        };
        match (expression.computed(&sample)?, wanted) {
            (Cell::Unknown, _) | (Cell::Truth(_), Kind::Boolean) | (Cell::Number(_), Kind::Number) => Ok(expression),
            (other, _) => {
                let wanted = if wanted == Kind::Boolean { "a condition, true or false" } else { "a number" };
                Err(expression.wrong(format!("its value is {}, not {wanted}", other.noun())))
            }
        }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns that it names, each once.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parsed.var_names().iter().map(String::as_str)
    }

    /// Whether a row meets the condition; `None` where that is unknown for want of a value.
    pub fn is_met(&self, row: &dyn Row) -> Result<Option<bool>, ExpressionError> {
        match self.of_row(row)? {
            Cell::Truth(value) => Ok(Some(value)),
            Cell::Unknown => Ok(None),
            other => Err(self.wrong(format!("its value is {}, not a condition, true or false", other.noun()))),
        }
    }

    /// The key of a row; `None` where it is unknown for want of a value.
    pub fn key_of(&self, row: &dyn Row) -> Result<Option<f64>, ExpressionError> {
        match self.of_row(row)? {
            Cell::Number(value) => Ok(Some(value)),
            Cell::Unknown => Ok(None),
            other => Err(self.wrong(format!("its value is {}, not a number", other.noun()))),
        }
    }

    fn of_row(&self, row: &dyn Row) -> Result<Cell, ExpressionError> {
        let values: Vec<Cell> = self.names().map(|name| Cell::from(row.value(name))).collect();
        self.computed(&values)
    }

    fn computed(&self, values: &[Cell]) -> Result<Cell, ExpressionError> {
        match self.parsed.eval(values) {
            Ok(Cell::Wrong(reason)) => Err(self.wrong(reason)),
            Ok(cell) => Ok(cell),
            Err(error) => Err(self.wrong(error.msg().to_owned())),
        }
    }

    fn wrong(&self, reason: String) -> ExpressionError {
        ExpressionError::Kind { text: self.text.clone(), reason }
    }

    fn unknown_column(&self, name: &str, columns: &dyn Columns) -> ExpressionError {
        let names = columns.names();
        let nearest = names.iter().min_by_key(|known| strsim::damerau_levenshtein(&name.to_lowercase(), known));
        let nearest = nearest.map_or_else(String::new, |known| format!("; the nearest is {known}"));
        ExpressionError::UnknownColumn { text: self.text.clone(), name: name.to_owned(), nearest }
    }
}
