//! JSON as Python's `json` reads and writes it: `NaN` and `Infinity` are numbers, objects keep the order of their keys,
//! and the last of equal keys counts. No crate for JSON does all three.

use std::collections::HashMap;
use std::fmt::Write;

use super::text;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A number whose shortest single-precision digits are printed.
    Single(f32),
    Text(String),
    List(Vec<Json>),
    Object(Object),
}

/// A Python dictionary: keys in the order in which they first occurred.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object {
    entries: Vec<(String, Json)>,
    place_of: HashMap<String, usize>,
}

impl PartialEq for Object {
    fn eq(&self, other: &Object) -> bool {
        self.entries == other.entries
    }
}

impl Object {
    /// Sets a key.
    pub(crate) fn insert(&mut self, key: impl Into<String>, value: Json) {
        let key = key.into();
        match self.place_of.get(&key) {
            Some(&place) => self.entries[place].1 = value,
            None => {
                self.place_of.insert(key.clone(), self.entries.len());
                self.entries.push((key, value));
            }
        }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Json> {
        self.place_of.get(key).map(|&place| &self.entries[place].1)
    }

    /// Keys and values in order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.entries.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The keys in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(key, _)| key.as_str())
    }

    /// Adds the entries of another dictionary, as `dict.update` does.
    pub(crate) fn update(&mut self, other: Object) {
        for (key, value) in other.entries {
            self.insert(key, value);
        }
    }
}

impl Json {
    /// A text.
    pub(crate) fn text(text: impl Into<String>) -> Json {
        Json::Text(text.into())
    }

    /// A list.
    pub(crate) fn list<T>(items: impl IntoIterator<Item = T>, make: impl Fn(T) -> Json) -> Json {
        Json::List(items.into_iter().map(make).collect())
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&[Json]> {
        match self {
            Json::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn as_object(&self) -> Option<&Object> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    /// A number; true and false are 1 and 0, as in Python.
    pub(crate) fn as_f64(&self) -> Option<f64> {
        match *self {
            Json::Int(value) => Some(value as f64),
            Json::Float(value) => Some(value),
            Json::Single(value) => Some(f64::from(value)),
            Json::Bool(value) => Some(f64::from(u8::from(value))),
            _ => None,
        }
    }

    /// A whole number.
    pub(crate) fn as_i64(&self) -> Option<i64> {
        match *self {
            Json::Int(value) => Some(value),
            _ => None,
        }
    }

    /// Whether Python treats it as false: null, false, zero, or empty.
    pub(crate) fn is_false(&self) -> bool {
        match self {
            Json::Null => true,
            Json::Text(text) => text.is_empty(),
            Json::List(items) => items.is_empty(),
            Json::Object(object) => object.entries.is_empty(),
            number => number.as_f64() == Some(0.0),
        }
    }

    /// `json.dumps`.
    pub(crate) fn dumps(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            // Writing to a String cannot fail.
            Json::Int(value) => {
                let _ = write!(out, "{value}");
            }
            Json::Float(value) => write_number(out, &text::float(*value)),
            Json::Single(value) => write_number(out, &text::decimal(*value)),
            Json::Text(text) => write_text(out, text),
            Json::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    item.write(out);
                }
                out.push(']');
            }
            Json::Object(Object { entries, .. }) => {
                out.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    write_text(out, key);
                    out.push_str(": ");
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// `json.loads`; the error says where and what.
    pub(crate) fn loads(text: &str) -> Result<Json, String> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.skip_blank();
        if reader.at < text.len() { Err(reader.expected("the end")) } else { Ok(value) }
    }
}

fn write_number(out: &mut String, number: &str) {
    out.push_str(match number {
        "nan" => "NaN",
        "inf" => "Infinity",
        "-inf" => "-Infinity",
        other => other,
    });
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(character),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    // Writing to a String cannot fail.
                    {
                        let _ = write!(out, "\\u{unit:04x}");
                    };
                }
            }
        }
    }
    out.push('"');
}

