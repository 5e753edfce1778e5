//! The values in a table's cells.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The content of a cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// An empty cell, `null`.
    #[default]
    Missing,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Text; lists and objects of JSON are text, too.
    Text(String),
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// [`Value::Boolean`]
    Boolean,
    /// [`Value::Integer`]
    Integer,
    /// [`Value::Number`]
    Number,
    /// [`Value::Text`]
    Text,
}

impl Value {
    /// A number with six decimals, which is what single precision holds; missing where it is not finite.
    pub fn rounded(value: Option<f64>) -> Value {
        let rounded = value.map(|value| (value * 1e6).round() / 1e6).filter(|value| value.is_finite());
        rounded.map_or(Value::Missing, Value::Number)
    }

    /// The value in JSON.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Missing => serde_json::Value::Null,
            Value::Boolean(value) => (*value).into(),
            Value::Integer(value) => (*value).into(),
            Value::Number(value) => (*value).into(),
            Value::Text(text) => text.clone().into(),
        }
    }

    /// The value of that kind that JSON holds; missing where it is not of that kind.
    pub(crate) fn of_json(value: serde_json::Value, kind: Kind) -> Value {
        Value::from_json(value).into_kind(kind).unwrap_or_default()
    }

    /// The value that JSON holds; lists and objects as their text.
    pub(super) fn from_json(value: serde_json::Value) -> Value {
        match value {
            serde_json::Value::Null => Value::Missing,
            serde_json::Value::Bool(value) => Value::Boolean(value),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(value) => Value::Integer(value),
                None => number.as_f64().map_or(Value::Missing, Value::Number),
            },
            serde_json::Value::String(text) => Value::Text(text),
            nested => Value::Text(nested.to_string()),
        }
    }

    /// Whether the cell is empty.
    pub fn is_missing(&self) -> bool {
        matches!(self, Value::Missing)
    }

    /// The number, also of a cell of text that is one, as all of CSV's are.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Value::Integer(value) => Some(*value as f64),
            Value::Number(value) => Some(*value),
            Value::Text(text) => text.trim().parse().ok(),
            Value::Missing | Value::Boolean(_) => None,
        }
    }

    /// The text of a cell of text.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The same value as one of that kind; `None` where it is not one. A missing value is of every kind.
    pub fn into_kind(self, kind: Kind) -> Option<Value> {
        Some(match (kind, self) {
            (_, Value::Missing) => Value::Missing,
            (Kind::Text, Value::Text(text)) => Value::Text(text),
            (Kind::Text, other) => Value::Text(other.to_string()),
            (Kind::Boolean, Value::Boolean(value)) => Value::Boolean(value),
            (Kind::Boolean, Value::Text(text)) => match text.trim() {
                "true" | "True" | "TRUE" => Value::Boolean(true),
                "false" | "False" | "FALSE" => Value::Boolean(false),
                _ => return None,
            },
            (Kind::Integer, Value::Integer(value)) => Value::Integer(value),
            (Kind::Integer, Value::Text(text)) => Value::Integer(text.trim().parse().ok()?),
            (Kind::Integer, Value::Number(value)) if value.fract() == 0.0 && value.abs() < 9e15 => {
                Value::Integer(value as i64)
            }
            (Kind::Number, value) => Value::Number(value.as_number()?),
            _ => return None,
        })
    }
}

/// As in a cell of CSV; nothing for a missing value.
impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Missing => Ok(()),
            Value::Boolean(value) => write!(out, "{value}"),
            Value::Integer(value) => write!(out, "{value}"),
            // 1.0 for 1, so that readers see a column of numbers.
            Value::Number(value) => write!(out, "{value:?}"),
            Value::Text(text) => out.write_str(text),
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Boolean(value)
    }
}
