//! `fastmpnn encode`: encodings in a folder, for later runs.

use anyhow::Result;
use fastmpnn_pipeline::request::ProbsRequest;

use super::batch::{counted, name_failures, with_encodings};
use crate::args::EncodeArgs;
use crate::args::cache::encodings_in;
use crate::interrupt::Interrupted;
use crate::terminal::{Shown, Terminal};

pub(super) fn run(args: EncodeArgs) -> Result<usize> {
    let run = args.run.clone();
    let encodings = encodings_in(&args.out, args.cache_precision)?;
    let out = args.out.display().to_string();
    let request = ProbsRequest::from(args);
    let mut terminal = Terminal::new(&run, Shown::Nothing).interruptible(true);
    let summary =
        with_encodings(&run, encodings, |resources| fastmpnn_pipeline::encode(&request, resources, &mut terminal));
    let printer = terminal.end()?;
    let summary = summary?;
    let done = counted(summary.results, "encoding");
    if summary.stopped {
        return Err(Interrupted(format!("{done} of {} in {out}", summary.inputs)).into());
    }
    printer.note(format!("{done} in {out}"));
    Ok(name_failures(&summary, &printer))
}
