//! What a protein is made of: the alphabet the networks speak, and the names files use.

mod alphabet;

pub use alphabet::{Letter, Sequence, VOCABULARY, parse_sequence, sequence_string};
