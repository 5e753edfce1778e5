//! `fastmpnn scan`: what mutations do to the likelihood.

use anyhow::Result;
use fastmpnn_pipeline::request::ScanRequest;

use super::batch::{name_failures, with_resources};
use crate::args::ScanArgs;
use crate::terminal::{Shown, Terminal};

pub(super) fn run(args: ScanArgs) -> Result<usize> {
    let run = args.run.clone();
    let shown = Shown::Mutations { top: args.output.printed() };
    let request = ScanRequest::from(args);
    let mut terminal = Terminal::new(&run, shown);
    let summary = with_resources(&run, |resources| fastmpnn_pipeline::scan(&request, resources, &mut terminal));
    let printer = terminal.end()?;
    Ok(name_failures(&summary?, &printer))
}
