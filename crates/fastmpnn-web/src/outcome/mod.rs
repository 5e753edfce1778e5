//! Results as JSON.

mod collector;
mod design;
mod nim;
mod others;
mod residues;
mod result;

pub(crate) use self::collector::{Audience, Collector, Found};
pub(crate) use self::design::DesignedStructure;
pub(crate) use self::nim::NimAnswer;
pub(crate) use self::others::{PackedStructure, ProbabilityTable, ScannedStructure, ScoredStructure};
pub(crate) use self::result::{ALPHABET, TaskResult, UsedModel};
