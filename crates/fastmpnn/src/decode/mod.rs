//! [`Encoding`](crate::model::Encoding) to [`Design`]: sequences, drawn residue by residue.

mod designer;
mod letter;
mod order;
mod random;

pub use designer::{Design, Designer};
pub(crate) use order::{Schedule, designed_order, fixed_order};
pub(crate) use random::RandomStream;
