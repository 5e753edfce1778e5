//! Cyclic chains.

/// Which chains are cyclic.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Residues")]
pub(crate) struct CyclicArgs {
    /// Chains whose last residue is bonded to their first, such as A or A,B: relative positions along them are taken modulo
    /// their length.
    #[arg(long, value_name = "CHAINS")]
    pub(crate) cyclic: Option<String>,
}
