//! `fastmpnn probs`: the distribution over the letters at every residue.

use anyhow::Result;
use fastmpnn_pipeline::request::ProbsRequest;

use super::batch::{name_failures, with_encodings};
use crate::args::ProbsArgs;
use crate::terminal::{Shown, Terminal};

pub(super) fn run(args: ProbsArgs) -> Result<usize> {
    let run = args.engine.run.clone();
    let encodings = args.engine.cache.encodings()?;
    let request = ProbsRequest::from(args);
    let shown = if request.out.is_some() { Shown::Nothing } else { Shown::Probabilities };
    let mut terminal = Terminal::new(&run, shown);
    let summary =
        with_encodings(&run, encodings, |resources| fastmpnn_pipeline::probs(&request, resources, &mut terminal));
    let printer = terminal.end()?;
    Ok(name_failures(&summary?, &printer))
}
