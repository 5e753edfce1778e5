//! Goals for whole sequences, kept while they are drawn.

/// What every design satisfies.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Goals")]
pub(crate) struct GoalArgs {
    /// The net charge of every design, such as -5..0, ..0 or 3; that of some residues after a selection and a colon, such
    /// as A:-5..0. K and R count +1, D and E -1, H and the ends of chains 0; fixed residues count as well. May be repeated.
    #[arg(long, value_name = "[SELECTION:]RANGE", allow_hyphen_values = true)]
    pub(crate) charge: Vec<String>,
    /// Numbers of letters in every design, such as C=0,W>=1 or, of K and R together, KR=5..12; A:W>=1 counts in chain A.
    /// Fixed residues count as well. May be repeated.
    #[arg(long, value_name = "[SELECTION:]LETTERS=RANGE")]
    pub(crate) count: Vec<String>,
    /// A motif that no design has, as a regular expression of bounded length, such as 'N[^P][ST]'. It is sought in each
    /// chain in which something is designed, not across gaps. May be repeated.
    #[arg(long, value_name = "REGEX")]
    pub(crate) no_motif: Vec<String>,
}
