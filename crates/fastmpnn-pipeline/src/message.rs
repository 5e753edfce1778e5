//! Sentences for people that name the fields of a request, so that each front end can call them as its users do.

use std::fmt;

/// What stands around the name of a field until the sentence is complete: characters for private use, which no text has.
const BEGIN: char = '\u{e000}';
const END: char = '\u{e001}';

/// The name of a request's field within a sentence under construction.
#[derive(Clone, Copy, Debug)]
pub struct Field(pub &'static str);

impl fmt::Display for Field {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{BEGIN}{}{END}", self.0)
    }
}

/// A sentence. It displays the fields of a request under their own names (`num_seqs`); a front end that calls them
/// otherwise puts its own in their places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(String),
}

impl Message {
    /// A sentence in which fields stand as [`Field`].
    pub fn new(text: impl AsRef<str>) -> Message {
        let mut message = Message::default();
        let mut rest = text.as_ref();
        while let Some((before, after)) = rest.split_once(BEGIN) {
            let Some((field, after)) = after.split_once(END) else { break };
            message.push(Piece::Text(before.to_owned()));
            message.push(Piece::Field(field.to_owned()));
            rest = after;
        }
        message.push(Piece::Text(rest.to_owned()));
        message
    }

    /// The sentence with this before it.
    pub fn after(&self, text: impl Into<String>) -> Message {
        let mut message = Message { pieces: vec![Piece::Text(text.into())] };
        message.pieces.extend(self.pieces.iter().cloned());
        message
    }

    /// The sentence with this after it.
    pub fn before(&self, text: impl Into<String>) -> Message {
        let mut message = self.clone();
        message.push(Piece::Text(text.into()));
        message
    }

    /// The fields that the sentence names, in its order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Field(field) => Some(field.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// The sentence with each field under the name that this gives it.
    pub fn with_fields(&self, name: impl Fn(&str) -> String) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Field(field) => name(field),
        };
        self.pieces.iter().map(piece).collect()
    }

    fn push(&mut self, piece: Piece) {
        if piece != Piece::Text(String::new()) {
            self.pieces.push(piece);
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Text(text) | Piece::Field(text) => out.write_str(text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_named_as_each_front_end_names_them() {
        let message = Message::new(format!("{} 3 is not {}", Field("num_seqs"), Field("seed")));
        assert_eq!(message.to_string(), "num_seqs 3 is not seed");
        let option = |field: &str| format!("--{}", field.replace('_', "-"));
        assert_eq!(message.with_fields(option), "--num-seqs 3 is not --seed");
        assert_eq!(message.after("x: ").with_fields(option), "x: --num-seqs 3 is not --seed");
        assert_eq!(message.fields().collect::<Vec<_>>(), ["num_seqs", "seed"]);
        assert_eq!(Message::new("num_seqs").with_fields(option), "num_seqs");
    }
}
