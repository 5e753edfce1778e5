//! One error type per stage. Every message is a sentence that names the place of the error.

mod engine;
mod plan;
mod spec;
mod structure;
mod weights;

pub use self::engine::{EngineError, HookFailure};
pub use self::plan::PlanError;
pub use self::spec::SpecError;
pub(crate) use self::spec::in_sentence;
pub use self::structure::StructureError;
pub use self::weights::WeightsError;
