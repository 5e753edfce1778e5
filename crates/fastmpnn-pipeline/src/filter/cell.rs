//! What an expression computes with, and its operators.

use std::cmp::Ordering;
use std::str::FromStr;

use exmex::{BinOp, MakeOperators, MatchLiteral, Operator, literal_matcher_from_pattern};

use crate::table::{Kind, Value};

/// A value in an expression.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Cell {
    /// A value that the row does not have, and what is computed from it.
    #[default]
    Unknown,
    /// True or false.
    Truth(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// Operands that an operator does not take, and why.
    Wrong(String),
}

impl Cell {
    /// A value of that kind, to learn what an expression does with it.
    pub(super) fn of_kind(kind: Kind) -> Cell {
        match kind {
            Kind::Boolean => Cell::Truth(true),
            Kind::Integer | Kind::Number => Cell::Number(1.0),
            Kind::Text => Cell::Text(String::new()),
        }
    }

    /// What it is, for messages.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Cell::Unknown => "an unknown value",
            Cell::Truth(_) => "true or false",
            Cell::Number(_) => "a number",
            Cell::Text(_) => "a text",
            Cell::Wrong(_) => "an error",
        }
    }

    fn number(value: f64) -> Cell {
        // 0 / 0 is not known; 1 / 0 is greater than everything.
        if value.is_nan() { Cell::Unknown } else { Cell::Number(value) }
    }
}

impl From<Value> for Cell {
    fn from(value: Value) -> Cell {
        match value {
            Value::Missing => Cell::Unknown,
            Value::Boolean(value) => Cell::Truth(value),
            Value::Integer(value) => Cell::Number(value as f64),
            Value::Number(value) => Cell::number(value),
            Value::Text(text) => Cell::Text(text),
        }
    }
}

/// Of a literal: a text in quotes, `true`, `false` or a number.
impl FromStr for Cell {
    type Err = String;

    fn from_str(literal: &str) -> Result<Cell, String> {
        match literal {
            "true" => Ok(Cell::Truth(true)),
            "false" => Ok(Cell::Truth(false)),
            quoted if quoted.starts_with(['\'', '"']) => {
                Ok(Cell::Text(quoted.trim_matches(|character| quoted.starts_with(character)).to_owned()))
            }
            number => number.parse().map(Cell::Number).map_err(|_| format!("{number} is not a number")),
        }
    }
}

literal_matcher_from_pattern!(
    Literals,
    r#"^('[^']*'|"[^"]*"|(true|false)\b|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)"#
);

/// The operators, with what binds more tightly further down.
#[derive(Clone, Debug)]
pub(super) struct Operators;

impl MakeOperators<Cell> for Operators {
    fn make<'a>() -> Vec<Operator<'a, Cell>> {
        let binary = |sign: &'a str, prio: i64, apply: fn(Cell, Cell) -> Cell| {
            Operator::make_bin(sign, BinOp { apply, prio, is_commutative: false })
        };
        let both = |sign: &'a str, apply: fn(Cell, Cell) -> Cell, unary: fn(Cell) -> Cell| {
            Operator::make_bin_unary(sign, BinOp { apply, prio: 4, is_commutative: false }, unary)
        };
        vec![
            binary("or", 1, |a, b| not(and(not(a), not(b)))),
            binary("and", 2, and),
            binary("==", 3, |a, b| compare("==", a, b, Ordering::is_eq)),
            binary("!=", 3, |a, b| compare("!=", a, b, Ordering::is_ne)),
            binary("<", 3, |a, b| compare("<", a, b, Ordering::is_lt)),
            binary("<=", 3, |a, b| compare("<=", a, b, Ordering::is_le)),
            binary(">", 3, |a, b| compare(">", a, b, Ordering::is_gt)),
            binary(">=", 3, |a, b| compare(">=", a, b, Ordering::is_ge)),
            both("+", |a, b| arithmetic("+", a, b, |a, b| a + b), |a| arithmetic("+", Cell::Number(0.0), a, |_, a| a)),
            both("-", |a, b| arithmetic("-", a, b, |a, b| a - b), |a| arithmetic("-", Cell::Number(0.0), a, |_, a| -a)),
            binary("*", 5, |a, b| arithmetic("*", a, b, |a, b| a * b)),
            binary("/", 5, |a, b| arithmetic("/", a, b, |a, b| a / b)),
            binary("^", 6, |a, b| arithmetic("^", a, b, f64::powf)),
            binary("min", 6, |a, b| arithmetic("min", a, b, f64::min)),
            binary("max", 6, |a, b| arithmetic("max", a, b, f64::max)),
            Operator::make_unary("abs", |a| arithmetic("abs", Cell::Number(0.0), a, |_, a| a.abs())),
            Operator::make_unary("not", not),
        ]
    }
}

/// False where one is false, whatever the other: so the logic of three values of SQL.
fn and(a: Cell, b: Cell) -> Cell {
    match (a, b) {
        (wrong @ Cell::Wrong(_), _) | (_, wrong @ Cell::Wrong(_)) => wrong,
        (Cell::Truth(a), Cell::Truth(b)) => Cell::Truth(a && b),
        (Cell::Truth(false), Cell::Unknown) | (Cell::Unknown, Cell::Truth(false)) => Cell::Truth(false),
        (Cell::Truth(_) | Cell::Unknown, Cell::Unknown) | (Cell::Unknown, Cell::Truth(_)) => Cell::Unknown,
        (Cell::Truth(_) | Cell::Unknown, other) | (other, _) => no_truth("and, or", &other),
    }
}

fn not(a: Cell) -> Cell {
    match a {
        Cell::Truth(value) => Cell::Truth(!value),
        Cell::Unknown | Cell::Wrong(_) => a,
        other @ (Cell::Number(_) | Cell::Text(_)) => no_truth("not", &other),
    }
}

fn no_truth(word: &str, operand: &Cell) -> Cell {
    let advice = if word == "not" { "; a comparison after it is in parentheses: not (a < b)" } else { "" };
    Cell::Wrong(format!("{word}: {} is neither true nor false{advice}", operand.noun()))
}

fn compare(sign: &str, a: Cell, b: Cell, holds: fn(Ordering) -> bool) -> Cell {
    let order = match (a, b) {
        (wrong @ Cell::Wrong(_), _) | (_, wrong @ Cell::Wrong(_)) => return wrong,
        (Cell::Unknown, _) | (_, Cell::Unknown) => None,
        (Cell::Number(a), Cell::Number(b)) => a.partial_cmp(&b),
        (Cell::Text(a), Cell::Text(b)) => Some(a.cmp(&b)),
        (Cell::Truth(a), Cell::Truth(b)) => Some(a.cmp(&b)),
        (a, b) => return Cell::Wrong(format!("{sign} compares {} with {}", a.noun(), b.noun())),
    };
    order.map_or(Cell::Unknown, |order| Cell::Truth(holds(order)))
}

fn arithmetic(sign: &str, a: Cell, b: Cell, result: fn(f64, f64) -> f64) -> Cell {
    match (a, b) {
        (wrong @ Cell::Wrong(_), _) | (_, wrong @ Cell::Wrong(_)) => wrong,
        (Cell::Number(a), Cell::Number(b)) => Cell::number(result(a, b)),
        (Cell::Number(_) | Cell::Unknown, Cell::Unknown) | (Cell::Unknown, Cell::Number(_)) => Cell::Unknown,
        (Cell::Number(_) | Cell::Unknown, other) | (other, _) => {
            Cell::Wrong(format!("{sign} is for numbers, not for {}", other.noun()))
        }
    }
}
