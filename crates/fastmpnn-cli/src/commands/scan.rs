//! `fastmpnn scan`: what mutations do to the likelihood.

use anyhow::Result;
use fastmpnn_pipeline::request::ScanRequest;

use super::batch::{name_failures, with_encodings};
use crate::args::ScanArgs;
use crate::terminal::{Shown, Terminal};

pub(super) fn run(args: ScanArgs) -> Result<usize> {
    let run = args.engine.run.clone();
    let encodings = args.engine.cache.encodings()?;
    let shown = Shown::Mutations { top: args.output.printed() };
    let request = ScanRequest::from(args);
    let mut terminal = Terminal::new(&run, shown);
    let summary =
        with_encodings(&run, encodings, |resources| fastmpnn_pipeline::scan(&request, resources, &mut terminal));
    let printer = terminal.end()?;
    Ok(name_failures(&summary?, &printer))
}
