//! The task for each structure, and the settings with which designs are drawn.

use fastmpnn::decode::Reuse;

/// The task for each structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Task {
    /// Features and encoder.
    Encode,
    /// Features, encoder, and the decoder with the native letters given.
    Forward,
    /// Features, encoder, and this number of sequences drawn.
    Design(u64),
}

impl Task {
    /// Sequences that are scored or drawn.
    pub(crate) fn sequences(self) -> u64 {
        match self {
            Task::Encode => 0,
            Task::Forward => 1,
            Task::Design(sequences) => sequences,
        }
    }
}

/// The settings with which designs are drawn.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Drawing {
    /// The seed.
    pub(crate) seed: u64,
    /// The sampling temperature.
    pub(crate) temperature: f32,
    /// The results kept from residue to residue.
    pub(crate) reuse: Reuse,
    /// Whether residues are drawn one after another instead of level by level.
    pub(crate) one_at_a_time: bool,
}
