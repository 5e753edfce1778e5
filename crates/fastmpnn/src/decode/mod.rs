//! [`Encoding`](crate::model::Encoding) to [`Design`]: sequences, drawn residue by residue.

mod designer;
mod letter;
mod memory;
mod observer;
mod order;
mod packing;
mod packing_draws;
mod pair_bias;
mod random;
mod sampler;
mod torsion_mixture;

pub use crate::error::HookFailure;
pub(crate) use designer::DesignTask;
pub use designer::{Design, Designer, MAX_SAMPLES};
pub use letter::Draw;
pub(crate) use memory::Allowance;
pub use memory::{EdgeCache, MemoryLimit, Reuse};
pub use observer::{LettersSoFar, Level, LevelItem, LogitsHook, Observer, Progress};
pub use order::MaskedMember;
pub(crate) use order::{DrawRules, Orders, Schedule, fixed_order};
pub use packing::{
    FIXED_LOG_DENSITY, LigandSight, MAX_PACKING_COUNT, Packing, PackingChoice, PackingRun, PackingSettings,
    PackingStep, PackingTask,
};
pub use packing_draws::{PackingDraws, ResidueDraws, StreamDraws};
pub(crate) use random::{Purpose, RandomStream};
pub use sampler::{Decoded, LetterSource, ReadyGroup};
pub(crate) use sampler::{Letters, SampleOrder, Sampler, SamplerSettings, SamplerTask};
pub use torsion_mixture::{Acceptance, COMPONENTS, TorsionMixture};
