//! Cells of a manifest as values of settings: text is what the command line takes.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::address::in_folder;
use crate::table::Value;

/// What the values of a setting are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SettingKind {
    Boolean,
    Integer,
    Number,
    Text,
    Numbers,
    Texts,
    /// A path.
    File,
    /// A path, or whether there is one at the usual place.
    Path,
}

/// Texts that are paths, which their schema does not say.
const FILES: [&str; 2] = ["fasta", "membrane_labels"];

impl SettingKind {
    /// By the name and the JSON Schema of a setting.
    pub(super) fn of_setting(name: &str, schema: &Json) -> SettingKind {
        let has = |schema: &Json, name: &str| match &schema["type"] {
            Json::String(only) => only == name,
            Json::Array(several) => several.iter().any(|one| one == name),
            _ => false,
        };
        match schema {
            _ if FILES.contains(&name) => SettingKind::File,
            schema if has(schema, "array") && has(&schema["items"], "number") => SettingKind::Numbers,
            schema if has(schema, "array") => SettingKind::Texts,
            schema if has(schema, "boolean") && has(schema, "string") => SettingKind::Path,
            schema if has(schema, "boolean") => SettingKind::Boolean,
            schema if has(schema, "integer") => SettingKind::Integer,
            schema if has(schema, "number") => SettingKind::Number,
            _ => SettingKind::Text,
        }
    }

    /// The value of a cell that is not empty. Paths are relative to `folder`.
    pub(super) fn value(self, cell: &Value, folder: &Path) -> Result<Json, String> {
        let text = cell.to_string();
        let text = text.trim();
        let refused = |what: &str| format!("`{}` is not {what}", text.escape_debug());
        let flag = || match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        };
        Ok(match self {
            SettingKind::Boolean => json!(flag().ok_or_else(|| refused("true or false"))?),
            SettingKind::Integer => match cell.clone().into_kind(crate::table::Kind::Integer) {
                Some(Value::Integer(value)) => json!(value),
                _ => json!(text.parse::<u64>().map_err(|_| refused("a whole number"))?),
            },
            SettingKind::Number => json!(number(text).ok_or_else(|| refused("a number"))?),
            SettingKind::Numbers => {
                let numbers = text.trim_start_matches('[').trim_end_matches(']').split(',');
                let numbers: Option<Vec<f64>> = numbers.map(|part| number(part.trim())).collect();
                json!(numbers.ok_or_else(|| refused("a list of numbers, such as 0.1,0.2"))?)
            }
            // A list of JSON, or one text as it stands on the command line.
            SettingKind::Texts if text.starts_with('[') => {
                let texts: Result<Vec<String>, _> = serde_json::from_str(text);
                json!(texts.map_err(|_| refused("a list of texts"))?)
            }
            SettingKind::Texts => json!([text]),
            SettingKind::File => json!(in_folder(folder, text).to_string_lossy()),
            SettingKind::Path => match flag() {
                Some(flag) => json!(flag),
                None => json!(in_folder(folder, text).to_string_lossy()),
            },
            SettingKind::Text => json!(text),
        })
    }
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(kind: SettingKind, cell: impl Into<Value>) -> Result<Json, String> {
        kind.value(&cell.into(), Path::new("folder"))
    }

    #[test]
    fn cells_say_what_the_command_line_says() {
        let cases = [
            (SettingKind::Boolean, "Yes", json!(true)),
            (SettingKind::Integer, " 8", json!(8)),
            (SettingKind::Integer, "18446744073709551615", json!(u64::MAX)),
            (SettingKind::Number, "8.5", json!(8.5)),
            (SettingKind::Text, "A,B", json!("A,B")),
            (SettingKind::Numbers, "0.1, 0.2", json!([0.1, 0.2])),
            (SettingKind::Numbers, "[0.1]", json!([0.1])),
            (SettingKind::Texts, "A1-10,B5", json!(["A1-10,B5"])),
            (SettingKind::Texts, r#"["A1=B1", "A2=B2"]"#, json!(["A1=B1", "A2=B2"])),
            (SettingKind::File, "labels.csv", json!("folder/labels.csv")),
            (SettingKind::File, "1", json!("folder/1")),
            (SettingKind::Path, "true", json!(true)),
            (SettingKind::Path, "x.trb", json!("folder/x.trb")),
        ];
        for (kind, text, expected) in cases {
            assert_eq!(value(kind, text), Ok(expected), "{text}");
        }
        assert_eq!(value(SettingKind::Text, Value::Integer(1)), Ok(json!("1")));
        assert_eq!(value(SettingKind::Integer, Value::Number(8.0)), Ok(json!(8)));
        for (kind, text, expected) in [
            (SettingKind::Boolean, "maybe", "`maybe` is not true or false"),
            (SettingKind::Integer, "8.5", "`8.5` is not a whole number"),
            (SettingKind::Number, "NaN", "`NaN` is not a number"),
            (SettingKind::Numbers, "0.1;0.2", "`0.1;0.2` is not a list of numbers, such as 0.1,0.2"),
            (SettingKind::Texts, "[A1", "`[A1` is not a list of texts"),
        ] {
            assert_eq!(value(kind, text), Err(expected.to_owned()));
        }
    }
}