/// Values nested deeper than this are refused, before the stack overflows.
const DEEPEST: usize = 200;

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blank(&mut self) {
        while matches!(self.next(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expected(&self, what: &str) -> String {
        let found: String = self.rest().chars().take(12).collect();
        let column = self.text.get(..self.at).map_or(0, |before| before.chars().count()) + 1;
        if found.is_empty() {
            format!("column {column}: the line ends where {what} is expected")
        } else {
            format!("column {column}: {what} is expected, found {found:?}")
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > DEEPEST {
            return Err(format!("values are nested more than {DEEPEST} deep"));
        }
        self.skip_blank();
        match self.next() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => Ok(Json::Text(self.text()?)),
            _ if self.word("null") => Ok(Json::Null),
            _ if self.word("true") => Ok(Json::Bool(true)),
            _ if self.word("false") => Ok(Json::Bool(false)),
            _ if self.word("NaN") => Ok(Json::Float(f64::NAN)),
            _ if self.word("Infinity") => Ok(Json::Float(f64::INFINITY)),
            _ if self.word("-Infinity") => Ok(Json::Float(f64::NEG_INFINITY)),
            _ => self.number(),
        }
    }

    fn number(&mut self) -> Result<Json, String> {
        let in_number = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
        let length = self.rest().bytes().take_while(in_number).count();
        let text = &self.rest()[..length];
        let whole = !text.contains(['.', 'e', 'E']);
        let starts_well = text.trim_start_matches('-').starts_with(|first: char| first.is_ascii_digit());
        let number = match text.parse::<i64>() {
            Ok(number) if whole => Some(Json::Int(number)),
            _ => text.parse::<f64>().ok().map(Json::Float),
        };
        let number = number.filter(|_| starts_well).ok_or_else(|| self.expected("a value"))?;
        self.at += length;
        Ok(number)
    }

    fn list(&mut self, depth: usize) -> Result<Json, String> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_blank();
        if self.word("]") {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_blank();
            if self.word("]") {
                return Ok(Json::List(items));
            }
            if !self.word(",") {
                return Err(self.expected("a comma or ]"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, String> {
        self.at += 1;
        let mut object = Object::default();
        self.skip_blank();
        if self.word("}") {
            return Ok(Json::Object(object));
        }
        loop {
            self.skip_blank();
            if self.next() != Some(b'"') {
                return Err(self.expected("a key in double quotes"));
            }
            let key = self.text()?;
            self.skip_blank();
            if !self.word(":") {
                return Err(self.expected("a colon"));
            }
            let value = self.value(depth + 1)?;
            object.insert(key, value);
            self.skip_blank();
            if self.word("}") {
                return Ok(Json::Object(object));
            }
            if !self.word(",") {
                return Err(self.expected("a comma or }"));
            }
        }
    }

    fn text(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let plain = self.rest().find(['"', '\\']).ok_or_else(|| self.expected("a closing quote"))?;
            out.push_str(&self.rest()[..plain]);
            self.at += plain;
            if self.word("\"") {
                return Ok(out);
            }
            self.at += 1;
            let escape = self.next().ok_or_else(|| self.expected("an escape"))?;
            self.at += 1;
            out.push(match escape {
                b'"' => '"',
                b'\\' => '\\',
                b'/' => '/',
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.escaped_unit()?,
                _ => return Err(self.expected("an escape")),
            });
        }
    }

    fn escaped_unit(&mut self) -> Result<char, String> {
        let mut units = vec![self.hexadecimal()?];
        if (0xd800..0xdc00).contains(&units[0]) && self.word("\\u") {
            units.push(self.hexadecimal()?);
        }
        let decoded = char::decode_utf16(units).next().and_then(Result::ok);
        Ok(decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hexadecimal(&mut self) -> Result<u16, String> {
        let digits = self.rest().get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let unit = digits.ok_or_else(|| self.expected("four hexadecimal digits"))?;
        self.at += 4;
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_writes_is_read_and_written_the_same() {
        let texts = [
            r#"{"b": [1, -2.5, NaN, Infinity, -Infinity, 1e-07], "a": {"x": null, "y": true}, "c": []}"#,
            r#""\u00e9\n\"\\ \ud83d\ude00""#,
            "[[1.0, 0.1], {}]",
            "12345678901234567890.0",
        ];
        for text in &texts[..3] {
            assert_eq!(Json::loads(text).unwrap().dumps(), *text);
        }
        assert_eq!(Json::loads(texts[3]).unwrap().dumps(), "1.2345678901234567e+19");
    }

    #[test]
    fn the_last_of_equal_keys_counts_in_the_place_of_the_first() {
        let object = Json::loads(r#"{"a": 1, "b": 2, "a": 3}"#).unwrap();
        assert_eq!(object.dumps(), r#"{"a": 3, "b": 2}"#);
    }

    #[test]
    fn what_is_no_json_says_where() {
        for (text, error) in [
            ("{\"a\": }", "column 7: a value is expected, found \"}\""),
            ("[1, 2", "column 6: the line ends where a comma or ] is expected"),
            ("{a: 1}", "column 2: a key in double quotes is expected, found \"a: 1}\""),
            ("1 2", "column 3: the end is expected, found \"2\""),
            ("\"x", "column 2: a closing quote is expected, found \"x\""),
            ("+1", "column 1: a value is expected, found \"+1\""),
        ] {
            assert_eq!(Json::loads(text).unwrap_err(), error);
        }
        assert!(Json::loads(&"[".repeat(100_000)).is_err());
    }
}
