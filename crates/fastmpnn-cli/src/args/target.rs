//! Which structures, and which of their residues count.

use super::cyclic::CyclicArgs;
use super::input::InputArgs;
use super::residues::ResidueArgs;

/// Which structures, and which of their residues count.
#[derive(Debug, clap::Args)]
pub(crate) struct TargetArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) residues: ResidueArgs,
    #[command(flatten)]
    pub(crate) cyclic: CyclicArgs,
}
