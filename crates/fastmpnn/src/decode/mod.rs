//! [`Encoding`](crate::model::Encoding) to [`Design`]: sequences, drawn residue by residue.

mod constraints;
mod designer;
mod letter;
mod letter_source;
mod level_states;
mod memory;
mod observer;
mod order;
mod packing;
mod pair_bias;
mod random;
mod reused;
mod sampler;

pub use crate::error::HookFailure;
pub(crate) use constraints::Goals;
pub(crate) use designer::DesignTask;
pub use designer::{Design, Designer, MAX_SAMPLES};
pub use letter::Draw;
pub(crate) use letter_source::Letters;
pub use letter_source::{LetterSource, ReadyGroup};
pub(crate) use memory::Allowance;
pub use memory::{EdgeCache, MemoryLimit, Reuse};
pub use observer::{LettersSoFar, Level, LevelItem, LogitsHook, Observer, Progress};
pub use order::MaskedMember;
pub(crate) use order::{DrawRules, Orders, Schedule, fixed_order};
pub use packing::{
    Acceptance, COMPONENTS, ComponentSample, FIXED_LOG_DENSITY, LigandSight, MAX_PACKING_COUNT, PackId, Packing,
    PackingChoice, PackingDraws, PackingRun, PackingSettings, PackingStep, PackingTask, ResidueDraws, StreamDraws,
    TorsionMixture, TorsionSample,
};
pub(crate) use random::{Purpose, RandomStream};
pub(crate) use reused::Reused;
pub use sampler::Decoded;
pub(crate) use sampler::{SAMPLES_TOGETHER, SampleOrder, Sampler, SamplerSettings, SamplerTask};
