//! Options of designing for several states of a protein.

use fastmpnn_pipeline::request::StateSettings;

/// Several states of one protein.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "States")]
pub(crate) struct StatesArgs {
    /// The inputs are states of one protein: draw one sequence for all of them, from the mean of their logits. They have
    /// the same residues, by chain and number; selections, names and results are those of the first. The states of a
    /// single file are its models.
    #[arg(long)]
    pub(crate) states: bool,
    /// Draw from the sum of the states' logits with these weights instead, one per state, such as 1,0.5 or 1,-0.3.
    #[arg(long, value_name = "WEIGHTS", value_delimiter = ',', requires = "states", allow_hyphen_values = true)]
    pub(crate) state_weights: Option<Vec<f32>>,
}

impl From<StatesArgs> for StateSettings {
    fn from(args: StatesArgs) -> StateSettings {
        let StatesArgs { states, state_weights } = args;
        StateSettings { states, state_weights }
    }
}
