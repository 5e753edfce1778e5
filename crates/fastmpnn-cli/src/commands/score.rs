//! `fastmpnn score`: the likelihood of sequences on a backbone.

use anyhow::Result;
use fastmpnn_pipeline::request::ScoreRequest;

use super::batch::{name_failures, with_encodings};
use crate::args::ScoreArgs;
use crate::terminal::{Shown, Terminal};

pub(super) fn run(args: ScoreArgs) -> Result<usize> {
    let run = args.engine.run.clone();
    let encodings = args.engine.cache.encodings()?;
    let request = ScoreRequest::from(args);
    let shown = if request.per_residue { Shown::ResidueScores } else { Shown::Scores };
    let mut terminal = Terminal::new(&run, shown);
    let summary =
        with_encodings(&run, encodings, |resources| fastmpnn_pipeline::score(&request, resources, &mut terminal));
    let printer = terminal.end()?;
    Ok(name_failures(&summary?, &printer))
}
