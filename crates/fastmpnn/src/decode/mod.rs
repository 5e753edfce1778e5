//! [`Encoding`](crate::model::Encoding) to [`Design`]: sequences, drawn residue by residue.

mod designer;
mod letter;
mod memory;
mod order;
mod packing;
mod packing_draws;
mod random;
mod sampler;
mod torsion_mixture;

pub use designer::{Design, Designer};
pub use letter::Draw;
pub use memory::{EdgeCache, MemoryLimit, Reuse};
pub use order::MaskedMember;
pub(crate) use order::{Orders, Schedule, fixed_order};
pub use packing::{FIXED_LOG_DENSITY, LigandSight, Packing, PackingChoice, PackingRun, PackingSettings, PackingTask};
pub use packing_draws::{PackingDraws, ResidueDraws, StreamDraws};
pub(crate) use random::{Purpose, RandomStream};
pub(crate) use sampler::Sampler;
pub use sampler::{Decoded, LetterSource, ReadyGroup};
pub use torsion_mixture::{Acceptance, COMPONENTS, TorsionMixture};
