//! Conditions and keys over the columns of designs, as people write them: `score < 1.0 and charge > -10`.
//!
//! ```text
//! text ─▶ words (names in braces) ─▶ exmex ─▶ Expression ─▶ a Cell for each row
//! ```
//!
//! A condition has the comparisons `<`, `<=`, `>`, `>=`, `==`, `!=`, the arithmetic `+`, `-`, `*`, `/`, `^`, `abs`, `min` and
//! `max`, `and`, `or` and `not`, parentheses, numbers, texts in quotes, `true` and `false`. A value that a row does not have is
//! unknown, as in SQL: what compares with it is neither true nor false, and a row whose condition is not true is removed.

mod cell;
mod clauses;
mod columns;
mod expression;
mod words;

pub use clauses::{Filter, Verdict};
pub use columns::{Columns, Row};
pub use expression::{Expression, ExpressionError};

#[cfg(test)]
mod tests;
