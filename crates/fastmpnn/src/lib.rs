//! FastMPNN: inverse folding with the ProteinMPNN networks on the CPU.
//!
//! The flow of data:
//!
//! ```text
//! bytes ─▶ Structure ─▶ (+ DesignSpec) ─▶ Graph ─▶ Encoding ─▶ Design ─▶ files
//!          structure/    spec/            featurize/  model/   decode/   write/
//! ```
//!
//! Four sequences for a backbone, without cysteine:
//!
//! ```
//! use fastmpnn::{Engine, EngineOptions, chemistry::sequence_string, spec::DesignSpec, structure};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let backbone = structure::read_path("../../examples/5L33.pdb".as_ref(), &Default::default())?;
//! let plan = DesignSpec { omit: "C".into(), ..DesignSpec::default() }.resolve(&backbone)?;
//! let engine = Engine::embedded(&EngineOptions::default())?;
//! let encoding = engine.encode(&backbone)?;
//! let designs = engine.designer(&encoding, &backbone, &plan)?.sample(0..4, 0.1)?;
//! assert_eq!(designs.len(), 4);
//! assert!(designs.iter().all(|design| !sequence_string(&design.sequence).contains('C')));
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

pub mod chemistry;
pub mod error;
mod pickle;

pub mod structure;

pub mod spec;

pub mod featurize;

pub mod weights;

pub mod model;

pub mod decode;

pub mod score;

pub mod write;

mod engine;
mod packer;

pub use decode::{Design, Designer, LogitsHook, MemoryLimit, Observer, PackingRun, PackingTask, Progress};
pub use engine::{Conditioning, Engine, EngineOptions, LogProbabilities, SequenceScorer};
/// The vector kernels, for programs that benchmark them.
pub use fastmpnn_kernels as kernels;
pub use fastmpnn_kernels::{Isa, IsaError};
pub use model::{Encoding, Precision, Workers};
pub use packer::Packer;

#[cfg(test)]
extern crate self as fastmpnn;
#[cfg(test)]
mod family_tests;
#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod ligand_tests;
#[cfg(test)]
mod masked_tests;
#[cfg(test)]
mod mixture_table_tests;
#[cfg(test)]
mod mixture_tests;
#[cfg(test)]
mod packer_golden_tests;
#[cfg(test)]
#[path = "../tests/it/published_checkpoint.rs"]
mod published_checkpoint;
#[cfg(test)]
mod schedule_tests;
#[cfg(test)]
#[path = "../tests/it/shared.rs"]
mod shared;
