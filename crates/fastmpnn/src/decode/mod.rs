//! [`Encoding`](crate::model::Encoding) to [`Design`]: sequences, drawn residue by residue.

mod designer;
mod letter;
mod memory;
mod order;
mod random;
mod sampler;
mod torch_random;

pub use designer::{Design, Designer};
pub use letter::Draw;
pub use memory::{EdgeCache, MemoryLimit, Reuse};
pub(crate) use order::{Orders, Schedule, fixed_order};
pub(crate) use random::{Purpose, RandomStream};
pub(crate) use sampler::Sampler;
pub use sampler::{Decoded, LetterSource, ReadyGroup};
pub use torch_random::{TorchRandom, multinomial_of_one, uniform_of};
