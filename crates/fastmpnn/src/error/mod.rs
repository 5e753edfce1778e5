//! One error type a stage. Every message is a sentence that says where the trouble is.

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
