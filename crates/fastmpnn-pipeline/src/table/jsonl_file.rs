//! Tables as JSON Lines: an object a row.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, BufRead};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};

use super::{Column, Kind, NumberedRow, Schema, Value};
use crate::error::{PipelineError, unreadable, unusable};

/// The rows of a file of JSON Lines.
pub(super) struct JsonlRows {
    lines: Lines,
    /// The columns by name.
    places: HashMap<String, usize>,
}

/// The lines that are not empty, with their numbers.
struct Lines {
    from: Box<dyn BufRead + Send>,
    number: u64,
    line: String,
}

/// The entries of an object in their order.
struct Entries(Vec<(String, serde_json::Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Entries, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Entries;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

impl Lines {
    fn new(from: Box<dyn BufRead + Send>) -> Lines {
        Lines { from, number: 0, line: String::new() }
    }

    fn next_object(&mut self, name: &str) -> Option<Result<Entries, PipelineError>> {
        loop {
            self.line.clear();
            self.number += 1;
            let number = self.number;
            match self.from.read_line(&mut self.line) {
                Ok(0) => return None,
                Err(error) => return Some(Err(unreadable(format!("{name}, line {number}"), error))),
                Ok(_) => {}
            }
            let line = self.line.trim_start_matches('\u{feff}').trim();
            if line.is_empty() {
                continue;
            }
            let object: Result<Entries, _> = serde_json::from_str(line);
            return Some(object.map_err(|error| {
                // The position is within this one line.
                let text = error.to_string();
                let reason = text.rfind(" at line ").map_or(text.as_str(), |end| &text[..end]);
                unusable(format!("{name}, line {number}: not a JSON object: {reason}"))
            }));
        }
    }
}

impl JsonlRows {
    /// The columns of all rows. A column of whole numbers and others is one of numbers; of other mixtures, one of text.
    pub(super) fn schema(name: &str, from: Box<dyn BufRead + Send>) -> Result<Schema, PipelineError> {
        let mut lines = Lines::new(from);
        let mut kinds: Vec<Option<Kind>> = Vec::new();
        let mut columns: Vec<String> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        while let Some(object) = lines.next_object(name) {
            for (key, value) in object?.0 {
                let place = *places.entry(key).or_insert_with_key(|key| {
                    columns.push(key.clone());
                    kinds.push(None);
                    columns.len() - 1
                });
                kinds[place] = common_kind(kinds[place], &value);
            }
        }
        if columns.is_empty() {
            return Err(unusable(format!("{name}: the table is empty")));
        }
        let columns = columns.into_iter().zip(kinds);
        Ok(Schema::new(columns.map(|(name, kind)| Column::new(name, kind.unwrap_or(Kind::Text))).collect()))
    }

    pub(super) fn new(from: Box<dyn BufRead + Send>, schema: &Schema) -> JsonlRows {
        let places = schema.columns.iter().enumerate().map(|(place, column)| (column.name.clone(), place)).collect();
        JsonlRows { lines: Lines::new(from), places }
    }

    pub(super) fn next_row(&mut self, name: &str, width: usize) -> Option<Result<NumberedRow, PipelineError>> {
        let object = match self.lines.next_object(name)? {
            Ok(object) => object,
            Err(error) => return Some(Err(error)),
        };
        let mut values = vec![Value::Missing; width];
        for (key, value) in object.0 {
            match self.places.get(&key) {
                Some(&place) => values[place] = Value::from_json(value),
                // The file has changed since its columns were read.
                None => return Some(Err(unusable(format!("{name}: the file has changed while it was read")))),
            }
        }
        Some(Ok(NumberedRow { number: self.lines.number, values }))
    }
}

fn common_kind(kind: Option<Kind>, value: &serde_json::Value) -> Option<Kind> {
    let other = match value {
        serde_json::Value::Null => return kind,
        serde_json::Value::Bool(_) => Kind::Boolean,
        serde_json::Value::Number(number) if number.is_i64() => Kind::Integer,
        serde_json::Value::Number(_) => Kind::Number,
        _ => Kind::Text,
    };
    Some(match (kind, other) {
        (None, other) => other,
        (Some(kind), other) if kind == other => kind,
        (Some(Kind::Integer | Kind::Number), Kind::Integer | Kind::Number) => Kind::Number,
        _ => Kind::Text,
    })
}

/// Writes a row, with its columns in their order.
pub(super) fn write_row(mut out: impl io::Write, schema: &Schema, row: &[Value]) -> io::Result<()> {
    let mut json = serde_json::Serializer::new(&mut out);
    let mut object = json.serialize_map(Some(row.len()))?;
    for (column, value) in schema.columns.iter().zip(row) {
        match value {
            Value::Missing => object.serialize_entry(&column.name, &()),
            Value::Boolean(value) => object.serialize_entry(&column.name, value),
            Value::Integer(value) => object.serialize_entry(&column.name, value),
            Value::Number(value) => object.serialize_entry(&column.name, value),
            Value::Text(text) => object.serialize_entry(&column.name, text),
        }?;
    }
    SerializeMap::end(object)?;
    out.write_all(b"\n")
}
