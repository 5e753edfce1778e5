//! Messages that mark the fields of a request which they name, so that each front end can use its own names for them.

use std::fmt;

/// What stands around the name of a field until the sentence is complete: characters for private use, which no text has.
const BEGIN: char = '\u{e000}';
const END: char = '\u{e001}';

/// The names of the fields of all requests, which a test holds against them.
const FIELDS: [&str; 79] = [
    "altloc",
    "assembly",
    "bias",
    "bias_at",
    "by",
    "chain_separator",
    "chains",
    "charge",
    "checkpoint",
    "count",
    "cyclic",
    "denoising_steps",
    "descending",
    "dictionary",
    "double",
    "fasta",
    "fasta_dir",
    "filter",
    "fix",
    "gaps",
    "heat_map",
    "homo_oligomer",
    "inputs",
    "leave_out_unoccupied",
    "ligand",
    "ligand_cutoff",
    "logo",
    "logo_axis",
    "manifest",
    "matrix",
    "membrane_buried",
    "membrane_global",
    "membrane_interface",
    "membrane_labels",
    "min_distance",
    "mode",
    "model",
    "model_number",
    "motif",
    "mutations",
    "no_ligand",
    "no_motif",
    "noise",
    "num_orders",
    "num_packs",
    "num_samples",
    "num_seqs",
    "omit",
    "omit_at",
    "order",
    "out",
    "overwrite",
    "pack",
    "packer",
    "part_rows",
    "pdb_labels",
    "per_residue",
    "per_structure",
    "precision",
    "probabilities",
    "recursive",
    "redesign",
    "repack",
    "repack_everything",
    "report",
    "rescore_orders",
    "resume",
    "seed",
    "shard",
    "side_chain_context",
    "state_weights",
    "states",
    "structure_format",
    "structures",
    "table",
    "temperature",
    "tie",
    "top",
    "trb",
];

/// Whether a word is the name of a field of any request.
fn is_field(word: &str) -> bool {
    FIELDS.contains(&word)
}

/// The name of a request's field within a sentence under construction.
#[derive(Clone, Copy, Debug)]
pub struct Field(pub &'static str);

impl fmt::Display for Field {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{BEGIN}{}{END}", self.0)
    }
}

/// The name of a field that is known only at run time, within a sentence under construction.
pub(crate) fn marked(field: &str) -> String {
    format!("{BEGIN}{field}{END}")
}

/// A message. It displays the fields of a request under their own names (`num_seqs`); a front end can substitute other
/// names.
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
    /// A message whose text contains fields as [`Field`].
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

    /// A message of the library, which has fields between backquotes: `` `fix` ``, or `` `assembly models` `` with a
    /// value. Text between backquotes directly after a field is the value that the user wrote, whatever it is.
    pub fn of_library(text: &str) -> Message {
        let mut message = Message::default();
        let mut plain = String::new();
        let mut parts = text.split('`');
        plain.push_str(parts.next().unwrap_or_default());
        let mut after_field = false;
        while let Some(quoted) = parts.next() {
            let rest = parts.next();
            let field = quoted.split(' ').next().unwrap_or_default();
            let alone = field.len() == quoted.len();
            if rest.is_some() && !(after_field && plain == " ") && is_field(field) {
                if !alone {
                    plain.push('`');
                }
                message.push(Piece::Text(std::mem::take(&mut plain)));
                message.push(Piece::Field(field.to_owned()));
                if !alone {
                    plain.push_str(&quoted[field.len()..]);
                    plain.push('`');
                }
                after_field = alone;
            } else {
                plain.push('`');
                plain.push_str(quoted);
                if rest.is_some() {
                    plain.push('`');
                }
                after_field = false;
            }
            plain.push_str(rest.unwrap_or_default());
        }
        message.push(Piece::Text(plain));
        message
    }

    /// The message with `text` before it.
    pub fn after(&self, text: impl Into<String>) -> Message {
        let mut message = Message { pieces: vec![Piece::Text(text.into())] };
        message.pieces.extend(self.pieces.iter().cloned());
        message
    }

    /// The message with `text` after it.
    pub fn before(&self, text: impl Into<String>) -> Message {
        let mut message = self.clone();
        message.push(Piece::Text(text.into()));
        message
    }

    /// The fields that the message names, in order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Field(field) => Some(field.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// The message with each field replaced by `name` of it.
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
    use std::collections::BTreeSet;

    use super::*;
    use crate::request::{DesignRequest, PackRequest, ProbsRequest, RankRequest, Request, ScanRequest, ScoreRequest};

    #[test]
    fn the_names_are_those_of_the_requests() {
        let requests = [
            DesignRequest::fields(),
            ScoreRequest::fields(),
            ProbsRequest::fields(),
            PackRequest::fields(),
            ScanRequest::fields(),
            RankRequest::fields(),
        ];
        let names: BTreeSet<String> = requests.into_iter().flatten().collect();
        assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), FIELDS);
    }

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

    #[test]
    fn sentences_of_the_library_have_fields_between_backquotes() {
        let option = |field: &str| format!("--{}", field.replace('_', "-"));
        for (text, expected) in [
            ("`fix` `A30`: no residue", "--fix `A30`: no residue"),
            ("`fix` `fix`: no chain", "--fix `fix`: no chain"),
            ("`fix` `redesign A`: no chain", "--fix `redesign A`: no chain"),
            ("by `tie` `A1=B1` and by `homo_oligomer`; x", "by --tie `A1=B1` and by --homo-oligomer; x"),
            ("`assembly models` takes them", "`--assembly models` takes them"),
            ("`B` is not a letter, fix it", "`B` is not a letter, fix it"),
            ("`omit` ``: is empty", "--omit ``: is empty"),
            ("one ` alone", "one ` alone"),
            ("", ""),
        ] {
            assert_eq!(Message::of_library(text).with_fields(option), expected, "{text}");
        }
    }
}
